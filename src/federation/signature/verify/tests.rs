//! Signatures that must be believed, and every way of spoiling them.

use super::super::{digest, sign_post, sign_request};
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

const BASE: &str = "https://b.example";

fn verdict(headers: &HeaderMap, now: Timestamp) -> Result<SignedRequest, Refusal> {
    inspect(&Method::POST, BASE, &"/inbox".parse().unwrap(), headers, now, &mut Trace::default())
}

#[test]
fn what_we_sign_is_believed_and_nothing_else() {
    let key = key();
    let public = PublicKey::from_pem(&key.public_pem().unwrap()).unwrap();
    let headers = signed(&key);
    let request = verdict(&headers, NOW).unwrap();
    assert!(request.is_signed_by(&public));
    assert_eq!(request.check_digest(&headers, BODY), Ok(()));
    assert!(request.check_digest(&headers, b"{ }").is_err());

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
    let elsewhere =
        inspect(&Method::POST, BASE, &uri, &headers, NOW, &mut Trace::default()).unwrap();
    assert!(!elsewhere.is_signed_by(&public));
    let with_query = "/inbox?x=1".parse().unwrap();
    assert!(
        inspect(&Method::POST, BASE, &with_query, &headers, NOW, &mut Trace::default())
            .unwrap()
            .is_signed_by(&public)
    );
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
    for (minutes, good) in [(0, true), (6, true), (-6, true), (64, true), (66, false), (-66, false)]
    {
        assert_eq!(verdict(&headers, NOW.plus_seconds(minutes * 60)).is_ok(), good, "{minutes}");
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
fn signed_gets_cover_the_host() {
    let key = key();
    let url = Url::parse("http://b.example:8080/u/ana?page=1").unwrap();
    let uri = "/u/ana?page=1".parse().unwrap();
    let public = PublicKey::from_pem(&key.public_pem().unwrap()).unwrap();
    for scheme in [SignatureScheme::Cavage, SignatureScheme::Rfc9421] {
        let headers = sign_request(scheme, &key, &url, None, NOW).unwrap();
        assert_eq!(headers["host"], "b.example:8080");
        let base = "http://b.example:8080";
        let request =
            inspect(&Method::GET, base, &uri, &headers, NOW, &mut Trace::default()).unwrap();
        assert!(request.is_signed_by(&public), "{scheme:?}");
    }
}

fn message(key: &SigningKey) -> HeaderMap {
    let url = Url::parse("https://b.example/inbox").unwrap();
    let digest = digest(BODY);
    sign_request(SignatureScheme::Rfc9421, key, &url, Some(&digest), NOW).unwrap()
}

#[test]
fn messages_that_we_sign_are_believed_and_nothing_else() {
    let key = key();
    let public = PublicKey::from_pem(&key.public_pem().unwrap()).unwrap();
    let headers = message(&key);
    let request = verdict(&headers, NOW).unwrap();
    assert!(request.is_signed_by(&public));
    assert_eq!(request.check_digest(&headers, BODY), Ok(()));
    assert!(request.check_digest(&headers, b"{ }").is_err());

    let fits = |method: Method, base: &str, uri: &str, headers: &HeaderMap| {
        let request =
            inspect(&method, base, &uri.parse().unwrap(), headers, NOW, &mut Trace::default());
        request.is_ok_and(|request| request.is_signed_by(&public))
    };
    assert!(fits(Method::POST, BASE, "/inbox", &headers));
    assert!(!fits(Method::PUT, BASE, "/inbox", &headers));
    assert!(!fits(Method::POST, "https://c.example", "/inbox", &headers));
    assert!(!fits(Method::POST, "http://b.example", "/inbox", &headers));
    assert!(!fits(Method::POST, BASE, "/other", &headers));
    assert!(!fits(Method::POST, BASE, "/inbox?x=1", &headers));
    let mut changed = headers.clone();
    changed.insert("content-digest", HeaderValue::from_static("sha-256=:AAAA:"));
    assert!(!fits(Method::POST, BASE, "/inbox", &changed));
    // Of the two digests only the covered one counts.
    let mut without = headers.clone();
    without.remove("content-digest");
    without.insert("digest", format!("SHA-256={}", digest(BODY)).parse().unwrap());
    assert!(verdict(&without, NOW).is_err());
}

#[test]
fn what_a_message_must_cover() {
    let headers = message(&key());
    let text = headers["signature-input"].to_str().unwrap().to_owned();
    let covering = |names: &str, uri: &str| {
        let mut changed = headers.clone();
        let other = text.replace("\"@method\" \"@target-uri\" \"content-digest\"", names);
        changed.insert("signature-input", HeaderValue::from_str(&other).unwrap());
        inspect(&Method::POST, BASE, &uri.parse().unwrap(), &changed, NOW, &mut Trace::default())
            .is_ok()
    };
    for (names, uri, good) in [
        ("\"@method\" \"@target-uri\" \"content-digest\"", "/inbox", true),
        ("\"content-digest\" \"@authority\" \"@path\" \"@method\"", "/inbox", true),
        ("\"@method\" \"@authority\" \"@path\" \"content-digest\"", "/inbox?a", false),
        ("\"@method\" \"@authority\" \"@path\" \"@query\" \"content-digest\"", "/inbox?a", true),
        ("\"@method\" \"@authority\" \"@request-target\" \"content-digest\"", "/inbox?a", true),
        ("\"@method\" \"@path\" \"content-digest\"", "/inbox", false),
        ("\"@method\" \"@authority\" \"content-digest\"", "/inbox", false),
        ("\"@target-uri\" \"content-digest\"", "/inbox", false),
        ("\"@method\" \"@target-uri\"", "/inbox", false),
        ("\"@method\" \"@target-uri\" \"digest\"", "/inbox", false),
        ("\"@method\" \"@target-uri\" \"content-digest\" \"x-gone\"", "/inbox", false),
    ] {
        assert_eq!(covering(names, uri), good, "{names} {uri}");
    }
}

#[test]
fn a_message_has_a_time_and_one_signature() {
    let headers = message(&key());
    for (minutes, good) in [(0, true), (64, true), (-64, true), (66, false), (-66, false)] {
        let later = NOW.plus_seconds(minutes * 60);
        assert_eq!(verdict(&headers, later).is_ok(), good, "{minutes}");
    }
    let text = headers["signature-input"].to_str().unwrap().to_owned();
    let now = NOW.seconds();
    for (more, good) in
        [(format!(";expires={}", now + 60), true), (format!(";expires={}", now - 1), false)]
    {
        let mut changed = headers.clone();
        changed.insert("signature-input", format!("{text}{more}").parse().unwrap());
        assert_eq!(verdict(&changed, NOW).is_ok(), good, "{more}");
    }
    for name in ["signature-input", "signature", "content-digest"] {
        let mut doubled = headers.clone();
        let value = doubled[name].clone();
        doubled.append(http::HeaderName::from_static(name), value);
        assert!(matches!(verdict(&doubled, NOW), Err(Refusal::Malformed(_))), "{name}");
    }
    // With Signature-Input the draft's form does not count, however good it is.
    let mut both = signed(&key());
    both.insert("signature-input", headers["signature-input"].clone());
    assert!(matches!(verdict(&both, NOW), Err(Refusal::Unauthorized(_))));
}
