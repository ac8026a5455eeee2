//! Signing what we send: `(request-target) host date digest content-type` on POST,
//! `(request-target) host date accept` on GET, labelled `rsa-sha256`, which everybody accepts.

use crate::crypto::{self, SigningKey};
use crate::domain::Timestamp;
use crate::federation::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use http_signature_normalization::Config;
use std::collections::BTreeMap;
use url::Url;

/// What we accept as a document.
const ACCEPT: &str = "application/activity+json, application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"";

/// The headers of a signed POST of `body`, whose SHA-256 in base64 the caller knows. `None` only
/// for addresses without a host.
pub fn sign_post(
    key: &SigningKey,
    url: &Url,
    digest_base64: &str,
    now: Timestamp,
) -> Option<HeaderMap> {
    let digest = format!("SHA-256={digest_base64}");
    sign(key, "post", url, now, &[("digest", digest.as_str()), ("content-type", CONTENT_TYPE)])
}

/// The headers of a signed GET of a document.
pub fn sign_get(key: &SigningKey, url: &Url, now: Timestamp) -> Option<HeaderMap> {
    sign(key, "get", url, now, &[("accept", ACCEPT)])
}

fn sign(
    key: &SigningKey,
    method: &str,
    url: &Url,
    now: Timestamp,
    further: &[(&'static str, &str)],
) -> Option<HeaderMap> {
    let host = match (url.host_str()?, url.port()) {
        (host, Some(port)) => format!("{host}:{port}"),
        (host, None) => host.to_owned(),
    };
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

/// The digest of a body as [`sign_post`] wants it.
pub fn digest(body: &[u8]) -> String {
    crypto::sha256_base64(body)
}
