//! Reading other servers' collections, page by page.
//!
//! A page says what is in it and where the next one is; nothing else that a collection says of
//! itself is believed, above all not how much there is. Entries are addresses to be read at their
//! home, or activities to be checked like any other.

use super::vocab::{Node, is_uri};
use super::{Budget, Error, fetch};
use crate::app::App;
use crate::domain::urls::same_origin;
use serde_json::Value;
use std::collections::HashSet;

/// Pages of one collection that are read.
pub const MAX_PAGES: usize = 10;
/// Entries of one page that are looked at.
const MAX_ENTRIES: usize = 500;

/// A collection, or one page of it.
#[derive(Clone, Debug, Default)]
pub struct Page {
    pub entries: Vec<Value>,
    /// Where the next page is; of the same origin.
    pub next: Option<String>,
}

/// Whether the document is a collection or a page of one.
pub fn is_collection(document: Node<'_>) -> bool {
    matches!(
        document.kind(),
        "Collection" | "OrderedCollection" | "CollectionPage" | "OrderedCollectionPage"
    )
}

/// Reads a collection that was found at `at`. A first page inside it is part of it.
pub fn page(document: Node<'_>, at: &str) -> Page {
    let mut page = Page::default();
    let mut part = Some(document);
    // The collection itself, and the page inside it.
    for _ in 0..2 {
        let Some(node) = part.take() else { break };
        for key in ["orderedItems", "items"] {
            match node.get(key) {
                Some(Value::Array(items)) => page.entries.extend(items.iter().cloned()),
                Some(one @ (Value::String(_) | Value::Object(_))) => page.entries.push(one.clone()),
                _ => {}
            }
        }
        page.next = page.next.or_else(|| node.uri("next").map(str::to_owned));
        match node.get("first") {
            Some(Value::String(first)) if page.entries.is_empty() => {
                page.next = Some(first.clone());
            }
            Some(first) if first.is_object() => part = Some(Node(first)),
            _ => {}
        }
    }
    page.entries.truncate(MAX_ENTRIES);
    page.next = page.next.filter(|next| is_uri(next) && next != at && same_origin(next, at));
    page
}

/// The entries of a collection, up to `limit`. A page that cannot be had ends it, unless it is the
/// first.
pub async fn entries(
    app: &App,
    budget: &Budget,
    collection: &str,
    limit: usize,
) -> Result<Vec<Value>, Error> {
    let head = fetch::document_uncached(app, budget, collection).await?;
    let mut met = HashSet::from([collection.to_owned()]);
    let Page { mut entries, mut next } = page(Node(&head), collection);
    for _ in 0..MAX_PAGES {
        let Some(at) = next.take().filter(|at| entries.len() < limit && met.insert(at.clone()))
        else {
            break;
        };
        match fetch::document_uncached(app, budget, &at).await {
            Ok(document) => {
                let read = page(Node(&document), &at);
                entries.extend(read.entries);
                next = read.next;
            }
            Err(error @ (Error::Spent | Error::Service(_))) => return Err(error),
            Err(_) => break,
        }
    }
    entries.truncate(limit);
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const AT: &str = "https://m.example/c";

    fn read(document: &Value) -> (usize, Option<String>) {
        let page = page(Node(document), AT);
        (page.entries.len(), page.next)
    }

    #[test]
    fn collections_come_in_many_forms() {
        let next = || Some("https://m.example/c?page=2".to_owned());
        for (document, expected) in [
            (json!({ "type": "Collection", "items": ["https://m.example/1"] }), (1, None)),
            (json!({ "type": "Collection", "items": "https://m.example/1" }), (1, None)),
            (json!({ "type": "OrderedCollection", "orderedItems": [{}, {}] }), (2, None)),
            (json!({ "type": "Collection", "first": "https://m.example/c?page=2" }), (0, next())),
            (
                json!({ "type": "Collection", "totalItems": 1_000_000_000, "first": {
                    "type": "CollectionPage", "items": ["https://m.example/1"],
                    "next": "https://m.example/c?page=2" } }),
                (1, next()),
            ),
            (
                json!({ "type": "CollectionPage", "items": [], "next": "https://m.example/c?page=2" }),
                (0, next()),
            ),
        ] {
            assert_eq!(read(&document), expected, "{document}");
        }
    }

    #[test]
    fn a_page_leads_neither_to_itself_nor_to_another_server() {
        for next in [AT, "https://evil.example/c?page=2", "javascript:x", ""] {
            assert_eq!(read(&json!({ "items": [], "next": next })).1, None, "{next}");
            assert_eq!(read(&json!({ "type": "Collection", "first": next })).1, None, "{next}");
        }
        let many: Vec<u32> = (0..2_000).collect();
        assert_eq!(read(&json!({ "items": many })).0, MAX_ENTRIES);
    }
}
