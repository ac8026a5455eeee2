//! Reading other servers' JSON: what may be one thing or a list of things, an address or an
//! object, present or missing. Lenient in form, never in meaning.
//!
//! The verifier and the handlers read the same parsed value, so that no second reading of the
//! same bytes can see something else.

use serde_json::Value;

/// Names under which "everybody" is written.
const PUBLIC_NAMES: [&str; 3] = [super::PUBLIC, "as:Public", "Public"];
/// Most entries of `to`, `cc` and the like that are looked at.
const MAX_ENTRIES: usize = 1_000;
/// Longest address, in bytes.
pub const MAX_URI: usize = 2_048;

/// A document or activity.
#[derive(Clone, Copy, Debug)]
pub struct Node<'a>(pub &'a Value);

impl<'a> Node<'a> {
    /// A property, unless it is missing or null.
    pub fn get(self, key: &str) -> Option<&'a Value> {
        self.0.get(key).filter(|v| !v.is_null())
    }

    /// The type. It may be a list, where types of other vocabularies (`schema:Event`) may stand
    /// beside and before that of ActivityStreams.
    pub fn kind(self) -> &'a str {
        let types = match self.get("type") {
            Some(Value::Array(list)) => list.as_slice(),
            Some(one) => std::slice::from_ref(one),
            None => &[],
        };
        let mut texts = types.iter().take(MAX_ENTRIES).filter_map(Value::as_str);
        let plain = texts.clone().find(|text| !text.contains(':'));
        plain.or_else(|| texts.next()).unwrap_or_default()
    }

    /// The text of a property.
    pub fn text(self, key: &str) -> Option<&'a str> {
        first(self.get(key)).and_then(Value::as_str)
    }

    /// The address in a property: a string, or the id of an object, or the first of a list.
    pub fn uri(self, key: &str) -> Option<&'a str> {
        self.get(key).and_then(uri_of)
    }

    /// The address in a property that must hold exactly one.
    pub fn only_uri(self, key: &str) -> Option<&'a str> {
        match self.get(key)? {
            Value::Array(list) if list.len() != 1 => None,
            one => uri_of(one),
        }
    }

    /// The document's own id.
    pub fn id(self) -> Option<&'a str> {
        self.get("id").and_then(Value::as_str).filter(|id| is_uri(id))
    }

    /// All addresses in a property.
    pub fn uris(self, key: &str) -> Vec<&'a str> {
        match self.get(key) {
            Some(Value::Array(list)) => list.iter().take(MAX_ENTRIES).filter_map(uri_of).collect(),
            Some(one) => uri_of(one).into_iter().collect(),
            None => Vec::new(),
        }
    }

    /// An embedded object, if the property holds one (or a list of one).
    pub fn object(self, key: &str) -> Option<Node<'a>> {
        first(self.get(key)).filter(|v| v.is_object()).map(Node)
    }

    /// A moment.
    pub fn time(self, key: &str) -> Option<crate::domain::Timestamp> {
        crate::domain::Timestamp::parse_rfc3339(self.text(key)?)
    }

    /// Whether it is addressed to everybody.
    pub fn is_public(self) -> bool {
        ["to", "cc"].iter().any(|key| self.uris(key).iter().any(|uri| is_public(uri)))
    }

    /// Whether it names whom it is for, and not everybody.
    pub fn is_private(self) -> bool {
        let named = self.get("to").is_some() || self.get("cc").is_some();
        named && !self.is_public()
    }

    /// Whether the author is exactly this actor: `attributedTo`, where it is given, must name
    /// nobody else.
    pub fn is_attributed_to(self, actor: &str) -> bool {
        let authors = self.uris("attributedTo");
        !authors.is_empty() && authors.iter().all(|author| *author == actor)
    }

    /// How many things a collection says it has; the property may hold the collection or only
    /// its address.
    pub fn total_of(self, key: &str) -> Option<i64> {
        let total = self.object(key)?.get("totalItems")?.as_i64()?;
        (0..=1_000_000_000).contains(&total).then_some(total)
    }
}

