//! `Like`, and `EmojiReact`, which several servers send for the same: an endorsement.

use super::Incoming;
use crate::domain::Reaction;
use crate::services::reactions::NewReaction;

pub(super) fn prepare(incoming: Incoming<'_>) -> super::Act {
    match incoming.activity.uri("object") {
        None => super::Act::Nothing("a Like without an object"),
        Some(object) => reaction(incoming, object, Reaction::Like),
    }
}

/// An endorsement or, from `Announce`, a boost.
pub(super) fn reaction(incoming: Incoming<'_>, object: &str, kind: Reaction) -> super::Act {
    super::Act::React(NewReaction {
        actor: incoming.actor,
        object_uri: object.to_owned(),
        kind,
        activity_uri: incoming.id().to_owned(),
    })
}
