//! Endorsing and boosting initiatives.

use super::form::SignedPost;
use super::{Error, initiative_path, object_id, page};
use crate::domain::Reaction;
use crate::http;
use crate::services::reactions;
use axum::Router;
use axum::extract::{Path, State as Extract};
use axum::response::Response;
use axum::routing::post;

pub(super) fn router() -> Router<http::State> {
    Router::new().route("/p/{id}/endorse", post(endorse)).route("/p/{id}/boost", post(boost))
}

async fn endorse(
    Extract(state): Extract<http::State>,
    Path(id): Path<String>,
    form: SignedPost,
) -> Result<Response, Error> {
    set(&state, &id, &form, Reaction::Like).await
}

async fn boost(
    Extract(state): Extract<http::State>,
    Path(id): Path<String>,
    form: SignedPost,
) -> Result<Response, Error> {
    set(&state, &id, &form, Reaction::Boost).await
}

/// The form says what should be, not "the other way round": sent twice it changes nothing.
async fn set(
    state: &http::State,
    id: &str,
    form: &SignedPost,
    reaction: Reaction,
) -> Result<Response, Error> {
    let id = object_id(id)?;
    let viewer = &form.session.viewer;
    if form.fields.get("on") == "1" {
        reactions::react(&state.app, viewer, id, reaction).await?;
    } else {
        reactions::unreact(&state.app, viewer, id, reaction).await?;
    }
    Ok(page::see_other(&format!("{}#support", initiative_path(id))))
}
