//! The door for other servers: documents, collections, inboxes, WebFinger, NodeInfo.

use super::State;
use axum::Router;

/// The routes of this door. Documents hang below [`super::negotiate::PREFIX`].
pub fn router() -> Router<State> {
    Router::new()
}
