//! HTTP Message Signatures (RFC 9421), read strictly: one signature, each component once and
//! without parameters, a creation time, an algorithm that needs a public key.

use crate::crypto::Algorithm;
use http::{HeaderMap, Method, Uri};
use sfv::visitor::{DictionaryVisitor, EntryVisitor, Ignored};
use sfv::{BareItem, Dictionary, FieldType as _, InnerList, KeyRef, ListEntry, Parser};

/// Longest header that is read, in bytes.
const MAX_LENGTH: usize = 8_192;
/// Most components that a signature may cover.
const MAX_COVERED: usize = 32;

/// A signature with its parameters.
#[derive(Clone, Debug)]
pub(super) struct MessageSignature {
    pub(super) key_id: String,
    /// As named; otherwise the key decides.
    pub(super) algorithm: Option<Algorithm>,
    /// Covered components, in order.
    pub(super) covered: Vec<String>,
    /// Seconds since the epoch.
    pub(super) created: i64,
    /// Seconds since the epoch.
    pub(super) expires: Option<i64>,
    pub(super) signature: Vec<u8>,
    /// The last line of what is signed, as a structured field writes it.
    parameters: String,
}

impl MessageSignature {
    /// Reads `Signature-Input` and `Signature`; the error says what is wrong with them.
    pub(super) fn parse(input: &str, signature: &str) -> Result<Self, &'static str> {
        let (label, entry) = only_member(input)?;
        let (same, value) = only_member(signature)?;
        if label != same {
            return Err("Signature and Signature-Input are about different signatures");
        }
        let ListEntry::InnerList(list) = entry else {
            return Err("Signature-Input is not a list of components");
        };
        let signature = match value {
            ListEntry::Item(item) => item.bare_item.as_byte_sequence().map(<[u8]>::to_vec),
            ListEntry::InnerList(_) => None,
        };
        Ok(Self {
            key_id: text(&list, "keyid").ok_or("the signature names no key")?.to_owned(),
            algorithm: algorithm(&list)?,
            covered: covered(&list)?,
            created: seconds(&list, "created")?
                .ok_or("the signature does not say when it was made")?,
            expires: seconds(&list, "expires")?,
            signature: signature.ok_or("the signature is not a sequence of bytes")?,
            parameters: vec![ListEntry::InnerList(list)].serialize().unwrap_or_default(),
        })
    }

    /// Whether this component is covered.
    pub(super) fn covers(&self, name: &str) -> bool {
        self.covered.iter().any(|covered| covered == name)
    }

    /// What is signed (RFC 9421, 2.5). `base` is our own scheme, host and port: a signature for
    /// another host does not fit.
    pub(super) fn text(
        &self,
        method: &Method,
        base: &str,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Result<String, &'static str> {
        let mut text = String::with_capacity(512);
        for name in &self.covered {
            let value = component(name, method, base, uri, headers)
                .ok_or("a covered component is missing or unknown")?;
            add_line(&mut text, name, &value);
        }
        add_parameters(&mut text, &self.parameters);
        Ok(text)
    }
}

/// One line of what is signed.
pub(super) fn add_line(text: &mut String, name: &str, value: &str) {
    text.push('"');
    text.push_str(name);
    text.push_str("\": ");
    text.push_str(value);
    text.push('\n');
}

/// The last line of what is signed.
pub(super) fn add_parameters(text: &mut String, parameters: &str) {
    text.push_str("\"@signature-params\": ");
    text.push_str(parameters);
}

fn component(
    name: &str,
    method: &Method,
    base: &str,
    uri: &Uri,
    headers: &HeaderMap,
) -> Option<String> {
    let (scheme, authority) = base.split_once("://")?;
    let path = if uri.path().is_empty() { "/" } else { uri.path() };
    let query = uri.query().map(|query| format!("?{query}"));
    Some(match name {
        "@method" => method.as_str().to_owned(),
        "@scheme" => scheme.to_owned(),
        "@authority" => authority.to_owned(),
        "@target-uri" => format!("{base}{path}{}", query.unwrap_or_default()),
        "@request-target" => format!("{path}{}", query.unwrap_or_default()),
        "@path" => path.to_owned(),
        "@query" => query.unwrap_or_else(|| "?".to_owned()),
        derived if derived.starts_with('@') => return None,
        // HTTP/2 has no Host header; its place is taken by the authority.
        "host" if !headers.contains_key("host") => authority.to_owned(),
        field => {
            let values = headers.get_all(field).iter().map(|value| value.to_str().map(str::trim));
            let values: Vec<&str> = values.collect::<Result<_, _>>().ok()?;
            if values.is_empty() {
                return None;
            }
            values.join(", ")
        }
    })
}

