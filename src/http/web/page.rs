//! From a template to a response, with the headers that every page has.

use super::Error;
use crate::app::Rendered;
use crate::crypto;
use askama::Template;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};

/// The media type of pages.
pub(super) const HTML: &str = "text/html; charset=utf-8";
/// Pages depend on who asks, in which language and for which form.
const VARY: HeaderValue = HeaderValue::from_static("Accept, Cookie, Accept-Language");
/// Nobody keeps them without asking again: they may hold somebody's name and token.
const CACHE: HeaderValue = HeaderValue::from_static("private, no-cache");

/// A page.
pub(super) fn ok(template: &impl Template) -> Response {
    with_status(StatusCode::OK, template)
}

/// A page with this status: 422 for a form that is shown again.
pub(super) fn with_status(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => respond(status, Body::from(html)),
        Err(error) => {
            tracing::error!(%error, "a template cannot be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// A form as it is first shown, or shown again with what is wrong.
pub(super) fn form(failed: bool, template: &impl Template) -> Response {
    let status = if failed { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    with_status(status, template)
}

fn respond(status: StatusCode, body: Body) -> Response {
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(HTML));
    headers.insert(header::VARY, VARY);
    headers.insert(header::CACHE_CONTROL, CACHE);
    response
}

/// A page to keep for a moment, for everybody who is not signed in.
pub(super) fn render(template: &impl Template) -> Result<Rendered, Error> {
    let html = template.render().map_err(|error| {
        tracing::error!(%error, "a template cannot be rendered");
        Error::Internal
    })?;
    let digest = crypto::sha256_hex(html.as_bytes());
    let etag = format!("\"{}\"", digest.get(..24).unwrap_or_default());
    Ok(Rendered::new(HTML, &etag, Bytes::from(html)))
}

/// Shorter pages are not worth packing.
const MIN_PACKED: usize = 1_000;

/// The response of a kept page, packed if the reader can unpack it; or that it has not changed.
pub(super) fn rendered(page: &Rendered, request: &HeaderMap) -> Response {
    let packed = page.body.len() >= MIN_PACKED && accepts_gzip(request);
    let mut response = if is_known(page, request) {
        respond(StatusCode::NOT_MODIFIED, Body::empty())
    } else if packed {
        let mut response = respond(StatusCode::OK, Body::from(page.gzipped()));
        let gzip = HeaderValue::from_static("gzip");
        response.headers_mut().insert(header::CONTENT_ENCODING, gzip);
        response
    } else {
        respond(StatusCode::OK, Body::from(page.body.clone()))
    };
    // The same page in other bytes: the tag is a weak one (RFC 9110, 8.8.1).
    let etag = if packed { format!("W/{}", page.etag) } else { page.etag.to_string() };
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        response.headers_mut().insert(header::ETAG, etag);
    }
    response.headers_mut().append(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    response
}

/// Whether the reader has this page already (RFC 9110, 13.1.2: weak comparison).
fn is_known(page: &Rendered, request: &HeaderMap) -> bool {
    let known = request.get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok());
    let mut tags = known.unwrap_or_default().split(',').map(str::trim);
    tags.any(|tag| tag.strip_prefix("W/").unwrap_or(tag) == &*page.etag)
}

/// Whether gzip is named and not refused (RFC 9110, 12.5.3).
fn accepts_gzip(request: &HeaderMap) -> bool {
    let accepted = request.get(header::ACCEPT_ENCODING).and_then(|v| v.to_str().ok());
    accepted.unwrap_or_default().split(',').any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
        let refused = parts.any(|p| {
            let weight = p.strip_prefix("q=").and_then(|q| q.parse::<f32>().ok());
            weight.is_some_and(|q| q <= 0.0)
        });
        named && !refused
    })
}

/// After a form: on to another page with 303.
pub(super) fn see_other(path: &str) -> Response {
    axum::response::Redirect::to(path).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt as _;
    use std::io::Read as _;

    fn page() -> Rendered {
        Rendered::new(HTML, "\"abc\"", Bytes::from("<p>Words</p>".repeat(200)))
    }

    fn asking(headers: &[(header::HeaderName, &'static str)]) -> HeaderMap {
        headers.iter().map(|(n, v)| (n.clone(), HeaderValue::from_static(v))).collect()
    }

    async fn body(response: Response) -> Bytes {
        response.into_body().collect().await.unwrap().to_bytes()
    }

    #[tokio::test]
    async fn a_reader_who_can_unpack_gets_it_packed() {
        let response = rendered(&page(), &asking(&[(header::ACCEPT_ENCODING, "br, gzip;q=0.8")]));
        assert_eq!(response.headers()[header::CONTENT_ENCODING], "gzip");
        assert_eq!(response.headers()[header::ETAG], "W/\"abc\"");
        let vary = response.headers().get_all(header::VARY).iter();
        assert!(vary.into_iter().any(|v| v == "Accept-Encoding"));
        let packed = body(response).await;
        assert!(packed.len() < 300, "{}", packed.len());
        let mut text = String::new();
        flate2::read::GzDecoder::new(&*packed).read_to_string(&mut text).unwrap();
        assert_eq!(text.as_bytes(), &*page().body);
    }

    #[tokio::test]
    async fn others_get_it_as_it_is() {
        for accepted in ["", "identity", "br", "gzip;q=0", "gzip; q=0.0, br"] {
            let response = rendered(&page(), &asking(&[(header::ACCEPT_ENCODING, accepted)]));
            assert!(!response.headers().contains_key(header::CONTENT_ENCODING), "{accepted}");
            assert_eq!(response.headers()[header::ETAG], "\"abc\"");
            assert_eq!(body(response).await, page().body);
        }
    }

    #[tokio::test]
    async fn a_known_page_is_not_sent_again_in_either_form() {
        for tag in ["\"abc\"", "W/\"abc\"", "\"x\", W/\"abc\""] {
            let asked = HeaderMap::from_iter([
                (header::IF_NONE_MATCH, HeaderValue::from_str(tag).unwrap()),
                (header::ACCEPT_ENCODING, HeaderValue::from_static("gzip")),
            ]);
            let response = rendered(&page(), &asked);
            assert_eq!(response.status(), StatusCode::NOT_MODIFIED, "{tag}");
            assert!(body(response).await.is_empty());
        }
        let other = asking(&[(header::IF_NONE_MATCH, "\"other\"")]);
        assert_eq!(rendered(&page(), &other).status(), StatusCode::OK);
    }
}
