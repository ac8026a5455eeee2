//! What follows an act on an initiative a moment later, because it may need a new key: its followable
//! actor, and what the office says about it.

use super::work::Failure;
use crate::app::App;
use crate::domain::ObjectId;
use crate::services;

fn object(payload: &str) -> Result<ObjectId, Failure> {
    payload.parse().map_err(|_| Failure::Fail("no object".to_owned()))
}

/// Makes the actor of an initiative.
pub(super) async fn open_group(app: &App, payload: &str) -> Result<(), Failure> {
    services::initiatives::open_group(app, object(payload)?).await?;
    Ok(())
}

/// Says what the office has to say.
pub(super) async fn publish(app: &App, payload: &str) -> Result<(), Failure> {
    Ok(services::notes::publish(app, object(payload)?).await?)
}
