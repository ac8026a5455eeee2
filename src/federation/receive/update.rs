//! `Update` of a text or of an actor. What is not known here is read at its home, never taken
//! from the activity.

use super::{Incoming, create};
use crate::app::App;
use crate::domain::ActorId;
use crate::federation::ownership::ACTOR_TYPES;
use crate::federation::vocab::Node;
use crate::federation::{Error, actors, objects};
use crate::services::comments::RemoteComment;
use crate::services::initiatives::RemoteInitiative;
use crate::services::{self, Unit};

/// A changed text.
#[derive(Debug)]
pub struct Act {
    text: Text,
    relay: Option<String>,
}

/// A text of elsewhere, whichever it is.
#[derive(Debug)]
pub(super) enum Text {
    Comment(RemoteComment),
    Initiative(RemoteInitiative),
}

pub(super) async fn prepare(incoming: Incoming<'_>) -> Result<super::Act, Error> {
    let Some(uri) = incoming.activity.uri("object") else {
        return Ok(super::Act::Nothing("an Update without an object"));
    };
    let embedded = incoming.activity.object("object");
    if uri == incoming.actor_uri || embedded.is_some_and(|o| ACTOR_TYPES.contains(&o.kind())) {
        actors::refresh(incoming.app, incoming.budget, incoming.actor_uri).await?;
        return Ok(super::Act::Nothing("the actor was read again"));
    }
    let known = services::comments::object_by_uri(incoming.app, uri).await?;
    let Some(known) = known else { return create::from_address(incoming, uri).await };
    let Some(object) = embedded else {
        let (document, author) =
            objects::fetch_with_author(incoming.app, incoming.budget, uri).await?;
        if author.id != known.author_id {
            return Ok(super::Act::Nothing("a text of somebody else"));
        }
        return changed(incoming, Node(&document), &known.kind, known.assembly_id, &author.uri);
    };
    changed(incoming, object, &known.kind, known.assembly_id, incoming.actor_uri)
}

fn changed(
    incoming: Incoming<'_>,
    object: Node<'_>,
    kind: &str,
    assembly: ActorId,
    author_uri: &str,
) -> Result<super::Act, Error> {
    let author = incoming.actor;
    if kind == "ballot" {
        return super::ballot::changed(incoming, object, author, author_uri);
    }
    let text = text(incoming.app, object, kind, assembly, (author, author_uri))?;
    let relay = incoming.relay();
    Ok(super::Act::Update(Box::new(Act { text, relay })))
}

/// Reads a text of this kind by `author`.
pub(super) fn text(
    app: &App,
    object: Node<'_>,
    kind: &str,
    assembly: ActorId,
    (author, author_uri): (ActorId, &str),
) -> Result<Text, Error> {
    let now = app.now();
    if kind == "initiative" {
        let read = objects::initiative(object, author, author_uri, assembly, now)?;
        return Ok(Text::Initiative(read));
    }
    Ok(Text::Comment(objects::comment(object, author, author_uri, now)?))
}

impl Act {
    pub(super) async fn apply(self, unit: &mut Unit<'_>) -> services::Result<()> {
        match &self.text {
            Text::Initiative(initiative) => {
                services::initiatives::update_remote_in(unit, initiative).await?;
            }
            Text::Comment(comment) => {
                let place = services::comments::receive_edit_in(unit, comment).await?;
                if let (Some((assembly, true)), Some(raw)) = (place, self.relay) {
                    services::outbox::relay_in(unit, assembly, raw).await?;
                }
            }
        }
        Ok(())
    }
}
