//! Quotes (FEP-044f): asking for leave, giving and refusing it, the authorization and its end.

use super::{plain_context, with_context};
use crate::domain::Timestamp;
use crate::federation::PUBLIC;
use serde_json::{Map, Value, json};

/// What a note quotes.
#[derive(Clone, Debug)]
pub struct Quoted {
    pub uri: String,
    /// Its page, for readers whose server does not know quotes.
    pub url: String,
    /// Where its author's leave is.
    pub authorization: Option<String>,
}

/// The context of everything about quotes.
fn context() -> Value {
    json!([
        "https://www.w3.org/ns/activitystreams",
        {
            "QuoteRequest": "https://w3id.org/fep/044f#QuoteRequest",
            "QuoteAuthorization": "https://w3id.org/fep/044f#QuoteAuthorization",
            "gts": "https://gotosocial.org/ns#",
            "interactingObject": { "@id": "gts:interactingObject", "@type": "@id" },
            "interactionTarget": { "@id": "gts:interactionTarget", "@type": "@id" },
        }
    ])
}

/// Adds a quote to a note, under all the names by which servers know it, and for the others as a
/// first paragraph.
pub(super) fn add_quote(note: &mut Map<String, Value>, quoted: &Quoted) {
    for key in ["quote", "quoteUri", "_misskey_quote"] {
        note.insert(key.to_owned(), quoted.uri.as_str().into());
    }
    if let Some(authorization) = &quoted.authorization {
        note.insert("quoteAuthorization".to_owned(), authorization.as_str().into());
    }
}

/// The paragraph that stands for a quote where quotes are not known.
pub(super) fn fallback(quoted: &Quoted) -> String {
    let url = crate::text::strip(&quoted.url).replace('"', "%22");
    format!("<p class=\"quote-inline\">RE: <a href=\"{url}\">{url}</a></p>")
}

/// Asks the author of `object` for leave to quote it with `instrument`, which is embedded.
pub fn quote_request(
    id: &str,
    actor: &str,
    object: &str,
    mut instrument: Value,
    author: &str,
) -> Value {
    if let Some(map) = instrument.as_object_mut() {
        map.shift_remove("@context");
    }
    let activity = json!({
        "id": id,
        "type": "QuoteRequest",
        "actor": actor,
        "to": [author],
        "object": object,
        "instrument": instrument,
    });
    with_context(context(), activity)
}

/// The answer to such a request, which it repeats: leave with the authorization's address, or no.
pub fn quote_answer(
    id: &str,
    actor: &str,
    request: &QuoteRequested<'_>,
    authorization: Option<&str>,
) -> Value {
    with_context(context(), answer(id, actor, "QuoteRequest", request, authorization))
}

/// The answer to a request of this type, without its context.
pub(super) fn answer(
    id: &str,
    actor: &str,
    kind: &str,
    request: &QuoteRequested<'_>,
    authorization: Option<&str>,
) -> Value {
    let mut activity = json!({
        "id": id,
        "type": if authorization.is_some() { "Accept" } else { "Reject" },
        "actor": actor,
        "to": [request.actor],
        "object": {
            "id": request.id,
            "type": kind,
            "actor": request.actor,
            "object": request.object,
            "instrument": request.instrument,
        },
    });
    if let (Some(uri), Some(map)) = (authorization, activity.as_object_mut()) {
        map.insert("result".to_owned(), uri.into());
    }
    activity
}

/// A request to quote or to answer, as it came.
#[derive(Clone, Copy, Debug)]
pub struct QuoteRequested<'a> {
    pub id: &'a str,
    pub actor: &'a str,
    pub object: &'a str,
    pub instrument: &'a str,
}

/// The authorization: its author lets `object` be quoted by `instrument`.
pub fn quote_authorization(id: &str, author: &str, object: &str, instrument: &str) -> Value {
    let document = json!({
        "id": id,
        "type": "QuoteAuthorization",
        "attributedTo": author,
        "interactingObject": instrument,
        "interactionTarget": object,
    });
    with_context(context(), document)
}

/// The author takes an authorization back.
pub fn quote_revocation(id: &str, author: &str, authorization: &str, quoter: &str) -> Value {
    let activity = json!({
        "id": id,
        "type": "Delete",
        "actor": author,
        "to": [PUBLIC, quoter],
        "object": authorization,
    });
    with_context(plain_context(), activity)
}

/// What stands in the place of an authorization that was taken back (answered with 410).
pub fn quote_tombstone(id: &str, at: Timestamp) -> Value {
    super::article::tombstone(id, "QuoteAuthorization", at)
}
