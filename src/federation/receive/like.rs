//! `Like`, and `EmojiReact`, which several servers send for the same: an endorsement.

use super::Incoming;
use crate::domain::{ActorId, Reaction};
use crate::services::{self, Unit};

/// An endorsement or, from `Announce`, a boost.
#[derive(Debug)]
pub struct Act {
    pub(super) actor: ActorId,
    pub(super) object: String,
    pub(super) reaction: Reaction,
    pub(super) activity: String,
}

pub(super) fn prepare(incoming: Incoming<'_>) -> super::Act {
    match incoming.activity.uri("object") {
        None => super::Act::Nothing("a Like without an object"),
        Some(object) => super::Act::Like(Act {
            actor: incoming.actor,
            object: object.to_owned(),
            reaction: Reaction::Like,
            activity: incoming.id().to_owned(),
        }),
    }
}

impl Act {
    pub(super) async fn apply(self, unit: &mut Unit<'_>) -> services::Result<()> {
        services::reactions::receive_in(
            unit,
            self.actor,
            &self.object,
            self.reaction,
            &self.activity,
        )
        .await
        .map(|_| ())
    }
}
