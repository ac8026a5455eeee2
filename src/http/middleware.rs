//! What happens to every request before and after its handler, in the order of [`Frame::answer`].
//!
//! One file per concern, each a plain function: a stack of layers would cost an allocation and a
//! clone per layer and request. Nothing here knows what a route does.
//!
//! To add a concern: its file, and its line in [`Frame::admit`] (before the handler; may refuse)
//! or in [`Frame::answer`] (after it).

mod address;
mod attempts;
mod body;
mod door;
mod headers;
mod host;
mod limits;
mod log;
mod metrics;
mod panic;
mod refusal;
mod request_id;
mod route;

#[cfg(test)]
mod tests;

pub(crate) use attempts::TryAgain;
pub(crate) use limits::check_act;

use super::extract::ClientIp;
use super::{State, health, negotiate, web};
use crate::app::App;
use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use door::Door;
use limits::Limits;
use refusal::Refusal;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Instant;
use tracing::Instrument as _;

/// Puts the frame around the doors.
pub(super) fn wrap(doors: Router, state: &State) -> Router {
    let app = state.app.clone();
    let frame = Arc::new(Frame {
        doors: doors.layer(axum::middleware::from_fn(route::remember)),
        host: host::Expected::new(&app.urls),
        https: app.urls.base().starts_with("https:"),
        limits: app.config.limits.enabled.then(|| Arc::new(Limits::new(&app.config.limits))),
        app,
    });
    // The rewriting must come before routing, so the doors become the fallback of an outer router.
    let service = tower::service_fn(move |request: Request| {
        let frame = Arc::clone(&frame);
        async move { Ok::<_, Infallible>(frame.answer(request).await) }
    });
    Router::new().fallback_service(service)
}

struct Frame {
    app: App,
    doors: Router,
    host: host::Expected,
    https: bool,
    limits: Option<Arc<Limits>>,
}

impl Frame {
    async fn answer(&self, mut request: Request) -> Response {
        let started = Instant::now();
        let id = request_id::of(request.headers());
        let is_health = health::is_health(request.uri().path());
        let admitted = self.host.check(&mut request, is_health);
        let request = negotiate::route(request);
        let door = if is_health { Door::Health } else { Door::of(request.uri().path()) };
        let method = request.method().clone();
        // Only pages need to know later what was asked for.
        let asked = (door == Door::Web).then(|| (request.uri().clone(), request.headers().clone()));
        let work = async {
            let request = match admitted {
                Ok(()) => self.admit(request, door).await,
                Err(refusal) => Err(refusal),
            };
            match request {
                Ok(request) => attempts::answer(&self.app, &self.doors, door, request).await,
                Err(refusal) => Ok(refusal.into_response(door)),
            }
        };
        let span = tracing::error_span!("request", id = id.to_str().unwrap_or_default());
        let answered = work.instrument(span).await;
        let response = answered.unwrap_or_else(|()| Refusal::new(500, "").into_response(door));
        let mut response = refusal::in_the_form_of(door, response);
        if let Some((uri, headers)) = asked {
            response = web::as_page(&self.app, &uri, &headers, response).await;
        }
        headers::put(&mut response, door, self.https);
        let took = started.elapsed();
        log::line(&method, &response, &id, took, door);
        if self.app.metrics.is_some() {
            metrics::count(door, &method, response.status(), took);
        }
        response.headers_mut().insert(request_id::HEADER, id);
        response
    }

    /// Checks a request for our host; gives it back ready for its handler.
    async fn admit(&self, mut request: Request, door: Door) -> Result<Request, Refusal> {
        address::check(request.uri())?;
        headers::preflight(&request, door)?;
        let trusted = &self.app.config.server.trusted_proxies;
        let client = ClientIp::of(request.extensions(), request.headers(), trusted);
        request.extensions_mut().insert(client);
        if let Some(limits) = self.limits.as_ref().filter(|_| door != Door::Health) {
            limits.check(request.method(), request.uri().path(), client)?;
            if !request.method().is_safe() {
                request.extensions_mut().insert(Arc::clone(limits));
            }
        }
        body::gather(request, door).await
    }
}
