//! The door for programs: `/api/civic/v1`.

use super::State;
use axum::Router;

/// The routes of this door.
pub fn router() -> Router<State> {
    Router::new()
}
