//! Reports: filing one; for moderators the list, closing one, telling the home of what it is about.

use super::Problem;
use super::parameters::{Parameters, given, optional};
use super::view::{ActorView, List};
use crate::app::App;
use crate::domain::{PageRequest, ReportId, Timestamp};
use crate::http::State;
use crate::http::extract::{Json, Reader, Writer};
use crate::services::reports::{self, Case, Target};
use axum::extract::{Path, State as From};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(list, file))
        .routes(routes!(resolve))
        .routes(routes!(forward))
}

/// What to report.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewReport {
    /// Ids on the wire of actors, initiatives and comments.
    objects: Vec<String>,
    /// What is wrong, at most 5,000 characters.
    reason: String,
}

/// Reports something to the moderators. The same again, while it is open, changes nothing.
#[utoipa::path(post, path = "/reports", request_body = NewReport, responses(
    (status = 204, description = "The moderators can see it."),
    (status = "default", body = Problem, content_type = "application/problem+json"),
), security(("token" = ["write"])))]
async fn file(
    From(app): From<App>,
    Writer(who): Writer,
    Json(new): Json<NewReport>,
) -> Result<StatusCode, Problem> {
    reports::file(&app, &who, &new.objects, &new.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Something that was reported.
#[derive(Debug, Serialize, ToSchema)]
struct TargetView {
    uri: String,
    /// The actor itself, or who wrote the text.
    actor: ActorView,
    /// Whether it is the actor itself.
    is_actor: bool,
}

/// A report.
#[derive(Debug, Serialize, ToSchema)]
struct ReportView {
    id: String,
    /// Who reported: a person here, or the server or person elsewhere.
    reporter: String,
    /// `open` or `resolved`.
    state: String,
    /// The reason given.
    content: String,
    /// All that was named, ids on the wire.
    objects: Vec<String>,
    /// What of it is known here.
    targets: Vec<TargetView>,
    created_at: String,
    /// What the moderator wrote when closing it.
    note: String,
    resolved_at: Option<String>,
    /// When the home of what it is about was told.
    forwarded_at: Option<String>,
}

impl std::convert::From<Case> for ReportView {
    fn from(case: Case) -> Self {
        let view = |t: Target| TargetView {
            actor: ActorView::from(&t.actor),
            uri: t.uri,
            is_actor: t.is_actor,
        };
        let report = case.report;
        Self {
            id: report.id.to_string(),
            objects: report.objects(),
            reporter: report.reporter_uri,
            state: report.state,
            content: report.content,
            targets: case.targets.into_iter().map(view).collect(),
            created_at: report.created_at.to_rfc3339(),
            note: report.note,
            resolved_at: report.resolved_at.map(Timestamp::to_rfc3339),
            forwarded_at: report.forwarded_at.map(Timestamp::to_rfc3339),
        }
    }
}

/// Which reports.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ReportsQuery {
    /// `open` or `resolved`; all without it.
    state: Option<String>,
    /// Only older ones than this.
    before: Option<String>,
    /// 1 to 100, usually 20.
    limit: Option<i64>,
}

/// Reports, newest first. For moderators.
#[utoipa::path(get, path = "/reports", params(ReportsQuery), responses(
    (status = 200, body = List<ReportView>),
    (status = "default", body = Problem, content_type = "application/problem+json"),
), security(("token" = ["read"])))]
async fn list(
    From(app): From<App>,
    Reader(holder): Reader,
    Parameters(query): Parameters<ReportsQuery>,
) -> Result<axum::Json<List<ReportView>>, Problem> {
    let page = PageRequest::new(optional("before", query.before.as_deref())?, query.limit);
    let (who, state) = (Some(&holder.viewer), given(query.state.as_deref()));
    let found = reports::list(&app, who, state, page.before, page.limit).await?;
    Ok(axum::Json(List::of(found, ReportView::from)))
}

/// How a report is closed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Resolution {
    /// What was done; may be empty.
    note: String,
}

fn report_id(text: &str) -> Result<ReportId, Problem> {
    let nothing = |_| Problem::new(StatusCode::NOT_FOUND, "there is nothing here");
    text.parse().map_err(nothing)
}

/// Closes a report. For moderators.
#[utoipa::path(post, path = "/reports/{id}/resolve", params(("id" = String, Path)),
    request_body = Resolution, responses(
    (status = 200, body = ReportView),
    (status = "default", body = Problem, content_type = "application/problem+json"),
), security(("token" = ["write"])))]
async fn resolve(
    From(app): From<App>,
    Writer(who): Writer,
    Path(id): Path<String>,
    Json(new): Json<Resolution>,
) -> Result<axum::Json<ReportView>, Problem> {
    let case = reports::resolve(&app, &who, report_id(&id)?, &new.note).await?;
    Ok(axum::Json(case.into()))
}

/// Tells the home of what a report is about, in the name of the instance. For moderators.
#[utoipa::path(post, path = "/reports/{id}/forward", params(("id" = String, Path)), responses(
    (status = 200, body = ReportView),
    (status = "default", body = Problem, content_type = "application/problem+json"),
), security(("token" = ["write"])))]
async fn forward(
    From(app): From<App>,
    Writer(who): Writer,
    Path(id): Path<String>,
) -> Result<axum::Json<ReportView>, Problem> {
    Ok(axum::Json(reports::forward(&app, &who, report_id(&id)?).await?.into()))
}
