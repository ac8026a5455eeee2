//! Comments: writing, changing and deleting one's own, and the page of one.

use super::context::Ctx;
use super::form::{Field, Problems, SignedPost, problems_of};
use super::initiative::{Answer, Loaded};
use super::interact::interact_path;
use super::view::person_path;
use super::{Error, initiative_path, object_id, page};
use crate::domain::comment::Comment;
use crate::domain::initiative::Initiative;
use crate::domain::{CommentText, ObjectId, Viewer};
use crate::federation::interaction::Intent;
use crate::http;
use crate::http::extract::session::SignedIn;
use crate::services::walks::{self, Asked};
use crate::services::{comments, initiatives};
use crate::text;
use askama::Template;
use axum::Router;
use axum::extract::{Path, State as Extract};
use axum::response::Response;
use axum::routing::{get, post};

pub(super) fn router() -> Router<http::State> {
    Router::new()
        .route("/p/{id}/comments", post(write))
        .route("/p/{id}/thread", post(read_thread))
        .route("/n/{id}", get(show))
        .route("/n/{id}/edit", get(edit).post(save))
        .route("/n/{id}/delete", get(confirm).post(delete))
}

/// The place of a comment in its thread, wherever the thread's pages begin.
fn place(initiative: ObjectId, comment: ObjectId, long: bool) -> String {
    let path = initiative_path(initiative);
    if long {
        format!("{path}?after={}#c{comment}", comment.get().saturating_sub(1))
    } else {
        format!("{path}#c{comment}")
    }
}

async fn write(
    Extract(state): Extract<http::State>,
    Path(id): Path<String>,
    form: SignedPost,
) -> Result<Response, Error> {
    let id = object_id(&id)?;
    let (text, language) = (form.fields.get("text"), form.fields.get("language"));
    let reply = form.fields.get("reply").parse::<ObjectId>().ok();
    let quote = match form.fields.get("quote").parse::<ObjectId>() {
        Ok(quoted) => comments::object_by_id(&state.app, quoted).await?.map(|o| o.uri),
        Err(_) => None,
    };
    let (app, viewer, quote) = (&state.app, &form.session.viewer, quote.as_deref());
    let posted = comments::post_quoting(app, viewer, id, reply, text, language, quote).await;
    match posted {
        Ok(comment) => {
            let long = initiatives::get(&state.app, None, id).await?.replies > 450;
            Ok(page::see_other(&place(id, comment.id, long)))
        }
        Err(error) => {
            let problems = problems_of(&form.c, error)?;
            let shown = Loaded::read(&state, &form.c, id).await?;
            let answer =
                Answer::filled(&state, &form.c, id, reply, text, language, problems).await?;
            Ok(shown.respond(&form.c, Some(answer)))
        }
    }
}

/// Has the thread read at its home, for who cannot wait for the next reader.
async fn read_thread(
    Extract(state): Extract<http::State>,
    Path(id): Path<String>,
    form: SignedPost,
) -> Result<Response, Error> {
    let id = object_id(&id)?;
    let asked = match walks::demand(&state.app, &form.session.viewer, id).await? {
        Asked::Begun => "begun",
        Asked::Lately => "lately",
    };
    Ok(page::see_other(&format!("{}?thread={asked}#comments", initiative_path(id))))
}

#[derive(Template)]
#[template(path = "comment.html")]
struct Show<'a> {
    c: &'a Ctx,
    i: &'a Initiative,
    comment: &'a Comment,
    author_path: String,
    place: String,
    description: String,
    /// What stands before the text, which the reader opens.
    warning: Option<String>,
    own: bool,
    interact: String,
}

async fn show(
    Extract(state): Extract<http::State>,
    Path(id): Path<String>,
    c: Ctx,
) -> Result<Response, Error> {
    let comment = comments::get(&state.app, object_id(&id)?).await?;
    let i = initiatives::get(&state.app, None, comment.root_id).await?;
    if comment.deleted_at.is_some() {
        return Err(Error::Gone);
    }
    let (handle, host, url) = (&comment.author_handle, &comment.author_host, &comment.author_url);
    Ok(page::ok(&Show {
        interact: interact_path(&comment.uri, Intent::Create),
        author_path: person_path(&c, handle, host, url),
        place: place(i.id, comment.id, i.replies > 450),
        description: text::excerpt(&text::plain(comment.teaser()), 200),
        warning: super::view::warning(&c, &comment),
        own: comment.local && c.viewer().is_some_and(|v| v.id == comment.author_id),
        c: &c,
        i: &i,
        comment: &comment,
    }))
}

/// The visitor's own comment that still stands.
async fn own(state: &http::State, who: &Viewer, id: &str) -> Result<Comment, Error> {
    let comment = comments::get(&state.app, object_id(id)?).await?;
    if comment.deleted_at.is_some() {
        return Err(Error::Gone);
    }
    if !comment.local || comment.author_id != who.id {
        return Err(Error::Forbidden);
    }
    Ok(comment)
}

#[derive(Template)]
#[template(path = "comment_edit.html")]
struct Edit<'a> {
    c: &'a Ctx,
    comment: &'a Comment,
    problems: Problems,
    text: Field,
}

fn edit_page(c: &Ctx, comment: &Comment, typed: &str, problems: Problems) -> Response {
    let text = Field::lines("text", c.t("comment-edit-label"), 8)
        .hint(c.t("answer-hint"))
        .limit(CommentText::MAX)
        .filled(typed, &problems);
    page::form(!problems.is_empty(), &Edit { c, comment, problems, text })
}

async fn edit(
    Extract(state): Extract<http::State>,
    Path(id): Path<String>,
    SignedIn(session): SignedIn,
    c: Ctx,
) -> Result<Response, Error> {
    let comment = own(&state, &session.viewer, &id).await?;
    Ok(edit_page(&c, &comment, &comment.source, Problems::new()))
}

async fn save(
    Extract(state): Extract<http::State>,
    Path(id): Path<String>,
    form: SignedPost,
) -> Result<Response, Error> {
    let comment = own(&state, &form.session.viewer, &id).await?;
    let typed = form.fields.get("text");
    match comments::edit(&state.app, &form.session.viewer, comment.id, typed).await {
        Ok(comment) => Ok(page::see_other(&place(comment.root_id, comment.id, false))),
        Err(error) => Ok(edit_page(&form.c, &comment, typed, problems_of(&form.c, error)?)),
    }
}

#[derive(Template)]
#[template(path = "comment_delete.html")]
struct Confirm<'a> {
    c: &'a Ctx,
    comment: &'a Comment,
}

async fn confirm(
    Extract(state): Extract<http::State>,
    Path(id): Path<String>,
    SignedIn(session): SignedIn,
    c: Ctx,
) -> Result<Response, Error> {
    let comment = own(&state, &session.viewer, &id).await?;
    Ok(page::ok(&Confirm { c: &c, comment: &comment }))
}

async fn delete(
    Extract(state): Extract<http::State>,
    Path(id): Path<String>,
    form: SignedPost,
) -> Result<Response, Error> {
    let comment = own(&state, &form.session.viewer, &id).await?;
    comments::delete(&state.app, &form.session.viewer, comment.id).await?;
    Ok(page::see_other(&place(comment.root_id, comment.id, false)))
}
