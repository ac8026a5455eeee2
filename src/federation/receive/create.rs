//! `Create` of a text: an answer in a thread that is known here, or an initiative of an assembly
//! that somebody here follows.

use super::Incoming;
use crate::domain::{ActorId, ActorKind};
use crate::federation::vocab::Node;
use crate::federation::{Error, actors, objects};
use crate::services::comments::{Received, RemoteComment};
use crate::services::initiatives::RemoteInitiative;
use crate::services::{self, Unit};
use serde_json::Value;

/// How far up a thread is fetched to find its root.
const MAX_ANCESTORS: usize = 10;

/// Texts to store.
#[derive(Debug)]
pub struct Act {
    initiative: Option<RemoteInitiative>,
    /// Oldest first: what had to be fetched, then the one that came.
    comments: Vec<RemoteComment>,
    /// The activity to pass on to those who follow a local assembly.
    relay: Option<String>,
}

pub(super) async fn prepare(incoming: Incoming<'_>) -> Result<super::Act, Error> {
    match incoming.activity.get("object") {
        Some(object) if object.is_object() => from_object(incoming, Node(object)).await,
        Some(_) => match incoming.activity.uri("object") {
            Some(uri) => from_address(incoming, uri).await,
            None => Ok(super::Act::Nothing("a Create without an object")),
        },
        None => Ok(super::Act::Nothing("a Create without an object")),
    }
}

/// The object came with the activity, and belongs to its actor (checked at the door).
pub(super) async fn from_object(
    incoming: Incoming<'_>,
    object: Node<'_>,
) -> Result<super::Act, Error> {
    if is_private(object) {
        return Ok(super::Act::Nothing("a text that is not public"));
    }
    if objects::is_reply(object) {
        // Whether it is known already shows when it is stored.
        return reply(incoming, object, incoming.actor, incoming.actor_uri).await;
    }
    if let Some(id) = object.id()
        && services::comments::is_known(incoming.app, id).await?
    {
        Ok(super::Act::Nothing("a text that is known already"))
    } else {
        initiative(incoming, object, incoming.actor, incoming.actor_uri).await
    }
}

/// Only the address came: the object is read at its home.
pub(super) async fn from_address(incoming: Incoming<'_>, uri: &str) -> Result<super::Act, Error> {
    if incoming.app.urls.is_local(uri) || services::comments::is_known(incoming.app, uri).await? {
        return Ok(super::Act::Nothing("a text that is known already"));
    }
    incoming.wants_network()?;
    let (document, author): (Value, _) = match objects::fetch_with_author(incoming.app, uri).await {
        Err(Error::Gone) => return Ok(super::Act::Nothing("a text that is gone")),
        other => other?,
    };
    let object = Node(&document);
    if is_private(object) {
        return Ok(super::Act::Nothing("a text that is not public"));
    }
    if objects::is_reply(object) {
        reply(incoming, object, author.id, &author.uri).await
    } else {
        initiative(incoming, object, author.id, &author.uri).await
    }
}

/// A text that names whom it is for, and not everybody.
fn is_private(object: Node<'_>) -> bool {
    let named = object.get("to").is_some() || object.get("cc").is_some();
    named && !object.is_public()
}

async fn reply(
    incoming: Incoming<'_>,
    object: Node<'_>,
    author: ActorId,
    author_uri: &str,
) -> Result<super::Act, Error> {
    let app = incoming.app;
    let mut comments = vec![objects::comment(object, author, author_uri, app.now())?];
    for _ in 0..=MAX_ANCESTORS {
        let parent = comments.last().map(|c| c.in_reply_to.clone()).unwrap_or_default();
        if services::comments::is_known(app, &parent).await? {
            comments.reverse();
            let relay = incoming.via.is_none().then(|| incoming.raw.to_owned());
            return Ok(super::Act::Create(Box::new(Act { initiative: None, comments, relay })));
        }
        if app.urls.is_local(&parent) {
            return Ok(super::Act::Nothing("an answer to something that never was here"));
        }
        incoming.wants_network()?;
        let (document, author) = match objects::fetch_with_author(app, &parent).await {
            Ok(found) => found,
            Err(error) if error.is_passing() => return Err(error),
            Err(Error::Service(error)) => return Err(error.into()),
            Err(_) => return Ok(super::Act::Nothing("an answer to something that cannot be had")),
        };
        let node = Node(&document);
        if !objects::is_reply(node) || is_private(node) {
            return Ok(super::Act::Nothing("an answer to something that is not about us"));
        }
        comments.push(objects::comment(node, author.id, &author.uri, app.now())?);
    }
    Ok(super::Act::Nothing("an answer too deep in a foreign thread"))
}

