//! The session behind a browser's cookie, and the cookies themselves.
//!
//! Reads and writes cookies in one place, so that their flags cannot differ. Must not decide what
//! a visitor may do; services do.
//!
//! To add a cookie: a variant of [`Cookie`], with its name and whether it ends with the browser.

use crate::app::App;
use crate::http::web::{Error, NextPath};
use crate::http::{State, web};
use crate::services::accounts::{self, Session};
use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Redirect, Response};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, header};

/// The cookies of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) enum Cookie {
    /// The secret of a session.
    Session,
    /// What forms of visitors without a session must carry a second time.
    Form,
    /// The language somebody chose.
    Language,
    /// The server from which a visitor takes part.
    Server,
}

/// A year, for what somebody chose.
const YEAR: i64 = 365 * 24 * 60 * 60;

impl Cookie {
    /// The name: with the prefix that binds it to this host wherever browsers allow it.
    fn name(self, app: &App) -> String {
        let prefix = if is_secure(app) { "__Host-" } else { "" };
        let name = match self {
            Self::Session => "veche",
            Self::Form => "veche-form",
            Self::Language => "veche-language",
            Self::Server => "veche-server",
        };
        format!("{prefix}{name}")
    }

    /// Its value in a request.
    pub(in crate::http) fn read(self, app: &App, headers: &HeaderMap) -> Option<String> {
        let name = self.name(app);
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|v| v.to_str().ok())
            .flat_map(|v| v.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(key, value)| *key == name && !value.is_empty())
            .map(|(_, value)| value.to_owned())
    }

    /// The header that sets it. `value` is one of our own secrets or tags, or a host: no escaping needed.
    fn header(self, app: &App, value: &str, max_age: Option<i64>) -> Option<HeaderValue> {
        let age = max_age.map(|s| format!("; Max-Age={s}")).unwrap_or_default();
        let secure = if is_secure(app) { "; Secure" } else { "" };
        let name = self.name(app);
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}").parse().ok()
    }

    /// Sets it on a response.
    pub(in crate::http) fn set(
        self,
        app: &App,
        value: &str,
        max_age: Option<i64>,
        mut response: Response,
    ) -> Response {
        let lasting = matches!(self, Self::Language | Self::Server);
        let max_age = if lasting { Some(YEAR) } else { max_age };
        if let Some(value) = self.header(app, value, max_age) {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
        response
    }

    /// Takes it back.
    pub(in crate::http) fn clear(self, app: &App, mut response: Response) -> Response {
        if let Some(value) = self.header(app, "", Some(0)) {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
        response
    }
}

fn is_secure(app: &App) -> bool {
    app.config.server.url.scheme() == "https"
}

/// The session of whoever asks, if there is one.
#[derive(Clone, Debug)]
pub(in crate::http) struct MaybeViewer(pub(in crate::http) Option<Session>);

impl FromRequestParts<State> for MaybeViewer {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Error> {
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(known.clone());
        }
        let session = match Cookie::Session.read(&state.app, &parts.headers) {
            Some(secret) => accounts::session(&state.app, &secret).await?,
            None => None,
        };
        let found = Self(session);
        // Several extractors of one request ask; the database is asked once.
        parts.extensions.insert(found.clone());
        Ok(found)
    }
}

/// The session of somebody signed in. Others are sent to the sign-in page, and back afterwards.
#[derive(Clone, Debug)]
pub(in crate::http) struct SignedIn(pub(in crate::http) Session);

impl FromRequestParts<State> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Response> {
        let MaybeViewer(session) = MaybeViewer::from_request_parts(parts, state)
            .await
            .map_err(IntoResponse::into_response)?;
        session.map(Self).ok_or_else(|| sign_in_first(parts, state))
    }
}

/// To the sign-in page. After a form there is no page to come back to but the one it was on.
fn sign_in_first(parts: &Parts, state: &State) -> Response {
    let next = if parts.method == Method::GET {
        NextPath::parse(parts.uri.path_and_query().map_or("/", |p| p.as_str()))
    } else {
        let referer = parts.headers.get(header::REFERER).and_then(|v| v.to_str().ok());
        let path = referer.and_then(|r| r.strip_prefix(state.app.urls.base()));
        NextPath::parse(path.unwrap_or("/"))
    };
    Redirect::to(&web::sign_in_path(&next)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn session_is_shared_between_extractors() {
        // The marker type has to be cloneable and 'static to live in the extensions.
        fn storable<T: Clone + Send + Sync + 'static>() {}
        storable::<MaybeViewer>();
    }
}
