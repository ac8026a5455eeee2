//! Moderating an assembly: from the doors by those who may, and from the fediverse by those whom
//! `federation::ownership` let through.
//!
//! Every act is one row of the record, by the address of its activity, so that a repetition
//! changes nothing; what it changes is one arm of `change_in`. To add an act: a variant of
//! [`ModAct`], its arm here, its form in `federation/build/moderation.rs`.

mod aside;
mod record;
mod rights;

pub use aside::count_aside;
pub(super) use aside::{is_banned_in, keep_aside_in, may_take_part_in, note_refused_in};
pub use record::{Told, bans, by_activity, by_id, moderators, pins, record, set_listed};
pub use rights::{Collection, collection, is_moderator, may_act, may_appoint};

use super::unit::Unit;
use super::{Error, Result, comments, initiatives, outbox};
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::moderation::{ModAct, Moderation, Order, parse_reason};
use crate::domain::{
    ActivityId, ActorId, ActorKind, Address, Event, Invalid, ObjectId, Role, Viewer,
};
use crate::storage;
use crate::storage::objects::ObjectRow;

/// Initiatives that an assembly can pin.
const MAX_PINS: usize = 10;

/// Does what a moderator here orders. What is so already is not done again.
pub async fn act(app: &App, who: &Viewer, order: &Order) -> Result<()> {
    if order.act.needs_reason() {
        parse_reason(&order.reason)?;
    }
    let mut unit = Unit::begin(app).await?;
    let assembly = storage::actors::by_id(&mut unit.conn(), order.assembly).await?;
    let assembly = assembly.filter(|a| a.kind == ActorKind::Assembly && a.deleted_at.is_none());
    let assembly = assembly.ok_or(Error::NotFound("assembly"))?;
    if !assembly.local {
        return Err(Error::Forbidden("it can only be moderated on its home instance"));
    }
    let listed = storage::moderation::is_moderator(&mut unit.conn(), assembly.id, who.id).await?;
    let of_instance = who.is(Role::Moderator) || who.is(Role::Admin);
    let appoints = matches!(order.act, ModAct::Appoint | ModAct::Dismiss);
    let allowed = of_instance || listed && (!appoints || order.actor == Some(who.id));
    if !allowed {
        return Err(Error::Forbidden("only a moderator may do this"));
    }
    check(&mut unit, order).await?;
    let id: ActivityId = app.id();
    let uri = app.urls.activity(id);
    if apply_in(&mut unit, who.id, order, id, &uri).await? {
        unit.record(&Event::Moderated { moderation: id }).await?;
        unit.commit().await?;
    }
    Ok(())
}

/// Makes somebody who is known here a moderator of a local assembly, or ends that. For the shell:
/// the assembly itself tells it.
pub async fn appoint(app: &App, assembly: &str, actor: &str, on: bool) -> Result<Actor> {
    let mut unit = Unit::begin(app).await?;
    let assembly = super::assemblies::require_local(&mut unit, assembly).await?;
    let actor = actor.trim();
    let found = if actor.starts_with("http") {
        storage::actors::by_uri(&mut unit.conn(), actor).await?
    } else if let Some(address) = Address::parse(actor) {
        let (name, host) = (address.name(), address.host());
        storage::actors::by_address(&mut unit.conn(), name, host).await?
    } else {
        storage::actors::local_by_handle(&mut unit.conn(), actor).await?
    };
    let person = found.filter(|a| a.kind == ActorKind::Person && a.deleted_at.is_none());
    let person = person.ok_or(Invalid::new("actor", "not-found"))?;
    let act = if on { ModAct::Appoint } else { ModAct::Dismiss };
    let order = Order::about_person(act, assembly.id, person.id);
    let id: ActivityId = app.id();
    let uri = app.urls.activity(id);
    if apply_in(&mut unit, assembly.id, &order, id, &uri).await? {
        unit.record(&Event::Moderated { moderation: id }).await?;
        unit.commit().await?;
    }
    Ok(person)
}

/// What an order needs before it can be done.
async fn check(unit: &mut Unit<'_>, order: &Order) -> Result<()> {
    match order.act {
        ModAct::Pin => {
            let pinned = storage::moderation::pins(&mut unit.conn(), order.assembly).await?;
            let known = pinned.iter().any(|(id, _, _)| Some(*id) == order.object);
            if pinned.len() >= MAX_PINS && !known {
                return Err(Error::Conflict("there are too many pinned initiatives"));
            }
        }
        ModAct::Ban if order.until.is_some_and(|until| until <= unit.now) => {
            return Err(Invalid::new("until", "past").into());
        }
        _ => {}
    }
    match order.actor {
        Some(actor) => {
            let found = storage::actors::by_id(&mut unit.conn(), actor).await?;
            let person = found.filter(|a| a.kind == ActorKind::Person && a.deleted_at.is_none());
            person.map(|_| ()).ok_or(Invalid::new("actor", "not-found").into())
        }
        None => Ok(()),
    }
}

