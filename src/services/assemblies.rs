//! Assemblies: the boards that people follow, from here and mirrored from elsewhere.

use super::actors::{PreparedKey, create_local_in, parse_board};
use super::{Error, Result, Unit};
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::{ActorId, ActorKind, Invalid};
use crate::storage;

/// Makes an assembly, answered for by the body of handle `body` if one is named.
pub async fn create(app: &App, handle: &str, name: &str, body: Option<&str>) -> Result<Actor> {
    let (handle, name) = parse_board(handle, name)?;
    let key = PreparedKey::new(app).await?;
    let mut unit = Unit::begin(app).await?;
    let body = match body {
        None => None,
        Some(body) => {
            let found = storage::actors::local_by_handle(&mut unit.conn(), body).await?;
            let found = found.filter(|a| a.kind == ActorKind::Body);
            Some(found.ok_or(Invalid::new("body", "not-found"))?.id)
        }
    };
    let actor =
        create_local_in(&mut unit, ActorKind::Assembly, handle.as_str(), &name, "", key).await?;
    storage::assemblies::insert(&mut unit.conn(), actor.id, body).await?;
    unit.commit().await?;
    Ok(actor)
}

/// The local assemblies, by name.
pub async fn list_local(app: &App) -> Result<Vec<Actor>> {
    super::actors::list_local(app, ActorKind::Assembly).await
}

/// The remote assemblies that somebody here follows, by name.
pub async fn list_mirrored(app: &App) -> Result<Vec<Actor>> {
    Ok(storage::follows::followed_assemblies(&mut app.db.read().await?.conn()).await?)
}

/// The body that answers for an assembly.
pub async fn body_of(app: &App, id: ActorId) -> Result<Option<Actor>> {
    let mut reader = app.db.read().await?;
    let body = storage::assemblies::body_of(&mut reader.conn(), id).await?.flatten();
    match body {
        None => Ok(None),
        Some(body) => Ok(storage::actors::by_id(&mut reader.conn(), body).await?),
    }
}

/// Where an assembly elsewhere lists its moderators and what it pinned.
pub async fn collections(
    app: &App,
    id: ActorId,
) -> Result<Option<(Option<String>, Option<String>)>> {
    Ok(storage::assemblies::collections(&mut app.db.read().await?.conn(), id).await?)
}

/// The local assembly of this handle, as a field of a form.
pub(super) async fn require_local(unit: &mut Unit<'_>, handle: &str) -> Result<Actor> {
    let found = storage::actors::local_by_handle(&mut unit.conn(), handle.trim()).await?;
    found
        .filter(|a| a.kind == ActorKind::Assembly && a.deleted_at.is_none())
        .ok_or_else(|| Error::from(Invalid::new("assembly", "not-found")))
}
