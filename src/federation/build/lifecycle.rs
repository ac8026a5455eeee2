//! The life of actors: moving, leaving, blocking, being refused, reporting.

use super::{plain_context, with_context};
use crate::domain::Timestamp;
use crate::domain::urls::actor::followers;
use crate::federation::PUBLIC;
use serde_json::{Value, json};

/// `Move` of an actor to its successor, which it tells its followers (FEP-7628, push).
pub fn move_actor(id: &str, actor: &str, target: &str, at: Timestamp) -> Value {
    let activity = json!({
        "id": id,
        "type": "Move",
        "actor": actor,
        "published": at.to_rfc3339(),
        "to": [followers(actor)],
        "object": actor,
        "target": target,
    });
    with_context(plain_context(), activity)
}

/// `Delete` of an actor by itself. `removeData` asks the threadiverse to remove its texts as well,
/// as others do without being asked.
pub fn delete_actor(id: &str, actor: &str, at: Timestamp) -> Value {
    let context = json!([
        "https://www.w3.org/ns/activitystreams",
        { "lemmy": "https://join-lemmy.org/ns#", "removeData": "lemmy:removeData" },
    ]);
    let activity = json!({
        "id": id,
        "type": "Delete",
        "actor": actor,
        "published": at.to_rfc3339(),
        "to": [PUBLIC],
        "object": actor,
        "removeData": true,
    });
    with_context(context, activity)
}

/// `Block` of one person by another.
pub fn block(id: &str, actor: &str, object: &str) -> Value {
    let activity =
        json!({ "id": id, "type": "Block", "actor": actor, "object": object, "to": [object] });
    with_context(plain_context(), activity)
}

/// The refusal of a request to follow, which it repeats under the id it came with.
pub fn reject(id: &str, actor: &str, follow_id: &str, follower: &str) -> Value {
    let activity = json!({
        "id": id,
        "type": "Reject",
        "actor": actor,
        "to": [follower],
        "object": { "id": follow_id, "type": "Follow", "actor": follower, "object": actor },
    });
    with_context(plain_context(), activity)
}

/// A report to the home of `actor`, in the name of the instance: who wrote it is nobody's business
/// there. The actor comes first, then the texts. Texts of an assembly elsewhere are reported to that
/// assembly, which several servers want to be the only one in `to`.
pub fn flag(
    id: &str,
    instance: &str,
    actor: &str,
    assembly: Option<&str>,
    objects: &[String],
    content: &str,
) -> Value {
    let about: Vec<&str> = std::iter::once(actor)
        .chain(objects.iter().map(String::as_str).filter(|uri| *uri != actor))
        .collect();
    let activity = json!({
        "id": id,
        "type": "Flag",
        "actor": instance,
        "to": [assembly.unwrap_or(actor)],
        "object": about,
        "content": content,
    });
    with_context(plain_context(), activity)
}
