//! The front doors: pages for people, documents and inboxes for other servers, the API.
//!
//! Handlers are thin: extract, call one service (or one function of `federation`), answer.
//! Nothing here holds a rule, a statement or an address made by hand. Each door has its own
//! error type, made from [`crate::services::Error`].
//!
//! Pages and ActivityPub documents share addresses. [`negotiate`] looks at `Accept` and sends
//! requests for documents to the tree of [`ap`], so that no handler has to ask.
//!
//! To add a route: its handler in the file of its thing, one line in that door's `router`.

pub mod ap;
pub mod api;
mod extract;
#[cfg(test)]
mod fixture;
mod health;
mod metrics;
mod middleware;
pub mod negotiate;
mod serve;
pub mod web;

pub use metrics::start_metrics;
pub use serve::{Server, serve};

use crate::app::App;
use crate::services::inbox::Intake;
use axum::Router;
use axum::extract::FromRef;

/// What handlers can ask for.
#[derive(Clone, Debug, FromRef)]
pub struct State {
    pub app: App,
    pub intake: Intake,
}

/// Everything the public listener answers.
pub fn router(state: &State) -> Router {
    let doors = Router::new()
        .merge(web::router())
        .merge(api::router())
        .merge(ap::router())
        .merge(health::router())
        .with_state(state.clone());
    middleware::wrap(doors, state)
}
