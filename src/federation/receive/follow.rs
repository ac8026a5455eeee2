//! `Follow` of an actor here. It is accepted; the answer goes out by the event.

use super::Incoming;
use crate::domain::ActorId;
use crate::services::{self, Unit};

/// A request to follow.
#[derive(Debug)]
pub struct Act {
    follower: ActorId,
    target: String,
    activity: String,
}

pub(super) fn prepare(incoming: Incoming<'_>) -> super::Act {
    match incoming.activity.uri("object") {
        Some(target) if incoming.app.urls.is_local(target) => super::Act::Follow(Act {
            follower: incoming.actor,
            target: target.to_owned(),
            activity: incoming.id().to_owned(),
        }),
        _ => super::Act::Nothing("a Follow of nobody here"),
    }
}

impl Act {
    pub(super) async fn apply(self, unit: &mut Unit<'_>) -> services::Result<()> {
        services::follows::receive_in(unit, self.follower, &self.target, &self.activity)
            .await
            .map(|_| ())
    }
}
