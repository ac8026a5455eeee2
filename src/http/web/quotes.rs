//! Who quotes what one wrote, and taking leave back.

use super::context::Ctx;
use super::form::SignedPost;
use super::{Error, page};
use crate::domain::QuoteId;
use crate::domain::quote::QuoteAuthorization;
use crate::http;
use crate::http::extract::session::SignedIn;
use crate::services::quotes;
use askama::Template;
use axum::Router;
use axum::extract::State as Extract;
use axum::response::Response;
use axum::routing::get;

pub(super) fn router() -> Router<http::State> {
    Router::new().route("/settings/quotes", get(list).post(revoke))
}

#[derive(Template)]
#[template(path = "quotes.html")]
struct List<'a> {
    c: &'a Ctx,
    given: Vec<QuoteAuthorization>,
}

async fn list(
    Extract(state): Extract<http::State>,
    SignedIn(session): SignedIn,
    c: Ctx,
) -> Result<Response, Error> {
    let given = quotes::of_author(&state.app, &session.viewer).await?;
    Ok(page::ok(&List { c: &c, given }))
}

async fn revoke(Extract(state): Extract<http::State>, form: SignedPost) -> Result<Response, Error> {
    let id: QuoteId = form.fields.get("quote").parse().map_err(|_| Error::NotFound)?;
    quotes::revoke(&state.app, &form.session.viewer, id).await?;
    Ok(page::see_other("/settings/quotes"))
}