async fn initiative(
    incoming: Incoming<'_>,
    object: Node<'_>,
    author: ActorId,
    author_uri: &str,
) -> Result<super::Act, Error> {
    let Some(assembly) = assembly_of(incoming, object, author_uri).await? else {
        return Ok(super::Act::Nothing("a text that belongs to no assembly followed from here"));
    };
    let now = incoming.app.now();
    let initiative = objects::initiative(object, author, author_uri, assembly, now)?;
    Ok(super::Act::Create(Box::new(Act {
        initiative: Some(initiative),
        comments: Vec::new(),
        relay: None,
    })))
}

/// The assembly that passed it on; or one that the text names, if it is of the author's own
/// server, since anybody can name any assembly.
async fn assembly_of(
    incoming: Incoming<'_>,
    object: Node<'_>,
    author_uri: &str,
) -> Result<Option<ActorId>, Error> {
    if incoming.via.is_some() {
        return Ok(incoming.via);
    }
    let app = incoming.app;
    let named = ["audience", "to", "cc"].into_iter().flat_map(|key| object.uris(key));
    for uri in named.take(20) {
        if !crate::domain::urls::same_origin(uri, author_uri) {
            continue;
        }
        let actor = services::actors::by_uri(app, uri).await?;
        if let Some(actor) = actor.filter(|a| a.kind == ActorKind::Assembly && !a.local)
            && services::follows::is_followed_from_here(app, actor.id).await?
        {
            return Ok(Some(actor.id));
        }
    }
    Ok(None)
}

/// The author of what was fetched must be known by the time it is stored.
pub(super) async fn author_of(incoming: Incoming<'_>, uri: &str) -> Result<ActorId, Error> {
    if let Some(known) = services::actors::by_uri(incoming.app, uri).await? {
        return Ok(known.id);
    }
    incoming.wants_network()?;
    Ok(actors::require(incoming.app, uri).await?.id)
}

impl Act {
    pub(super) async fn apply(self, unit: &mut Unit<'_>) -> services::Result<()> {
        if let Some(initiative) = &self.initiative {
            services::initiatives::put_remote_in(unit, initiative).await?;
        }
        if let Some(Some(why)) = apply_all(vec![self], unit).await?.pop() {
            unit.without_effect(why);
        }
        Ok(())
    }

    /// Whether it can be applied together with others.
    pub(super) fn is_plain(&self) -> bool {
        self.initiative.is_none()
    }
}

/// Stores the comments of all, then passes on what belongs to local assemblies. For each the
/// reason, if it had no effect.
pub(super) async fn apply_all(
    acts: Vec<Act>,
    unit: &mut Unit<'_>,
) -> services::Result<Vec<super::Note>> {
    let mut comments = Vec::with_capacity(acts.len());
    let mut relays = Vec::with_capacity(acts.len());
    for act in acts {
        comments.extend(act.comments);
        // The last is the one that came; the others were fetched to reach its root.
        relays.push((comments.len().checked_sub(1), act.relay));
    }
    let became = services::comments::receive_all_in(unit, &comments).await?;
    let mut notes = Vec::with_capacity(relays.len());
    let mut passed_on = Vec::new();
    for (last, relay) in relays {
        let outcome = last.and_then(|last| became.get(last));
        notes.push(outcome.and_then(Received::why_nothing));
        if let (Some(Received::Stored { assembly, assembly_local: true }), Some(raw)) =
            (outcome, relay)
        {
            passed_on.push((*assembly, raw));
        }
    }
    services::outbox::relay_all_in(unit, passed_on).await?;
    Ok(notes)
}
