//! `X-Request-Id`: the proxy's, if it is harmless, or a new one.

use crate::crypto;
use http::{HeaderMap, HeaderName, HeaderValue};

pub(super) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Longest id that is taken over.
const MAX: usize = 64;

/// The id of a request.
pub(super) fn of(headers: &HeaderMap) -> HeaderValue {
    match headers.get(HEADER) {
        Some(given) if is_harmless(given.as_bytes()) => given.clone(),
        _ => new(),
    }
}

fn is_harmless(id: &[u8]) -> bool {
    (1..=MAX).contains(&id.len())
        && id.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

fn new() -> HeaderValue {
    let mut digits = [b'0'; 16];
    let mut number = crypto::random_u64();
    for digit in &mut digits {
        let nibble = u8::try_from(number & 0xf).unwrap_or(0);
        *digit = if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 };
        number >>= 4;
    }
    HeaderValue::from_bytes(&digits).unwrap_or(HeaderValue::from_static("0"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_harmless_ids_are_taken_over() {
        for (given, kept) in [
            ("abc-1.2_3", true),
            ("", false),
            ("a b", false),
            ("a\tb", false),
            ("é", false),
            (&"a".repeat(65), false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(HEADER, HeaderValue::from_bytes(given.as_bytes()).unwrap());
            let id = of(&headers);
            assert_eq!(id == given, kept, "{given}");
            assert!(is_harmless(id.as_bytes()));
        }
        assert_ne!(of(&HeaderMap::new()), of(&HeaderMap::new()));
    }
}
