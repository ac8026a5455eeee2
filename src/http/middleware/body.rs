//! Request bodies: small, uncompressed, complete in time, or not read at all.

use super::refusal::Refusal;
use axum::body::Body;
use axum::extract::Request;
use http::header;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::Body as _;
use std::time::Duration;

/// The largest body, of any request.
pub(super) const MAX: usize = 256 * 1024;
/// How long a client may take to send it.
const TIME: Duration = Duration::from_secs(30);

/// Reads the body, so that handlers get it whole and never more of it than is allowed.
pub(super) async fn gather(request: Request) -> Result<Request, Refusal> {
    let encoding = request.headers().get(header::CONTENT_ENCODING);
    if encoding.is_some_and(|e| !e.as_bytes().eq_ignore_ascii_case(b"identity")) {
        // A small body could become a large one.
        return Err(Refusal::new(415, "compressed bodies are not accepted"));
    }
    if request.body().is_end_stream() {
        return Ok(request);
    }
    if request.body().size_hint().lower() > u64::try_from(MAX).unwrap_or(u64::MAX) {
        return Err(too_large());
    }
    let (parts, body) = request.into_parts();
    let whole = tokio::time::timeout(TIME, Limited::new(body, MAX).collect()).await;
    match whole {
        Err(_) => Err(Refusal::new(408, "the body did not arrive in time")
            .with(header::CONNECTION, http::HeaderValue::from_static("close"))),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        // The connection broke, most likely; nobody reads this.
        Ok(Err(_)) => Err(Refusal::new(400, "the body cannot be read")),
        Ok(Ok(whole)) => Ok(Request::from_parts(parts, Body::from(whole.to_bytes()))),
    }
}

fn too_large() -> Refusal {
    Refusal::new(413, format!("bodies have at most {MAX} bytes"))
        .with(header::CONNECTION, http::HeaderValue::from_static("close"))
}
