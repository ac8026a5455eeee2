//! Blocks between people: no following, no contact. Whom an assembly excludes and which servers
//! an instance refuses are other things.
//!
//! The debate stays open to read for both: what somebody wrote is not hidden, but answers of
//! somebody blocked are not passed on to others in the name of an assembly.

use super::{Error, Result, Unit};
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::{ActivityId, ActorId, ActorKind, Event, LocalRef, Viewer};
use crate::storage;

/// Somebody here blocks an actor, here or elsewhere: follows between them end, and the other
/// server is told. Once more changes nothing.
pub async fn block(app: &App, who: &Viewer, target: ActorId) -> Result<()> {
    let mut unit = Unit::begin(app).await?;
    let actor = storage::actors::by_id(&mut unit.conn(), target).await?;
    let actor = actor.filter(|a| a.deleted_at.is_none()).ok_or(Error::NotFound("actor"))?;
    if actor.id == who.id || actor.kind == ActorKind::Instance {
        return Err(Error::Conflict("this actor cannot be blocked"));
    }
    let activity: ActivityId = app.id();
    let uri = app.urls.activity(activity);
    let now = unit.now;
    if !storage::blocks::insert(&mut unit.conn(), who.id, target, &uri, now).await? {
        return Ok(());
    }
    let ours = storage::follows::find(&mut unit.conn(), who.id, target).await?;
    part_in(&mut unit, who.id, target).await?;
    if !actor.local {
        if let Some(LocalRef::Activity(follow)) =
            ours.and_then(|row| app.urls.parse(&row.activity_uri))
        {
            unit.record(&Event::Unfollowed { follower: who.id, target, activity: follow }).await?;
        }
        unit.record(&Event::Blocked { blocker: who.id, target, activity }).await?;
    }
    unit.commit().await
}

/// Takes a block back. Nothing to take back is not an error.
pub async fn unblock(app: &App, who: &Viewer, target: ActorId) -> Result<()> {
    let mut unit = Unit::begin(app).await?;
    let Some(row) = storage::blocks::find(&mut unit.conn(), who.id, target).await? else {
        return Ok(());
    };
    storage::blocks::delete(&mut unit.conn(), who.id, target).await?;
    let actor = storage::actors::by_id(&mut unit.conn(), target).await?;
    if let (true, Some(LocalRef::Activity(activity))) =
        (actor.is_some_and(|a| !a.local), app.urls.parse(&row.activity_uri))
    {
        unit.record(&Event::Unblocked { blocker: who.id, target, activity }).await?;
    }
    unit.commit().await
}

/// Whom somebody blocks, latest first.
pub async fn list(app: &App, who: &Viewer) -> Result<Vec<Actor>> {
    let mut reader = app.db.read().await?;
    let mut found = Vec::new();
    for id in storage::blocks::of(&mut reader.conn(), who.id).await? {
        found.extend(storage::actors::by_id(&mut reader.conn(), id).await?);
    }
    Ok(found)
}

/// Whether somebody here blocks an actor.
pub async fn is_blocked(app: &App, who: &Viewer, target: ActorId) -> Result<bool> {
    let mut reader = app.db.read().await?;
    Ok(storage::blocks::find(&mut reader.conn(), who.id, target).await?.is_some())
}

/// Whether either of two actors blocks the other.
pub async fn between_in(unit: &mut Unit<'_>, one: ActorId, other: ActorId) -> Result<bool> {
    Ok(storage::blocks::find(&mut unit.conn(), one, other).await?.is_some()
        || storage::blocks::find(&mut unit.conn(), other, one).await?.is_some())
}

/// An actor elsewhere blocks somebody here: whatever follows there are between them end, and none
/// begins until the block is taken back. One that was taken back before it came has no effect.
pub async fn receive_in(
    unit: &mut Unit<'_>,
    blocker: ActorId,
    blocked_uri: &str,
    activity_uri: &str,
) -> Result<()> {
    let found = storage::actors::by_uri(&mut unit.conn(), blocked_uri).await?;
    let Some(target) = found.filter(|a| a.local && a.deleted_at.is_none()) else { return Ok(()) };
    if storage::dead_uris::contains(&mut unit.conn(), activity_uri, blocker).await? {
        return Ok(());
    }
    let now = unit.now;
    storage::blocks::insert(&mut unit.conn(), blocker, target.id, activity_uri, now).await?;
    part_in(unit, blocker, target.id).await
}

/// An actor elsewhere takes a block back: by the address of its activity, or by whom it was for.
pub async fn receive_undo_in(
    unit: &mut Unit<'_>,
    blocker: ActorId,
    activity_uri: &str,
    blocked_uri: Option<&str>,
) -> Result<bool> {
    let now = unit.now;
    storage::dead_uris::insert(&mut unit.conn(), activity_uri, blocker, now).await?;
    let by_activity = storage::blocks::by_activity(&mut unit.conn(), activity_uri).await?;
    if let Some(row) = by_activity.filter(|row| row.blocker_id == blocker) {
        return Ok(storage::blocks::delete(&mut unit.conn(), blocker, row.blocked_id).await?);
    }
    let Some(uri) = blocked_uri else { return Ok(false) };
    match storage::actors::by_uri(&mut unit.conn(), uri).await? {
        Some(target) => Ok(storage::blocks::delete(&mut unit.conn(), blocker, target.id).await?),
        None => Ok(false),
    }
}

async fn part_in(unit: &mut Unit<'_>, one: ActorId, other: ActorId) -> Result<()> {
    storage::follows::delete(&mut unit.conn(), one, other).await?;
    storage::follows::delete(&mut unit.conn(), other, one).await?;
    Ok(())
}

/// An answer to be passed on: the assembly, who wrote it, the id on the wire of what it answers, and
/// its activity.
pub type Answer<'a> = (ActorId, ActorId, &'a str, String);

/// Of answers that arrived together, those whose author is not blocked by whoever they answer:
/// the assembly and the activity.
pub async fn welcome_in(
    unit: &mut Unit<'_>,
    answers: Vec<Answer<'_>>,
) -> Result<Vec<(ActorId, String)>> {
    let mut authors: Vec<ActorId> = answers.iter().map(|a| a.1).collect();
    authors.sort_unstable();
    authors.dedup();
    // Hardly anybody is blocked: most often this is the one question that is asked.
    let blocked = storage::blocks::blocked_among(&mut unit.conn(), &authors).await?;
    let mut unwelcome = Vec::new();
    if !blocked.is_empty() {
        let mut uris: Vec<&str> =
            answers.iter().filter(|a| blocked.contains(&a.1)).map(|a| a.2).collect();
        uris.sort_unstable();
        uris.dedup();
        for some in uris.chunks(200) {
            let conn = &mut unit.conn();
            unwelcome.extend(storage::blocks::unwelcome(conn, &blocked, some).await?);
        }
    }
    let good = |answer: &Answer<'_>| {
        !unwelcome.iter().any(|(author, uri)| *author == answer.1 && uri == answer.2)
    };
    Ok(answers.into_iter().filter(good).map(|a| (a.0, a.3)).collect())
}
