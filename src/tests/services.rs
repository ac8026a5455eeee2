//! What each service does, on both engines.

mod accounts;
mod actors;
mod ballots;
mod budgets;
mod comments;
mod follows;
mod forged;
mod groups;
mod initiatives;
mod intake;
mod lifecycle;
mod listing;
mod mirror;
mod moderation;
mod outbox;
mod policies;
mod reactions;
mod received;
mod restored;
mod sessions;
mod verify;

use crate::services::Error;

/// The codes of the fields that were refused.
fn refused<T: std::fmt::Debug>(outcome: Result<T, Error>) -> Vec<(&'static str, &'static str)> {
    match outcome {
        Err(Error::Invalid(fields)) => fields.iter().map(|f| (f.field, f.code)).collect(),
        other => panic!("no field was refused: {other:?}"),
    }
}
