//! For whoever watches the instance: does it live, and can it work.
//!
//! `/livez` says only that the process answers; `/readyz` (also `/health`, `/healthz`) names each
//! check and is 503 when one fails. Neither says anything that is not for everybody.

use super::State;
use crate::app::App;
use crate::services::instance;
use axum::extract::State as From;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;

const PATHS: [&str; 4] = ["/livez", "/readyz", "/health", "/healthz"];

/// How long a delivery that could be made may wait before something is wrong.
const STUCK_MILLIS: i64 = 10 * 60 * 1000;

/// Whether a path is one of these: they answer under any host name and are not counted.
pub(super) fn is_health(path: &str) -> bool {
    PATHS.contains(&path)
}

/// The routes.
pub(super) fn router() -> Router<State> {
    let [live, ready @ ..] = PATHS;
    let router = Router::new().route(live, get(|| async { "ok\n" }));
    ready.iter().fold(router, |router, path| router.route(path, get(readyz)))
}

async fn readyz(From(app): From<App>) -> Response {
    let checks = checks(&app).await;
    let fine = checks.iter().all(|(_, result)| result.is_ok());
    let mut report = serde_json::Map::new();
    for (name, result) in checks {
        report.insert(name.to_owned(), result.err().unwrap_or("ok").into());
    }
    let status = if fine { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let text = if fine { "ok" } else { "failing" };
    (status, Json(serde_json::json!({ "status": text, "checks": report }))).into_response()
}

async fn checks(app: &App) -> [(&'static str, Result<(), &'static str>); 3] {
    let database = app.db.ping().await.map_err(|error| {
        tracing::warn!(%error, "the database does not answer");
        "does not answer"
    });
    if database.is_err() {
        return [
            ("database", database),
            ("migrations", Err("unknown")),
            ("queues", Err("unknown")),
        ];
    }
    let migrations = match instance::schema_is_current(app).await {
        Ok(true) => Ok(()),
        Ok(false) => Err("missing"),
        Err(error) => {
            tracing::warn!(%error, "the schema could not be compared");
            Err("unknown")
        }
    };
    let queues = match instance::oldest_due_millis(app).await {
        Ok(millis) if millis < STUCK_MILLIS => Ok(()),
        Ok(_) => Err("stuck"),
        Err(error) => {
            tracing::warn!(%error, "the queues could not be counted");
            Err("unknown")
        }
    };
    [("database", database), ("migrations", migrations), ("queues", queues)]
}
