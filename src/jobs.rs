//! The workers of the durable queues.

use crate::app::App;

/// Starts the workers.
pub fn start(_app: &App) {}
