//! Assemblies: the boards to which initiatives are brought.

use super::view::{ActorView, List};
use super::{Problem, resolve};
use crate::app::App;
use crate::domain::ActorKind;
use crate::domain::actor::Actor;
use crate::http::State;
use crate::services::{assemblies, follows};
use axum::Json;
use axum::extract::{Path, State as From};
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(read))
}

/// An assembly.
#[derive(Debug, Serialize, ToSchema)]
struct AssemblyView {
    #[serde(flatten)]
    actor: ActorView,
    /// What it is about, as clean HTML.
    summary: String,
    /// How many follow it, as far as this instance knows.
    followers: i64,
    /// The body that answers for it.
    body: Option<ActorView>,
}

/// The assemblies of this instance, then those mirrored from elsewhere, each by name.
#[utoipa::path(get, path = "/assemblies", responses(
    (status = 200, body = List<ActorView>),
    (status = "default", body = Problem, content_type = "application/problem+json"),
))]
async fn list(From(app): From<App>) -> Result<Json<List<ActorView>>, Problem> {
    let mut found = assemblies::list_local(&app).await?;
    found.extend(assemblies::list_mirrored(&app).await?.into_iter().filter(|a| !a.local));
    Ok(Json(List::whole(found.iter().map(ActorView::from).collect())))
}

/// An assembly, by its handle or, when it is mirrored, its address.
#[utoipa::path(get, path = "/assemblies/{handle}", params(("handle" = String, Path)), responses(
    (status = 200, body = AssemblyView),
    (status = "default", body = Problem, content_type = "application/problem+json"),
))]
async fn read(
    From(app): From<App>,
    Path(handle): Path<String>,
) -> Result<Json<AssemblyView>, Problem> {
    let found = resolve::known(&app, &handle).await?;
    let found = found.filter(|a| a.kind == ActorKind::Assembly);
    let actor: Actor =
        found.ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, "assembly not found"))?;
    let (followers, _) = follows::counts(&app, actor.id).await?;
    let body = assemblies::body_of(&app, actor.id).await?;
    Ok(Json(AssemblyView {
        actor: ActorView::from(&actor),
        summary: actor.summary,
        followers,
        body: body.as_ref().map(ActorView::from),
    }))
}
