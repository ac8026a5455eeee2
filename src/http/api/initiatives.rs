//! Initiatives: written, published, revised, withdrawn, read.

use super::parameters::{Id, Parameters, given, optional};
use super::view::{InitiativeView, List, RevisionView};
use super::{PREFIX, Problem, resolve};
use crate::app::App;
use crate::domain::{ActorId, PageRequest, State as Stage};
use crate::http::State;
use crate::http::extract::{Anyone, Json, Writer};
use crate::services::initiatives::{self, Filter, Form};
use axum::extract::State as From;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(read, revise, withdraw))
        .routes(routes!(publish))
        .routes(routes!(revisions))
}

/// A new initiative.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewInitiative {
    /// One line, at most 150 characters.
    title: String,
    /// What is wrong, in Markdown, at most 20,000 characters.
    problem: String,
    /// What should change, in Markdown, at most 20,000 characters.
    proposal: String,
    /// A language tag such as `en` or `ru`.
    language: String,
    /// The handle of the assembly it is brought to.
    assembly: String,
    /// The handle of the body that must answer; without one, the assembly's.
    #[serde(default)]
    body: Option<String>,
}

/// A new text of an initiative.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewRevision {
    title: String,
    problem: String,
    proposal: String,
    language: String,
    /// Another assembly, while it is a draft.
    #[serde(default)]
    assembly: Option<String>,
    /// Another body, while it is a draft.
    #[serde(default)]
    body: Option<String>,
}

/// Which initiatives to list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Handle, address or link of an assembly.
    assembly: Option<String>,
    /// Handle, address or link of an author.
    author: Option<String>,
    /// `draft` (one's own), `discussion` or `withdrawn`.
    state: Option<String>,
    /// Home here or elsewhere.
    local: Option<bool>,
    /// Words that title or text contain.
    q: Option<String>,
    /// What `next` of the slice before said.
    before: Option<String>,
    /// 1 to 100, by default 20.
    limit: Option<i64>,
}

/// Initiatives, newest first, without their texts.
#[utoipa::path(get, path = "/initiatives", params(Wanted), responses(
    (status = 200, body = List<InitiativeView>),
    (status = "default", body = Problem, content_type = "application/problem+json"),
))]
async fn list(
    From(app): From<App>,
    Anyone(who): Anyone,
    Parameters(wanted): Parameters<Wanted>,
) -> Result<axum::Json<List<InitiativeView>>, Problem> {
    let state = given(wanted.state.as_deref())
        .map(|s| Stage::parse(s).ok_or_else(|| not_found("state")))
        .transpose()?;
    let filter = Filter {
        assembly: actor(&app, "assembly", wanted.assembly.as_deref()).await?,
        author: actor(&app, "author", wanted.author.as_deref()).await?,
        state,
        local: wanted.local,
        text: given(wanted.q.as_deref()).map(str::to_owned),
        ..Filter::default()
    };
    let before = optional("before", wanted.before.as_deref())?;
    let page = PageRequest::new(before, wanted.limit);
    let found = initiatives::list(&app, who.as_ref(), filter, page).await?;
    Ok(axum::Json(List::of(found, |it| InitiativeView::brief(&it))))
}

async fn actor(app: &App, field: &str, text: Option<&str>) -> Result<Option<ActorId>, Problem> {
    let Some(text) = given(text) else { return Ok(None) };
    match resolve::known(app, text).await? {
        Some(actor) => Ok(Some(actor.id)),
        None => Err(not_found(field)),
    }
}

fn not_found(field: &str) -> Problem {
    Problem::field(field, "not-found", format!("{field}: was not found on this instance"))
}

/// Writes a draft, seen by its author only.
#[utoipa::path(post, path = "/initiatives", request_body = NewInitiative, responses(
    (status = 201, body = InitiativeView, headers(("Location" = String))),
    (status = "default", body = Problem, content_type = "application/problem+json"),
), security(("token" = ["write"])))]
async fn create(
    From(app): From<App>,
    Writer(who): Writer,
    Json(new): Json<NewInitiative>,
) -> Result<Response, Problem> {
    let form = Form {
        title: new.title,
        problem: new.problem,
        proposal: new.proposal,
        language: new.language,
        assembly: new.assembly,
        body: new.body,
    };
    let made = initiatives::draft(&app, &who, &form).await?;
    let location = format!("{PREFIX}/initiatives/{}", made.id);
    let view = axum::Json(InitiativeView::whole(made));
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], view).into_response())
}

