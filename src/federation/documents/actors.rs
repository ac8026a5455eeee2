//! Actors and their collections.

use super::{Document, PAGE, render};
use crate::app::{App, Caches};
use crate::domain::actor::Actor;
use crate::domain::urls;
use crate::federation::{Error, build};
use crate::services;
use serde_json::Value;

/// The local actor of this handle, if its address begins with `place`: handles are unique
/// across kinds, addresses are not interchangeable.
async fn local_at(app: &App, place: &str, handle: &str) -> Result<Option<Actor>, Error> {
    let actor = services::actors::local_by_handle(app, handle).await?;
    let prefix = app.urls.page(place);
    Ok(actor.filter(|a| a.uri.starts_with(&prefix)))
}

/// The document of a local actor whose path begins with `place`.
pub async fn actor(app: &App, place: &str, handle: &str) -> Result<Document, Error> {
    let cache_key = Caches::actor_key(place, handle);
    if let Some(rendered) = app.caches.rendered.get(&cache_key) {
        return Ok(Document::Here(rendered));
    }
    let Some(actor) = local_at(app, place, handle).await? else {
        return Ok(Document::Nothing);
    };
    if let Some(at) = actor.deleted_at {
        return Ok(Document::Gone(render(&build::gone_actor(&actor, at))));
    }
    let rendered = render(&actor_value(app, &actor).await?);
    app.caches.rendered.insert(cache_key, rendered.clone());
    Ok(Document::Here(rendered))
}

/// The JSON of a local actor.
pub async fn actor_value(app: &App, actor: &Actor) -> Result<Value, Error> {
    let key = services::actors::public_key(app, actor.id).await?;
    let (key_id, public_pem) = key.ok_or_else(|| Error::invalid("the actor has no key"))?;
    let proof_key = services::proof_keys::of(app, actor.id).await?;
    let keys = build::Keys {
        key_id: &key_id,
        public_pem: &public_pem,
        proof_key_id: &proof_key.key_id,
        multibase: &proof_key.public_multibase(),
    };
    let profile = services::profiles::of(app, actor.id).await?;
    Ok(build::with_profile(build::actor(&app.urls, actor, keys), actor.kind, &profile))
}

/// Which collection of an actor is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActorCollection {
    Outbox,
    Followers,
    Following,
    Featured,
    Moderators,
}

/// A collection of a local actor; `before` asks for a page of the outbox.
pub async fn actor_collection(
    app: &App,
    place: &str,
    handle: &str,
    which: ActorCollection,
    before: Option<i64>,
) -> Result<Document, Error> {
    let Some(actor) = local_at(app, place, handle).await? else {
        return Ok(Document::Nothing);
    };
    if let Some(at) = actor.deleted_at {
        return Ok(Document::Gone(render(&build::gone_actor(&actor, at))));
    }
    let uri = &actor.uri;
    let value = match which {
        ActorCollection::Followers | ActorCollection::Following => {
            let (followers, following) = services::follows::counts(app, actor.id).await?;
            if which == ActorCollection::Followers {
                build::ordered(&urls::actor::followers(uri), followers, None, None)
            } else {
                build::ordered(&urls::actor::following(uri), following, None, None)
            }
        }
        ActorCollection::Featured => {
            let pins = services::moderation::pins(app, actor.id).await?;
            let items: Vec<String> = pins.into_iter().map(|(_, uri, _)| uri).collect();
            build::listing(&urls::actor::featured(uri), &items, None)
        }
        ActorCollection::Moderators => {
            let found = services::moderation::moderators(app, actor.id).await?;
            let items: Vec<String> = found.into_iter().map(|m| m.uri).collect();
            build::listing(&urls::actor::moderators(uri), &items, Some(uri))
        }
        ActorCollection::Outbox => outbox(app, &actor, before).await?,
    };
    Ok(Document::Here(render(&value)))
}

async fn outbox(app: &App, actor: &Actor, before: Option<i64>) -> Result<Value, Error> {
    let collection = urls::actor::outbox(&actor.uri);
    let Some(before) = before else {
        let total = services::outbox::count(app, actor.id).await?;
        let first = format!("{collection}?before={}", i64::MAX);
        return Ok(build::ordered(&collection, total, Some(&first), None));
    };
    let page = services::outbox::page(app, actor.id, before, PAGE).await?;
    let items: Vec<Value> =
        page.items.iter().filter_map(|row| serde_json::from_slice(&row.body).ok()).collect();
    let next = page.next.map(|before| format!("{collection}?before={before}"));
    let id = format!("{collection}?before={before}");
    Ok(build::ordered_page(&id, &collection, &items.into(), next.as_deref()))
}
