//! The door for programs: `/api/civic/v1`, described by `/api/civic/v1/openapi.json`.
//!
//! Requests with a body are JSON of exactly the documented fields; identifiers are strings, since
//! they do not fit the numbers of JavaScript; lists are paged by key; errors are [`Problem`]s.
//! Reading what is public needs no token.
//!
//! To add a route: a handler with its `#[utoipa::path]` in the file of its thing and its name in
//! the `routes!` of that file. The document follows, and a test compares the two.

mod account;
mod assemblies;
mod ballots;
mod blocks;
mod comments;
pub mod federation;
mod follows;
mod initiatives;
mod me;
mod moderation;
mod parameters;
mod problem;
mod reactions;
mod reports;
mod resolve;
mod tags;
mod view;

#[cfg(test)]
mod tests;

pub use problem::Problem;

use super::State;
use axum::Router;
use axum::body::Bytes;
use axum::routing::{any, get};
use http::{StatusCode, header};
use utoipa::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;

/// Where this door is.
pub(super) const PREFIX: &str = "/api/civic/v1";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Veche",
        description = "Initiatives, their revisions, comments, endorsements, ballots and follows.",
        license(name = "AGPL-3.0-or-later", identifier = "AGPL-3.0-or-later")
    ),
    modifiers(&Token),
    components(schemas(Problem))
)]
struct Document;

struct Token;

impl utoipa::Modify for Token {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        document
            .components
            .get_or_insert_default()
            .add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

fn documented() -> OpenApiRouter<State> {
    let routes = OpenApiRouter::new()
        .merge(initiatives::routes())
        .merge(comments::routes())
        .merge(ballots::routes())
        .merge(reactions::routes())
        .merge(assemblies::routes())
        .merge(follows::routes())
        .merge(moderation::routes())
        .merge(me::routes())
        .merge(account::routes())
        .merge(blocks::routes())
        .merge(reports::routes())
        .merge(tags::routes())
        .merge(federation::routes());
    OpenApiRouter::with_openapi(Document::openapi()).nest(PREFIX, routes)
}

/// The routes of this door.
pub fn router() -> Router<State> {
    let (router, document) = documented().split_for_parts();
    let document = Bytes::from(serde_json::to_vec(&document).unwrap_or_default());
    let openapi = get(move || {
        let document = document.clone();
        async move { ([(header::CONTENT_TYPE, "application/json")], document) }
    });
    router
        .route(&format!("{PREFIX}/openapi.json"), openapi)
        .route("/api", any(nothing))
        .route("/api/{*rest}", any(nothing))
}

async fn nothing() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "there is nothing here")
}
