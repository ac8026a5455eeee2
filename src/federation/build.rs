//! The forms of what we send: pure functions from what is known to JSON, one file per form.
//!
//! Strict: arrays where lists are meant, plain strings where one thing is meant, no nulls, ids
//! that can be fetched. Each form has a snapshot test; `FEDERATION.md` shows them.

mod activity;
mod actor;
mod article;
mod collection;
mod moderation;
mod note;
#[cfg(test)]
mod tests;

pub use activity::{
    Object, accept, announce, announce_raw, create, delete, follow, like, undo, update,
    update_actor,
};
pub use actor::{Keys, actor, gone_actor};
pub use article::{Tallies, article, article_tombstone};
pub use collection::{
    collection, collection_page, counted, listing, ordered, ordered_page, record_page, standalone,
};
pub use moderation::{By, ban, listed, lock, removal};
pub use note::{Mention, Note, note, note_tombstone};

use crate::domain::Urls;
use serde_json::{Value, json};

/// The context of every document that carries a text: terms defined in place, so that nobody has
/// to fetch anything to read them.
fn text_context(urls: &Urls) -> Value {
    json!([
        "https://www.w3.org/ns/activitystreams",
        {
            "toot": "http://joinmastodon.org/ns#",
            "Hashtag": "as:Hashtag",
            "sensitive": "as:sensitive",
            "gts": "https://gotosocial.org/ns#",
            "interactionPolicy": { "@id": "gts:interactionPolicy", "@type": "@id" },
            "canQuote": { "@id": "gts:canQuote", "@type": "@id" },
            "canReply": { "@id": "gts:canReply", "@type": "@id" },
            "automaticApproval": { "@id": "gts:automaticApproval", "@type": "@id" },
            "civic": urls.civic_context(),
        }
    ])
}

/// The context of documents with no terms of their own.
fn plain_context() -> Value {
    Value::from("https://www.w3.org/ns/activitystreams")
}

/// An object with its context in front.
fn with_context(context: Value, object: Value) -> Value {
    let whole = activitypub_federation::protocol::context::WithContext::new(object, context);
    serde_json::to_value(whole).unwrap_or_default()
}
