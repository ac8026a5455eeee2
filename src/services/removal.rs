//! The end of an actor: of an account here, by its owner or by those who run the instance, and of
//! an actor elsewhere, as its home tells.
//!
//! What only the owner and this instance knew is destroyed at once. Texts become tombstones, so
//! that answers to them keep their place; endorsements are taken back, as they are an opinion of
//! somebody who is not here any more. A thousand texts are not one transaction: what does not fit
//! into the first is done by a job, in batches. The name is never given to anybody else.

use super::{Error, Result, Unit, accounts, audit, reactions};
use crate::app::App;
use crate::domain::{ActorId, ActorKind, Event, Invalid, Role, State, Viewer, invalid::bounded};
use crate::storage;

/// Texts, reactions and activities in one transaction, of each so many.
const BATCH: i64 = 100;
/// How soon it is looked again whether the farewell has arrived everywhere.
const KEY_SECONDS: i64 = 60 * 60;
/// Longest reason of an admin, in characters.
const MAX_REASON: usize = 1_000;

/// Somebody deletes their account.
pub async fn remove_own(app: &App, who: &Viewer, password: &str) -> Result<()> {
    accounts::confirm(app, who, password).await?;
    remove(app, &who.handle, "by its owner", &who.handle).await
}

/// An admin, or the shell, deletes an account.
pub async fn remove_account(
    app: &App,
    by: Option<&Viewer>,
    handle: &str,
    reason: &str,
) -> Result<()> {
    if by.is_some_and(|who| !who.is(Role::Admin)) {
        return Err(Error::Forbidden("only administrators may do this"));
    }
    let reason = bounded("reason", reason, MAX_REASON)?;
    let by = by.map_or("the shell", |who| who.handle.as_str());
    remove(app, handle, &reason, by).await
}

async fn remove(app: &App, handle: &str, reason: &str, by: &str) -> Result<()> {
    let mut unit = Unit::begin(app).await?;
    let actor = storage::actors::local_by_handle(&mut unit.conn(), handle.trim()).await?;
    let actor = actor.filter(|a| a.kind == ActorKind::Person && a.deleted_at.is_none());
    let actor = actor.ok_or(Invalid::new("handle", "not-found"))?;
    let account = storage::accounts::by_id(&mut unit.conn(), actor.id).await?;
    let is_admin = account.is_some_and(|a| a.roles.split(' ').any(|r| r == Role::Admin.as_str()));
    if is_admin && storage::accounts::count_role(&mut unit.conn(), Role::Admin.as_str()).await? < 2
    {
        return Err(Error::Conflict("the last administrator cannot be deleted"));
    }
    let now = unit.now;
    storage::actors::set_deleted(&mut unit.conn(), actor.id, now).await?;
    storage::accounts::destroy(&mut unit.conn(), actor.id).await?;
    storage::deliveries::give_up_of(&mut unit.conn(), actor.id, now).await?;
    part_in(&mut unit, actor.id).await?;
    unit.record(&Event::ActorRemoved { actor: actor.id }).await?;
    let why = format!("{by}: {reason}");
    audit::noted_in(&mut unit, "account_removed", &actor.uri, &why).await?;
    erase_in(&mut unit, actor.id).await?;
    let after = now.plus_seconds(KEY_SECONDS);
    unit.enqueue("destroy_keys", &actor.id.to_string(), None, after).await?;
    unit.commit().await?;
    app.caches.forget_actor(&actor.handle);
    Ok(())
}

