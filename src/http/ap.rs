//! The door for other servers: documents, collections, inboxes, WebFinger, NodeInfo.
//!
//! Documents hang below [`PREFIX`], to which [`super::negotiate`] sends those who ask for them.
//! What a document says is made in `federation::documents`; what an inbox refuses is decided in
//! `federation::inbox`.

mod documents;
mod inbox;
#[cfg(test)]
mod tests;
mod wellknown;

use super::State;
use super::negotiate::PREFIX;
use axum::Router;
use axum::routing::{get, post};

/// The routes of this door.
pub fn router() -> Router<State> {
    let documents = Router::new()
        .route("/", get(documents::instance))
        .route("/actor", get(documents::instance))
        .route("/u/{handle}", get(documents::user))
        .route("/g/{handle}", get(documents::assembly))
        .route("/i/{id}", get(documents::initiative_actor))
        .route("/p/{id}", get(documents::initiative))
        .route("/n/{id}", get(documents::comment))
        .route("/q/{id}", get(documents::ballot))
        .route("/a/{id}", get(documents::activity))
        .merge(collections());
    Router::new()
        .nest(PREFIX, documents)
        // The instance's own actor has no page: everybody gets the document.
        .route("/actor", get(documents::instance))
        .route("/a/{id}", get(documents::activity))
        .route("/quotes/{id}", get(documents::quote_authorization))
        .route("/replies/{id}", get(documents::reply_authorization))
        .merge(collections())
        .route("/inbox", post(inbox::shared))
        .route("/actor/inbox", post(inbox::shared))
        .route("/u/{handle}/inbox", post(inbox::user))
        .route("/g/{handle}/inbox", post(inbox::assembly))
        .route("/i/{id}/inbox", post(inbox::initiative))
        .merge(wellknown::router())
}

/// Collections are documents for whoever asks.
fn collections() -> Router<State> {
    Router::new()
        .route("/actor/{collection}", get(documents::instance_collection))
        .route("/u/{handle}/{collection}", get(documents::user_collection))
        .route("/g/{handle}/{collection}", get(documents::assembly_collection))
        .route("/i/{id}/{collection}", get(documents::initiative_actor_collection))
        .route("/p/{id}/{collection}", get(documents::object_collection))
        .route("/n/{id}/{collection}", get(documents::object_collection))
        .route("/q/{id}/{collection}", get(documents::object_collection))
}
