//! Checking what others signed: everything that can be checked without the key comes first.

use super::header::SignatureHeader;
use crate::crypto::{self, PublicKey};
use crate::domain::Timestamp;
use crate::domain::peerlog::{Check, Trace};
use http::{HeaderMap, Method, Uri};
use http_signature_normalization::Config;
use std::collections::BTreeMap;
use std::time::Duration;

/// How far a signature's time may be from ours, either way: an hour for clocks that are wrong by
/// a time zone, five minutes for the way.
pub const WINDOW_SECONDS: i64 = 3_900;

/// Headers that must not come twice, since two readers could read different ones.
const SINGLE: [&str; 6] = ["signature", "digest", "content-digest", "host", "date", "content-type"];

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
    signature: String,
    /// The signed text, in the forms in which senders make it.
    texts: Vec<String>,
}

impl SignedRequest {
    /// Whether the key made this signature.
    pub fn is_signed_by(&self, key: &PublicKey) -> bool {
        self.texts.iter().any(|text| key.verifies(text.as_bytes(), &self.signature))
    }
}

/// Checks form, coverage and time of a signed request.
pub fn inspect(
    method: &Method,
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
    let header = SignatureHeader::parse(text).map_err(Refusal::Unauthorized)?;
    check_algorithm(&header)?;
    trace.begin(Check::Coverage);
    check_coverage(method, &header)?;
    trace.begin(Check::Time);
    check_time(&header, headers, now)?;
    let texts = signed_texts(method, uri, headers, &header, text)?;
    Ok(SignedRequest { key_id: header.key_id, signature: header.signature, texts })
}

