//! `Accept` and `Reject` of a request to follow or to quote that went out from here. Some servers repeat the
//! request, some give only its id.

use super::Incoming;
use crate::domain::ActorId;
use crate::services::{self, Unit};

/// The answer to a request of ours.
#[derive(Debug)]
pub struct Act {
    target: ActorId,
    /// The actor's id on the wire.
    target_uri: String,
    follow: String,
    accepted: bool,
    /// What the answer gives: the address of a leave to quote.
    result: Option<String>,
}

pub(super) fn prepare(incoming: Incoming<'_>) -> super::Act {
    match incoming.activity.uri("object") {
        Some(follow) if incoming.app.urls.is_local(follow) => super::Act::Answer(Act {
            target: incoming.actor,
            follow: follow.to_owned(),
            accepted: incoming.activity.kind() == "Accept",
            target_uri: incoming.actor_uri.to_owned(),
            result: incoming.activity.uri("result").map(str::to_owned),
        }),
        _ => super::Act::Nothing("an answer to something that was not asked here"),
    }
}

impl Act {
    pub(super) async fn apply(self, unit: &mut Unit<'_>) -> services::Result<()> {
        let result = self.result.as_deref().filter(|_| self.accepted);
        let (who, uri) = (self.target, self.target_uri.as_str());
        if services::quotes::receive_answer_in(unit, who, uri, &self.follow, result).await? {
            return Ok(());
        }
        let answered =
            services::follows::receive_answer_in(unit, self.target, &self.follow, self.accepted)
                .await?;
        if answered && self.accepted {
            services::follows::ask_for_backfill_in(unit, self.target).await?;
        }
        Ok(())
    }
}
