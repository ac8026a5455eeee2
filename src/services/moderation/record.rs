//! What was done in an assembly, and what holds there now: moderators, pins, bans.

use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::moderation::{Ban, ModAct, Moderation};
use crate::domain::{ActivityId, ActorId, ObjectId, Timestamp};
use crate::services::{Result, Unit};
use crate::storage;
use crate::storage::objects::ObjectRow;

/// The act that this activity told.
pub async fn by_activity(app: &App, uri: &str) -> Result<Option<Moderation>> {
    Ok(storage::moderation::by_activity(&mut app.db.read().await?.conn(), uri).await?)
}

/// The act of this id, with the one that it ends, if it ends one.
pub async fn by_id(app: &App, id: ActivityId) -> Result<Option<(Moderation, Option<Moderation>)>> {
    let mut reader = app.db.read().await?;
    let Some(it) = storage::moderation::by_id(&mut reader.conn(), id).await? else {
        return Ok(None);
    };
    let begun = match it.act {
        ModAct::Unlock => Some(ModAct::Lock),
        ModAct::Unban => Some(ModAct::Ban),
        ModAct::Restore => Some(ModAct::Remove),
        _ => None,
    };
    let ended = match begun {
        Some(begun) => storage::moderation::last(&mut reader.conn(), &it, begun).await?,
        None => None,
    };
    Ok(Some((it, ended)))
}

/// The moderators of an assembly.
pub async fn moderators(app: &App, assembly: ActorId) -> Result<Vec<Actor>> {
    Ok(storage::moderation::moderators(&mut app.db.read().await?.conn(), assembly).await?)
}

/// The pinned initiatives of an assembly: ids here and on the wire, and titles.
pub async fn pins(app: &App, assembly: ActorId) -> Result<Vec<(ObjectId, String, String)>> {
    Ok(storage::moderation::pins(&mut app.db.read().await?.conn(), assembly).await?)
}

/// Who may not take part in an assembly.
pub async fn bans(app: &App, assembly: ActorId) -> Result<Vec<Ban>> {
    let now = app.now();
    Ok(storage::moderation::bans(&mut app.db.read().await?.conn(), assembly, now).await?)
}

/// What the moderators of an assembly did, newest first, with who and about what.
pub async fn record(app: &App, assembly: ActorId, limit: i64) -> Result<Vec<Told>> {
    let mut reader = app.db.read().await?;
    let mut told = Vec::new();
    for act in storage::moderation::list(&mut reader.conn(), assembly, limit).await? {
        let moderator = storage::actors::by_id(&mut reader.conn(), act.moderator_id).await?;
        let about = match (act.object_id, act.actor_id) {
            (Some(object), _) => {
                let found = storage::objects::by_id(&mut reader.conn(), object).await?;
                found.map(|o| (o.uri.clone(), about_path(&o)))
            }
            (None, Some(actor)) => {
                let found = storage::actors::by_id(&mut reader.conn(), actor).await?;
                found.map(|a| (a.address(), a.url))
            }
            (None, None) => None,
        };
        let (name, path) = about.unwrap_or_default();
        let moderator = moderator.map(|m| m.address()).unwrap_or_default();
        told.push(Told { act, moderator, name, path });
    }
    Ok(told)
}

fn about_path(object: &ObjectRow) -> String {
    if object.id == object.root_id {
        format!("/p/{}", object.id)
    } else {
        format!("/n/{}", object.id)
    }
}

/// An act with the names of who is concerned.
#[derive(Clone, Debug)]
pub struct Told {
    pub act: Moderation,
    /// The address of the moderator.
    pub moderator: String,
    /// The id on the wire of the text, or the address of the person.
    pub name: String,
    /// The page about it.
    pub path: String,
}

/// Keeps who moderates an assembly elsewhere and what it pinned, as its home lists them.
pub async fn set_listed(
    app: &App,
    assembly: ActorId,
    moderators: &[ActorId],
    featured: &[String],
) -> Result<()> {
    let mut unit = Unit::begin(app).await?;
    let now: Timestamp = unit.now;
    let known = storage::moderation::moderators(&mut unit.conn(), assembly).await?;
    for gone in known.iter().filter(|known| !moderators.contains(&known.id)) {
        storage::moderation::remove_moderator(&mut unit.conn(), assembly, gone.id).await?;
    }
    for actor in moderators {
        storage::moderation::add_moderator(&mut unit.conn(), assembly, *actor, now).await?;
    }
    let pinned = storage::moderation::pins(&mut unit.conn(), assembly).await?;
    for (id, _, _) in pinned.iter().filter(|(_, uri, _)| !featured.contains(uri)) {
        storage::moderation::remove_pin(&mut unit.conn(), assembly, *id).await?;
    }
    for uri in featured {
        let found = storage::objects::by_uri(&mut unit.conn(), uri).await?;
        if let Some(object) = found.filter(|o| o.assembly_id == assembly && o.id == o.root_id) {
            storage::moderation::add_pin(&mut unit.conn(), assembly, object.id, now).await?;
        }
    }
    unit.commit().await
}
