//! Request bodies: small, uncompressed, complete in time, or not read at all.

use super::door::Door;
use super::refusal::Refusal;
use axum::body::Body;
use axum::extract::Request;
use http::header;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::Body as _;
use std::time::Duration;

/// The largest activity: a long text comes twice in it, and in some servers' spelling each letter
/// takes six bytes.
const MAX_ACTIVITY: usize = 1024 * 1024;
/// The largest body of a request by a program.
pub(super) const MAX: usize = 256 * 1024;
/// The largest form: the longest initiative, percent-encoded, with room for its other fields.
const MAX_FORM: usize = 512 * 1024;
/// How long a client may take to send it.
const TIME: Duration = Duration::from_secs(30);

/// Reads the body, so that handlers get it whole and never more of it than is allowed.
pub(super) async fn gather(request: Request, door: Door) -> Result<Request, Refusal> {
    let max = match door {
        Door::Web => MAX_FORM,
        Door::Ap => MAX_ACTIVITY,
        Door::Api | Door::Health => MAX,
    };
    let encoding = request.headers().get(header::CONTENT_ENCODING);
    if encoding.is_some_and(|e| !e.as_bytes().eq_ignore_ascii_case(b"identity")) {
        // A small body could become a large one.
        return Err(Refusal::new(415, "compressed bodies are not accepted"));
    }
    if request.body().is_end_stream() {
        return Ok(request);
    }
    if request.body().size_hint().lower() > u64::try_from(max).unwrap_or(u64::MAX) {
        return Err(too_large(max));
    }
    let (parts, body) = request.into_parts();
    let whole = tokio::time::timeout(TIME, Limited::new(body, max).collect()).await;
    match whole {
        Err(_) => Err(Refusal::new(408, "the body did not arrive in time")
            .with(header::CONNECTION, http::HeaderValue::from_static("close"))),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large(max)),
        // The connection broke, most likely; nobody reads this.
        Ok(Err(_)) => Err(Refusal::new(400, "the body cannot be read")),
        Ok(Ok(whole)) => Ok(Request::from_parts(parts, Body::from(whole.to_bytes()))),
    }
}

fn too_large(max: usize) -> Refusal {
    Refusal::new(413, format!("bodies have at most {max} bytes"))
        .with(header::CONNECTION, http::HeaderValue::from_static("close"))
}
