//! Inboxes: decide, store, answer 202. What an activity does is worked out later.

use crate::app::App;
use crate::domain::ActorKind;
use crate::domain::handle::of_initiative;
use crate::domain::peerlog::Check;
use crate::federation::inbox::{Rejection, Verdict, check};
use crate::federation::limits::{self, Source};
use crate::http::extract::source_of;
use crate::services::{self, inbox::Intake};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};

/// `POST /inbox` and `POST /actor/inbox`: for everybody here.
pub(super) async fn shared(
    State(app): State<App>,
    State(intake): State<Intake>,
    parts: Parts,
    body: Bytes,
) -> Response {
    take(&app, &intake, &parts, body).await
}

/// `POST /u/{handle}/inbox`: for a person or a body.
pub(super) async fn user(
    State(app): State<App>,
    State(intake): State<Intake>,
    Path(handle): Path<String>,
    parts: Parts,
    body: Bytes,
) -> Response {
    match owner(&app, &handle, &[ActorKind::Person, ActorKind::Body]).await {
        Ok(()) => take(&app, &intake, &parts, body).await,
        Err(rejection) => refuse(&app, &intake, &source_of(&parts.extensions), &rejection, &body),
    }
}

/// `POST /g/{handle}/inbox`: for an assembly.
pub(super) async fn assembly(
    State(app): State<App>,
    State(intake): State<Intake>,
    Path(handle): Path<String>,
    parts: Parts,
    body: Bytes,
) -> Response {
    match owner(&app, &handle, &[ActorKind::Assembly]).await {
        Ok(()) => take(&app, &intake, &parts, body).await,
        Err(rejection) => refuse(&app, &intake, &source_of(&parts.extensions), &rejection, &body),
    }
}

/// `POST /i/{id}/inbox`: for the actor of an initiative.
pub(super) async fn initiative(
    State(app): State<App>,
    State(intake): State<Intake>,
    Path(id): Path<String>,
    parts: Parts,
    body: Bytes,
) -> Response {
    let handle = id.parse().map_or_else(|_| String::new(), of_initiative);
    match owner(&app, &handle, &[ActorKind::Initiative]).await {
        Ok(()) => take(&app, &intake, &parts, body).await,
        Err(rejection) => refuse(&app, &intake, &source_of(&parts.extensions), &rejection, &body),
    }
}

/// Whether the owner of a personal inbox exists.
async fn owner(app: &App, handle: &str, kinds: &[ActorKind]) -> Result<(), Rejection> {
    let status = |status, reason| Rejection::new(status, reason).at(Check::Inbox);
    let found = services::actors::local_by_handle(app, handle).await;
    let found = found.map_err(|error| Rejection::from(error).at(Check::Inbox))?;
    match found.filter(|a| kinds.contains(&a.kind)) {
        None => Err(status(404, "nobody here has this inbox")),
        Some(actor) if actor.deleted_at.is_some() => Err(status(410, "the owner is gone")),
        Some(_) => Ok(()),
    }
}

async fn take(app: &App, intake: &Intake, parts: &Parts, body: Bytes) -> Response {
    let source = source_of(&parts.extensions);
    let verdict = match check(app, &source, &parts.method, &parts.uri, &parts.headers, &body).await
    {
        Ok(verdict) => verdict,
        Err(rejection) => return refuse(app, intake, &source, &rejection, &body),
    };
    let stored = match verdict {
        Verdict::Nothing => Ok(()),
        Verdict::Store { actor, activity_uri } => {
            intake.store(actor, activity_uri, body.clone()).await
        }
        Verdict::StoreForwarded { sender, activity_uri } => {
            intake.store_forwarded(sender, activity_uri, body.clone()).await
        }
    };
    match stored {
        Ok(()) => StatusCode::ACCEPTED.into_response(),
        Err(error) => {
            let rejection = Rejection::from(error).at(Check::Store);
            refuse(app, intake, &source, &rejection, &body)
        }
    }
}

fn refuse(
    app: &App,
    intake: &Intake,
    source: &Source,
    rejection: &Rejection,
    body: &[u8],
) -> Response {
    let check = rejection.trace.last().map_or("", Check::as_str);
    let label = rejection.status.to_string();
    metrics::counter!("inbox_refused_total", "status" => label, "check" => check).increment(1);
    tracing::debug!(
        status = rejection.status,
        check,
        reason = rejection.reason,
        "an activity is refused"
    );
    if limits::may_log(app, source) && intake.has_room_for_refusal() {
        intake.refuse(rejection.for_log(body));
    }
    let status = StatusCode::from_u16(rejection.status).unwrap_or(StatusCode::BAD_REQUEST);
    let mut response = (status, rejection.reason.clone()).into_response();
    if let Some(seconds) = rejection.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
