//! Checking what others signed: everything that can be checked without the key comes first.

use super::digest::{check_content_digest, check_digest};
use super::header::SignatureHeader;
use super::message::MessageSignature;
use crate::crypto::{Algorithm, PublicKey, from_base64};
use crate::domain::peerlog::{Check, Trace};
use crate::domain::{SignatureScheme, Timestamp};
use http::{HeaderMap, Method, Uri};
use http_signature_normalization::Config;
use std::collections::BTreeMap;
use std::time::Duration;

/// How far a signature's time may be from ours, either way: an hour for clocks that are wrong by
/// a time zone, five minutes for the way.
pub const WINDOW_SECONDS: i64 = 3_900;

/// Headers that must not come twice, since two readers could read different ones.
const SINGLE: [&str; 7] =
    ["signature", "signature-input", "digest", "content-digest", "host", "date", "content-type"];

/// Why a request is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The request contradicts itself: 400.
    Malformed(&'static str),
    /// Nobody can be made answerable for it: 401.
    Unauthorized(&'static str),
}

/// A request whose signature can be verified as soon as the key is known.
#[derive(Clone, Debug)]
pub struct SignedRequest {
    pub key_id: String,
    scheme: SignatureScheme,
    /// As named by the sender; otherwise the key decides.
    algorithm: Option<Algorithm>,
    signature: Vec<u8>,
    /// The signed text, in the forms in which senders make it.
    texts: Vec<String>,
}

impl SignedRequest {
    /// Whether the key made this signature.
    pub fn is_signed_by(&self, key: &PublicKey) -> bool {
        let algorithm = self.algorithm.unwrap_or_else(|| key.usual_algorithm());
        self.texts.iter().any(|text| key.verifies(algorithm, text.as_bytes(), &self.signature))
    }

    /// Whether the body is the one whose digest was signed.
    pub fn check_digest(&self, headers: &HeaderMap, body: &[u8]) -> Result<(), Refusal> {
        match self.scheme {
            SignatureScheme::Cavage => check_digest(headers, body),
            SignatureScheme::Rfc9421 => check_content_digest(headers, body),
        }
    }
}

/// Checks form, coverage and time of a signed request. `base` is our own scheme, host and port.
pub fn inspect(
    method: &Method,
    base: &str,
    uri: &Uri,
    headers: &HeaderMap,
    now: Timestamp,
    trace: &mut Trace,
) -> Result<SignedRequest, Refusal> {
    trace.begin(Check::Headers);
    for name in SINGLE {
        if headers.get_all(name).iter().count() > 1 {
            return Err(Refusal::Malformed("a header that decides comes twice"));
        }
    }
    let in_authorization = headers
        .get(http::header::AUTHORIZATION)
        .is_some_and(|v| v.as_bytes().to_ascii_lowercase().starts_with(b"signature"));
    if in_authorization {
        return Err(Refusal::Malformed("the signature must not be in the Authorization header"));
    }
    trace.begin(Check::Form);
    let text = single_text(headers, "signature")?
        .ok_or(Refusal::Unauthorized("the request is not signed"))?;
    if let Some(input) = single_text(headers, "signature-input")? {
        return inspect_message(method, base, uri, headers, (input, text), now, trace);
    }
    let header = SignatureHeader::parse(text).map_err(Refusal::Unauthorized)?;
    check_algorithm(&header)?;
    trace.begin(Check::Coverage);
    check_coverage(method, &header)?;
    trace.begin(Check::Time);
    check_time(&header, headers, now)?;
    let texts = signed_texts(method, uri, headers, &header, text)?;
    let signature = from_base64(&header.signature)
        .ok_or(Refusal::Unauthorized("the signature is not base64"))?;
    Ok(SignedRequest {
        key_id: header.key_id,
        scheme: SignatureScheme::Cavage,
        algorithm: Some(Algorithm::RsaSha256),
        signature,
        texts,
    })
}

fn inspect_message(
    method: &Method,
    base: &str,
    uri: &Uri,
    headers: &HeaderMap,
    (input, signature): (&str, &str),
    now: Timestamp,
    trace: &mut Trace,
) -> Result<SignedRequest, Refusal> {
    let read = MessageSignature::parse(input, signature).map_err(Refusal::Unauthorized)?;
    trace.begin(Check::Coverage);
    let target = read.covers("@target-uri")
        || read.covers("@authority")
            && (read.covers("@request-target")
                || read.covers("@path") && (uri.query().is_none() || read.covers("@query")));
    let body = *method != Method::POST || read.covers("content-digest");
    if !(read.covers("@method") && target && body) {
        return Err(Refusal::Unauthorized(
            "the signature must cover @method, @target-uri and content-digest",
        ));
    }
    trace.begin(Check::Time);
    let near = |seconds: i64| (now.seconds() - seconds).abs() <= WINDOW_SECONDS;
    let ended = |expires: i64| expires < now.seconds() || expires < read.created;
    if !near(read.created) || read.expires.is_some_and(ended) {
        return Err(Refusal::Unauthorized("the signature is too old or from the future"));
    }
    let text = read.text(method, base, uri, headers).map_err(Refusal::Unauthorized)?;
    Ok(SignedRequest {
        key_id: read.key_id,
        scheme: SignatureScheme::Rfc9421,
        algorithm: read.algorithm,
        signature: read.signature,
        texts: vec![text],
    })
}

pub(super) fn single_text<'a>(
    headers: &'a HeaderMap,
    name: &str,
) -> Result<Option<&'a str>, Refusal> {
    match headers.get(name) {
        None => Ok(None),
        Some(value) => value
            .to_str()
            .map(Some)
            .map_err(|_| Refusal::Malformed("a header that decides is not text")),
    }
}