fn first(value: Option<&Value>) -> Option<&Value> {
    match value {
        Some(Value::Array(list)) => list.first(),
        other => other,
    }
}

/// The address that a value is or has as its id.
pub fn uri_of(value: &Value) -> Option<&str> {
    let text = match value {
        Value::String(text) => text.as_str(),
        Value::Object(object) => object.get("id").or_else(|| object.get("href"))?.as_str()?,
        Value::Array(list) => return uri_of(list.first()?),
        _ => return None,
    };
    (is_uri(text) || is_public(text)).then_some(text)
}

/// Whether a text can be an address of ours or of others.
pub fn is_uri(text: &str) -> bool {
    text.len() <= MAX_URI
        && (text.starts_with("https://") || text.starts_with("http://"))
        && !text.chars().any(|c| c.is_whitespace() || c.is_control())
        && !has_user(text)
}

/// Whether an address names a user before its host: such a one only looks like another's.
fn has_user(text: &str) -> bool {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    rest.split(['/', '?', '#', '\\']).next().is_some_and(|authority| authority.contains('@'))
}

/// Whether the address stands for everybody.
pub fn is_public(uri: &str) -> bool {
    PUBLIC_NAMES.contains(&uri)
}

/// An address without its fragment.
pub fn without_fragment(uri: &str) -> &str {
    uri.split_once('#').map_or(uri, |(address, _)| address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn one_or_many_address_or_object() {
        for value in [
            json!({ "actor": "https://a.example/u" }),
            json!({ "actor": ["https://a.example/u"] }),
            json!({ "actor": { "id": "https://a.example/u", "type": "Person" } }),
            json!({ "actor": [{ "id": "https://a.example/u" }] }),
        ] {
            assert_eq!(Node(&value).uri("actor"), Some("https://a.example/u"), "{value}");
        }
        for value in
            [json!({}), json!({ "actor": null }), json!({ "actor": 1 }), json!({ "actor": {} })]
        {
            assert_eq!(Node(&value).uri("actor"), None, "{value}");
        }
    }

    #[test]
    fn a_type_may_stand_among_types_of_others() {
        for (value, kind) in [
            (json!({ "type": "Note" }), "Note"),
            (json!({ "type": ["Note", "schema:Comment"] }), "Note"),
            (json!({ "type": ["schema:Comment", "https://x.example/ns#Reply", "Note"] }), "Note"),
            (json!({ "type": ["schema:Comment"] }), "schema:Comment"),
            (json!({ "type": [1, null] }), ""),
            (json!({}), ""),
        ] {
            assert_eq!(Node(&value).kind(), kind, "{value}");
        }
    }

    #[test]
    fn everybody_has_three_names() {
        for name in PUBLIC_NAMES {
            assert!(Node(&json!({ "to": name })).is_public());
            assert!(Node(&json!({ "cc": ["https://a.example/f", name] })).is_public());
        }
        assert!(!Node(&json!({ "to": "https://a.example/f" })).is_public());
    }

    #[test]
    fn two_authors_are_nobody() {
        let one = json!({ "attributedTo": ["https://a.example/u"] });
        assert!(Node(&one).is_attributed_to("https://a.example/u"));
        let two = json!({ "attributedTo": ["https://a.example/u", "https://a.example/v"] });
        assert!(!Node(&two).is_attributed_to("https://a.example/u"));
        assert!(!Node(&json!({})).is_attributed_to("https://a.example/u"));
    }

    #[test]
    fn reported_totals_are_taken_only_when_sane() {
        let total = |n: Value| {
            let value = json!({ "likes": { "type": "Collection", "totalItems": n } });
            Node(&value).total_of("likes")
        };
        assert_eq!(total(json!(7)), Some(7));
        assert_eq!(total(json!(-1)), None);
        assert_eq!(total(json!(10_000_000_000_i64)), None);
        assert_eq!(total(json!("7")), None);
    }
}
