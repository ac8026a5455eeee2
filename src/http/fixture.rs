//! An instance for tests of the doors: everything real, behind the whole frame.

use super::{State, router};
use crate::app::{App, KeySource, Options};
use crate::config::Config;
use crate::crypto::{PasswordCost, SigningKey};
use crate::domain::{Scope, Viewer};
use crate::services::accounts::{self, Registration};
use crate::services::inbox::Intake;
use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Request, StatusCode};
use serde_json::Value;
use std::sync::{Arc, OnceLock};
use tower::ServiceExt as _;

pub(super) struct Fixture {
    pub(super) app: App,
    pub(super) router: Router,
    pub(super) state: State,
    _folder: tempfile::TempDir,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) text: String,
}

impl Answer {
    /// The body as JSON.
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }

    /// A header as text, empty when it is absent.
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }
}

impl Fixture {
    pub(super) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(super) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        config.database.url = format!("sqlite:{}/test.db", folder.path().display());
        config.server.url = "https://veche.example".parse().unwrap();
        change(&mut config);
        // Making a key takes longer than most tests.
        static KEY: OnceLock<Arc<[u8]>> = OnceLock::new();
        let key = KEY.get_or_init(|| SigningKey::generate(String::new()).unwrap().1.into());
        let options = Options {
            keys: KeySource::Shared(Arc::clone(key)),
            password_cost: PasswordCost::Trivial,
            ..Options::default()
        };
        let app = App::start(config, options).await.unwrap();
        let state = State { app: app.clone(), intake: Intake::start(&app) };
        Self { app, router: router(&state), state, _folder: folder }
    }

    /// An account with a token for everything.
    pub(super) async fn account(&self, handle: &str) -> (Viewer, String) {
        let form = Registration {
            handle: handle.to_owned(),
            email: format!("{handle}@mail.example"),
            password: "correct horse battery".to_owned(),
            ..Registration::default()
        };
        let viewer = accounts::register(&self.app, &form).await.unwrap();
        let token = accounts::create_token(&self.app, handle, &Scope::ALL).await.unwrap();
        (viewer, token)
    }

    /// Sends a request as it is.
    pub(super) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, 10_000_000).await.unwrap();
        let text = String::from_utf8(body.to_vec()).unwrap();
        Answer { status: parts.status, headers: parts.headers, text }
    }

    /// Calls the API; without a body when it is null.
    pub(super) async fn call(&self, method: &str, path: &str, token: &str, body: Value) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", super::api::PREFIX))
            .header("host", "veche.example");
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let body = if body.is_null() {
            Body::empty()
        } else {
            request = request.header("content-type", "application/json");
            Body::from(body.to_string())
        };
        self.send(request.body(body).unwrap()).await
    }

    /// Reads from the API without a token.
    pub(super) async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, "", Value::Null).await
    }
}
