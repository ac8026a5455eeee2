//! Activities: who did what, to whom it is told (interop §5 and forms D, E, H, L).

use super::article::{bare_article, bare_tombstone};
use super::note::{Note, bare_note};
use super::{plain_context, text_context, with_context};
use crate::domain::initiative::Initiative;
use crate::domain::urls::actor::followers;
use crate::domain::{Reaction, Timestamp, Urls};
use crate::federation::PUBLIC;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// An object that an activity creates or changes.
#[derive(Clone, Debug)]
pub enum Object<'a> {
    Initiative(&'a Initiative),
    Comment(Note<'a>),
}

impl Object<'_> {
    fn bare(&self, urls: &Urls) -> Value {
        match self {
            Self::Initiative(initiative) => bare_article(urls, initiative, None, None),
            Self::Comment(note) => bare_note(urls, note, None),
        }
    }

    fn actor(&self) -> &str {
        match self {
            Self::Initiative(initiative) => &initiative.author_uri,
            Self::Comment(note) => &note.comment.author_uri,
        }
    }
}

/// `Create` of an initiative or a comment, addressed as the object is.
pub fn create(urls: &Urls, id: &str, object: &Object<'_>, at: Timestamp) -> Value {
    whole(urls, "Create", id, object, at)
}

/// `Update` of an initiative or a comment.
pub fn update(urls: &Urls, id: &str, object: &Object<'_>, at: Timestamp) -> Value {
    whole(urls, "Update", id, object, at)
}

fn whole(urls: &Urls, kind: &str, id: &str, object: &Object<'_>, at: Timestamp) -> Value {
    let bare = object.bare(urls);
    let part = |key: &str| bare.get(key).cloned().unwrap_or_default();
    let activity = json!({
        "id": id,
        "type": kind,
        "actor": object.actor(),
        "published": at.to_rfc3339(),
        "to": part("to"),
        "cc": part("cc"),
        "audience": part("audience"),
        "object": bare.clone(),
    });
    with_context(text_context(urls), activity)
}

/// `Update` of an actor's own profile.
pub fn update_actor(id: &str, uri: &str, mut document: Value, at: Timestamp) -> Value {
    let context = document.as_object_mut().and_then(|m| m.shift_remove("@context"));
    let activity = json!({
        "id": id,
        "type": "Update",
        "actor": uri,
        "published": at.to_rfc3339(),
        "to": [PUBLIC],
        "cc": [followers(uri)],
        "object": document,
    });
    with_context(context.unwrap_or_else(plain_context), activity)
}

/// `Delete` of an object, with the tombstone that stays.
pub fn delete(
    id: &str,
    actor: &str,
    object: &str,
    former_type: &str,
    audience: &str,
    at: Timestamp,
) -> Value {
    let activity = json!({
        "id": id,
        "type": "Delete",
        "actor": actor,
        "published": at.to_rfc3339(),
        "to": [PUBLIC, audience],
        "cc": [followers(actor)],
        "audience": audience,
        "object": bare_tombstone(object, former_type, at),
    });
    with_context(plain_context(), activity)
}

/// An assembly's `Announce` of an address: what Mastodon, Misskey and their kin show.
pub fn announce(id: &str, actor: &str, object: &str, author: &str, at: Timestamp) -> Value {
    let activity = json!({
        "id": id,
        "type": "Announce",
        "actor": actor,
        "published": at.to_rfc3339(),
        "to": [PUBLIC],
        "cc": [followers(actor), author],
        "object": object,
    });
    with_context(plain_context(), activity)
}

#[derive(Serialize)]
struct AnnounceRaw<'a> {
    #[serde(rename = "@context")]
    context: &'a str,
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    actor: &'a str,
    published: String,
    to: [&'a str; 1],
    cc: [String; 1],
    audience: &'a str,
    object: &'a RawValue,
}

/// An assembly's `Announce` of a whole activity, whose bytes stay as they are: what the
/// threadiverse and mirrors read (FEP-1b12).
pub fn announce_raw(
    id: &str,
    actor: &str,
    activity: &RawValue,
    at: Timestamp,
) -> Result<Vec<u8>, serde_json::Error> {
    serde_json::to_vec(&AnnounceRaw {
        context: "https://www.w3.org/ns/activitystreams",
        id,
        kind: "Announce",
        actor,
        published: at.to_rfc3339(),
        to: [PUBLIC],
        cc: [followers(actor)],
        audience: actor,
        object: activity,
    })
}

/// Somebody's endorsement or boost. A boost is shown to their followers, an endorsement only to
/// the author and the assembly.
pub fn like(
    id: &str,
    reaction: Reaction,
    actor: &str,
    object: &str,
    author: &str,
    assembly: &str,
    at: Timestamp,
) -> Value {
    with_context(plain_context(), bare_like(id, reaction, actor, object, author, assembly, at))
}

fn bare_like(
    id: &str,
    reaction: Reaction,
    actor: &str,
    object: &str,
    author: &str,
    assembly: &str,
    at: Timestamp,
) -> Value {
    let (to, cc) = match reaction {
        Reaction::Like => (json!([author, assembly]), json!([])),
        Reaction::Boost => (json!([PUBLIC]), json!([followers(actor), author, assembly])),
    };
    json!({
        "id": id,
        "type": reaction.wire_type(),
        "actor": actor,
        "published": at.to_rfc3339(),
        "to": to,
        "cc": cc,
        "object": object,
    })
}

/// A request to follow.
pub fn follow(id: &str, actor: &str, object: &str) -> Value {
    with_context(plain_context(), bare_follow(id, actor, object))
}

fn bare_follow(id: &str, actor: &str, object: &str) -> Value {
    json!({ "id": id, "type": "Follow", "actor": actor, "object": object, "to": [object] })
}

/// The answer to a request to follow, which it repeats under the id it came with (form L).
pub fn accept(id: &str, actor: &str, follow_id: &str, follower: &str) -> Value {
    let activity = json!({
        "id": id,
        "type": "Accept",
        "actor": actor,
        "to": [follower],
        "object": { "id": follow_id, "type": "Follow", "actor": follower, "object": actor },
    });
    with_context(plain_context(), activity)
}

/// Taking an activity back; the whole original is embedded.
pub fn undo(id: &str, actor: &str, original: &Value, at: Timestamp) -> Value {
    let mut original = original.clone();
    let map = original.as_object_mut();
    map.and_then(|m| m.shift_remove("@context"));
    let to = original.get("to").cloned().unwrap_or_else(|| json!([PUBLIC]));
    let cc = original.get("cc").cloned().unwrap_or_else(|| json!([]));
    let activity = json!({
        "id": id,
        "type": "Undo",
        "actor": actor,
        "published": at.to_rfc3339(),
        "to": to,
        "cc": cc,
        "object": original,
    });
    with_context(plain_context(), activity)
}
