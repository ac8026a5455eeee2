//! The files that pages need: the style sheet, the icon, what robots may read.
//!
//! The style sheet's address carries its digest, so that browsers may keep it for ever.

use crate::crypto;
use crate::http::State;
use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header;
use std::sync::LazyLock;

const STYLE: &str = include_str!("assets/style.css");
const ICON: &str = include_str!("assets/favicon.svg");
const ROBOTS: &str = "User-agent: *\nDisallow: /admin\nDisallow: /settings\nDisallow: /write\n\
                      Disallow: /drafts\nDisallow: /setup/\nDisallow: /search\n";

static STYLE_PATH: LazyLock<String> = LazyLock::new(|| {
    let digest = crypto::sha256_hex(STYLE.as_bytes());
    format!("/-/style-{}.css", digest.get(..16).unwrap_or_default())
});

/// Where the style sheet is.
pub(super) fn style_path() -> &'static str {
    &STYLE_PATH
}

/// The routes of the files.
pub(super) fn router() -> Router<State> {
    Router::new()
        .route(style_path(), get(style))
        .route("/favicon.svg", get(icon))
        .route("/favicon.ico", get(icon))
        .route("/robots.txt", get(robots))
}

fn file(kind: &'static str, cache: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, cache)], text).into_response()
}

async fn style() -> Response {
    file("text/css; charset=utf-8", "public, max-age=31536000, immutable", STYLE)
}

async fn icon() -> Response {
    file("image/svg+xml", "public, max-age=86400", ICON)
}

async fn robots() -> Response {
    file("text/plain; charset=utf-8", "public, max-age=86400", ROBOTS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_style_sheet_is_small_and_needs_nothing_else() {
        assert!(STYLE.len() <= 15 * 1024, "{}", STYLE.len());
        for foreign in ["http:", "https:", "@import", "url("] {
            assert!(!STYLE.contains(foreign), "{foreign}");
        }
        for physical in ["margin-left", "margin-right", "padding-left", "padding-right", "float:"] {
            assert!(!STYLE.contains(physical), "{physical}");
        }
    }
}
