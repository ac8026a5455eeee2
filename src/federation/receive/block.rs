//! `Block` of somebody here by somebody elsewhere: they stop following each other.

use super::Incoming;
use crate::domain::ActorId;
use crate::services::{self, Unit};

/// A block.
#[derive(Debug)]
pub struct Act {
    blocker: ActorId,
    blocked: String,
}

pub(super) fn prepare(incoming: Incoming<'_>) -> super::Act {
    match incoming.activity.uri("object") {
        Some(blocked) if incoming.app.urls.is_local(blocked) => {
            super::Act::Block(Act { blocker: incoming.actor, blocked: blocked.to_owned() })
        }
        _ => super::Act::Nothing("a Block of nobody here"),
    }
}

impl Act {
    pub(super) async fn apply(self, unit: &mut Unit<'_>) -> services::Result<()> {
        services::follows::receive_block_in(unit, self.blocker, &self.blocked).await
    }
}