fn check_algorithm(header: &SignatureHeader) -> Result<(), Refusal> {
    match header.algorithm.as_deref() {
        None | Some("rsa-sha256" | "hs2019") => Ok(()),
        Some(_) => Err(Refusal::Unauthorized("the algorithm is not rsa-sha256")),
    }
}

fn check_coverage(method: &Method, header: &SignatureHeader) -> Result<(), Refusal> {
    let needed: &[&str] = if *method == Method::POST {
        &["(request-target)", "host", "digest"]
    } else {
        &["(request-target)", "host"]
    };
    if needed.iter().all(|name| header.covers(name))
        && (header.covers("date") || (header.covers("(created)") && header.created.is_some()))
    {
        return Ok(());
    }
    Err(Refusal::Unauthorized(
        "the signature must cover (request-target), host, digest and date or (created)",
    ))
}

fn check_time(
    header: &SignatureHeader,
    headers: &HeaderMap,
    now: Timestamp,
) -> Result<(), Refusal> {
    let outside = Err(Refusal::Unauthorized("the signature is too old or from the future"));
    let near = |seconds: i64| (now.seconds() - seconds).abs() <= WINDOW_SECONDS;
    if header.covers("date") {
        let date = single_text(headers, "date")?
            .and_then(Timestamp::parse_http_date)
            .ok_or(Refusal::Unauthorized("the Date header cannot be read"))?;
        if !near(date.seconds()) {
            return outside;
        }
    }
    if header.created.is_some_and(|created| !near(created)) {
        return outside;
    }
    if header.expires.is_some_and(|expires| {
        expires < now.seconds() || header.created.is_some_and(|created| expires < created)
    }) {
        return outside;
    }
    Ok(())
}

/// The text as signed, with and without the query of the target: senders differ.
fn signed_texts(
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    header: &SignatureHeader,
    raw_header: &str,
) -> Result<Vec<String>, Refusal> {
    let mut values = BTreeMap::new();
    for name in header.covered.iter().filter(|n| !n.starts_with('(')) {
        let value = match (name.as_str(), headers.get(name)) {
            (_, Some(value)) => value.to_str().map(str::trim).map(str::to_owned).ok(),
            // HTTP/2 has no Host header; its place is taken by the authority.
            ("host", None) => uri.authority().map(ToString::to_string),
            (_, None) => None,
        };
        let value = value.ok_or(Refusal::Unauthorized("a covered header is missing"))?;
        values.insert(name.clone(), value);
    }
    // The library reads times as it finds them; ours are checked, so it must not refuse them.
    let century = Duration::from_hours(100 * 365 * 24);
    let config = Config::new().dont_use_created_field().set_expiration(century);
    let config = if header.covers("date") { config } else { Config::new().set_expiration(century) };
    let mut targets = vec![uri.path().to_owned()];
    if let Some(query) = uri.query() {
        targets.push(format!("{}?{query}", uri.path()));
    }
    let mut texts = Vec::with_capacity(targets.len());
    for target in targets {
        let mut all = values.clone();
        all.insert("signature".to_owned(), raw_header.to_owned());
        let unverified = config
            .begin_verify(method.as_str(), &target, all)
            .map_err(|_| Refusal::Unauthorized("the signature cannot be read"))?;
        texts.push(unverified.signing_string().to_owned());
    }
    Ok(texts)
}

#[cfg(test)]
mod tests;
