//! A panic in a handler is an answer of 500, and the connection lives on.

use super::metrics;
use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use futures_util::FutureExt as _;
use std::panic::AssertUnwindSafe;
use tower::ServiceExt as _;

/// Runs the handler; `Err` when it panicked. What it left half-done is in a transaction, which is
/// rolled back.
pub(super) async fn caught(doors: Router, request: Request) -> Result<Response, ()> {
    match AssertUnwindSafe(doors.oneshot(request)).catch_unwind().await {
        Ok(Ok(response)) => Ok(response),
        Ok(Err(never)) => match never {},
        Err(_) => {
            metrics::count_panic();
            Err(())
        }
    }
}
