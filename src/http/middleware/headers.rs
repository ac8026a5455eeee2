//! Headers that every answer carries, and what browsers ask before calling from other pages.

use super::door::Door;
use super::refusal::Refusal;
use axum::extract::Request;
use axum::response::Response;
use http::{HeaderName, HeaderValue, Method, header};

/// Pages here run no script and load nothing from elsewhere.
const CSP: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; \
                   font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// On every answer.
const ALWAYS: [(HeaderName, HeaderValue); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("permissions-policy"), HeaderValue::from_static("browsing-topics=()")),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
];

/// Two years. Not for subdomains: they may be somebody else's.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=63072000");

const ANY: HeaderValue = HeaderValue::from_static("*");

/// Puts the headers on an answer.
pub(super) fn put(response: &mut Response, door: Door, https: bool) {
    let headers = response.headers_mut();
    headers.reserve(ALWAYS.len() + 4);
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(const { HeaderValue::from_static(CSP) });
    for (name, value) in ALWAYS {
        headers.insert(name, value);
    }
    if https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
    // Documents and the API know no cookies, so pages of others may read what is public.
    if matches!(door, Door::Api | Door::Ap) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY);
    }
}

/// Answers the question of a browser whether a page of another origin may call the API.
pub(super) fn preflight(request: &Request, door: Door) -> Result<(), Refusal> {
    if door != Door::Api
        || request.method() != Method::OPTIONS
        || !request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
    {
        return Ok(());
    }
    let methods = HeaderValue::from_static("GET, POST, PUT, DELETE");
    let fields = HeaderValue::from_static("authorization, content-type, idempotency-key");
    Err(Refusal::new(204, "")
        .with(header::ACCESS_CONTROL_ALLOW_METHODS, methods)
        .with(header::ACCESS_CONTROL_ALLOW_HEADERS, fields)
        .with(header::ACCESS_CONTROL_MAX_AGE, 86_400))
}
