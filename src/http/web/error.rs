//! What a page answers when something cannot be done.
//!
//! An [`Error`] becomes a page in two steps: its response carries itself, and [`as_page`], called
//! by the frame around the doors, turns that into a page in the visitor's language. What a
//! fault of the program says goes to the log and nowhere else.
//!
//! To add a kind: a variant, its status, and its texts `error-page-<status>-…` in `errors.ftl`.

use super::context::Ctx;
use super::page;
use crate::app::App;
use crate::http::middleware::TryAgain;
use crate::services;
use askama::Template;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, Uri, header};

/// Why there is no page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::http) enum Error {
    /// The request makes no sense.
    BadRequest,
    /// The visitor may not do this.
    Forbidden,
    /// A form came from elsewhere, or its page was too old.
    ForeignForm,
    NotFound,
    MethodNotAllowed,
    Gone,
    /// It is not possible in the present state of things.
    Conflict,
    TooLarge,
    /// Fields are wrong, on a page that has no form to show them on.
    Unprocessable,
    TooManyRequests,
    Internal,
    Unavailable,
    /// As [`Error::Unavailable`], but the same request may succeed at once.
    Again,
}

impl Error {
    const fn status(&self) -> StatusCode {
        match self {
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::Forbidden | Self::ForeignForm => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Gone => StatusCode::GONE,
            Self::Conflict => StatusCode::CONFLICT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unprocessable => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable | Self::Again => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The keys of the heading and of what one can do now.
    const fn texts(&self) -> (&'static str, &'static str) {
        match self {
            Self::BadRequest => ("error-page-400-title", "error-page-400-help"),
            Self::Forbidden => ("error-page-403-title", "error-page-403-help"),
            Self::ForeignForm => ("error-page-form-title", "error-page-form-help"),
            Self::NotFound => ("error-page-404-title", "error-page-404-help"),
            Self::MethodNotAllowed => ("error-page-405-title", "error-page-405-help"),
            Self::Gone => ("error-page-410-title", "error-page-410-help"),
            Self::Conflict => ("error-page-409-title", "error-page-409-help"),
            Self::TooLarge => ("error-page-413-title", "error-page-413-help"),
            Self::Unprocessable => ("error-page-422-title", "error-page-422-help"),
            Self::TooManyRequests => ("error-page-429-title", "error-page-429-help"),
            Self::Internal => ("error-page-500-title", "error-page-500-help"),
            Self::Unavailable | Self::Again => ("error-page-503-title", "error-page-503-help"),
        }
    }

    /// The kind of a bare status, for responses that other layers made.
    fn of_status(status: StatusCode) -> Option<Self> {
        Some(match status {
            StatusCode::BAD_REQUEST => Self::BadRequest,
            StatusCode::FORBIDDEN => Self::Forbidden,
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Self::MethodNotAllowed,
            StatusCode::GONE => Self::Gone,
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            StatusCode::UNPROCESSABLE_ENTITY => Self::Unprocessable,
            StatusCode::TOO_MANY_REQUESTS => Self::TooManyRequests,
            StatusCode::INTERNAL_SERVER_ERROR => Self::Internal,
            StatusCode::SERVICE_UNAVAILABLE => Self::Unavailable,
            _ => return None,
        })
    }
}

impl From<services::Error> for Error {
    fn from(error: services::Error) -> Self {
        match error {
            services::Error::Invalid(_) => Self::Unprocessable,
            services::Error::NotFound(_) => Self::NotFound,
            services::Error::Gone(_) => Self::Gone,
            services::Error::Forbidden(_) => Self::Forbidden,
            services::Error::Conflict(_) => Self::Conflict,
            services::Error::Unavailable(reason) => {
                tracing::warn!(reason, "the database is not available for a page");
                Self::Unavailable
            }
            services::Error::Again(_) => Self::Again,
            services::Error::Internal(reason) => {
                tracing::error!(reason, "a page failed");
                Self::Internal
            }
        }
    }
}

impl IntoResponse for Error {
    /// A bare status that carries the error; [`as_page`] makes the page.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        if self == Self::Again {
            response.extensions_mut().insert(TryAgain);
        }
        response.extensions_mut().insert(self);
        response
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    c: &'a Ctx,
    status: u16,
    title: String,
    help: String,
    signed_out_hint: bool,
}

/// Gives an error its page: one of a handler of ours, or one that the frame around the doors made
/// in plain text. Everything else stays as it is.
pub(in crate::http) async fn as_page(
    app: &App,
    uri: &Uri,
    headers: &HeaderMap,
    response: Response,
) -> Response {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
    let bare = kind.is_none_or(|k| k.starts_with("text/plain"));
    let carried = response.extensions().get::<Error>().cloned();
    let kind = carried.or_else(|| Error::of_status(response.status()).filter(|_| bare));
    let Some(kind) = kind else { return response };
    // What must not depend on the database is told without looking for the session.
    let ask = !matches!(
        kind,
        Error::Unavailable | Error::Again | Error::TooManyRequests | Error::Internal
    );
    let c = Ctx::for_error(app, uri, headers, ask).await;
    let mut shown = page_of(&c, &kind);
    for name in [header::ALLOW, header::RETRY_AFTER, header::CONNECTION] {
        if let Some(value) = response.headers().get(&name) {
            shown.headers_mut().insert(name, value.clone());
        }
    }
    shown
}

/// The page of an error.
pub(super) fn page_of(c: &Ctx, kind: &Error) -> Response {
    let (title, help) = kind.texts();
    let shown = ErrorPage {
        c,
        status: kind.status().as_u16(),
        title: c.t(title),
        help: c.t(help),
        signed_out_hint: *kind == Error::NotFound && c.session.is_none(),
    };
    page::with_status(kind.status(), &shown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;

    #[test]
    fn internal_texts_are_not_shown() {
        for error in [
            services::Error::Internal("secret row 17 in table accounts".to_owned()),
            services::Error::Unavailable("secret host db.internal".to_owned()),
        ] {
            let kind = Error::from(error);
            for lang in Lang::ALL {
                let c = Ctx::for_test(lang);
                let (title, help) = kind.texts();
                let shown = ErrorPage {
                    c: &c,
                    status: kind.status().as_u16(),
                    title: c.t(title),
                    help: c.t(help),
                    signed_out_hint: false,
                };
                let html = shown.render().unwrap();
                assert!(!html.contains("secret") && !html.contains("internal"), "{html}");
            }
        }
    }

    #[test]
    fn every_kind_comes_back_from_its_status() {
        for status in [400, 403, 404, 405, 410, 413, 422, 429, 500, 503] {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(Error::of_status(status).map(|e| e.status()), Some(status));
        }
    }
}
