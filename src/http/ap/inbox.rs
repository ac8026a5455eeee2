//! Inboxes: decide, store, answer 202. What an activity does is worked out later.

use crate::app::App;
use crate::domain::ActorKind;
use crate::domain::handle::of_initiative;
use crate::federation::inbox::{Rejection, Verdict, check};
use crate::services::{self, inbox::Intake};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};

/// `POST /inbox` and `POST /actor/inbox`: for everybody here.
pub(super) async fn shared(
    State(app): State<App>,
    State(intake): State<Intake>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    take(&app, &intake, &method, &uri, &headers, body).await
}

/// `POST /u/{handle}/inbox`: for a person or a body.
pub(super) async fn user(
    State(app): State<App>,
    State(intake): State<Intake>,
    Path(handle): Path<String>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match owner(&app, &handle, &[ActorKind::Person, ActorKind::Body]).await {
        Ok(()) => take(&app, &intake, &method, &uri, &headers, body).await,
        Err(rejection) => refuse(&rejection),
    }
}

/// `POST /g/{handle}/inbox`: for an assembly.
pub(super) async fn assembly(
    State(app): State<App>,
    State(intake): State<Intake>,
    Path(handle): Path<String>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match owner(&app, &handle, &[ActorKind::Assembly]).await {
        Ok(()) => take(&app, &intake, &method, &uri, &headers, body).await,
        Err(rejection) => refuse(&rejection),
    }
}

/// `POST /i/{id}/inbox`: for the actor of an initiative.
pub(super) async fn initiative(
    State(app): State<App>,
    State(intake): State<Intake>,
    Path(id): Path<String>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let handle = id.parse().map_or_else(|_| String::new(), of_initiative);
    match owner(&app, &handle, &[ActorKind::Initiative]).await {
        Ok(()) => take(&app, &intake, &method, &uri, &headers, body).await,
        Err(rejection) => refuse(&rejection),
    }
}

/// Whether the owner of a personal inbox exists.
async fn owner(app: &App, handle: &str, kinds: &[ActorKind]) -> Result<(), Rejection> {
    let status = |status, reason: &str| Rejection { status, reason: reason.to_owned() };
    let found = services::actors::local_by_handle(app, handle).await?;
    match found.filter(|a| kinds.contains(&a.kind)) {
        None => Err(status(404, "nobody here has this inbox")),
        Some(actor) if actor.deleted_at.is_some() => Err(status(410, "the owner is gone")),
        Some(_) => Ok(()),
    }
}

async fn take(
    app: &App,
    intake: &Intake,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: Bytes,
) -> Response {
    let verdict = match check(app, method, uri, headers, &body).await {
        Ok(verdict) => verdict,
        Err(rejection) => return refuse(&rejection),
    };
    let stored = match verdict {
        Verdict::Nothing => Ok(()),
        Verdict::Store { actor, activity_uri } => intake.store(actor, activity_uri, body).await,
    };
    match stored {
        Ok(()) => StatusCode::ACCEPTED.into_response(),
        Err(error) => refuse(&error.into()),
    }
}

fn refuse(rejection: &Rejection) -> Response {
    metrics::counter!("inbox_refused_total", "status" => rejection.status.to_string()).increment(1);
    tracing::debug!(status = rejection.status, reason = rejection.reason, "an activity is refused");
    let status = StatusCode::from_u16(rejection.status).unwrap_or(StatusCode::BAD_REQUEST);
    let mut response = (status, rejection.reason.clone()).into_response();
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("30"));
    }
    response
}
