//! What an actor's document says beyond its names: fields, consent, aliases, where it went; and
//! whom a text names.

use super::Mention;
use crate::domain::profile::Field;
use crate::domain::{ActorKind, Profile};
use serde_json::{Value, json};

/// Adds a profile to the document of a local actor of this kind.
pub fn with_profile(mut document: Value, kind: ActorKind, profile: &Profile) -> Value {
    let Some(map) = document.as_object_mut() else { return document };
    let context = map.get_mut("@context").and_then(Value::as_array_mut);
    if let Some(terms) = context.and_then(|c| c.last_mut()).and_then(Value::as_object_mut) {
        terms.insert("schema".to_owned(), "http://schema.org#".into());
        terms.insert("PropertyValue".to_owned(), "schema:PropertyValue".into());
        terms.insert("value".to_owned(), "schema:value".into());
        for (term, id) in [("alsoKnownAs", "as:alsoKnownAs"), ("movedTo", "as:movedTo")] {
            terms.insert(term.to_owned(), json!({ "@id": id, "@type": "@id" }));
        }
    }
    if kind == ActorKind::Person {
        map.insert("discoverable".to_owned(), profile.discoverable.into());
        map.insert("indexable".to_owned(), profile.indexable.into());
    }
    let domains = map.get_mut("attributionDomains").and_then(Value::as_array_mut);
    if let Some(domains) = domains {
        let more = profile.domains.iter().filter(|d| !domains.contains(&d.as_str().into()));
        let more: Vec<Value> = more.map(|d| d.as_str().into()).collect();
        domains.extend(more);
    }
    let fields: Vec<Value> = profile.fields.iter().map(property).collect();
    map.insert("attachment".to_owned(), fields.into());
    map.insert("alsoKnownAs".to_owned(), profile.aliases.clone().into());
    if let Some(target) = &profile.moved_to {
        map.insert("movedTo".to_owned(), target.as_str().into());
    }
    document
}

/// A field, whose value is HTML on the wire.
fn property(field: &Field) -> Value {
    json!({ "type": "PropertyValue", "name": field.name, "value": value_html(field) })
}

/// The value of a field of somebody here, as HTML. A web address becomes a link that says that
/// both ends are the same (`rel=me`).
pub fn value_html(field: &Field) -> String {
    match field.link() {
        Some(address) => {
            let text = address.trim_start_matches("https://").trim_start_matches("http://");
            let (href, text) = (escaped(address), escaped(text.trim_end_matches('/')));
            format!("<a href=\"{href}\" rel=\"me nofollow noopener\">{text}</a>")
        }
        None => escaped(&field.value),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Adds whom a text names to a document or to an activity with the document inside: in `tag`, and
/// in `cc` of both, or nobody would be told.
pub fn with_mentions(mut value: Value, mentions: &[Mention]) -> Value {
    if mentions.is_empty() {
        return value;
    }
    let Some(map) = value.as_object_mut() else { return value };
    if let Some(inner) = map.get_mut("object").filter(|object| object.is_object()) {
        let named = with_mentions(inner.take(), mentions);
        *inner = named;
        add_to_cc(map, mentions);
        return value;
    }
    add_to_cc(map, mentions);
    if let Some(tags) = map.get_mut("tag").and_then(Value::as_array_mut) {
        for mention in mentions {
            let known = tags.iter().any(|t| t.get("href") == Some(&mention.uri.as_str().into()));
            if !known {
                let name = format!("@{}@{}", mention.handle, mention.host);
                tags.push(json!({ "type": "Mention", "href": mention.uri, "name": name }));
            }
        }
    }
    value
}

fn add_to_cc(map: &mut serde_json::Map<String, Value>, mentions: &[Mention]) {
    if let Some(cc) = map.get_mut("cc").and_then(Value::as_array_mut) {
        for mention in mentions {
            let uri = Value::from(mention.uri.as_str());
            if !cc.contains(&uri) {
                cc.push(uri);
            }
        }
    }
}
