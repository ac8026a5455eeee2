//! A text names people who are not known here: their homes are asked, once each, before the text
//! is told to anybody. Whoever cannot be found stays words; the text does not wait for them.

use super::work::Failure;
use crate::app::App;
use crate::domain::{ActorId, Address, Event, ObjectId};
use crate::federation::{Budget, Error, resolve};
use crate::services::mentions;
use serde::Deserialize;

#[derive(Deserialize)]
struct Payload {
    object: ObjectId,
    event: Event,
}

pub(super) async fn run(app: &App, payload: &str) -> Result<(), Failure> {
    let Payload { object, event } =
        serde_json::from_str(payload).map_err(|e| Failure::Fail(e.to_string()))?;
    let mut found: Vec<(Address, Option<ActorId>)> = Vec::new();
    for address in mentions::pending(app, object).await? {
        let actor = match resolve::actor_by_address(app, &Budget::person(), &address).await {
            Ok(actor) => Some(actor.id),
            Err(Error::Service(error)) => return Err(error.into()),
            Err(error) => {
                tracing::info!(%address, %error, "somebody named in a text is not found");
                None
            }
        };
        found.push((address, actor));
    }
    Ok(mentions::settle(app, object, &found, &event).await?)
}
