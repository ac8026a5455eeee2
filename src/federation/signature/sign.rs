//! Signing what we send. The draft's form covers `(request-target) host date digest content-type`
//! on POST and `(request-target) host date accept` on GET, labelled `rsa-sha256`, which everybody
//! accepts; RFC 9421 covers `@method @target-uri content-digest`. Both with the RSA key.

use super::message::{add_line, add_parameters};
use crate::crypto::SigningKey;
use crate::domain::{SignatureScheme, Timestamp};
use crate::federation::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use http_signature_normalization::Config;
use std::collections::BTreeMap;
use url::Url;

/// What we accept as a document.
const ACCEPT: &str = "application/activity+json, application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"";

/// The headers of a signed request: a POST of the body with this digest, or a GET without one.
/// `None` only for addresses without a host.
pub fn sign_request(
    scheme: SignatureScheme,
    key: &SigningKey,
    url: &Url,
    digest_base64: Option<&str>,
    now: Timestamp,
) -> Option<HeaderMap> {
    match (scheme, digest_base64) {
        (SignatureScheme::Cavage, Some(digest)) => sign_post(key, url, digest, now),
        (SignatureScheme::Cavage, None) => sign(key, "get", url, now, &[("accept", ACCEPT)]),
        (SignatureScheme::Rfc9421, digest) => sign_message(key, url, digest, now),
    }
}

/// The headers of a POST of `body` in the draft's form, whose SHA-256 in base64 the caller knows.
pub fn sign_post(
    key: &SigningKey,
    url: &Url,
    digest_base64: &str,
    now: Timestamp,
) -> Option<HeaderMap> {
    let digest = format!("SHA-256={digest_base64}");
    sign(key, "post", url, now, &[("digest", digest.as_str()), ("content-type", CONTENT_TYPE)])
}

fn sign_message(
    key: &SigningKey,
    url: &Url,
    digest_base64: Option<&str>,
    now: Timestamp,
) -> Option<HeaderMap> {
    let host = host_of(url)?;
    let mut target = url.clone();
    target.set_fragment(None);
    let digest = digest_base64.map(|digest| format!("sha-256=:{digest}:"));
    let covered = if digest.is_some() {
        "(\"@method\" \"@target-uri\" \"content-digest\")"
    } else {
        "(\"@method\" \"@target-uri\")"
    };
    let parameters = format!(
        "{covered};created={};keyid=\"{}\";alg=\"rsa-v1_5-sha256\"",
        now.seconds(),
        key.key_id
    );
    let mut text = String::with_capacity(512);
    add_line(&mut text, "@method", if digest.is_some() { "POST" } else { "GET" });
    add_line(&mut text, "@target-uri", target.as_str());
    let mut headers = HeaderMap::with_capacity(6);
    headers.insert(header::HOST, HeaderValue::from_str(&host).ok()?);
    if let Some(digest) = digest {
        add_line(&mut text, "content-digest", &digest);
        headers.insert(
            HeaderName::from_static("content-digest"),
            HeaderValue::from_str(&digest).ok()?,
        );
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
    } else {
        headers.insert(header::ACCEPT, HeaderValue::from_static(ACCEPT));
    }
    add_parameters(&mut text, &parameters);
    let signature = key.sign_base64(text.as_bytes())?;
    for (name, value) in [
        ("signature-input", format!("sig1={parameters}")),
        ("signature", format!("sig1=:{signature}:")),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_str(&value).ok()?);
    }
    Some(headers)
}

fn host_of(url: &Url) -> Option<String> {
    Some(match (url.host_str()?, url.port()) {
        (host, Some(port)) => format!("{host}:{port}"),
        (host, None) => host.to_owned(),
    })
}

fn sign(
    key: &SigningKey,
    method: &str,
    url: &Url,
    now: Timestamp,
    further: &[(&'static str, &str)],
) -> Option<HeaderMap> {
    let host = host_of(url)?;
    let date = now.to_http_date();
    let mut covered =
        BTreeMap::from([("host".to_owned(), host.clone()), ("date".to_owned(), date.clone())]);
    let mut headers = HeaderMap::with_capacity(6);
    headers.insert(header::HOST, HeaderValue::from_str(&host).ok()?);
    headers.insert(header::DATE, HeaderValue::from_str(&date).ok()?);
    for (name, value) in further {
        covered.insert((*name).to_owned(), (*value).to_owned());
        headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value).ok()?);
    }
    let target = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let unsigned = Config::new().mastodon_compat().begin_sign(method, &target, covered).ok()?;
    let signed = unsigned
        .sign(key.key_id.clone(), |text| key.sign_base64(text.as_bytes()).ok_or(()))
        .ok()?
        .signature_header()
        // Old verifiers know only the first name of what both names stand for.
        .replacen("algorithm=\"hs2019\"", "algorithm=\"rsa-sha256\"", 1);
    headers.insert(HeaderName::from_static("signature"), HeaderValue::from_str(&signed).ok()?);
    Some(headers)
}
