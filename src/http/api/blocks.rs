//! Whom one blocks.

use super::parameters::Actor;
use super::view::{ActorView, List};
use super::{Problem, resolve};
use crate::app::App;
use crate::http::State;
use crate::http::extract::{Json, Reader, Writer};
use crate::services::blocks;
use axum::extract::State as From;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new().routes(routes!(list, block)).routes(routes!(unblock))
}

/// Whom to block.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewBlock {
    /// A handle, an address `name@host`, or a link.
    actor: String,
}

/// Whom one blocks, latest first.
#[utoipa::path(get, path = "/blocks", responses(
    (status = 200, body = List<ActorView>),
    (status = "default", body = Problem, content_type = "application/problem+json"),
), security(("token" = ["read"])))]
async fn list(
    From(app): From<App>,
    Reader(holder): Reader,
) -> Result<axum::Json<List<ActorView>>, Problem> {
    let found = blocks::list(&app, &holder.viewer).await?;
    Ok(axum::Json(List::whole(found.iter().map(ActorView::from).collect())))
}

/// Blocks an actor. Once more changes nothing.
#[utoipa::path(post, path = "/blocks", request_body = NewBlock, responses(
    (status = 200, body = ActorView),
    (status = "default", body = Problem, content_type = "application/problem+json"),
), security(("token" = ["write"])))]
async fn block(
    From(app): From<App>,
    Writer(who): Writer,
    Json(new): Json<NewBlock>,
) -> Result<axum::Json<ActorView>, Problem> {
    let target = resolve::anywhere(&app, &new.actor).await?;
    blocks::block(&app, &who, target.id).await?;
    Ok(axum::Json(ActorView::from(&target)))
}

/// Takes a block back. Nothing to take back is not an error.
#[utoipa::path(delete, path = "/blocks/{id}", params(("id" = String, Path)), responses(
    (status = 204, description = "The actor is not blocked."),
    (status = "default", body = Problem, content_type = "application/problem+json"),
), security(("token" = ["write"])))]
async fn unblock(
    From(app): From<App>,
    Writer(who): Writer,
    Actor(id): Actor,
) -> Result<StatusCode, Problem> {
    blocks::unblock(&app, &who, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