/// The one member of a dictionary that has one. Names that come twice are two: a structured field
/// would let the last one win.
pub(super) fn only_member(text: &str) -> Result<(String, ListEntry), &'static str> {
    let members = dictionary(text)?;
    match <[_; 1]>::try_from(members) {
        Ok([one]) => Ok(one),
        Err(_) => Err("there must be one signature, named once"),
    }
}

/// The members of a dictionary, each named once.
pub(super) fn dictionary(text: &str) -> Result<Vec<(String, ListEntry)>, &'static str> {
    let crooked = "a signature header is not a structured field";
    if text.len() > MAX_LENGTH {
        return Err("a signature header is too long");
    }
    let count = Parser::new(text).parse_dictionary_with_visitor(Count(0)).map_err(|_| crooked)?;
    let members: Dictionary = Parser::new(text).parse().map_err(|_| crooked)?;
    if members.len() != count {
        return Err("a name comes twice in a signature header");
    }
    Ok(members.into_iter().map(|(key, entry)| (key.as_str().to_owned(), entry)).collect())
}

struct Count(usize);

impl<'de> DictionaryVisitor<'de> for Count {
    type Out = usize;
    type Error = std::convert::Infallible;

    fn entry(&mut self, _: &'de KeyRef) -> Result<impl EntryVisitor<'de>, Self::Error> {
        self.0 += 1;
        Ok(Ignored)
    }

    fn finish(self) -> Result<usize, Self::Error> {
        Ok(self.0)
    }
}

fn parameter<'a>(list: &'a InnerList, name: &str) -> Option<&'a BareItem> {
    list.params.iter().find(|(key, _)| key.as_str() == name).map(|(_, value)| value)
}

fn text<'a>(list: &'a InnerList, name: &str) -> Option<&'a str> {
    let text = parameter(list, name)?.as_string()?.as_str();
    Some(text).filter(|text| !text.is_empty())
}

fn seconds(list: &InnerList, name: &str) -> Result<Option<i64>, &'static str> {
    let Some(value) = parameter(list, name) else { return Ok(None) };
    match value.as_integer().map(i64::from) {
        // Up to the year 9999: later arithmetic cannot overflow.
        Some(n) if (0..=253_402_300_799).contains(&n) => Ok(Some(n)),
        _ => Err("a time of the signature is not a number of seconds"),
    }
}

fn algorithm(list: &InnerList) -> Result<Option<Algorithm>, &'static str> {
    if parameter(list, "alg").is_none() {
        return Ok(None);
    }
    match text(list, "alg") {
        Some("rsa-v1_5-sha256") => Ok(Some(Algorithm::RsaSha256)),
        Some("rsa-pss-sha512") => Ok(Some(Algorithm::RsaPssSha512)),
        Some("ed25519") => Ok(Some(Algorithm::Ed25519)),
        _ => Err("the algorithm is none of rsa-v1_5-sha256, rsa-pss-sha512, ed25519"),
    }
}

