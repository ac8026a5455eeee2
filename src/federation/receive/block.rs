//! `Block` of somebody here by somebody elsewhere: they stop following each other, and do not
//! begin again. A `Block` with a `target` is the ban of a group or a site, not one of a person.

use super::Incoming;
use crate::domain::ActorId;
use crate::services::{self, Unit};

/// A block.
#[derive(Debug)]
pub struct Act {
    blocker: ActorId,
    blocked: String,
    activity: String,
}

pub(super) fn prepare(incoming: Incoming<'_>) -> super::Act {
    if incoming.activity.get("target").is_some() {
        return super::Act::Nothing("a Block that concerns a group or a site");
    }
    match incoming.activity.uri("object") {
        Some(blocked) if incoming.app.urls.is_local(blocked) => super::Act::Block(Act {
            blocker: incoming.actor,
            blocked: blocked.to_owned(),
            activity: incoming.id().to_owned(),
        }),
        _ => super::Act::Nothing("a Block of nobody here"),
    }
}

impl Act {
    pub(super) async fn apply(self, unit: &mut Unit<'_>) -> services::Result<()> {
        services::blocks::receive_in(unit, self.blocker, &self.blocked, &self.activity).await
    }
}
