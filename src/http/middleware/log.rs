//! One line per request: what kind, how it ended, how long it took. No query, no address, no
//! name: the pattern of the route stands for the path.

use super::door::Door;
use axum::extract::MatchedPath;
use axum::response::Response;
use http::{HeaderValue, Method};
use std::time::Duration;

/// Writes the line.
pub(super) fn line(
    method: &Method,
    response: &Response,
    id: &HeaderValue,
    took: Duration,
    door: Door,
) {
    let route = response.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str);
    let status = response.status().as_u16();
    let micros = u32::try_from(took.as_micros()).unwrap_or(u32::MAX);
    let duration_ms = f64::from(micros) / 1000.0;
    let request_id = id.to_str().unwrap_or_default();
    // The level is part of the event's static description, hence the repetition.
    macro_rules! write {
        ($level:ident) => {
            tracing::$level!(
                target: "veche::request",
                method = %method, route, status, duration_ms, request_id,
                "request"
            )
        };
    }
    match (status, door) {
        (500.., _) => write!(warn),
        // Whoever watches asks every few seconds.
        (_, Door::Health) => write!(debug),
        _ => write!(info),
    }
}
