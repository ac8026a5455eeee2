//! The body of an API request: JSON of exactly the expected fields.

use crate::http::api::Problem;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::error::Category;

/// A body that is JSON and of this type: not JSON at all is 400, wrong fields are 422, another
/// media type is 415.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            let detail = "the body must be application/json";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
        }
        let body = Bytes::from_request(request, state)
            .await
            .map_err(|rejection| Problem::new(rejection.status(), "the body cannot be read"))?;
        serde_json::from_slice(&body).map(Self).map_err(|error| problem(&error))
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
}

fn problem(error: &serde_json::Error) -> Problem {
    if error.classify() != Category::Data {
        return Problem::new(StatusCode::BAD_REQUEST, format!("the body is not JSON: {error}"));
    }
    let message = error.to_string();
    let field = message.split('`').nth(1).unwrap_or_default();
    if message.starts_with("missing field") {
        Problem::field(field, "required", format!("{field}: must not be empty"))
    } else if message.starts_with("unknown field") {
        Problem::field(field, "unknown", format!("{field}: there is no such field"))
    } else if message.starts_with("duplicate field") {
        Problem::field(field, "duplicate", format!("{field}: is there twice"))
    } else {
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, format!("the body does not fit: {message}"))
    }
}
