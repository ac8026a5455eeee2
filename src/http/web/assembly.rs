//! Assemblies: the list, the page of one at home here, the page of one elsewhere.

use super::context::Ctx;
use super::form::SignedPost;
use super::interact::interact_path;
use super::view::{Cards, actor_path, outward};
use super::{Error, page};
use crate::domain::actor::Actor;
use crate::domain::{ActorId, ActorKind, ObjectId, PageRequest};
use crate::federation::interaction::Intent;
use crate::http;
use crate::services::{actors, assemblies, follows, initiatives, moderation};
use askama::Template;
use axum::Router;
use axum::extract::{Path, State as Extract};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

pub(super) fn router() -> Router<http::State> {
    Router::new()
        .route("/assemblies", get(list))
        .route("/g/{handle}", get(local))
        .route("/remote/g/{id}", get(remote))
        .route("/remote/g/{id}/follow", post(follow))
}

#[derive(Template)]
#[template(path = "assemblies.html")]
struct List<'a> {
    c: &'a Ctx,
    local: Vec<Actor>,
    mirrored: Vec<Actor>,
}

async fn list(Extract(state): Extract<http::State>, c: Ctx) -> Result<Response, Error> {
    let local = assemblies::list_local(&state.app).await?;
    let mirrored = assemblies::list_mirrored(&state.app).await?;
    Ok(page::ok(&List { c: &c, local, mirrored }))
}

#[derive(Template)]
#[template(path = "assembly.html")]
struct Show<'a> {
    c: &'a Ctx,
    actor: &'a Actor,
    body: Option<Actor>,
    followers: i64,
    cards: Cards,
    /// What its moderators pinned.
    pinned: Vec<(ObjectId, String, String)>,
    /// The page at its home.
    origin: String,
    /// Whether the visitor follows it or waits for that; for what is elsewhere.
    asked: bool,
    /// How that stands.
    follow_text: Option<String>,
    interact: String,
}

async fn local(
    Extract(state): Extract<http::State>,
    Path(handle): Path<String>,
    c: Ctx,
) -> Result<Response, Error> {
    let found = actors::local_by_handle(&state.app, &handle).await?;
    let actor = found.filter(|a| a.kind == ActorKind::Assembly).ok_or(Error::NotFound)?;
    if actor.deleted_at.is_some() {
        return Err(Error::Gone);
    }
    show(&state, &c, &actor).await
}

async fn remote(
    Extract(state): Extract<http::State>,
    Path(id): Path<String>,
    c: Ctx,
) -> Result<Response, Error> {
    let actor = known_assembly(&state, &id).await?;
    if actor.local {
        return Ok(page::see_other(&actor_path(&c, &actor)));
    }
    if actor.deleted_at.is_some() {
        return Err(Error::Gone);
    }
    show(&state, &c, &actor).await
}

async fn known_assembly(state: &http::State, id: &str) -> Result<Actor, Error> {
    let id: ActorId = id.parse().map_err(|_| Error::NotFound)?;
    let found = actors::by_id(&state.app, id).await?;
    found.filter(|a| a.kind == ActorKind::Assembly).ok_or(Error::NotFound)
}

async fn show(state: &http::State, c: &Ctx, actor: &Actor) -> Result<Response, Error> {
    let app = &state.app;
    let filter = initiatives::Filter { assembly: Some(actor.id), ..Default::default() };
    let request = PageRequest::new(c.query_number("before"), None);
    let found = initiatives::list(app, None, filter, request).await?;
    let (followers, _) = follows::counts(app, actor.id).await?;
    let follow = match c.viewer().filter(|_| !actor.local) {
        Some(viewer) => follows::state(app, viewer, actor.id).await?,
        None => None,
    };
    let follow_text = follow.as_deref().and_then(|state| c.follow_state(state));
    Ok(page::ok(&Show {
        c,
        actor,
        body: assemblies::body_of(app, actor.id).await?,
        followers,
        cards: Cards::new(c, &found, &actor_path(c, actor)),
        pinned: moderation::pins(app, actor.id).await?,
        origin: outward(&actor.url),
        asked: matches!(follow.as_deref(), Some("pending" | "accepted")),
        follow_text,
        interact: interact_path(&actor.uri, Intent::Follow),
    }))
}

async fn follow(
    Extract(state): Extract<http::State>,
    Path(id): Path<String>,
    form: SignedPost,
) -> Result<Response, Error> {
    let actor = known_assembly(&state, &id).await?;
    let viewer = &form.session.viewer;
    if form.fields.get("on") == "1" {
        follows::follow(&state.app, viewer, actor.id).await?;
    } else {
        follows::unfollow(&state.app, viewer, actor.id).await?;
    }
    Ok(page::see_other(&actor_path(&form.c, &actor)).into_response())
}
