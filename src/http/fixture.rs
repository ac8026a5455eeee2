//! An instance for tests of the doors: everything real, behind the whole frame.

use crate::config::Config;
use crate::domain::{Scope, Viewer};
use crate::services::accounts;
use crate::storage::Engine;
use crate::testing::{OnEngine, TestApp};
use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Request, StatusCode};
use serde_json::Value;
use tower::ServiceExt as _;

/// An instance in earnest, `https://veche.example`, with its limits on.
pub(super) struct Fixture {
    pub(super) app: TestApp,
    pub(super) router: Router,
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

impl OnEngine for Fixture {
    async fn on_engine(engine: Engine) -> Self {
        Self::with(engine, |_| {}).await
    }
}

impl Fixture {
    /// One for what does not depend on the engine.
    pub(super) async fn new() -> Self {
        Self::on_engine(Engine::Sqlite).await
    }

    pub(super) async fn with(engine: Engine, change: impl FnOnce(&mut Config)) -> Self {
        let builder = TestApp::builder(engine).url("https://veche.example").limits(true);
        let app = builder
            .config(|config| {
                config.federation = crate::config::Federation::default();
                change(config);
            })
            .start()
            .await;
        Self { router: app.router(), app }
    }

    /// An account with a token for everything.
    pub(super) async fn account(&self, handle: &str) -> (Viewer, String) {
        let viewer = self.app.account(handle).await;
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
