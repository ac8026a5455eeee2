//! Collections (interop form I): first page inline or addresses of pages, never who is in them
//! where that concerns people.

use super::{plain_context, with_context};
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// A collection that stands alone: without its context a strict reader sees nothing in it.
pub fn standalone(collection: Value) -> Value {
    if collection.get("@context").is_some() {
        return collection;
    }
    with_context(plain_context(), collection)
}

/// A collection of which only the size is told: likes, shares, followers.
pub fn counted(uri: &str, total: i64) -> Value {
    json!({ "id": uri, "type": "Collection", "totalItems": total })
}

/// A collection with its first page inside.
pub fn collection(uri: &str, total: i64, items: &[String], next: Option<&str>) -> Value {
    let mut first = json!({ "type": "CollectionPage", "partOf": uri, "items": items });
    if let (Some(next), Some(map)) = (next, first.as_object_mut()) {
        map.insert("next".to_owned(), next.into());
    }
    json!({ "id": uri, "type": "Collection", "totalItems": total, "first": first })
}

/// A further page of a collection.
pub fn collection_page(uri: &str, part_of: &str, items: &[String], next: Option<&str>) -> Value {
    page("CollectionPage", "items", uri, part_of, &Value::from(items.to_vec()), next)
}

/// An ordered collection that has its entries in pages.
pub fn ordered(uri: &str, total: i64, first: Option<&str>, attributed_to: Option<&str>) -> Value {
    let mut collection = json!({ "id": uri, "type": "OrderedCollection", "totalItems": total });
    if let Some(map) = collection.as_object_mut() {
        match first {
            Some(first) => map.insert("first".to_owned(), first.into()),
            None => map.insert("orderedItems".to_owned(), json!([])),
        };
        if let Some(owner) = attributed_to {
            map.insert("attributedTo".to_owned(), owner.into());
        }
    }
    with_context(plain_context(), collection)
}

/// A short ordered collection with all its entries inside: pins, moderators.
pub fn listing(uri: &str, items: &[String], attributed_to: Option<&str>) -> Value {
    let total = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let mut collection = ordered(uri, total, None, attributed_to);
    if let Some(map) = collection.as_object_mut() {
        map.insert("orderedItems".to_owned(), items.to_vec().into());
    }
    collection
}

/// One page of an ordered collection.
pub fn ordered_page(uri: &str, part_of: &str, items: &Value, next: Option<&str>) -> Value {
    page("OrderedCollectionPage", "orderedItems", uri, part_of, items, next)
}

fn page(
    kind: &str,
    key: &str,
    uri: &str,
    part_of: &str,
    items: &Value,
    next: Option<&str>,
) -> Value {
    let mut page = json!({ "id": uri, "type": kind, "partOf": part_of, key: items });
    if let (Some(next), Some(map)) = (next, page.as_object_mut()) {
        map.insert("next".to_owned(), next.into());
    }
    with_context(plain_context(), page)
}

#[derive(Serialize)]
struct RecordPage<'a> {
    #[serde(rename = "@context")]
    context: &'a str,
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    #[serde(rename = "partOf")]
    part_of: &'a str,
    #[serde(rename = "orderedItems")]
    items: &'a [Box<RawValue>],
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<&'a str>,
}

/// A page of activities whose bytes stay as they are, so that their proofs do.
pub fn record_page(
    uri: &str,
    part_of: &str,
    items: &[Box<RawValue>],
    next: Option<&str>,
) -> Result<Vec<u8>, serde_json::Error> {
    serde_json::to_vec(&RecordPage {
        context: "https://www.w3.org/ns/activitystreams",
        id: uri,
        kind: "OrderedCollectionPage",
        part_of,
        items,
        next,
    })
}
