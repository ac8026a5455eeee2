//! `Move` of an actor by itself to another one that names it. Both are read at their homes before
//! anything is believed; a move by anybody else has no effect.

use super::Incoming;
use crate::domain::ActorId;
use crate::federation::{Error, actors};
use crate::services::{self, Unit};

/// A move.
#[derive(Debug)]
pub struct Act {
    actor: ActorId,
    target: ActorId,
    actor_uri: String,
    activity: String,
}

pub(super) async fn prepare(incoming: Incoming<'_>) -> Result<super::Act, Error> {
    if incoming.activity.uri("object") != Some(incoming.actor_uri) || incoming.via.is_some() {
        return Ok(super::Act::Nothing("a Move of somebody else"));
    }
    let Some(target) = incoming.activity.uri("target") else {
        return Ok(super::Act::Nothing("a Move to nowhere"));
    };
    if target == incoming.actor_uri {
        return Ok(super::Act::Nothing("a Move to itself"));
    }
    let app = incoming.app;
    let found = if app.urls.is_local(target) {
        services::actors::by_uri(app, target).await?
    } else {
        match actors::refresh(app, incoming.budget, target).await {
            Ok(actor) => Some(actor),
            Err(error @ Error::NeedsNetwork) => return Err(error),
            Err(error) if error.is_passing() => return Err(error),
            Err(Error::Service(error)) => return Err(error.into()),
            Err(_) => None,
        }
    };
    let Some(found) = found.filter(|a| a.uri == target) else {
        return Ok(super::Act::Nothing("a Move to somebody who cannot be found"));
    };
    Ok(super::Act::Move(Act {
        actor: incoming.actor,
        target: found.id,
        actor_uri: incoming.actor_uri.to_owned(),
        activity: incoming.id().to_owned(),
    }))
}

impl Act {
    pub(super) async fn apply(self, unit: &mut Unit<'_>) -> services::Result<()> {
        if let Some(reason) = services::moves::receive_in(unit, self.actor, self.target).await? {
            let (actor, activity) = (&self.actor_uri, &self.activity);
            services::audit::refused_in(unit, "move", actor, activity, reason).await?;
        }
        Ok(())
    }
}
