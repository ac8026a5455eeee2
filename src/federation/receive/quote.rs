//! `QuoteRequest` (FEP-044f) and `ReplyRequest` (`GoToSocial`): somebody elsewhere asks to quote or to
//! answer what was written here.

use super::Incoming;
use crate::domain::urls::same_origin;
use crate::federation::vocab::Node;
use crate::federation::{Error, fetch, objects};
use crate::services::quotes::Request;
use crate::services::{self, Unit};

/// A request to answer.
#[derive(Debug)]
pub struct Act {
    request: Request,
    to: Wish,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    Quote,
    Reply,
}

pub(super) async fn prepare(incoming: Incoming<'_>) -> Result<super::Act, Error> {
    let activity = incoming.activity;
    let to = if activity.kind() == "ReplyRequest" { Wish::Reply } else { Wish::Quote };
    let (Some(object), Some(instrument)) = (activity.uri("object"), activity.uri("instrument"))
    else {
        return Ok(super::Act::Nothing("a request for leave that names no texts"));
    };
    if !incoming.app.urls.is_local(object) || incoming.via.is_some() {
        return Ok(super::Act::Nothing("a request for leave to something that is not ours"));
    }
    let sound = if !same_origin(instrument, incoming.actor_uri) {
        false
    } else if let Some(embedded) = activity.object("instrument").filter(|i| i.get("type").is_some())
    {
        is_sound(to, embedded, incoming.actor_uri, object)
    } else {
        // Only the address came: the text is read at its home.
        match fetch::document(incoming.app, incoming.budget, instrument).await {
            Ok(document) => is_sound(to, Node(&document), incoming.actor_uri, object),
            Err(Error::Gone | Error::Invalid(_) | Error::Forbidden(_)) => false,
            Err(error) => return Err(error),
        }
    };
    let request = Request {
        actor: incoming.actor,
        uri: incoming.id().to_owned(),
        object: object.to_owned(),
        instrument: instrument.to_owned(),
        sound,
    };
    Ok(super::Act::Quote(Act { request, to }))
}

/// Whether the text is the asker's and quotes or answers the object.
fn is_sound(to: Wish, instrument: Node<'_>, actor: &str, object: &str) -> bool {
    let fits = match to {
        Wish::Quote => objects::quote(instrument).is_some_and(|quote| quote.target == object),
        Wish::Reply => instrument.uri("inReplyTo") == Some(object),
    };
    instrument.is_attributed_to(actor) && fits
}

impl Act {
    pub(super) async fn apply(self, unit: &mut Unit<'_>) -> services::Result<()> {
        match self.to {
            Wish::Quote => services::quotes::receive_request_in(unit, &self.request).await,
            Wish::Reply => services::replies::receive_request_in(unit, &self.request).await,
        }
    }
}
