//! `Accept` and `Reject` of a request to follow that went out from here. Some servers repeat the
//! request, some give only its id.

use super::Incoming;
use crate::domain::ActorId;
use crate::services::{self, Unit};

/// The answer to a request of ours.
#[derive(Debug)]
pub struct Act {
    target: ActorId,
    follow: String,
    accepted: bool,
}

pub(super) fn prepare(incoming: Incoming<'_>) -> super::Act {
    match incoming.activity.uri("object") {
        Some(follow) if incoming.app.urls.is_local(follow) => super::Act::Answer(Act {
            target: incoming.actor,
            follow: follow.to_owned(),
            accepted: incoming.activity.kind() == "Accept",
        }),
        _ => super::Act::Nothing("an answer to something that was not asked here"),
    }
}

impl Act {
    pub(super) async fn apply(self, unit: &mut Unit<'_>) -> services::Result<()> {
        let answered =
            services::follows::receive_answer_in(unit, self.target, &self.follow, self.accepted)
                .await?;
        if answered && self.accepted {
            services::follows::ask_for_backfill_in(unit, self.target).await?;
        }
        Ok(())
    }
}
