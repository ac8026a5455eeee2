//! Whether a request's digest is its body's: every algorithm we know must fit, and there must be
//! one.

use super::message::dictionary;
use super::verify::{Refusal, single_text};
use crate::crypto;
use http::HeaderMap;
use sfv::ListEntry;

const MISSING: Refusal = Refusal::Unauthorized("the body has no digest");
const UNREADABLE: Refusal = Refusal::Unauthorized("the digest cannot be read");

/// The digest of a body as the signing functions want it.
pub fn digest(body: &[u8]) -> String {
    crypto::sha256_base64(body)
}

/// Checks the `Digest` header (RFC 3230), which the draft's signatures cover.
pub fn check_digest(headers: &HeaderMap, body: &[u8]) -> Result<(), Refusal> {
    let text = single_text(headers, "digest")?.ok_or(MISSING)?;
    let mut known = 0_u32;
    for part in text.split(',') {
        let (algorithm, value) = part.trim().split_once('=').ok_or(UNREADABLE)?;
        known += check(&algorithm.to_ascii_lowercase(), value, body)?;
    }
    some(known)
}

/// Checks the `Content-Digest` header (RFC 9530), which RFC 9421 signatures cover.
pub fn check_content_digest(headers: &HeaderMap, body: &[u8]) -> Result<(), Refusal> {
    use base64::Engine as _;
    let text = single_text(headers, "content-digest")?.ok_or(MISSING)?;
    let mut known = 0_u32;
    for (algorithm, entry) in dictionary(text).map_err(|_| UNREADABLE)? {
        let ListEntry::Item(item) = entry else { return Err(UNREADABLE) };
        let bytes = item.bare_item.as_byte_sequence().ok_or(UNREADABLE)?;
        let value = base64::engine::general_purpose::STANDARD.encode(bytes);
        known += check(&algorithm, &value, body)?;
    }
    some(known)
}

fn some(known: u32) -> Result<(), Refusal> {
    if known == 0 {
        return Err(Refusal::Unauthorized("the digest must be SHA-256 or SHA-512"));
    }
    Ok(())
}

/// 1 if the algorithm is known and fits, 0 if it is not known.
fn check(algorithm: &str, value: &str, body: &[u8]) -> Result<u32, Refusal> {
    let ours = match algorithm {
        "sha-256" => crypto::sha256_base64(body),
        "sha-512" => crypto::sha512_base64(body),
        _ => return Ok(0),
    };
    if ours == value {
        Ok(1)
    } else {
        Err(Refusal::Unauthorized("the digest does not fit the body"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    const BODY: &[u8] = b"{}";

    #[test]
    fn digests_in_every_spelling() {
        let (right, long) = (crypto::sha256_base64(BODY), crypto::sha512_base64(BODY));
        for (text, good) in [
            (format!("sha-256={right}"), true),
            (format!("SHA-256={right},SHA-512={long}"), true),
            (format!("SHA-256={right},SHA-512={right}"), false),
            (format!("unixsum=1,SHA-256={right}"), true),
            (format!("SHA-512={long}"), true),
            ("unixsum=1".to_owned(), false),
            ("nonsense".to_owned(), false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("digest", HeaderValue::from_str(&text).unwrap());
            assert_eq!(check_digest(&headers, BODY).is_ok(), good, "{text}");
        }
        for (text, good) in [
            (format!("sha-256=:{right}:"), true),
            (format!("sha-512=:{long}:"), true),
            (format!("sha-256=:{right}:, sha-512=:{long}:"), true),
            (format!("unixsum=:AA==:, sha-256=:{right}:"), true),
            (format!("sha-256=:{right}:, sha-512=:{right}:"), false),
            // The last one would win; somebody else may read the first.
            (format!("sha-256=:AAAA:, sha-256=:{right}:"), false),
            (format!("sha-256={right}"), false),
            ("sha-256=\"x\"".to_owned(), false),
            ("unixsum=:AA==:".to_owned(), false),
            (String::new(), false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("content-digest", HeaderValue::from_str(&text).unwrap());
            assert_eq!(check_content_digest(&headers, BODY).is_ok(), good, "{text}");
        }
        assert_eq!(check_content_digest(&HeaderMap::new(), BODY), Err(MISSING));
    }

    #[test]
    fn the_digest_of_the_standard() {
        // RFC 9421, B.2: the test request.
        let value = "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:";
        let mut headers = HeaderMap::new();
        headers.insert("content-digest", HeaderValue::from_static(value));
        assert_eq!(check_content_digest(&headers, b"{\"hello\": \"world\"}"), Ok(()));
    }
}
