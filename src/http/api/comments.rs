//! Comments: read, written, changed, deleted.

use super::parameters::{Id, Parameters, identifier_of, optional};
use super::view::{CommentView, List};
use super::{PREFIX, Problem};
use crate::app::App;
use crate::domain::{Page, PageRequest};
use crate::http::State;
use crate::http::extract::{Anyone, Json, Writer};
use crate::services::walks::{self, Asked};
use crate::services::{comments, initiatives};
use axum::extract::State as From;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(read, edit, delete))
        .routes(routes!(read_thread))
}

/// Which comments to list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// What `next` of the slice before said.
    after: Option<String>,
    /// 1 to 100, by default 20.
    limit: Option<i64>,
}

/// A new comment.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewComment {
    /// Markdown, at most 5,000 characters.
    text: String,
    /// The id of the comment it answers; without one it answers the initiative.
    #[serde(default)]
    in_reply_to: Option<String>,
    /// A language tag; without one, the initiative's.
    #[serde(default)]
    language: Option<String>,
    /// The id on the wire of a text that it quotes.
    #[serde(default)]
    quote: Option<String>,
}

/// A new text of a comment.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewText {
    /// Markdown, at most 5,000 characters.
    text: String,
}

/// Comments of an initiative in the order in which they came, places of deleted ones included.
#[utoipa::path(get, path = "/initiatives/{id}/comments", params(("id" = String, Path), Wanted),
    responses(
    (status = 200, body = List<CommentView>),
    (status = "default", body = Problem, content_type = "application/problem+json"),
))]
async fn list(
    From(app): From<App>,
    Anyone(who): Anyone,
    Id(id): Id,
    Parameters(wanted): Parameters<Wanted>,
) -> Result<axum::Json<List<CommentView>>, Problem> {
    let after = optional("after", wanted.after.as_deref())?.map(Into::into);
    let limit = PageRequest::new(None, wanted.limit).limit;
    // Whoever may not see the initiative must not learn that it exists.
    initiatives::get(&app, who.as_ref(), id).await?;
    let found = comments::of_initiative(&app, id, after, limit + 1).await?;
    let page = Page::from_overfetch(found, limit, |c| c.id.get());
    Ok(axum::Json(List::of(page, CommentView::from)))
}

/// Writes a comment on an initiative, or on another comment of its thread.
#[utoipa::path(post, path = "/initiatives/{id}/comments", params(("id" = String, Path)),
    request_body = NewComment, responses(
    (status = 201, body = CommentView, headers(("Location" = String))),
    (status = "default", body = Problem, content_type = "application/problem+json"),
), security(("token" = ["write"])))]
async fn create(
    From(app): From<App>,
    Writer(who): Writer,
    Id(id): Id,
    Json(new): Json<NewComment>,
) -> Result<Response, Problem> {
    let parent = match new.in_reply_to.as_deref() {
        None => None,
        Some(text) => Some(identifier_of("in_reply_to", text)?.into()),
    };
    let initiative = initiatives::get(&app, Some(&who), id).await?;
    let language = new.language.unwrap_or(initiative.language);
    let made =
        comments::post_quoting(&app, &who, id, parent, &new.text, &language, new.quote.as_deref())
            .await?;
    let location = format!("{PREFIX}/comments/{}", made.id);
    let view = axum::Json(CommentView::from(made));
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], view).into_response())
}

/// What became of the wish to have a thread read at its home.
#[derive(Debug, Serialize, ToSchema)]
struct Reading {
    /// `begun`, or `lately` when it was read less than a minute ago or is being read.
    state: &'static str,
}

/// Has the thread of an initiative that is at home elsewhere read there now: once a minute at the
/// most, and within a budget.
#[utoipa::path(post, path = "/initiatives/{id}/thread", params(("id" = String, Path)),
    responses(
    (status = 202, body = Reading),
    (status = "default", body = Problem, content_type = "application/problem+json"),
), security(("token" = ["write"])))]
async fn read_thread(
    From(app): From<App>,
    Writer(who): Writer,
    Id(id): Id,
) -> Result<Response, Problem> {
    let state = match walks::demand(&app, &who, id).await? {
        Asked::Begun => "begun",
        Asked::Lately => "lately",
    };
    Ok((StatusCode::ACCEPTED, axum::Json(Reading { state })).into_response())
}

/// A comment; of a deleted one its place.
#[utoipa::path(get, path = "/comments/{id}", params(("id" = String, Path)), responses(
    (status = 200, body = CommentView),
    (status = "default", body = Problem, content_type = "application/problem+json"),
))]
async fn read(From(app): From<App>, Id(id): Id) -> Result<axum::Json<CommentView>, Problem> {
    Ok(axum::Json(comments::get(&app, id).await?.into()))
}

/// Changes the text of one's own comment.
#[utoipa::path(put, path = "/comments/{id}", params(("id" = String, Path)),
    request_body = NewText, responses(
    (status = 200, body = CommentView),
    (status = "default", body = Problem, content_type = "application/problem+json"),
), security(("token" = ["write"])))]
async fn edit(
    From(app): From<App>,
    Writer(who): Writer,
    Id(id): Id,
    Json(new): Json<NewText>,
) -> Result<axum::Json<CommentView>, Problem> {
    Ok(axum::Json(comments::edit(&app, &who, id, &new.text).await?.into()))
}

/// Deletes one's own comment; its place in the thread stays.
#[utoipa::path(delete, path = "/comments/{id}", params(("id" = String, Path)), responses(
    (status = 204, description = "It is deleted."),
    (status = "default", body = Problem, content_type = "application/problem+json"),
), security(("token" = ["write"])))]
async fn delete(
    From(app): From<App>,
    Writer(who): Writer,
    Id(id): Id,
) -> Result<StatusCode, Problem> {
    comments::delete(&app, &who, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
