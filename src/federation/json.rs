//! The one reading of JSON from other servers.
//!
//! Two readers of the same bytes must not see different things: a name that comes twice, a
//! keyword by which a processor of JSON-LD would see another document, and nesting or lists
//! without end are refused here, for activities and for documents alike. So is the
//! character U+0000, which not every database can store. The guard of the inbox and the workers
//! read stored bytes with the same function, so they see the same value.

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;

/// Deepest nesting. Real activities have about eight levels.
const MAX_DEPTH: usize = 32;
/// Longest list of an activity: its addressees.
const MAX_ENTRIES: usize = 1_000;
/// Longest list of a document: a collection that is not paged.
const MAX_ENTRIES_OF_DOCUMENT: usize = 20_000;
/// Most names of one object.
const MAX_NAMES: usize = 200;
/// Keywords of JSON-LD that could make a processor see another document than we do.
const FORBIDDEN: [&str; 4] = ["@graph", "@reverse", "@included", "@id"];

/// Reads one activity; the error says what is wrong with it.
pub fn parse(bytes: &[u8]) -> Result<Value, String> {
    read(bytes, MAX_ENTRIES)
}

/// Reads one document that was fetched.
pub fn parse_document(bytes: &[u8]) -> Result<Value, String> {
    read(bytes, MAX_ENTRIES_OF_DOCUMENT)
}

fn read(bytes: &[u8], entries: usize) -> Result<Value, String> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let strict = Strict { depth: 0, in_context: false, entries };
    let value = strict.deserialize(&mut reader).map_err(|e| e.to_string())?;
    reader.end().map_err(|e| e.to_string())?;
    if value.is_object() { Ok(value) } else { Err("it is not one JSON object".to_owned()) }
}

#[derive(Clone, Copy)]
struct Strict {
    depth: usize,
    /// Contexts define names, so they may hold the keywords.
    in_context: bool,
    /// Longest list.
    entries: usize,
}

impl Strict {
    fn inside<E: de::Error>(self) -> Result<Self, E> {
        if self.depth >= MAX_DEPTH {
            return Err(E::custom("it is nested too deeply"));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Value, E> {
        self.visit_string(value.to_owned())
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<Value, E> {
        if value.contains('\0') {
            return Err(E::custom("a text holds a character that no text can hold"));
        }
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let inside = self.inside()?;
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(inside)? {
            if values.len() == self.entries {
                return Err(de::Error::custom("a list is too long"));
            }
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let inside = self.inside()?;
        let mut values = Map::new();
        while let Some(name) = object.next_key::<String>()? {
            if !self.in_context && FORBIDDEN.contains(&name.as_str()) {
                return Err(de::Error::custom(
                    "only compacted JSON-LD without @graph and the like",
                ));
            }
            if values.len() == MAX_NAMES {
                return Err(de::Error::custom("an object has too many names"));
            }
            let in_context = self.in_context || name == "@context";
            let value = object.next_value_seed(Strict { in_context, ..inside })?;
            if values.insert(name, value).is_some() {
                return Err(de::Error::custom("a name comes twice"));
            }
        }
        Ok(Value::Object(values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn usual_documents_are_read_as_they_are() {
        let text = r#"{"@context":["https://www.w3.org/ns/activitystreams",
            {"toot":"http://joinmastodon.org/ns#","x":{"@id":"toot:x","@type":"@id"}}],
            "id":"https://a.example/1","n":[1,-1,1.5,true,null,"ж \ud83d\ude8c"]}"#;
        assert_eq!(parse(text.as_bytes()).unwrap(), serde_json::from_str::<Value>(text).unwrap());
    }

    #[test]
    fn sig_42_what_two_readers_could_read_differently_is_refused() {
        for text in [
            &br#"{"id":"https://a.example/1","id":"https://b.example/1"}"#[..],
            br#"{"object":{"id":"a","id":"b"}}"#,
            br#"{"id":"a","\u0069d":"b"}"#,
            b"\xef\xbb\xbf{}",
            b"\xff\xfe{\0}\0",
            b"\0{\0}",
            br#"{"a":NaN}"#,
            br#"{"a":Infinity}"#,
            br#"{"a":"\ud800"}"#,
            b"{\"a\":\"\xed\xa0\x80\"}",
            b"{\"a\":\"\xff\"}",
            br#"{"a":"\u0000"}"#,
            br#"{"a":1e999}"#,
            br#"{"a":01}"#,
            br#"{"a":1,}"#,
            br"{'a':1}",
            b"{} {}",
            b"[]",
            b"null",
            b"",
        ] {
            assert!(parse(text).is_err(), "{}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn sig_43_keywords_that_hide_another_document_are_refused_at_any_depth() {
        for name in FORBIDDEN {
            assert!(parse(format!(r#"{{"{name}":[]}}"#).as_bytes()).is_err(), "{name}");
            let deep = format!(r#"{{"object":{{"tag":[{{"{name}":"x"}}]}}}}"#);
            assert!(parse(deep.as_bytes()).is_err(), "{name}");
        }
    }

    #[test]
    fn dos_04_depth_and_lengths_end() {
        let nested = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(nested(MAX_DEPTH - 1).as_bytes()).is_ok());
        assert!(parse(nested(MAX_DEPTH).as_bytes()).is_err());
        assert!(parse(nested(200_000).as_bytes()).is_err());
        assert!(parse(format!("{{\"a\":[{}1]}}", "1,".repeat(999)).as_bytes()).is_ok());
        assert!(parse(format!("{{\"a\":[{}1]}}", "1,".repeat(1_000)).as_bytes()).is_err());
        let names: Vec<String> = (0..1_000).map(|n| format!("\"{n}\":1,")).collect();
        assert!(parse(format!("{{{}\"a\":1}}", names.concat()).as_bytes()).is_err());
        assert!(parse(format!("{{\"a\":{}}}", "9".repeat(100_000)).as_bytes()).is_err());
    }

    proptest! {
        #[test]
        fn it_reads_what_everybody_reads_or_nothing(text in r#"[\[\]{}",:0-9a-b.e\\u-]{0,60}"#) {
            if let Ok(value) = parse(text.as_bytes()) {
                prop_assert_eq!(value, serde_json::from_str::<Value>(&text).unwrap());
            }
        }
    }
}
