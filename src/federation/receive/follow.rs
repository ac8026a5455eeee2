//! `Follow` of an actor here. It is accepted; the answer goes out by the event.

use super::Incoming;
use crate::domain::{ActorId, LocalRef};
use crate::federation::Error;
use crate::services::{self, Unit};

/// A request to follow.
#[derive(Debug)]
pub struct Act {
    follower: ActorId,
    target: String,
    activity: String,
}

pub(super) async fn prepare(incoming: Incoming<'_>) -> Result<super::Act, Error> {
    let local = incoming.activity.uri("object").filter(|uri| incoming.app.urls.is_local(uri));
    let Some(target) = local else { return Ok(super::Act::Nothing("a Follow of nobody here")) };
    if let Some(LocalRef::InitiativeActor(id)) = incoming.app.urls.parse(target) {
        // Perhaps nobody ever asked for it before.
        services::initiatives::open_group(incoming.app, id).await?;
    }
    Ok(super::Act::Follow(Act {
        follower: incoming.actor,
        target: target.to_owned(),
        activity: incoming.id().to_owned(),
    }))
}

impl Act {
    pub(super) async fn apply(self, unit: &mut Unit<'_>) -> services::Result<()> {
        services::follows::receive_in(unit, self.follower, &self.target, &self.activity)
            .await
            .map(|_| ())
    }
}
