//! Whether a request for an address that is both a page and a document wants the document.
//!
//! Requests for documents are sent on to the same path below [`PREFIX`]; nobody outside can name
//! that tree, since a path that comes in with the prefix is refused.

use axum::extract::Request;
use http::{HeaderMap, Uri, header};

/// Where the documents hang in the router.
pub const PREFIX: &str = "/-/ap";

/// The media types of ActivityPub documents.
const ACTIVITY_JSON: &str = "application/activity+json";
const LD_JSON: &str = "application/ld+json";

/// Paths at which an address is both a page and a document.
fn is_shared(path: &str) -> bool {
    path == "/"
        || ["/u/", "/g/", "/i/", "/p/", "/n/", "/q/", "/a/"]
            .iter()
            .any(|prefix| path.starts_with(prefix))
        || path == "/actor"
        || path.starts_with("/actor/")
}

/// Rewrites the address of a request for a document. A request from outside that already carries
/// the prefix comes out with a path that no route has.
pub fn route<B>(mut request: Request<B>) -> Request<B> {
    let path = request.uri().path();
    let target = if path.starts_with(PREFIX) {
        Some("/-/nothing".to_owned())
    } else if is_shared(path)
        && matches!(*request.method(), http::Method::GET | http::Method::HEAD)
        && wants_document(request.headers())
    {
        let query = request.uri().query().map(|q| format!("?{q}")).unwrap_or_default();
        // The root of the tree has no slash of its own.
        let path = if path == "/" { "" } else { path };
        Some(format!("{PREFIX}{path}{query}"))
    } else {
        None
    };
    if let Some(uri) = target.and_then(|t| t.parse::<Uri>().ok()) {
        *request.uri_mut() = uri;
    }
    request
}

/// Whether `Accept` prefers an ActivityPub document to a page (RFC 9110, 12.5.1): its weight for
/// one of the document types must be at least the one for `text/html`, and be named outright.
pub fn wants_document(headers: &HeaderMap) -> bool {
    let mut document = 0.0_f32;
    let mut page = 0.0_f32;
    let values = headers.get_all(header::ACCEPT);
    let ranges = values.iter().filter_map(|v| v.to_str().ok()).flat_map(|v| split_ranges(v));
    for range in ranges {
        let mut fields = range.split(';').map(str::trim);
        let kind = fields.next().unwrap_or_default().to_ascii_lowercase();
        let mut weight = 1.0_f32;
        let mut profile_ok = true;
        for field in fields {
            let Some((name, value)) = field.split_once('=') else { continue };
            match name.trim().to_ascii_lowercase().as_str() {
                "q" => weight = value.trim().parse().unwrap_or(0.0),
                "profile" => profile_ok = value.contains("www.w3.org/ns/activitystreams"),
                _ => {}
            }
        }
        match kind.as_str() {
            ACTIVITY_JSON => document = document.max(weight),
            LD_JSON if profile_ok => document = document.max(weight),
            "text/html" | "application/xhtml+xml" => page = page.max(weight),
            _ => {}
        }
    }
    document > 0.0 && document >= page
}

/// Splits at commas outside quotes: a profile may hold several addresses.
fn split_ranges(value: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut quoted) = (0, false);
    for (at, letter) in value.char_indices() {
        match letter {
            '"' => quoted = !quoted,
            ',' if !quoted => {
                parts.push(value.get(start..at).unwrap_or_default());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(value.get(start..).unwrap_or_default());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_accept_headers() {
        let rows = [
            ("application/activity+json", true),
            ("application/activity+json, application/ld+json", true),
            ("application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"", true),
            (
                "application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\", application/activity+json",
                true,
            ),
            (
                "application/activity+json, application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\", text/html;q=0.1",
                true,
            ),
            ("application/activity+json,text/html", true),
            ("Application/Activity+JSON; charset=utf-8", true),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", false),
            ("*/*", false),
            ("application/json", false),
            ("text/html, application/activity+json;q=0.5", false),
            ("application/ld+json; profile=\"https://schema.org,other\"", false),
            ("application/activity+json;q=0", false),
            ("", false),
        ];
        for (accept, expected) in rows {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, accept.parse().unwrap());
            assert_eq!(wants_document(&headers), expected, "{accept}");
        }
        assert!(!wants_document(&HeaderMap::new()));
    }

    #[test]
    fn the_tree_of_documents_cannot_be_named_from_outside() {
        let request = http::Request::get("/-/ap/u/ana").body(()).unwrap();
        assert_eq!(route(request).uri().path(), "/-/nothing");
        let request = http::Request::get("/u/ana?page=1")
            .header("accept", "application/activity+json")
            .body(())
            .unwrap();
        assert_eq!(route(request).uri(), "/-/ap/u/ana?page=1");
        let request = http::Request::post("/u/ana/inbox")
            .header("accept", "application/activity+json")
            .body(())
            .unwrap();
        assert_eq!(route(request).uri(), "/u/ana/inbox");
    }
}
