//! Following actors here and elsewhere.

use super::parameters::{Actor, Id};
use super::view::ActorView;
use super::{Problem, resolve};
use crate::app::App;
use crate::http::State;
use crate::http::extract::{Json, Writer};
use crate::services::{follows, initiatives};
use axum::extract::State as From;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(follow))
        .routes(routes!(unfollow))
        .routes(routes!(follow_initiative, unfollow_initiative))
}

/// Whom to follow.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewFollow {
    /// A handle, an address `name@host`, or a link.
    actor: String,
}

/// How a follow stands.
#[derive(Debug, Serialize, ToSchema)]
struct FollowView {
    actor: ActorView,
    /// `pending` until the actor's home has answered, then `accepted` or `rejected`.
    state: String,
}

/// Follows an actor. Once more changes nothing.
#[utoipa::path(post, path = "/follows", request_body = NewFollow, responses(
    (status = 200, body = FollowView),
    (status = "default", body = Problem, content_type = "application/problem+json"),
), security(("token" = ["write"])))]
async fn follow(
    From(app): From<App>,
    Writer(who): Writer,
    Json(new): Json<NewFollow>,
) -> Result<axum::Json<FollowView>, Problem> {
    let target = resolve::anywhere(&app, &new.actor).await?;
    follows::follow(&app, &who, target.id).await?;
    let state = follows::state(&app, &who, target.id).await?.unwrap_or_default();
    Ok(axum::Json(FollowView { actor: ActorView::from(&target), state }))
}

/// Stops following. Nothing to stop is not an error.
#[utoipa::path(delete, path = "/follows/{id}", params(("id" = String, Path)), responses(
    (status = 204, description = "The actor is not followed."),
    (status = "default", body = Problem, content_type = "application/problem+json"),
), security(("token" = ["write"])))]
async fn unfollow(
    From(app): From<App>,
    Writer(who): Writer,
    Actor(id): Actor,
) -> Result<StatusCode, Problem> {
    follows::unfollow(&app, &who, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Follows one initiative: its text, official notes and votes. Once more changes nothing.
#[utoipa::path(post, path = "/initiatives/{id}/follow", params(("id" = String, Path)), responses(
    (status = 200, body = FollowView),
    (status = "default", body = Problem, content_type = "application/problem+json"),
), security(("token" = ["write"])))]
async fn follow_initiative(
    From(app): From<App>,
    Writer(who): Writer,
    Id(id): Id,
) -> Result<axum::Json<FollowView>, Problem> {
    let initiative = initiatives::get(&app, Some(&who), id).await?;
    let missing = || Problem::new(StatusCode::NOT_FOUND, "this initiative cannot be followed");
    let uri = initiatives::group_uri(&app, &initiative).ok_or_else(missing)?;
    let target = match initiatives::known_group(&app, &initiative).await? {
        Some(known) => known,
        None => resolve::anywhere(&app, &uri).await?,
    };
    if !target.kind.is_group() {
        return Err(missing());
    }
    follows::follow(&app, &who, target.id).await?;
    let state = follows::state(&app, &who, target.id).await?.unwrap_or_default();
    Ok(axum::Json(FollowView { actor: ActorView::from(&target), state }))
}

/// Stops following one initiative. Nothing to stop is not an error.
#[utoipa::path(delete, path = "/initiatives/{id}/follow", params(("id" = String, Path)), responses(
    (status = 204, description = "The initiative is not followed."),
    (status = "default", body = Problem, content_type = "application/problem+json"),
), security(("token" = ["write"])))]
async fn unfollow_initiative(
    From(app): From<App>,
    Writer(who): Writer,
    Id(id): Id,
) -> Result<StatusCode, Problem> {
    let initiative = initiatives::get(&app, Some(&who), id).await?;
    if let Some(group) = initiatives::known_group(&app, &initiative).await? {
        follows::unfollow(&app, &who, group.id).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}
