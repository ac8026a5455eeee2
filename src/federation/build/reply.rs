//! Leave to answer (interaction policies of `GoToSocial`): who may, the answer to a request, the
//! authorization.

use super::quote::{QuoteRequested, answer};
use super::with_context;
use crate::federation::PUBLIC;
use serde_json::{Value, json};

fn context() -> Value {
    json!([
        "https://www.w3.org/ns/activitystreams",
        {
            "gts": "https://gotosocial.org/ns#",
            "ReplyRequest": "gts:ReplyRequest",
            "ReplyAuthorization": "gts:ReplyAuthorization",
            "interactingObject": { "@id": "gts:interactingObject", "@type": "@id" },
            "interactionTarget": { "@id": "gts:interactionTarget", "@type": "@id" },
        }
    ])
}

/// What may be done with a text: everybody may quote it, and answer it unless its thread is closed.
/// Then only its author may, for servers that do not know `Lock`.
pub(super) fn interaction_policy(author: &str, closed: bool) -> Value {
    let everybody = json!({ "automaticApproval": [PUBLIC] });
    if closed {
        return json!({ "canQuote": everybody, "canReply": { "automaticApproval": [author] } });
    }
    json!({ "canQuote": everybody })
}

/// The answer to a request, which it repeats: leave with the authorization's address, or no.
pub fn reply_answer(
    id: &str,
    actor: &str,
    request: &QuoteRequested<'_>,
    authorization: Option<&str>,
) -> Value {
    with_context(context(), answer(id, actor, "ReplyRequest", request, authorization))
}

/// The authorization: `object` may be answered with `instrument`.
pub fn reply_authorization(id: &str, author: &str, object: &str, instrument: &str) -> Value {
    let document = json!({
        "id": id,
        "type": "ReplyAuthorization",
        "attributedTo": author,
        "interactingObject": instrument,
        "interactionTarget": object,
    });
    with_context(context(), document)
}

/// What stands in the place of an authorization whose text is gone (answered with 410).
pub fn reply_authorization_tombstone(id: &str, at: crate::domain::Timestamp) -> Value {
    super::article::tombstone(id, "ReplyAuthorization", at)
}
