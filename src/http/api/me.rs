//! Who a token belongs to.

use super::Problem;
use crate::app::App;
use crate::domain::{ActorKind, Role, Scope};
use crate::http::State;
use crate::http::extract::Reader;
use axum::Json;
use axum::extract::State as From;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new().routes(routes!(me))
}

/// The account behind a token.
#[derive(Debug, Serialize, ToSchema)]
struct Me {
    id: String,
    uri: String,
    handle: String,
    /// `handle@host`, as people follow it.
    address: String,
    name: String,
    roles: Vec<&'static str>,
    /// What the token may be used for.
    scopes: Vec<&'static str>,
}

/// The account behind the token.
#[utoipa::path(get, path = "/me", responses(
    (status = 200, body = Me),
    (status = "default", body = Problem, content_type = "application/problem+json"),
), security(("token" = ["read"])))]
async fn me(From(app): From<App>, Reader(holder): Reader) -> Json<Me> {
    let viewer = holder.viewer;
    Json(Me {
        id: viewer.id.to_string(),
        uri: app.urls.actor(ActorKind::Person, &viewer.handle),
        address: format!("{}@{}", viewer.handle, app.urls.authority()),
        handle: viewer.handle,
        name: viewer.name,
        roles: viewer.roles.into_iter().map(Role::as_str).collect(),
        scopes: holder.scopes.into_iter().map(Scope::as_str).collect(),
    })
}
