//! Who may moderate which assembly, and whose collection an address is.

use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::urls::{self, same_origin};
use crate::domain::{ActorId, ActorKind, LocalRef, Role, Viewer};
use crate::services::Result;
use crate::storage;

/// Whether somebody here may moderate an assembly: those it lists, and the moderators and admins
/// of the instance.
pub async fn is_moderator(app: &App, who: &Viewer, assembly: ActorId) -> Result<bool> {
    if who.is(Role::Moderator) || who.is(Role::Admin) {
        return Ok(true);
    }
    let mut reader = app.db.read().await?;
    Ok(storage::moderation::is_moderator(&mut reader.conn(), assembly, who.id).await?)
}

/// Whether somebody here may name moderators.
pub fn may_appoint(who: &Viewer) -> bool {
    who.is(Role::Moderator) || who.is(Role::Admin)
}

/// Whether an actor elsewhere may moderate an assembly. Those it lists may. Of an assembly elsewhere
/// also its own server: the assembly or the instance itself, and whoever of that server the
/// assembly passes on (`via`). No other assembly can pass it on.
pub async fn may_act(
    app: &App,
    assembly: &Actor,
    actor_uri: &str,
    via: Option<ActorId>,
) -> Result<bool> {
    if via.is_some_and(|via| via != assembly.id) {
        return Ok(false);
    }
    let mut reader = app.db.read().await?;
    let Some(actor) = storage::actors::by_uri(&mut reader.conn(), actor_uri).await? else {
        return Ok(!assembly.local && via.is_some() && same_origin(actor_uri, &assembly.uri));
    };
    if !assembly.local && same_origin(actor_uri, &assembly.uri) {
        let itself = actor.id == assembly.id || actor.kind == ActorKind::Instance;
        if itself || via.is_some() {
            return Ok(true);
        }
    }
    Ok(storage::moderation::is_moderator(&mut reader.conn(), assembly.id, actor.id).await?)
}

/// One of the two collections of an assembly that moderators change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Collection {
    Featured,
    Moderators,
}

/// The assembly whose collection has this address, and which of the two it is.
pub async fn collection(app: &App, uri: &str) -> Result<Option<(Actor, Collection)>> {
    let mut reader = app.db.read().await?;
    if app.urls.is_local(uri) {
        for which in [Collection::Featured, Collection::Moderators] {
            let Some((owner, end)) = uri.rsplit_once('/') else { continue };
            let Some(LocalRef::Assembly(handle)) = app.urls.parse(owner) else { continue };
            if end != which.last_part() {
                continue;
            }
            let found = storage::actors::local_by_handle(&mut reader.conn(), &handle).await?;
            let found = found.filter(|a| a.kind == ActorKind::Assembly && a.deleted_at.is_none());
            return Ok(found.map(|assembly| (assembly, which)));
        }
        return Ok(None);
    }
    let Some((id, is_featured)) =
        storage::assemblies::by_collection(&mut reader.conn(), uri).await?
    else {
        return Ok(None);
    };
    let which = if is_featured { Collection::Featured } else { Collection::Moderators };
    Ok(storage::actors::by_id(&mut reader.conn(), id).await?.map(|assembly| (assembly, which)))
}

impl Collection {
    const fn last_part(self) -> &'static str {
        match self {
            Self::Featured => "featured",
            Self::Moderators => "moderators",
        }
    }

    /// Its address at a local assembly.
    pub fn of(self, assembly_uri: &str) -> String {
        match self {
            Self::Featured => urls::actor::featured(assembly_uri),
            Self::Moderators => urls::actor::moderators(assembly_uri),
        }
    }
}
