//! The `Signature` header, read strictly: every parameter at most once, sizes bounded, numbers
//! that fit.

/// Longest header that is read, in bytes.
const MAX_LENGTH: usize = 8_192;
/// Most headers that a signature may cover.
const MAX_COVERED: usize = 32;

/// The parameters of a draft-cavage signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureHeader {
    pub key_id: String,
    pub algorithm: Option<String>,
    /// Covered headers, in lower case, in order.
    pub covered: Vec<String>,
    /// Base64.
    pub signature: String,
    /// Seconds since the epoch.
    pub created: Option<i64>,
    /// Seconds since the epoch.
    pub expires: Option<i64>,
}

impl SignatureHeader {
    /// Reads the header; the error says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.len() > MAX_LENGTH {
            return Err("the signature header is too long");
        }
        let mut key_id = None;
        let mut algorithm = None;
        let mut headers = None;
        let mut signature = None;
        let mut created = None;
        let mut expires = None;
        for part in split_parameters(text) {
            let (name, value) = part.split_once('=').ok_or("a signature parameter has no value")?;
            let value = value.trim();
            let value = value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).unwrap_or(value);
            let slot = match name.trim() {
                "keyId" => &mut key_id,
                "algorithm" => &mut algorithm,
                "headers" => &mut headers,
                "signature" => &mut signature,
                "created" => &mut created,
                "expires" => &mut expires,
                _ => continue,
            };
            if slot.replace(value.to_owned()).is_some() {
                return Err("a signature parameter is given twice");
            }
        }
        let covered: Vec<String> = headers
            .ok_or("the signature does not say which headers it covers")?
            .split_ascii_whitespace()
            .map(str::to_ascii_lowercase)
            .collect();
        let mut sorted = covered.clone();
        sorted.sort_unstable();
        sorted.dedup();
        if covered.is_empty() || covered.len() > MAX_COVERED || sorted.len() != covered.len() {
            return Err("the signature covers no, too many or repeated headers");
        }
        Ok(Self {
            key_id: key_id.filter(|k| !k.is_empty()).ok_or("the signature names no key")?,
            algorithm,
            covered,
            signature: signature.filter(|s| !s.is_empty()).ok_or("the signature is empty")?,
            created: seconds(created)?,
            expires: seconds(expires)?,
        })
    }

    /// Whether this header is covered.
    pub fn covers(&self, name: &str) -> bool {
        self.covered.iter().any(|covered| covered == name)
    }
}

fn seconds(text: Option<String>) -> Result<Option<i64>, &'static str> {
    match text {
        None => Ok(None),
        Some(text) => match text.parse::<i64>() {
            // Up to the year 9999: later arithmetic cannot overflow.
            Ok(n) if (0..=253_402_300_799).contains(&n) => Ok(Some(n)),
            _ => Err("a time of the signature is not a number of seconds"),
        },
    }
}

/// Splits at commas outside quotes.
fn split_parameters(text: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.split(move |c| {
        if c == '"' {
            quoted = !quoted;
        }
        c == ',' && !quoted
    })
    .map(str::trim)
    .filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GOOD: &str = "keyId=\"https://a.example/u#main-key\",algorithm=\"rsa-sha256\",\
        headers=\"(request-target) Host date digest\",signature=\"YWJj\"";

    #[test]
    fn a_header_is_read() {
        let header = SignatureHeader::parse(GOOD).unwrap();
        assert_eq!(header.key_id, "https://a.example/u#main-key");
        assert_eq!(header.covered, ["(request-target)", "host", "date", "digest"]);
        assert!(header.covers("host") && !header.covers("content-type"));
        let with_times = format!("{GOOD},created=1700000000, expires=\"1700000300\"");
        let header = SignatureHeader::parse(&with_times).unwrap();
        assert_eq!((header.created, header.expires), (Some(1_700_000_000), Some(1_700_000_300)));
    }

    #[test]
    fn crooked_headers_are_refused() {
        for text in [
            String::new(),
            "nonsense".to_owned(),
            GOOD.replace("keyId", "key"),
            format!("{GOOD},keyId=\"https://b.example/u\""),
            GOOD.replace("(request-target) Host date digest", ""),
            GOOD.replace("date digest", "date date"),
            GOOD.replace("YWJj", ""),
            format!("{GOOD},created=-1"),
            format!("{GOOD},created=18446744073709551615"),
            format!("{GOOD},created=9223372036854775807"),
            format!("{GOOD},expires=1.5"),
            GOOD.replace("digest", &"x ".repeat(5_000)),
            GOOD.replace(
                "digest",
                "a b c d e f g h i j k l m n o p q r s t u v w x y z 1 2 3 4 5 6 7",
            ),
        ] {
            assert!(SignatureHeader::parse(&text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,300}") {
            let _ = SignatureHeader::parse(&text);
        }
    }
}
