//! A `Question` of another server that is a ballot on an initiative mirrored here. Anything else
//! with options is a text like any other.

use super::Incoming;
use crate::domain::urls::{self, same_origin};
use crate::domain::{ActorId, ActorKind, ObjectId};
use crate::federation::vocab::Node;
use crate::federation::{Error, questions};
use crate::services::ballots::{RemoteBallot, put_remote_in, report_in};
use crate::services::{self, Unit};

/// A ballot to keep, or what its home reports of it now.
#[derive(Debug)]
pub enum Act {
    New { initiative: ObjectId, ballot: RemoteBallot },
    Report(RemoteBallot),
}

/// The ballot, if it is one: it belongs to an initiative that is mirrored here, and its author
/// may speak about that: they share its home, or are a body that is followed from here, or the
/// initiative's own actor passed it on.
pub(super) async fn prepare(
    incoming: Incoming<'_>,
    object: Node<'_>,
    author: ActorId,
    author_uri: &str,
) -> Result<Option<super::Act>, Error> {
    if !questions::is_poll(object) {
        return Ok(None);
    }
    let Some((initiative, initiative_uri)) = initiative_of(incoming, object).await? else {
        return Ok(None);
    };
    let at_home = same_origin(&initiative_uri, author_uri);
    if !at_home && !is_followed_body(incoming, author).await? {
        return Ok(None);
    }
    let app = incoming.app;
    if let Some(answered) = object.uri("inReplyTo") {
        // A question in the thread is an answer, unless the body asks it about the initiative.
        let known = services::actors::by_id(app, author).await?;
        let by_body = known.is_some_and(|a| a.kind == ActorKind::Body);
        if answered != initiative_uri || !by_body {
            return Ok(None);
        }
    }
    let ballot = questions::ballot(object, author, author_uri, app.now())?;
    Ok(Some(super::Act::Ballot(Box::new(Act::New { initiative, ballot }))))
}

/// The mirrored initiative that a question names: outright, by its thread, or as what it answers.
async fn initiative_of(
    incoming: Incoming<'_>,
    object: Node<'_>,
) -> Result<Option<(ObjectId, String)>, Error> {
    let app = incoming.app;
    let context = object.uri("context");
    let named = [
        object.uri("civic:initiative"),
        context.and_then(urls::object::of_context),
        context,
        object.uri("inReplyTo"),
    ];
    for uri in named.into_iter().flatten() {
        let known = services::comments::object_by_uri(app, uri).await?;
        if let Some(known) = known.filter(|o| o.id == o.root_id && !o.local) {
            return Ok(Some((known.id, known.uri)));
        }
    }
    Ok(None)
}

async fn is_followed_body(incoming: Incoming<'_>, author: ActorId) -> Result<bool, Error> {
    let known = services::actors::by_id(incoming.app, author).await?;
    Ok(known.is_some_and(|a| a.kind == ActorKind::Body)
        && services::follows::is_followed_from_here(incoming.app, author).await?)
}

/// The totals of a ballot that is known here changed, or it closed.
pub(super) fn changed(
    incoming: Incoming<'_>,
    object: Node<'_>,
    author: ActorId,
    author_uri: &str,
) -> Result<super::Act, Error> {
    let ballot = questions::ballot(object, author, author_uri, incoming.app.now())?;
    Ok(super::Act::Ballot(Box::new(Act::Report(ballot))))
}

impl Act {
    pub(super) async fn apply(self, unit: &mut Unit<'_>) -> services::Result<()> {
        match &self {
            Self::New { initiative, ballot } => {
                put_remote_in(unit, *initiative, ballot).await?;
            }
            Self::Report(ballot) => {
                report_in(unit, ballot).await?;
            }
        }
        Ok(())
    }
}
