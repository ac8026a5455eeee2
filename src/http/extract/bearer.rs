//! Who calls the API: `Authorization: Bearer TOKEN` (RFC 6750), never in the address.

use crate::app::App;
use crate::domain::{Scope, Viewer};
use crate::http::State;
use crate::http::api::Problem;
use crate::http::middleware::check_act;
use crate::services::accounts::{self, TokenHolder};
use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, header};

/// Whoever it is; a token that is given must be good, and good for reading.
#[derive(Debug)]
pub(crate) struct Anyone(pub(crate) Option<Viewer>);

/// The holder of a token that may read.
#[derive(Debug)]
pub(crate) struct Reader(pub(crate) TokenHolder);

/// The holder of a token that may write. Counts as one act of the account.
#[derive(Debug)]
pub(crate) struct Writer(pub(crate) Viewer);

impl FromRequestParts<State> for Anyone {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        if !parts.headers.contains_key(header::AUTHORIZATION) {
            return Ok(Self(None));
        }
        Ok(Self(Some(holder(parts, &state.app, Scope::Read).await?.viewer)))
    }
}

impl FromRequestParts<State> for Reader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        holder(parts, &state.app, Scope::Read).await.map(Self)
    }
}

impl FromRequestParts<State> for Writer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        let viewer = holder(parts, &state.app, Scope::Write).await?.viewer;
        check_act(&parts.extensions, viewer.id).map_err(|seconds| {
            Problem::new(StatusCode::TOO_MANY_REQUESTS, "too many acts in a short time")
                .with(header::RETRY_AFTER, seconds.into())
        })?;
        Ok(Self(viewer))
    }
}

async fn holder(parts: &Parts, app: &App, scope: Scope) -> Result<TokenHolder, Problem> {
    let Some(value) = parts.headers.get(header::AUTHORIZATION) else {
        let challenge = HeaderValue::from_static("Bearer realm=\"veche\"");
        return Err(unauthorized("this needs a token", challenge));
    };
    let invalid = || {
        let challenge = HeaderValue::from_static("Bearer realm=\"veche\", error=\"invalid_token\"");
        unauthorized("the token is not valid", challenge)
    };
    let token = value.to_str().ok().and_then(bearer).ok_or_else(invalid)?;
    let holder = accounts::by_token(app, token).await?.ok_or_else(invalid)?;
    if !holder.scopes.contains(&scope) {
        let challenge = match scope {
            Scope::Read => "Bearer realm=\"veche\", error=\"insufficient_scope\", scope=\"read\"",
            Scope::Write => "Bearer realm=\"veche\", error=\"insufficient_scope\", scope=\"write\"",
        };
        let detail = format!("the token lacks the scope {}", scope.as_str());
        return Err(Problem::new(StatusCode::FORBIDDEN, detail)
            .with(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge)));
    }
    Ok(holder)
}

/// The token of a request, whether it is good or not.
pub(crate) fn bearer_of(headers: &HeaderMap) -> Option<&str> {
    bearer(headers.get(header::AUTHORIZATION)?.to_str().ok()?)
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && token.len() <= 256)
        .then_some(token)
}

fn unauthorized(detail: &str, challenge: HeaderValue) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, detail).with(header::WWW_AUTHENTICATE, challenge)
}

#[cfg(test)]
mod tests {
    use super::bearer;

    #[test]
    fn only_bearer_tokens_are_read() {
        assert_eq!(bearer("Bearer abc"), Some("abc"));
        assert_eq!(bearer("bearer  abc "), Some("abc"));
        for other in ["abc", "Basic abc", "Bearer", "Bearer "] {
            assert_eq!(bearer(other), None, "{other}");
        }
    }
}