fn covered(list: &InnerList) -> Result<Vec<String>, &'static str> {
    let mut names = Vec::with_capacity(list.items.len());
    for item in &list.items {
        let name = item.bare_item.as_string().map(|name| name.as_str().to_owned());
        let name = name.ok_or("a covered component is not a name")?;
        if !item.params.is_empty() {
            return Err("a covered component has parameters, which are not supported");
        }
        if names.contains(&name) {
            return Err("a component is covered twice");
        }
        names.push(name);
    }
    if names.is_empty() || names.len() > MAX_COVERED {
        return Err("the signature covers nothing or too much");
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{Algorithm, ProofKey, PublicKey, from_base64, multibase};
    use http::{HeaderName, HeaderValue};
    use proptest::prelude::*;

    const INPUT: &str = "sig1=(\"@method\" \"@target-uri\" \"content-digest\");created=1700000000;\
        keyid=\"https://a.example/u#main-key\";alg=\"rsa-v1_5-sha256\"";
    const SIGNATURE: &str = "sig1=:YWJj:";

    /// The request of RFC 9421, B.2.
    fn request() -> (Uri, HeaderMap) {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("host", "example.com"),
            ("date", "Tue, 20 Apr 2021 02:07:55 GMT"),
            ("content-type", "application/json"),
            (
                "content-digest",
                "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:",
            ),
            ("content-length", "18"),
        ] {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        ("/foo?param=Value&Pet=dog".parse().unwrap(), headers)
    }

    #[test]
    fn the_ed25519_example_of_the_standard() {
        // RFC 9421, B.2.6, with the key of B.1.4.
        let input = "sig-b26=(\"date\" \"@method\" \"@path\" \"@authority\" \"content-type\" \
            \"content-length\");created=1618884473;keyid=\"test-key-ed25519\"";
        let signature = "sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:";
        let read = MessageSignature::parse(input, signature).unwrap();
        let (uri, headers) = request();
        let text = read.text(&Method::POST, "https://example.com", &uri, &headers).unwrap();
        assert_eq!(
            text,
            "\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n\"@method\": POST\n\"@path\": /foo\n\
             \"@authority\": example.com\n\"content-type\": application/json\n\
             \"content-length\": 18\n\"@signature-params\": (\"date\" \"@method\" \"@path\" \
             \"@authority\" \"content-type\" \"content-length\");created=1618884473;\
             keyid=\"test-key-ed25519\""
        );
        let mut point = vec![0xed, 0x01];
        point.extend(from_base64("JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=").unwrap());
        let public = PublicKey::from_multibase(&multibase(&point)).unwrap();
        assert!(public.verifies(Algorithm::Ed25519, text.as_bytes(), &read.signature));
        // Ed25519 always gives the same signature: the standard's key makes the standard's.
        let seed = from_base64("n4Ni+HpISpVObnQMW0wOhCKROaIKqKtW/2ZYb2p9KcU=").unwrap();
        let key = ProofKey::from_seed(String::new(), &seed).unwrap();
        assert_eq!(key.sign(text.as_bytes()), read.signature);
        let elsewhere = read.text(&Method::POST, "https://example.org", &uri, &headers).unwrap();
        assert!(!public.verifies(Algorithm::Ed25519, elsewhere.as_bytes(), &read.signature));
    }

    #[test]
    fn the_pss_example_of_the_standard() {
        // RFC 9421, B.2.3, with the key of B.1.2.
        let input = "sig-b23=(\"date\" \"@method\" \"@path\" \"@query\" \"@authority\" \
            \"content-type\" \"content-digest\" \"content-length\");created=1618884473;\
            keyid=\"test-key-rsa-pss\"";
        let signature = "sig-b23=:bbN8oArOxYoyylQQUU6QYwrTuaxLwjAC9fbY2F6SVWvh0yBiMIRGOnMYwZ/5MR6fb0Kh1rIRASVxFkeGt683+qRpRRU5p2voTp768ZrCUb38K0fUxN0O0iC59DzYx8DFll5GmydPxSmme9v6ULbMFkl+V5B1TP/yPViV7KsLNmvKiLJH1pFkh/aYA2HXXZzNBXmIkoQoLd7YfW91kE9o/CCoC1xMy7JA1ipwvKvfrs65ldmlu9bpG6A9BmzhuzF8Eim5f8ui9eH8LZH896+QIF61ka39VBrohr9iyMUJpvRX2Zbhl5ZJzSRxpJyoEZAFL2FUo5fTIztsDZKEgM4cUA==:";
        let key = "-----BEGIN PUBLIC KEY-----\n\
            MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAr4tmm3r20Wd/PbqvP1s2\n\
            +QEtvpuRaV8Yq40gjUR8y2Rjxa6dpG2GXHbPfvMs8ct+Lh1GH45x28Rw3Ry53mm+\n\
            oAXjyQ86OnDkZ5N8lYbggD4O3w6M6pAvLkhk95AndTrifbIFPNU8PPMO7OyrFAHq\n\
            gDsznjPFmTOtCEcN2Z1FpWgchwuYLPL+Wokqltd11nqqzi+bJ9cvSKADYdUAAN5W\n\
            Utzdpiy6LbTgSxP7ociU4Tn0g5I6aDZJ7A8Lzo0KSyZYoA485mqcO0GVAdVw9lq4\n\
            aOT9v6d+nb4bnNkQVklLQ3fVAvJm+xdDOp9LCNCN48V2pnDOkFV6+U9nV5oyc6XI\n\
            2wIDAQAB\n-----END PUBLIC KEY-----\n";
        let key = PublicKey::from_pem(key).unwrap();
        let read = MessageSignature::parse(input, signature).unwrap();
        let (uri, headers) = request();
        let text = read.text(&Method::POST, "https://example.com", &uri, &headers).unwrap();
        assert!(key.verifies(Algorithm::RsaPssSha512, text.as_bytes(), &read.signature));
        assert!(!key.verifies(Algorithm::RsaSha256, text.as_bytes(), &read.signature));
        let other = text.replace("/foo", "/bar");
        assert!(!key.verifies(Algorithm::RsaPssSha512, other.as_bytes(), &read.signature));
    }

    #[test]
    fn parameters_keep_their_order() {
        let other = "x=(\"content-digest\" \"@method\");alg=\"ed25519\";keyid=\"k\";tag=\"t\";\
            expires=1700000300;created=1700000000;nonce=\"n\"";
        let read = MessageSignature::parse(other, "x=:YWJj:").unwrap();
        assert_eq!(format!("x={}", read.parameters), other);
        assert_eq!((read.created, read.expires), (1_700_000_000, Some(1_700_000_300)));
        assert_eq!(read.algorithm, Some(Algorithm::Ed25519));
        assert!(read.covers("@method") && !read.covers("host"));
    }

    #[test]
    fn derived_components() {
        let (uri, headers) = request();
        for (name, value) in [
            ("@method", Some("POST")),
            ("@scheme", Some("http")),
            ("@authority", Some("a.example:8080")),
            ("@target-uri", Some("http://a.example:8080/foo?param=Value&Pet=dog")),
            ("@request-target", Some("/foo?param=Value&Pet=dog")),
            ("@path", Some("/foo")),
            ("@query", Some("?param=Value&Pet=dog")),
            ("@status", None),
            ("@query-param", None),
            ("x-missing", None),
            ("host", Some("example.com")),
        ] {
            let found = component(name, &Method::POST, "http://a.example:8080", &uri, &headers);
            assert_eq!(found.as_deref(), value, "{name}");
        }
        let bare = "/foo".parse().unwrap();
        let found = component("@query", &Method::GET, "http://a.example", &bare, &headers);
        assert_eq!(found.as_deref(), Some("?"));
    }

    #[test]
    fn crooked_headers_are_refused() {
        assert!(MessageSignature::parse(INPUT, SIGNATURE).is_ok());
        let other = INPUT.replace("sig1", "sig2");
        for (input, signature) in [
            (String::new(), SIGNATURE.to_owned()),
            ("nonsense".to_owned(), SIGNATURE.to_owned()),
            (INPUT.to_owned(), "sig1=YWJj".to_owned()),
            (INPUT.to_owned(), "sig1=\"YWJj\"".to_owned()),
            (INPUT.to_owned(), "sig2=:YWJj:".to_owned()),
            (INPUT.to_owned(), "sig1=:YWJj:, sig2=:YWJj:".to_owned()),
            (INPUT.to_owned(), "sig1=:YWJj:, sig1=:YWJj:".to_owned()),
            (INPUT.to_owned(), "keyId=\"k\",headers=\"date\",signature=\"YWJj\"".to_owned()),
            (format!("{INPUT}, {other}"), "sig1=:YWJj:, sig2=:YWJj:".to_owned()),
            (format!("{INPUT}, {INPUT}"), SIGNATURE.to_owned()),
            ("sig1=1;created=1700000000;keyid=\"k\"".to_owned(), SIGNATURE.to_owned()),
            (INPUT.replace("\"@method\"", "\"@method\";req"), SIGNATURE.to_owned()),
            (INPUT.replace("\"@method\"", "@method"), SIGNATURE.to_owned()),
            (INPUT.replace("\"@method\"", "\"@target-uri\""), SIGNATURE.to_owned()),
            (
                INPUT.replace("\"@method\" \"@target-uri\" \"content-digest\"", ""),
                SIGNATURE.to_owned(),
            ),
            (INPUT.replace("created=1700000000;", ""), SIGNATURE.to_owned()),
            (INPUT.replace("1700000000", "-1"), SIGNATURE.to_owned()),
            (INPUT.replace("1700000000", "1.5"), SIGNATURE.to_owned()),
            (INPUT.replace("1700000000", "999999999999999"), SIGNATURE.to_owned()),
            (INPUT.replace("1700000000", "99999999999999999999"), SIGNATURE.to_owned()),
            (INPUT.replace("1700000000", "\"1700000000\""), SIGNATURE.to_owned()),
            (INPUT.replace("keyid", "key"), SIGNATURE.to_owned()),
            (INPUT.replace("https://a.example/u#main-key", ""), SIGNATURE.to_owned()),
            (INPUT.replace("rsa-v1_5-sha256", "hmac-sha256"), SIGNATURE.to_owned()),
            (INPUT.replace("rsa-v1_5-sha256", "none"), SIGNATURE.to_owned()),
            (INPUT.replace("\"rsa-v1_5-sha256\"", "1"), SIGNATURE.to_owned()),
            (format!("{INPUT};x=\"{}\"", "y".repeat(9_000)), SIGNATURE.to_owned()),
        ] {
            assert!(MessageSignature::parse(&input, &signature).is_err(), "{input} {signature}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(input in ".{0,300}", signature in ".{0,100}") {
            let _ = MessageSignature::parse(&input, &signature);
        }
    }
}
