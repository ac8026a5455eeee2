//! Who follows whom: people elsewhere follow actors here, people here follow actors elsewhere.

use super::{Error, Result, Unit, blocks, moves};
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::{ActivityId, ActorId, ActorKind, Event, LocalRef, Viewer};
use crate::storage;

/// Somebody here follows an actor, here or elsewhere. Once more changes nothing.
pub async fn follow(app: &App, who: &Viewer, target: ActorId) -> Result<()> {
    let mut unit = Unit::begin(app).await?;
    moves::require_here_in(&mut unit, who.id).await?;
    let actor = storage::actors::by_id(&mut unit.conn(), target).await?;
    let actor = actor.filter(|a| a.deleted_at.is_none()).ok_or(Error::NotFound("actor"))?;
    if actor.id == who.id {
        return Err(Error::Conflict("nobody can follow themselves"));
    }
    if blocks::between_in(&mut unit, who.id, target).await? {
        return Err(Error::Forbidden("one of the two blocks the other"));
    }
    request_in(&mut unit, who.id, &actor).await?;
    unit.commit().await
}

/// Has somebody here ask to follow an actor, unless they do.
pub(super) async fn request_in(
    unit: &mut Unit<'_>,
    follower: ActorId,
    actor: &Actor,
) -> Result<()> {
    let target = actor.id;
    let known = storage::follows::find(&mut unit.conn(), follower, target).await?;
    if known.is_some_and(|f| f.state != "rejected") {
        return Ok(());
    }
    let activity: ActivityId = unit.app.id();
    let uri = unit.app.urls.activity(activity);
    let now = unit.now;
    let state = if actor.local { "accepted" } else { "pending" };
    storage::follows::put(&mut unit.conn(), follower, target, &uri, state, now).await?;
    if !actor.local {
        if actor.kind == ActorKind::Assembly {
            storage::assemblies::insert(&mut unit.conn(), actor.id, None).await?;
        }
        unit.record(&Event::FollowRequested { follower, target, activity }).await?;
    }
    Ok(())
}

/// Somebody here stops following. Nothing to stop is not an error.
pub async fn unfollow(app: &App, who: &Viewer, target: ActorId) -> Result<()> {
    let mut unit = Unit::begin(app).await?;
    let Some(row) = storage::follows::find(&mut unit.conn(), who.id, target).await? else {
        return Ok(());
    };
    storage::follows::delete(&mut unit.conn(), who.id, target).await?;
    let actor = storage::actors::by_id(&mut unit.conn(), target).await?;
    if actor.is_some_and(|a| !a.local)
        && let Some(LocalRef::Activity(activity)) = app.urls.parse(&row.activity_uri)
    {
        unit.record(&Event::Unfollowed { follower: who.id, target, activity }).await?;
    }
    unit.commit().await
}

/// How somebody's follow of an actor stands: `pending`, `accepted`, `rejected`, or none.
pub async fn state(app: &App, who: &Viewer, target: ActorId) -> Result<Option<String>> {
    let mut reader = app.db.read().await?;
    let row = storage::follows::find(&mut reader.conn(), who.id, target).await?;
    Ok(row.map(|r| r.state))
}

/// How many follow an actor, and how many it follows.
pub async fn counts(app: &App, actor: ActorId) -> Result<(i64, i64)> {
    let mut reader = app.db.read().await?;
    let followers = storage::follows::count_followers(&mut reader.conn(), actor).await?;
    let following = storage::follows::count_following(&mut reader.conn(), actor).await?;
    Ok((followers, following))
}

/// Whether somebody here follows this remote actor.
pub async fn is_followed_from_here(app: &App, target: ActorId) -> Result<bool> {
    let mut reader = app.db.read().await?;
    Ok(storage::follows::is_followed_from_here(&mut reader.conn(), target).await?)
}