/// A remote actor deleted itself, or its home says that it is gone.
pub async fn remove_remote_in(unit: &mut Unit<'_>, id: ActorId) -> Result<()> {
    let Some(actor) = storage::actors::by_id(&mut unit.conn(), id).await? else { return Ok(()) };
    if actor.local || actor.deleted_at.is_some() {
        return Ok(());
    }
    part_in(unit, id).await?;
    if let Some((key_id, _)) = storage::actors::public_key_of(&mut unit.conn(), id).await? {
        // From now on the key is looked up, and found to belong to nobody.
        unit.app.caches.known_keys.invalidate(&key_id);
    }
    for key_id in storage::proof_keys::ids_of(&mut unit.conn(), id).await? {
        unit.app.caches.known_keys.invalidate(&key_id);
    }
    let now = unit.now;
    storage::actors::set_deleted(&mut unit.conn(), id, now).await?;
    erase_in(unit, id).await
}

/// Ends what there is between an actor and others.
async fn part_in(unit: &mut Unit<'_>, id: ActorId) -> Result<()> {
    storage::follows::delete_of(&mut unit.conn(), id).await?;
    storage::blocks::delete_of(&mut unit.conn(), id).await?;
    storage::profiles::delete(&mut unit.conn(), id).await?;
    Ok(())
}

/// Erases a batch; the rest, if there is any, is left to a job.
async fn erase_in(unit: &mut Unit<'_>, id: ActorId) -> Result<()> {
    if erase_batch_in(unit, id).await? {
        let now = unit.now;
        unit.enqueue("erase", &id.to_string(), Some(&format!("erase {id}")), now).await?;
    }
    Ok(())
}

/// Erases a further batch of what an actor left; whether there may be more.
pub async fn erase(app: &App, id: ActorId) -> Result<bool> {
    let mut unit = Unit::begin(app).await?;
    let more = erase_batch_in(&mut unit, id).await?;
    unit.commit().await?;
    Ok(more)
}

async fn erase_batch_in(unit: &mut Unit<'_>, id: ActorId) -> Result<bool> {
    let actor = storage::actors::by_id(&mut unit.conn(), id).await?;
    let Some(actor) = actor.filter(|a| a.deleted_at.is_some()) else { return Ok(false) };
    let now = unit.now;
    let texts = storage::objects::standing_of(&mut unit.conn(), id, BATCH).await?;
    for object in &texts {
        let row = storage::objects::by_id(&mut unit.conn(), *object).await?;
        if row.is_some_and(|row| row.state == State::Draft) {
            storage::initiatives::delete_draft(&mut unit.conn(), *object).await?;
        } else {
            super::comments::bury_in(unit, *object).await?;
        }
    }
    let reacted = storage::reactions::of_actor(&mut unit.conn(), id, BATCH).await?;
    for reaction in &reacted {
        reactions::remove_in(unit, reaction.object_id, id, reaction.kind).await?;
    }
    let mut said = Vec::new();
    if actor.local {
        said = storage::activities::listed_of(&mut unit.conn(), id, BATCH).await?;
        for (activity, event) in &said {
            storage::activities::empty(&mut unit.conn(), *activity, *event, now).await?;
            unit.app.caches.outgoing.invalidate(activity);
        }
    }
    let full = |count: usize| i64::try_from(count).unwrap_or(i64::MAX) >= BATCH;
    Ok(full(texts.len()) || full(reacted.len()) || full(said.len()))
}

/// Destroys the keys of an actor once nothing of it is on its way any more; whether it did.
pub async fn destroy_keys(app: &App, id: ActorId) -> Result<bool> {
    let mut unit = Unit::begin(app).await?;
    if storage::deliveries::any_pending_of(&mut unit.conn(), id).await? {
        let (at, payload) = (unit.now.plus_seconds(KEY_SECONDS), id.to_string());
        unit.enqueue("destroy_keys", &payload, None, at).await?;
        unit.commit().await?;
        return Ok(false);
    }
    storage::actors::destroy_keys(&mut unit.conn(), id).await?;
    unit.commit().await?;
    app.caches.signing.invalidate(&id);
    Ok(true)
}

/// Every server that may have seen something of somebody here.
pub async fn all_inboxes(app: &App) -> Result<Vec<String>> {
    Ok(storage::actors::all_inboxes(&mut app.db.read().await?.conn()).await?)
}
