//! Errors of the API: `application/problem+json` (RFC 9457).
//!
//! What a client may read is decided here and nowhere else. Internal text is logged once and
//! never sent. To add a kind of error: a variant of [`services::Error`] and its arm below.

use crate::domain::Invalid;
use crate::http::middleware::TryAgain;
use crate::services;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

/// When to come back after a passing failure, in seconds.
const RETRY_AFTER: u64 = 5;

/// What went wrong.
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`: the status says what kind of problem it is.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The reason phrase of the status.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// A sentence for people.
    #[serde(skip_serializing_if = "String::is_empty")]
    detail: String,
    /// The fields that are wrong, all of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
    /// The state that makes it impossible now, where there is one to tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'static str>,
    /// Whether the same request may succeed at once.
    #[serde(skip)]
    again: bool,
    #[serde(skip)]
    header: Option<Box<(HeaderName, HeaderValue)>>,
}

/// A field that is wrong.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FieldError {
    /// Its name in the request.
    field: String,
    /// A short stable code such as `too-long`.
    code: String,
    /// A sentence for people.
    detail: String,
}

impl Problem {
    /// A problem of this status; `detail` is shown.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: detail.into(),
            errors: Vec::new(),
            state: None,
            again: false,
            header: None,
        }
    }

    /// A request that is well-formed but has a wrong field.
    pub fn field(field: &str, code: &str, detail: impl Into<String>) -> Self {
        let error =
            FieldError { field: field.to_owned(), code: code.to_owned(), detail: detail.into() };
        let mut problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, error.detail.clone());
        problem.errors.push(error);
        problem
    }

    /// The same with a header that belongs to its status.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.header = Some(Box::new((name, value)));
        self
    }

    /// The same with the state of the thing that it is about.
    #[must_use]
    pub fn in_state(mut self, state: &'static str) -> Self {
        self.state = Some(state);
        self
    }

    fn invalid(fields: &[Invalid]) -> Self {
        let mut problem =
            Self::new(StatusCode::UNPROCESSABLE_ENTITY, "some fields are not as they must be");
        problem.errors = fields
            .iter()
            .map(|f| FieldError {
                field: f.field.to_owned(),
                code: f.code.to_owned(),
                detail: f.to_string(),
            })
            .collect();
        problem
    }
}

impl From<services::Error> for Problem {
    fn from(error: services::Error) -> Self {
        use services::Error;
        match &error {
            Error::Invalid(fields) => Self::invalid(fields),
            Error::NotFound(_) => Self::new(StatusCode::NOT_FOUND, error.to_string()),
            Error::Gone(_) => Self::new(StatusCode::GONE, error.to_string()),
            Error::Forbidden(_) => Self::new(StatusCode::FORBIDDEN, error.to_string()),
            Error::Conflict(_) => Self::new(StatusCode::CONFLICT, error.to_string()),
            Error::Unavailable(text) => {
                tracing::warn!(cause = %text, "a request found the database unavailable");
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "temporarily unavailable")
                    .with(header::RETRY_AFTER, RETRY_AFTER.into())
            }
            Error::Again(_) => {
                let mut problem =
                    Self::new(StatusCode::SERVICE_UNAVAILABLE, "temporarily unavailable")
                        .with(header::RETRY_AFTER, RETRY_AFTER.into());
                problem.again = true;
                problem
            }
            Error::Internal(text) => {
                tracing::error!(cause = %text, "a request failed");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "")
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or_default();
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let kind = HeaderValue::from_static("application/problem+json");
        let mut response = (status, [(header::CONTENT_TYPE, kind)], body).into_response();
        if self.again {
            response.extensions_mut().insert(TryAgain);
        }
        if let Some((name, value)) = self.header.map(|header| *header) {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn internal_text_never_leaves() {
        let secret = "relation \"accounts\" at /srv/veche";
        for error in [
            services::Error::Internal(secret.to_owned()),
            services::Error::Unavailable(secret.to_owned()),
        ] {
            let response = Problem::from(error).into_response();
            assert!(response.status().is_server_error());
            let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
            let text = String::from_utf8(body.to_vec()).unwrap();
            assert!(!text.contains("accounts") && !text.contains("srv"), "{text}");
        }
    }

    #[test]
    fn each_error_has_its_status() {
        let rows = [
            (services::Error::Invalid(vec![]), 422),
            (services::Error::NotFound("comment"), 404),
            (services::Error::Gone("comment"), 410),
            (services::Error::Forbidden("no"), 403),
            (services::Error::Conflict("no"), 409),
            (services::Error::Unavailable(String::new()), 503),
            (services::Error::Internal(String::new()), 500),
        ];
        for (error, status) in rows {
            let problem = Problem::from(error);
            assert_eq!(problem.status, status);
            assert_eq!(problem.header.is_some(), status == 503);
        }
    }
}
