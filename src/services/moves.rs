//! Moving from one actor to another: aliases, the move itself, followers that come along.
//!
//! A move counts only if the new actor names the old one. Somebody who moved away keeps a page that
//! can be read, and writes nothing more here until they come back.

use super::profiles::announce_later_in;
use super::{Error, Result, Unit, accounts, blocks, follows, identity};
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::profile::may_move;
use crate::domain::{ActorId, ActorKind, Event, Invalid, LocalRef, Profile, Viewer};
use crate::storage;

/// Followers that are taken along in one transaction.
const BATCH: i64 = 100;

/// Refuses the acts of somebody who moved away.
pub(super) async fn require_here_in(unit: &mut Unit<'_>, who: ActorId) -> Result<()> {
    if storage::profiles::has_moved(&mut unit.conn(), who).await? {
        return Err(Error::Conflict("the account has moved away"));
    }
    Ok(())
}

/// Sets who somebody here is as well: ids on the wire.
pub async fn set_aliases(app: &App, who: &Viewer, uris: &[String]) -> Result<()> {
    let mut uris = uris.to_vec();
    uris.sort();
    uris.dedup();
    if uris.len() > Profile::MAX_ALIASES {
        return Err(Invalid::limit("aliases", "too-many", Profile::MAX_ALIASES).into());
    }
    let own = app.urls.actor(ActorKind::Person, &who.handle);
    if uris.contains(&own) {
        return Err(Invalid::new("aliases", "self").into());
    }
    let mut unit = Unit::begin(app).await?;
    let mut profile = stored(&mut unit, who.id).await?;
    profile.aliases = uris;
    put(&mut unit, who.id, &profile).await?;
    unit.commit().await?;
    app.caches.forget_actor(&who.handle);
    Ok(())
}

async fn stored(unit: &mut Unit<'_>, id: ActorId) -> Result<Profile> {
    Ok(storage::profiles::by_id(&mut unit.conn(), id).await?.unwrap_or_default())
}

async fn put(unit: &mut Unit<'_>, id: ActorId, profile: &Profile) -> Result<()> {
    let now = unit.now;
    storage::profiles::put(&mut unit.conn(), id, profile, now).await?;
    identity::link_in(unit, id).await?;
    announce_later_in(unit, id).await
}

/// Somebody here moves to an actor that names them. Their followers are told and taken along; the
/// account can be read, and does nothing more.
pub async fn move_away(app: &App, who: &Viewer, password: &str, target: ActorId) -> Result<()> {
    accounts::confirm(app, who, password).await?;
    let mut unit = Unit::begin(app).await?;
    let mut profile = stored(&mut unit, who.id).await?;
    if profile.moved_to.is_some() {
        return Err(Error::Conflict("the account has moved away"));
    }
    if !may_move(profile.moved_at, unit.now) {
        return Err(Error::Conflict("the last move was less than thirty days ago"));
    }
    let origin = storage::actors::by_id(&mut unit.conn(), who.id).await?;
    let origin = origin.ok_or(Error::NotFound("account"))?;
    let target = storage::actors::by_id(&mut unit.conn(), target).await?;
    let Some(target) = target else { return Err(Invalid::new("target", "not-found").into()) };
    if !is_successor_in(&mut unit, &origin, &target).await? {
        return Err(Invalid::new("target", "no-alias").into());
    }
    profile.moved_to = Some(target.uri.clone());
    profile.moved_at = Some(unit.now);
    put(&mut unit, who.id, &profile).await?;
    unit.record(&Event::ActorMoved { actor: who.id, target: target.id }).await?;
    carry_later_in(&mut unit, who.id, target.id).await?;
    unit.commit().await?;
    app.caches.forget_actor(&who.handle);
    Ok(())
}

/// Somebody who moved away comes back. Followers that went along stay where they are.
pub async fn come_back(app: &App, who: &Viewer, password: &str) -> Result<()> {
    accounts::confirm(app, who, password).await?;
    let mut unit = Unit::begin(app).await?;
    let mut profile = stored(&mut unit, who.id).await?;
    if profile.moved_to.take().is_none() {
        return Ok(());
    }
    put(&mut unit, who.id, &profile).await?;
    unit.commit().await?;
    app.caches.forget_actor(&who.handle);
    Ok(())
}

/// Whether `target` can be what `origin` moves to: another living actor of the same kind that
/// names it and has not moved on itself.
async fn is_successor_in(unit: &mut Unit<'_>, origin: &Actor, target: &Actor) -> Result<bool> {
    let profile = stored(unit, target.id).await?;
    Ok(origin.id != target.id
        && origin.kind == target.kind
        && origin.deleted_at.is_none()
        && target.deleted_at.is_none()
        && profile.moved_to.is_none()
        && profile.aliases.contains(&origin.uri))
}

/// An actor elsewhere says that it moved. Its document and the one of the new actor were read
/// before. Why it has no effect, if it has none.
pub async fn receive_in(
    unit: &mut Unit<'_>,
    actor: ActorId,
    target: ActorId,
) -> Result<Option<&'static str>> {
    let origin = storage::actors::by_id(&mut unit.conn(), actor).await?;
    let target = storage::actors::by_id(&mut unit.conn(), target).await?;
    let (Some(origin), Some(target)) = (origin.filter(|a| !a.local), target) else {
        return Ok(Some("one of the two is not known"));
    };
    if !is_successor_in(unit, &origin, &target).await? {
        return Ok(Some("the new actor does not name the old one"));
    }
    let mut profile = stored(unit, actor).await?;
    if !may_move(profile.moved_at, unit.now) {
        return Ok(Some("the last move was less than thirty days ago"));
    }
    profile.moved_to = Some(target.uri.clone());
    profile.moved_at = Some(unit.now);
    let now = unit.now;
    storage::profiles::put(&mut unit.conn(), actor, &profile, now).await?;
    identity::link_in(unit, actor).await?;
    carry_later_in(unit, actor, target.id).await?;
    Ok(None)
}

async fn carry_later_in(unit: &mut Unit<'_>, from: ActorId, to: ActorId) -> Result<()> {
    let now = unit.now;
    unit.enqueue("carry_followers", &format!("{from} {to}"), None, now).await
}

/// Has some of those here who follow `from` follow `to` instead; how many it were.
pub async fn carry(app: &App, from: ActorId, to: ActorId) -> Result<usize> {
    let mut unit = Unit::begin(app).await?;
    let old = storage::actors::by_id(&mut unit.conn(), from).await?;
    let new = storage::actors::by_id(&mut unit.conn(), to).await?;
    let (Some(old), Some(new)) = (old, new.filter(|a| a.deleted_at.is_none())) else {
        return Ok(0);
    };
    let followers = storage::follows::local_followers(&mut unit.conn(), from, BATCH).await?;
    for row in &followers {
        let follower = row.follower_id;
        if follower != to && !blocks::between_in(&mut unit, follower, to).await? {
            follows::request_in(&mut unit, follower, &new).await?;
        }
        storage::follows::delete(&mut unit.conn(), follower, from).await?;
        if let (false, Some(LocalRef::Activity(activity))) =
            (old.local, app.urls.parse(&row.activity_uri))
        {
            unit.record(&Event::Unfollowed { follower, target: from, activity }).await?;
        }
    }
    unit.commit().await?;
    Ok(followers.len())
}
