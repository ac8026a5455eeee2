//! What carries a hashtag.

use super::Problem;
use super::parameters::{Parameters, optional};
use super::view::{CommentView, InitiativeView, List};
use crate::app::App;
use crate::domain::{PageRequest, tag};
use crate::http::State;
use crate::services::tags;
use axum::Json;
use axum::extract::{Path, State as From};
use http::StatusCode;
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new().routes(routes!(initiatives)).routes(routes!(comments))
}

/// Which slice.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Slice {
    /// Only older ones than this.
    before: Option<String>,
    /// 1 to 100, usually 20.
    limit: Option<i64>,
}

impl Slice {
    fn request(&self) -> Result<PageRequest, Problem> {
        Ok(PageRequest::new(optional("before", self.before.as_deref())?, self.limit))
    }
}

fn normal(name: &str) -> Result<String, Problem> {
    let nothing = || Problem::new(StatusCode::NOT_FOUND, "this cannot be a hashtag");
    tag::normal(name).ok_or_else(nothing)
}

/// Initiatives with a hashtag, newest first.
#[utoipa::path(get, path = "/tags/{name}/initiatives", params(("name" = String, Path), Slice),
    responses(
    (status = 200, body = List<InitiativeView>),
    (status = "default", body = Problem, content_type = "application/problem+json"),
))]
async fn initiatives(
    From(app): From<App>,
    Path(name): Path<String>,
    Parameters(slice): Parameters<Slice>,
) -> Result<Json<List<InitiativeView>>, Problem> {
    let found = tags::initiatives(&app, &normal(&name)?, slice.request()?).await?;
    Ok(Json(List::of(found, |i| InitiativeView::brief(&i))))
}

/// Comments with a hashtag, newest first.
#[utoipa::path(get, path = "/tags/{name}/comments", params(("name" = String, Path), Slice),
    responses(
    (status = 200, body = List<CommentView>),
    (status = "default", body = Problem, content_type = "application/problem+json"),
))]
async fn comments(
    From(app): From<App>,
    Path(name): Path<String>,
    Parameters(slice): Parameters<Slice>,
) -> Result<Json<List<CommentView>>, Problem> {
    let found = tags::comments(&app, &normal(&name)?, slice.request()?).await?;
    Ok(Json(List::of(found, CommentView::from)))
}
