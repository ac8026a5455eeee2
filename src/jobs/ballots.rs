//! Ballots: their end, when it comes; tallies sent out; what the home of one reports.

use super::work::Failure;
use crate::app::App;
use crate::domain::ObjectId;
use crate::federation::{Error, resolve};
use crate::services;

fn ballot(payload: &str) -> Result<ObjectId, Failure> {
    payload.parse().map_err(|_| Failure::Fail("no ballot".to_owned()))
}

/// The end of a ballot has come. The result waits for votes that came in time.
pub(super) async fn close(app: &App, payload: &str) -> Result<(), Failure> {
    if services::ballots::close_due(app, ballot(payload)?).await? {
        return Ok(());
    }
    Err(Failure::Retry("votes that came in time are still being applied".to_owned()))
}

/// Tallies that changed a while ago are sent out.
pub(super) async fn push(app: &App, payload: &str) -> Result<(), Failure> {
    Ok(services::ballots::push_due(app, ballot(payload)?).await?)
}

/// Asks the home of a ballot for its totals.
pub(super) async fn refresh(app: &App, payload: &str) -> Result<(), Failure> {
    // Not worth trying again: the next reader asks anew.
    match resolve::refresh_ballot(app, ballot(payload)?).await {
        Err(Error::Service(error)) => Err(error.into()),
        Ok(()) | Err(_) => Ok(()),
    }
}
