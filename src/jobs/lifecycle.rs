//! What the life of actors leaves to be done: telling of a profile, taking followers along,
//! erasing, destroying keys.

use super::work::Failure;
use crate::app::App;
use crate::domain::ActorId;
use crate::services::{moves, profiles, removal};

fn actor_in(payload: &str) -> Result<ActorId, Failure> {
    payload.parse().map_err(|_| Failure::Fail(format!("{payload:?} is no actor")))
}

pub(super) async fn announce_profile(app: &App, payload: &str) -> Result<(), Failure> {
    Ok(profiles::announce(app, actor_in(payload)?).await?)
}

/// Batch after batch: every follow that was carried is one less to carry.
pub(super) async fn carry_followers(app: &App, payload: &str) -> Result<(), Failure> {
    let (from, to) = payload.split_once(' ').unwrap_or((payload, ""));
    let (from, to) = (actor_in(from)?, actor_in(to)?);
    while moves::carry(app, from, to).await? > 0 {}
    Ok(())
}

pub(super) async fn erase(app: &App, payload: &str) -> Result<(), Failure> {
    let actor = actor_in(payload)?;
    while removal::erase(app, actor).await? {}
    Ok(())
}

pub(super) async fn destroy_keys(app: &App, payload: &str) -> Result<(), Failure> {
    removal::destroy_keys(app, actor_in(payload)?).await?;
    Ok(())
}