/// Somebody elsewhere asks to follow a local actor: accepted, unless this very request was taken
/// back before it came; refused, if the local actor blocks who asks.
pub async fn receive_in(
    unit: &mut Unit<'_>,
    follower: ActorId,
    target_uri: &str,
    activity_uri: &str,
) -> Result<bool> {
    let target = storage::actors::by_uri(&mut unit.conn(), target_uri).await?;
    let Some(target) =
        target.filter(|t| t.local && t.deleted_at.is_none() && t.kind != ActorKind::Instance)
    else {
        unit.without_effect("a Follow of nobody here");
        return Ok(false);
    };
    if storage::dead_uris::contains(&mut unit.conn(), activity_uri, follower).await? {
        unit.without_effect("a Follow that was taken back before it came");
        return Ok(false);
    }
    let activity = activity_uri.to_owned();
    if storage::blocks::find(&mut unit.conn(), target.id, follower).await?.is_some() {
        unit.record(&Event::FollowRejected { follower, target: target.id, activity }).await?;
        return Ok(false);
    }
    let now = unit.now;
    storage::follows::put(&mut unit.conn(), follower, target.id, activity_uri, "accepted", now)
        .await?;
    unit.record(&Event::FollowAccepted { follower, target: target.id, activity }).await?;
    Ok(true)
}

/// A follow was taken back: by the address of its activity, or by whom it was for. Several servers
/// take back under an address that no request had; but one that came as a request ends only itself,
/// so that a newer request outlives it.
pub async fn receive_undo_in(
    unit: &mut Unit<'_>,
    follower: ActorId,
    activity_uri: &str,
    target_uri: Option<&str>,
) -> Result<bool> {
    let now = unit.now;
    storage::dead_uris::insert(&mut unit.conn(), activity_uri, follower, now).await?;
    let by_activity = storage::follows::by_activity(&mut unit.conn(), activity_uri).await?;
    if let Some(row) = by_activity.filter(|row| row.follower_id == follower) {
        return Ok(storage::follows::delete(&mut unit.conn(), follower, row.target_id).await?);
    }
    let Some(target_uri) = target_uri else { return Ok(false) };
    if storage::inbox::has_come(&mut unit.conn(), follower, activity_uri).await? {
        return Ok(false);
    }
    match storage::actors::by_uri(&mut unit.conn(), target_uri).await? {
        Some(target) => Ok(storage::follows::delete(&mut unit.conn(), follower, target.id).await?),
        None => Ok(false),
    }
}

/// A remote actor answered somebody's request to follow it. Only the actor that was asked can
/// answer.
pub async fn receive_answer_in(
    unit: &mut Unit<'_>,
    target: ActorId,
    activity_uri: &str,
    accepted: bool,
) -> Result<bool> {
    let row = storage::follows::by_activity(&mut unit.conn(), activity_uri).await?;
    let Some(row) = row else { return Ok(false) };
    if row.target_id != target {
        return Err(Error::Forbidden("only the actor that was asked can answer"));
    }
    let state = if accepted { "accepted" } else { "rejected" };
    Ok(storage::follows::set_state(&mut unit.conn(), row.follower_id, target, state).await?)
}

/// As [`receive_answer_in`], where the answer names the request by who asked and not by its
/// address: several servers write the request anew. What nobody here asked for is not answered.
pub async fn receive_answer_to_in(
    unit: &mut Unit<'_>,
    target: ActorId,
    follower_uri: &str,
    accepted: bool,
) -> Result<bool> {
    let follower = storage::actors::by_uri(&mut unit.conn(), follower_uri).await?;
    let Some(follower) = follower.filter(|f| f.local) else { return Ok(false) };
    let state = if accepted { "accepted" } else { "rejected" };
    Ok(storage::follows::set_state(&mut unit.conn(), follower.id, target, state).await?)
}

/// A remote assembly accepted somebody from here: what happened in it so far is read later.
pub async fn ask_for_backfill_in(unit: &mut Unit<'_>, target: ActorId) -> Result<()> {
    let actor = storage::actors::by_id(&mut unit.conn(), target).await?;
    if actor.is_some_and(|a| a.kind.is_group() && a.outbox.is_some()) {
        let now = unit.now;
        let dedupe = format!("backfill {target}");
        unit.enqueue("backfill", &target.to_string(), Some(&dedupe), now).await?;
    }
    Ok(())
}

/// Who asked whom with this activity: follower and target.
pub async fn parties_of(app: &App, activity_uri: &str) -> Result<Option<(ActorId, ActorId)>> {
    let row = storage::follows::by_activity(&mut app.db.read().await?.conn(), activity_uri).await?;
    Ok(row.map(|r| (r.follower_id, r.target_id)))
}