fn single_text<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Refusal> {
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

/// Whether the `Digest` header is the body's: every algorithm we know must fit, and there must be
/// one (RFC 3230).
pub fn check_digest(headers: &HeaderMap, body: &[u8]) -> Result<(), Refusal> {
    let text =
        single_text(headers, "digest")?.ok_or(Refusal::Unauthorized("the body has no digest"))?;
    let mut known = 0_u32;
    for part in text.split(',') {
        let Some((algorithm, value)) = part.trim().split_once('=') else {
            return Err(Refusal::Unauthorized("the digest cannot be read"));
        };
        let ours = match algorithm.to_ascii_lowercase().as_str() {
            "sha-256" => crypto::sha256_base64(body),
            "sha-512" => crypto::sha512_base64(body),
            _ => continue,
        };
        if ours != value {
            return Err(Refusal::Unauthorized("the digest does not fit the body"));
        }
        known += 1;
    }
    if known == 0 {
        return Err(Refusal::Unauthorized("the digest must be SHA-256"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{digest, sign_get, sign_post};
    use super::*;
    use crate::crypto::SigningKey;
    use http::HeaderValue;
    use url::Url;

    fn key() -> SigningKey {
        SigningKey::generate("https://a.example/u#main-key".to_owned()).unwrap().0
    }

    const NOW: Timestamp = Timestamp::from_millis(1_788_343_200_000);
    const BODY: &[u8] = b"{}";

    fn signed(key: &SigningKey) -> HeaderMap {
        let url = Url::parse("https://b.example/inbox").unwrap();
        sign_post(key, &url, &digest(BODY), NOW).unwrap()
    }

    fn verdict(headers: &HeaderMap, now: Timestamp) -> Result<SignedRequest, Refusal> {
        inspect(&Method::POST, &"/inbox".parse().unwrap(), headers, now, &mut Trace::default())
    }

    #[test]
    fn what_we_sign_is_believed_and_nothing_else() {
        let key = key();
        let public = PublicKey::from_pem(&key.public_pem().unwrap()).unwrap();
        let headers = signed(&key);
        assert!(verdict(&headers, NOW).unwrap().is_signed_by(&public));
        assert_eq!(check_digest(&headers, BODY), Ok(()));
        assert!(check_digest(&headers, b"{ }").is_err());

        // Each covered header changed makes the signature fail.
        for (name, value) in [
            ("host", "c.example"),
            ("content-type", "application/json"),
            ("digest", "SHA-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
            ("date", "Wed, 02 Sep 2026 10:00:01 GMT"),
        ] {
            let mut changed = headers.clone();
            changed.insert(name, HeaderValue::from_static(value));
            assert!(!verdict(&changed, NOW).unwrap().is_signed_by(&public), "{name}");
        }
        let uri = "/other".parse().unwrap();
        let elsewhere = inspect(&Method::POST, &uri, &headers, NOW, &mut Trace::default()).unwrap();
        assert!(!elsewhere.is_signed_by(&public));
        let with_query = "/inbox?x=1".parse().unwrap();
        let with_query =
            inspect(&Method::POST, &with_query, &headers, NOW, &mut Trace::default()).unwrap();
        assert!(with_query.is_signed_by(&public));
    }

    #[test]
    fn each_covered_header_left_out_is_refused() {
        let headers = signed(&key());
        let text = headers["signature"].to_str().unwrap().to_owned();
        for name in ["(request-target) ", " host", " date", " digest"] {
            let mut changed = headers.clone();
            let less = text.replacen(name, "", 1);
            assert_ne!(less, text, "{name}");
            changed.insert("signature", HeaderValue::from_str(&less).unwrap());
            assert!(matches!(verdict(&changed, NOW), Err(Refusal::Unauthorized(_))), "{name}");
        }
    }

    #[test]
    fn old_future_and_unreadable_times_are_refused() {
        let headers = signed(&key());
        for (minutes, good) in
            [(0, true), (6, true), (-6, true), (64, true), (66, false), (-66, false)]
        {
            assert_eq!(
                verdict(&headers, NOW.plus_seconds(minutes * 60)).is_ok(),
                good,
                "{minutes}"
            );
        }
        for date in ["garbage", "Fri, 31 Dec 9999 23:59:59 GMT", "Thu, 01 Jan 1970 00:00:00 GMT"] {
            let mut changed = headers.clone();
            changed.insert("date", HeaderValue::from_static(date));
            assert!(verdict(&changed, NOW).is_err(), "{date}");
        }
    }

    #[test]
    fn doubled_headers_and_other_places_are_malformed() {
        let headers = signed(&key());
        for name in ["digest", "date", "host", "signature", "content-type"] {
            let mut doubled = headers.clone();
            let value = doubled[name].clone();
            doubled.append(http::HeaderName::from_static(name), value);
            assert!(matches!(verdict(&doubled, NOW), Err(Refusal::Malformed(_))), "{name}");
        }
        let mut moved = headers.clone();
        moved.insert("authorization", HeaderValue::from_static("Signature keyId=\"x\""));
        assert!(matches!(verdict(&moved, NOW), Err(Refusal::Malformed(_))));
    }

    #[test]
    fn algorithms_other_than_rsa_are_refused() {
        let headers = signed(&key());
        let text = headers["signature"].to_str().unwrap();
        assert!(text.contains("algorithm=\"rsa-sha256\""), "{text}");
        for (name, good) in [("hs2019", true), ("hmac-sha256", false), ("none", false)] {
            let mut changed = headers.clone();
            let other = text.replace("rsa-sha256", name);
            changed.insert("signature", HeaderValue::from_str(&other).unwrap());
            assert_eq!(verdict(&changed, NOW).is_ok(), good, "{name}");
        }
    }

    #[test]
    fn digests_in_every_spelling() {
        let (right, long) = (crypto::sha256_base64(BODY), crypto::sha512_base64(BODY));
        for (text, good) in [
            (format!("sha-256={right}"), true),
            (format!("SHA-256={right},SHA-512={long}"), true),
            (format!("SHA-256={right},SHA-512={right}"), false),
            (format!("unixsum=1,SHA-256={right}"), true),
            ("unixsum=1".to_owned(), false),
            ("nonsense".to_owned(), false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("digest", HeaderValue::from_str(&text).unwrap());
            assert_eq!(check_digest(&headers, BODY).is_ok(), good, "{text}");
        }
    }

    #[test]
    fn signed_gets_cover_the_host() {
        let key = key();
        let url = Url::parse("http://b.example:8080/u/ana?page=1").unwrap();
        let headers = sign_get(&key, &url, NOW).unwrap();
        assert_eq!(headers["host"], "b.example:8080");
        let uri = "/u/ana?page=1".parse().unwrap();
        let request = inspect(&Method::GET, &uri, &headers, NOW, &mut Trace::default()).unwrap();
        let public = PublicKey::from_pem(&key.public_pem().unwrap()).unwrap();
        assert!(request.is_signed_by(&public));
    }
}
