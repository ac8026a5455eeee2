//! The door for people: pages rendered here.

use super::State;
use axum::Router;

/// The routes of this door.
pub fn router() -> Router<State> {
    Router::new()
}
