//! Parameters in paths and queries.

use super::Problem;
use crate::domain::{ActorId, ObjectId};
use axum::extract::{FromRequestParts, Path, Query};
use http::StatusCode;
use http::request::Parts;
use serde::de::DeserializeOwned;

/// The `{id}` of an initiative or a comment. Anything that cannot be one does not exist.
#[derive(Clone, Copy, Debug)]
pub(super) struct Id(pub(super) ObjectId);

/// The `{id}` of an actor.
#[derive(Clone, Copy, Debug)]
pub(super) struct Actor(pub(super) ActorId);

/// A query of exactly the documented parameters.
#[derive(Debug)]
pub(super) struct Parameters<T>(pub(super) T);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        number(parts, state).await.map(|n| Self(n.into()))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Actor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        number(parts, state).await.map(|n| Self(n.into()))
    }
}

async fn number<S: Send + Sync>(parts: &mut Parts, state: &S) -> Result<i64, Problem> {
    let text = Path::<String>::from_request_parts(parts, state).await;
    let text = text.map(|Path(text)| text).unwrap_or_default();
    identifier(&text).ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, "there is nothing here"))
}

/// An identifier in its one written form.
fn identifier(text: &str) -> Option<i64> {
    text.parse::<i64>().ok().filter(|n| *n > 0 && n.to_string() == text)
}

/// An identifier in a field or a parameter.
pub(super) fn identifier_of(field: &str, text: &str) -> Result<i64, Problem> {
    identifier(text)
        .ok_or_else(|| Problem::field(field, "id", format!("{field}: is not an identifier")))
}

/// An identifier in a parameter that may be absent or empty.
pub(super) fn optional(field: &str, text: Option<&str>) -> Result<Option<i64>, Problem> {
    given(text).map(|text| identifier_of(field, text)).transpose()
}

/// A parameter that says something.
pub(super) fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|t| !t.is_empty())
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Parameters<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        Query::<T>::from_request_parts(parts, state).await.map(|Query(query)| Self(query)).map_err(
            |rejection| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, rejection.body_text()),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::identifier;

    #[test]
    fn an_identifier_has_one_form() {
        assert_eq!(identifier("117"), Some(117));
        for text in ["", "0", "-1", "+1", "01", " 1", "1x", "99999999999999999999"] {
            assert_eq!(identifier(text), None, "{text}");
        }
    }
}
