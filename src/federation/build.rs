//! The forms of what we send: pure functions from what is known to JSON, one file per form.
//!
//! Strict: arrays where lists are meant, plain strings where one thing is meant, no nulls, ids
//! that can be fetched. Each form has a snapshot test; `FEDERATION.md` shows them.

mod activity;
mod actor;
mod article;
mod collection;
mod lifecycle;
mod moderation;
mod note;
mod profile;
mod question;
mod quote;
mod reply;
#[cfg(test)]
mod tests;

pub use activity::{
    Object, accept, announce, announce_raw, create, delete, follow, like, undo, update,
    update_actor,
};
pub use actor::{Keys, actor, gone_activity, gone_actor};
pub use article::{Tallies, article, article_tombstone};
pub use collection::{
    collection, collection_page, counted, listing, ordered, ordered_page, record_page, standalone,
};
pub use lifecycle::{block, delete_actor, flag, move_actor, reject};
pub use moderation::{By, ban, listed, lock, removal};
pub use note::{Mention, Note, note, note_tombstone};
pub use profile::{value_html, with_mentions, with_profile};
pub use question::{
    create_question, delete_question, question, question_tombstone, reject_vote, update_question,
    vote,
};
pub use quote::{
    QuoteRequested, Quoted, quote_answer, quote_authorization, quote_request, quote_revocation,
    quote_tombstone,
};
pub use reply::{reply_answer, reply_authorization, reply_authorization_tombstone};

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
            "quote": { "@id": "https://w3id.org/fep/044f#quote", "@type": "@id" },
            "quoteAuthorization":
                { "@id": "https://w3id.org/fep/044f#quoteAuthorization", "@type": "@id" },
            "quoteUri": "http://fedibird.com/ns#quoteUri",
            "_misskey_quote": "https://misskey-hub.net/ns#_misskey_quote",
            "civic": urls.civic_context(),
        }
    ])
}

/// The hashtags in a text, as `tag` has them.
fn hashtags(urls: &Urls, source: &str) -> Vec<Value> {
    let tags = crate::text::found(source).tags;
    tags.iter()
        .map(|t| json!({ "type": "Hashtag", "name": format!("#{t}"), "href": urls.tag(t) }))
        .collect()
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
