//! From a template to a response, with the headers that every page has.

use super::Error;
use crate::app::Rendered;
use crate::crypto;
use askama::Template;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};

/// The media type of pages.
pub(super) const HTML: &str = "text/html; charset=utf-8";
/// Pages depend on who asks, in which language and for which form.
const VARY: HeaderValue = HeaderValue::from_static("Accept, Cookie, Accept-Language");
/// Nobody keeps them without asking again: they may hold somebody's name and token.
const CACHE: HeaderValue = HeaderValue::from_static("private, no-cache");

/// A page.
pub(super) fn ok(template: &impl Template) -> Response {
    with_status(StatusCode::OK, template)
}

/// A page with this status: 422 for a form that is shown again.
pub(super) fn with_status(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => respond(status, Body::from(html)),
        Err(error) => {
            tracing::error!(%error, "a template cannot be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// A form as it is first shown, or shown again with what is wrong.
pub(super) fn form(failed: bool, template: &impl Template) -> Response {
    let status = if failed { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    with_status(status, template)
}

fn respond(status: StatusCode, body: Body) -> Response {
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(HTML));
    headers.insert(header::VARY, VARY);
    headers.insert(header::CACHE_CONTROL, CACHE);
    response
}

/// A page to keep for a moment, for everybody who is not signed in.
pub(super) fn render(template: &impl Template) -> Result<Rendered, Error> {
    let html = template.render().map_err(|error| {
        tracing::error!(%error, "a template cannot be rendered");
        Error::Internal
    })?;
    let digest = crypto::sha256_hex(html.as_bytes());
    let etag = format!("\"{}\"", digest.get(..24).unwrap_or_default());
    Ok(Rendered { content_type: HTML, etag: etag.into(), body: Bytes::from(html) })
}

/// The response of a kept page, or that it has not changed.
pub(super) fn rendered(page: &Rendered, request: &HeaderMap) -> Response {
    let known = request.get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok());
    let fresh = known.is_some_and(|tags| tags.split(',').any(|tag| tag.trim() == &*page.etag));
    let mut response = if fresh {
        respond(StatusCode::NOT_MODIFIED, Body::empty())
    } else {
        respond(StatusCode::OK, Body::from(page.body.clone()))
    };
    if let Ok(etag) = HeaderValue::from_str(&page.etag) {
        response.headers_mut().insert(header::ETAG, etag);
    }
    response
}

/// After a form: on to another page with 303.
pub(super) fn see_other(path: &str) -> Response {
    axum::response::Redirect::to(path).into_response()
}