/// Records the act and changes what it changes; `false` when it is known or changes nothing here.
/// Whether the moderator may do it was decided before.
pub async fn apply_in(
    unit: &mut Unit<'_>,
    by: ActorId,
    order: &Order,
    id: ActivityId,
    activity_uri: &str,
) -> Result<bool> {
    if storage::dead_uris::contains(&mut unit.conn(), activity_uri, by).await? {
        return Ok(false);
    }
    let kept = Moderation {
        id,
        assembly_id: order.assembly,
        moderator_id: by,
        act: order.act,
        object_id: order.object,
        actor_id: order.actor,
        reason: order.reason.clone(),
        until: order.until,
        activity_uri: activity_uri.to_owned(),
        created_at: unit.now,
    };
    if !storage::moderation::insert(&mut unit.conn(), &kept).await? {
        return Ok(false);
    }
    match (order.object, order.actor) {
        (Some(object), _) => change_text_in(unit, order, object).await,
        (None, Some(actor)) => change_person_in(unit, order, actor).await,
        (None, None) => Ok(false),
    }
}

async fn change_text_in(unit: &mut Unit<'_>, order: &Order, id: ObjectId) -> Result<bool> {
    let found = storage::objects::by_id(&mut unit.conn(), id).await?;
    let found = found.filter(|o| o.assembly_id == order.assembly && o.state.is_public());
    let Some(object) = found else { return Err(Error::NotFound("initiative")) };
    let now = unit.now;
    unit.changed(object.root_id);
    if order.act == ModAct::Restore {
        // Whoever orders it has the text; what its author deleted stays deleted.
        let removal = storage::moderation::removal(&mut unit.conn(), id).await?;
        return Ok(!object.local && object.deleted_at.is_some() && removal.is_some());
    }
    if order.act == ModAct::Remove {
        return remove_in(unit, order, &object).await;
    }
    if object.id != object.root_id {
        return Err(Error::NotFound("initiative"));
    }
    let assembly = order.assembly;
    match order.act {
        ModAct::Pin => Ok(storage::moderation::add_pin(&mut unit.conn(), assembly, id, now).await?),
        ModAct::Unpin => Ok(storage::moderation::remove_pin(&mut unit.conn(), assembly, id).await?),
        ModAct::Lock | ModAct::Unlock => {
            let at = (order.act == ModAct::Lock).then_some(now);
            let changed = storage::moderation::set_lock(&mut unit.conn(), id, at).await?;
            if changed && object.local {
                // Servers that do not know `Lock` may know `canReply` of the text.
                unit.record(&Event::InitiativeRevised { initiative: id }).await?;
            }
            Ok(changed)
        }
        _ => Ok(false),
    }
}

async fn remove_in(unit: &mut Unit<'_>, order: &Order, object: &ObjectRow) -> Result<bool> {
    if object.deleted_at.is_some() {
        return Ok(false);
    }
    storage::moderation::set_removal(&mut unit.conn(), object.id, &order.reason).await?;
    if object.id == object.root_id {
        initiatives::hide_in(unit, object.id).await?;
        if object.local {
            unit.record(&Event::InitiativeWithdrawn { initiative: object.id }).await?;
        }
    } else {
        comments::bury_in(unit, object.id).await?;
        if object.local {
            unit.record(&Event::CommentDeleted { comment: object.id }).await?;
        }
    }
    Ok(true)
}

async fn change_person_in(unit: &mut Unit<'_>, order: &Order, actor: ActorId) -> Result<bool> {
    let (assembly, now) = (order.assembly, unit.now);
    let conn = &mut unit.conn();
    Ok(match order.act {
        ModAct::Ban => {
            let (reason, until) = (&order.reason, order.until);
            storage::moderation::put_ban(conn, assembly, actor, reason, until, now).await?;
            true
        }
        ModAct::Unban => storage::moderation::remove_ban(conn, assembly, actor).await?,
        ModAct::Appoint => storage::moderation::add_moderator(conn, assembly, actor, now).await?,
        ModAct::Dismiss => storage::moderation::remove_moderator(conn, assembly, actor).await?,
        _ => false,
    })
}

/// An act that arrived; whether it changed something. A local assembly passes on what its moderators elsewhere did (`relay`).
pub async fn receive_in(
    unit: &mut Unit<'_>,
    by: ActorId,
    order: &Order,
    activity_uri: &str,
    undone: Option<&str>,
    relay: Option<String>,
) -> Result<bool> {
    let now = unit.now;
    if let Some(undone) = undone {
        // The end may come before the beginning.
        storage::dead_uris::insert(&mut unit.conn(), undone, by, now).await?;
    }
    let id: ActivityId = unit.app.id();
    let changed = match apply_in(unit, by, order, id, activity_uri).await {
        Ok(changed) => changed,
        // It is about something that is not, or no longer, what it is taken for.
        Err(Error::NotFound(_)) => false,
        Err(error) => return Err(error),
    };
    if let Some(raw) = relay.filter(|_| changed) {
        outbox::relay_in(unit, order.assembly, raw).await?;
    }
    Ok(changed)
}
