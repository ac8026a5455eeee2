//! A server that may read documents (`federation::reader` decides).

use super::source_of;
use crate::app::App;
use crate::federation::inbox::Rejection;
use crate::federation::reader;
use crate::http::negotiate::PREFIX;
use axum::extract::{FromRef, FromRequestParts, OriginalUri};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderValue, StatusCode, Uri, header};

/// Taken by every handler that gives a document, except those of the instance actor.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KnownReader;

impl<S: Send + Sync> FromRequestParts<S> for KnownReader
where
    App: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let app = App::from_ref(state);
        let original = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |uri| &uri.0);
        // Requests for documents were sent on to another tree.
        let asked = original.path_and_query().map_or("/", |path| path.as_str());
        let asked = asked.strip_prefix(PREFIX).unwrap_or(asked).parse().unwrap_or_default();
        let asked: Uri = asked;
        let source = source_of(&parts.extensions);
        match reader::check(&app, &source, &asked, &parts.headers).await {
            Ok(()) => Ok(Self),
            Err(rejection) => Err(refuse(&rejection)),
        }
    }
}

fn refuse(rejection: &Rejection) -> Response {
    let status = StatusCode::from_u16(rejection.status).unwrap_or(StatusCode::UNAUTHORIZED);
    let mut response = (status, rejection.reason.clone()).into_response();
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("Accept, Signature"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(seconds) = rejection.retry_after {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