/// An initiative with its texts. Of a withdrawn one the record stays and the texts are empty.
#[utoipa::path(get, path = "/initiatives/{id}", params(("id" = String, Path)), responses(
    (status = 200, body = InitiativeView),
    (status = "default", body = Problem, content_type = "application/problem+json"),
))]
async fn read(
    From(app): From<App>,
    Anyone(who): Anyone,
    Id(id): Id,
) -> Result<axum::Json<InitiativeView>, Problem> {
    let found = initiatives::get(&app, who.as_ref(), id).await?;
    // The reader gets what is known now; that its refresh could not be noted is no fault of theirs.
    if let Err(error) = initiatives::refresh_reported(&app, &found).await {
        tracing::warn!(%error, "the tallies of a mirrored initiative are not asked for");
    }
    Ok(axum::Json(InitiativeView::whole(found)))
}

/// Gives the initiative a new text: a draft is overwritten, a public one gets a new revision.
#[utoipa::path(put, path = "/initiatives/{id}", params(("id" = String, Path)),
    request_body = NewRevision, responses(
    (status = 200, body = InitiativeView),
    (status = "default", body = Problem, content_type = "application/problem+json"),
), security(("token" = ["write"])))]
async fn revise(
    From(app): From<App>,
    Writer(who): Writer,
    Id(id): Id,
    Json(new): Json<NewRevision>,
) -> Result<axum::Json<InitiativeView>, Problem> {
    let present = initiatives::get(&app, Some(&who), id).await?;
    let body = match (&new.assembly, new.body) {
        // Neither was named: both stay.
        (None, None) => present.body_handle,
        (_, body) => body,
    };
    let form = Form {
        title: new.title,
        problem: new.problem,
        proposal: new.proposal,
        language: new.language,
        assembly: new.assembly.unwrap_or(present.assembly_handle),
        body,
    };
    let made = initiatives::revise(&app, &who, id, &form).await?;
    Ok(axum::Json(InitiativeView::whole(made)))
}

/// Takes the initiative back: a draft vanishes, of a public one the record stays.
#[utoipa::path(delete, path = "/initiatives/{id}", params(("id" = String, Path)), responses(
    (status = 200, description = "It is withdrawn.", body = InitiativeView),
    (status = 204, description = "The draft is gone."),
    (status = "default", body = Problem, content_type = "application/problem+json"),
), security(("token" = ["write"])))]
async fn withdraw(
    From(app): From<App>,
    Writer(who): Writer,
    Id(id): Id,
) -> Result<Response, Problem> {
    Ok(match initiatives::withdraw(&app, &who, id).await? {
        Some(left) => axum::Json(InitiativeView::whole(left)).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    })
}

/// Makes a draft public and announces it.
#[utoipa::path(post, path = "/initiatives/{id}/publish", params(("id" = String, Path)), responses(
    (status = 200, body = InitiativeView),
    (status = "default", body = Problem, content_type = "application/problem+json"),
), security(("token" = ["write"])))]
async fn publish(
    From(app): From<App>,
    Writer(who): Writer,
    Id(id): Id,
) -> Result<axum::Json<InitiativeView>, Problem> {
    let made = initiatives::publish(&app, &who, id).await?;
    Ok(axum::Json(InitiativeView::whole(made)))
}

/// All revisions, oldest first.
#[utoipa::path(get, path = "/initiatives/{id}/revisions", params(("id" = String, Path)), responses(
    (status = 200, body = List<RevisionView>),
    (status = "default", body = Problem, content_type = "application/problem+json"),
))]
async fn revisions(
    From(app): From<App>,
    Anyone(who): Anyone,
    Id(id): Id,
) -> Result<axum::Json<List<RevisionView>>, Problem> {
    let found = initiatives::revisions(&app, who.as_ref(), id).await?;
    Ok(axum::Json(List::whole(found.into_iter().map(RevisionView::from).collect())))
}
