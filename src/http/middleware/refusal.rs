//! Answers that are given before any handler, in the form of the door.

use super::door::Door;
use crate::http::api::Problem;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};

/// A refused request.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    /// Shown to the client.
    detail: String,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Refusal {
    /// A refusal with a status; `detail` is shown.
    pub(super) fn new(status: u16, detail: impl Into<String>) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { status, detail: detail.into(), headers: Vec::new() }
    }

    /// The same with a header.
    #[must_use]
    pub(super) fn with(mut self, name: HeaderName, value: impl Into<HeaderValue>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The answer.
    pub(super) fn into_response(self, door: Door) -> Response {
        let mut response = if self.status.is_success() {
            self.status.into_response()
        } else if door == Door::Api {
            Problem::new(self.status, self.detail).into_response()
        } else {
            let reason = self.status.canonical_reason().unwrap_or_default();
            let text = if self.detail.is_empty() { reason.to_owned() } else { self.detail };
            (self.status, format!("{text}\n")).into_response()
        };
        response.headers_mut().extend(self.headers);
        response
    }
}

/// Errors that the router itself gives at the API's door become problems like all others.
pub(super) fn in_the_form_of(door: Door, response: Response) -> Response {
    let status = response.status();
    if door != Door::Api || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let kind = response.headers().get(header::CONTENT_TYPE);
    if kind.is_some_and(|k| k == "application/problem+json") {
        return response;
    }
    let mut problem = Problem::new(status, "").into_response();
    *problem.extensions_mut() = response.extensions().clone();
    if let Some(allow) = response.headers().get(header::ALLOW) {
        problem.headers_mut().insert(header::ALLOW, allow.clone());
    }
    problem
}
