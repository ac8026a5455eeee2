//! Endorsements and boosts, from here and from elsewhere.

use super::identity::{self, count};
use super::{Error, Result, Unit, moves};
use crate::app::App;
use crate::domain::{ActivityId, ActorId, Event, LocalRef, ObjectId, Reaction, State, Viewer};
use crate::storage;

pub use crate::storage::reactions::NewReaction;

/// Endorses or boosts something on behalf of somebody here. Once more changes nothing.
pub async fn react(app: &App, who: &Viewer, object: ObjectId, reaction: Reaction) -> Result<()> {
    let mut unit = Unit::begin(app).await?;
    moves::require_here_in(&mut unit, who.id).await?;
    let found = storage::objects::by_id(&mut unit.conn(), object).await?;
    let found = found.filter(|o| o.state.is_public()).ok_or(Error::NotFound("initiative"))?;
    if found.state == State::Withdrawn || found.deleted_at.is_some() {
        return Err(Error::Gone("initiative"));
    }
    let activity: ActivityId = app.id();
    let uri = app.urls.activity(activity);
    if add_in(&mut unit, object, who.id, reaction, &uri).await? {
        unit.record(&Event::Reacted { actor: who.id, object, reaction, activity }).await?;
    }
    unit.commit().await
}

/// Takes an endorsement or a boost back. Nothing to take back is not an error.
pub async fn unreact(app: &App, who: &Viewer, object: ObjectId, reaction: Reaction) -> Result<()> {
    let mut unit = Unit::begin(app).await?;
    let found = storage::reactions::find(&mut unit.conn(), object, who.id, reaction).await?;
    if let Some(row) = found {
        remove_in(&mut unit, object, who.id, reaction).await?;
        if let Some(LocalRef::Activity(activity)) = app.urls.parse(&row.activity_uri) {
            unit.record(&Event::Unreacted { actor: who.id, object, reaction, activity }).await?;
        }
    }
    unit.commit().await
}

/// Whether somebody endorsed, and whether they boosted.
pub async fn of_viewer(app: &App, who: &Viewer, object: ObjectId) -> Result<(bool, bool)> {
    let mut reader = app.db.read().await?;
    let mut has = [false; 2];
    for (slot, kind) in has.iter_mut().zip([Reaction::Like, Reaction::Boost]) {
        *slot = storage::reactions::find(&mut reader.conn(), object, who.id, kind).await?.is_some();
    }
    let [liked, boosted] = has;
    Ok((liked, boosted))
}

async fn add_in(
    unit: &mut Unit<'_>,
    object: ObjectId,
    actor: ActorId,
    reaction: Reaction,
    activity_uri: &str,
) -> Result<bool> {
    let now = unit.now;
    let conn = &mut unit.conn();
    let new = storage::reactions::insert(conn, object, actor, reaction, activity_uri, now).await?;
    match new {
        None => return Ok(false),
        Some(true) => count(unit, object, reaction, 1),
        Some(false) => identity::settle_in(unit, actor, object, reaction).await?,
    }
    Ok(true)
}

/// Removes a reaction and its count. Another one of the same person takes its place.
pub async fn remove_in(
    unit: &mut Unit<'_>,
    object: ObjectId,
    actor: ActorId,
    reaction: Reaction,
) -> Result<bool> {
    let gone = storage::reactions::delete(&mut unit.conn(), object, actor, reaction).await?;
    if gone == Some(true) {
        count(unit, object, reaction, -1);
        identity::settle_in(unit, actor, object, reaction).await?;
    }
    Ok(gone.is_some())
}

/// Reactions arrived. Those have no effect whose object is unknown or cannot be reacted to, whose
/// actor has reacted before, or whose activity was taken back already. The ids of the activities
/// that had one.
pub async fn receive_in(unit: &mut Unit<'_>, arrived: &[NewReaction]) -> Result<Vec<String>> {
    let now = unit.now;
    let new = storage::reactions::insert_arrived(&mut unit.conn(), arrived, now).await?;
    let mut effective = Vec::with_capacity(new.len());
    for row in new {
        if row.counted {
            count(unit, row.object_id, row.kind, 1);
        } else {
            identity::settle_in(unit, row.actor_id, row.object_id, row.kind).await?;
        }
        effective.push(row.activity_uri);
    }
    Ok(effective)
}

/// A reaction was taken back: by the address of its activity, or by what it was about. If it is
/// not here yet it will have no effect when it comes.
pub async fn receive_undo_in(
    unit: &mut Unit<'_>,
    actor: ActorId,
    activity_uri: &str,
    about: Option<(Reaction, &str)>,
) -> Result<()> {
    let now = unit.now;
    let new = storage::dead_uris::insert(&mut unit.conn(), activity_uri, actor, now).await?;
    let by_activity = storage::reactions::by_activity(&mut unit.conn(), activity_uri).await?;
    if let Some(row) = by_activity.filter(|row| row.actor_id == actor) {
        remove_in(unit, row.object_id, actor, row.kind).await?;
        return Ok(());
    }
    // Some servers name another id than that of the reaction; but what was taken back once must
    // not take back a later reaction when it is repeated.
    if let Some((kind, object_uri)) = about.filter(|_| new || activity_uri.is_empty())
        && let Some(object) = storage::objects::by_uri(&mut unit.conn(), object_uri).await?
    {
        remove_in(unit, object.id, actor, kind).await?;
    }
    Ok(())
}

/// Who reacted with this activity.
pub async fn actor_of(app: &App, activity_uri: &str) -> Result<Option<ActorId>> {
    let mut reader = app.db.read().await?;
    let row = storage::reactions::by_activity(&mut reader.conn(), activity_uri).await?;
    Ok(row.map(|r| r.actor_id))
}
