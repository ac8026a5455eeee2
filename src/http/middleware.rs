//! What happens to every request before and after its handler.

use super::{State, negotiate};
use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use tower::ServiceExt as _;

/// Puts the layers around the doors, outermost last.
pub(super) fn wrap(doors: Router, _state: &State) -> Router {
    // The rewriting must come before routing, so the doors become the fallback of an outer router.
    let service = tower::service_fn(move |request: Request| {
        let doors = doors.clone();
        async move { doors.oneshot(negotiate::route(request)).await as Result<Response, _> }
    });
    Router::new().fallback_service(service)
}

/// TODO
pub(crate) fn check_act(
    _extensions: &http::Extensions,
    _account: crate::domain::ActorId,
) -> Result<(), u64> {
    Ok(())
}
