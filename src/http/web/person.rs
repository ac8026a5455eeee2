//! The page here of somebody who lives elsewhere, and looking people up by what was typed.

use super::context::Ctx;
use super::view::outward;
use super::{Error, page};
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::{ActorId, ActorKind, Profile};
use crate::federation::Budget;
use crate::federation::resolve::{self, Found, is_reference};
use crate::federation::{self, actors as remote_actors};
use crate::http;
use crate::services::{actors, blocks, profiles};
use askama::Template;
use axum::Router;
use axum::extract::{Path, State as Extract};
use axum::response::Response;
use axum::routing::get;

pub(super) fn router() -> Router<http::State> {
    Router::new().route("/remote/u/{id}", get(show))
}

/// The page here of a person or a body, wherever they live.
pub(super) fn person_page(actor: &Actor) -> String {
    match (actor.kind, actor.local) {
        (ActorKind::Assembly, true) => format!("/g/{}", actor.handle),
        (ActorKind::Assembly, false) => format!("/remote/g/{}", actor.id),
        (_, true) => format!("/u/{}", actor.handle),
        (_, false) => format!("/remote/u/{}", actor.id),
    }
}

/// The actor that a handle, an address or a link stands for; its home is asked where needed.
/// `None` when it is nobody, or cannot be had now.
pub(super) async fn actor_of(app: &App, typed: &str) -> Result<Option<Actor>, Error> {
    let typed = typed.trim();
    if !is_reference(typed) {
        let handle = typed.trim_start_matches('@').to_lowercase();
        let found = actors::local_by_handle(app, &handle).await?;
        return Ok(found.filter(is_somebody));
    }
    match resolve::lookup(app, &Budget::person(), typed).await {
        Ok(Found::Actor(actor)) => Ok(Some(*actor).filter(is_somebody)),
        Err(federation::Error::Service(error)) => Err(error.into()),
        Ok(_) | Err(_) => Ok(None),
    }
}

fn is_somebody(actor: &Actor) -> bool {
    actor.deleted_at.is_none() && actor.kind != ActorKind::Instance
}

/// As [`actor_of`], with the document of an actor elsewhere read anew.
pub(super) async fn fresh_actor_of(app: &App, typed: &str) -> Result<Option<Actor>, Error> {
    let found = actor_of(app, typed).await?;
    match found {
        Some(actor) if !actor.local => {
            match remote_actors::refresh(app, &Budget::person(), &actor.uri).await {
                Ok(fresh) => Ok(Some(fresh)),
                Err(federation::Error::Service(error)) => Err(error.into()),
                Err(_) => Ok(None),
            }
        }
        other => Ok(other),
    }
}

/// Where an actor has moved to: the name to show, and the address.
pub(super) async fn moved_to(
    app: &App,
    profile: &Profile,
) -> Result<Option<(String, String)>, Error> {
    let Some(uri) = &profile.moved_to else { return Ok(None) };
    let known = actors::by_uri(app, uri).await?;
    Ok(Some(match known {
        Some(actor) => (format!("@{}", actor.address()), person_page(&actor)),
        None => (uri.clone(), outward(uri)),
    }))
}

#[derive(Template)]
#[template(path = "person.html")]
struct Show<'a> {
    c: &'a Ctx,
    actor: &'a Actor,
    profile: &'a Profile,
    moved: Option<(String, String)>,
    home: String,
    blocked: bool,
    report_path: String,
}

async fn show(
    Extract(state): Extract<http::State>,
    Path(id): Path<String>,
    c: Ctx,
) -> Result<Response, Error> {
    let id: ActorId = id.parse().map_err(|_| Error::NotFound)?;
    let actor = actors::by_id(&state.app, id).await?.ok_or(Error::NotFound)?;
    if actor.local || actor.kind == ActorKind::Assembly {
        return Ok(page::see_other(&person_page(&actor)));
    }
    if actor.deleted_at.is_some() {
        return Err(Error::Gone);
    }
    let profile = profiles::of(&state.app, id).await?;
    let blocked = match c.viewer() {
        Some(viewer) => blocks::is_blocked(&state.app, viewer, id).await?,
        None => false,
    };
    Ok(page::ok(&Show {
        moved: moved_to(&state.app, &profile).await?,
        home: outward(&actor.url),
        report_path: super::reports::report_path(&actor.uri),
        blocked,
        profile: &profile,
        actor: &actor,
        c: &c,
    }))
}
