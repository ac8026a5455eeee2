//! Figures of requests, by door, method and status only.

use super::door::Door;
use http::{Method, StatusCode};
use std::time::Duration;

/// Counts an answered request.
pub(super) fn count(door: Door, method: &Method, status: StatusCode, took: Duration) {
    metrics::counter!(
        "http_requests_total",
        "door" => door.as_str(),
        "method" => name(method),
        "status" => status.as_str().to_owned(),
    )
    .increment(1);
    metrics::histogram!("http_request_duration_seconds", "door" => door.as_str())
        .record(took.as_secs_f64());
}

/// Counts a panic.
pub(super) fn count_panic() {
    metrics::counter!("http_panics_total").increment(1);
}

/// Strangers must not be able to invent label values.
fn name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        Method::PATCH => "PATCH",
        _ => "other",
    }
}
