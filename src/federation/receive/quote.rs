//! `QuoteRequest` (FEP-044f): somebody elsewhere asks to quote what was written here.

use super::Incoming;
use crate::domain::urls::same_origin;
use crate::federation::vocab::Node;
use crate::federation::{Error, fetch, objects};
use crate::services::quotes::{self, Request};
use crate::services::{self, Unit};

/// A request to answer.
#[derive(Debug)]
pub struct Act(Request);

pub(super) async fn prepare(incoming: Incoming<'_>) -> Result<super::Act, Error> {
    let activity = incoming.activity;
    let (Some(object), Some(instrument)) = (activity.uri("object"), activity.uri("instrument"))
    else {
        return Ok(super::Act::Nothing("a request to quote that names no texts"));
    };
    if !incoming.app.urls.is_local(object) || incoming.via.is_some() {
        return Ok(super::Act::Nothing("a request to quote something that is not ours"));
    }
    let sound = if !same_origin(instrument, incoming.actor_uri) {
        false
    } else if let Some(embedded) = activity.object("instrument").filter(|i| i.get("type").is_some())
    {
        is_sound(embedded, incoming.actor_uri, object)
    } else {
        // Only the address came: the text is read at its home.
        match fetch::document(incoming.app, incoming.budget, instrument).await {
            Ok(document) => is_sound(Node(&document), incoming.actor_uri, object),
            Err(Error::Gone | Error::Invalid(_) | Error::Forbidden(_)) => false,
            Err(error) => return Err(error),
        }
    };
    Ok(super::Act::Quote(Act(Request {
        actor: incoming.actor,
        uri: incoming.id().to_owned(),
        object: object.to_owned(),
        instrument: instrument.to_owned(),
        sound,
    })))
}

/// Whether the text is the asker's and quotes the object.
fn is_sound(instrument: Node<'_>, actor: &str, object: &str) -> bool {
    instrument.is_attributed_to(actor)
        && objects::quote(instrument).is_some_and(|quote| quote.target == object)
}

impl Act {
    pub(super) async fn apply(self, unit: &mut Unit<'_>) -> services::Result<()> {
        quotes::receive_request_in(unit, &self.0).await
    }
}
