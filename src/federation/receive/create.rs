//! `Create` of a text: an answer in a thread that is known here, or an initiative of an assembly
//! that somebody here follows.

use super::Incoming;
use crate::domain::urls::same_origin;
use crate::domain::{ActorId, ActorKind, LocalRef};
use crate::federation::thread::{self, Climb};
use crate::federation::vocab::Node;
use crate::federation::{Error, actors, objects};
use crate::services::comments::{Received, RemoteComment};
use crate::services::initiatives::RemoteInitiative;
use crate::services::{self, Unit};
use serde_json::Value;

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
    if let Some(votes) = super::vote::prepare(incoming) {
        return Ok(votes);
    }
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
    if object.is_private() {
        return Ok(super::Act::Nothing("a text that is not public"));
    }
    let (author, uri) = (incoming.actor, incoming.actor_uri);
    if let Some(ballot) = super::ballot::prepare(incoming, object, author, uri).await? {
        return Ok(ballot);
    }
    if objects::is_reply(object) {
        // Whether it is known already shows when it is stored.
        return reply(incoming, object, incoming.actor, incoming.actor_uri).await;
    }
    if let Some(initiative) = addressed_initiative(incoming, object).await? {
        return addressed(incoming, object, initiative);
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
    let (document, author): (Value, _) =
        match objects::fetch_with_author(incoming.app, incoming.budget, uri).await {
            Err(Error::Gone) => return Ok(super::Act::Nothing("a text that is gone")),
            other => other?,
        };
    from_document(incoming, Node(&document), author.id, &author.uri).await
}

/// The object was read at its home.
pub(super) async fn from_document(
    incoming: Incoming<'_>,
    object: Node<'_>,
    author: ActorId,
    author_uri: &str,
) -> Result<super::Act, Error> {
    if object.is_private() {
        return Ok(super::Act::Nothing("a text that is not public"));
    }
    if let Some(ballot) = super::ballot::prepare(incoming, object, author, author_uri).await? {
        return Ok(ballot);
    }
    if objects::is_reply(object) {
        reply(incoming, object, author, author_uri).await
    } else {
        initiative(incoming, object, author, author_uri).await
    }
}

/// The initiative of ours to whose actor a text is addressed.
async fn addressed_initiative(
    incoming: Incoming<'_>,
    object: Node<'_>,
) -> Result<Option<String>, Error> {
    let app = incoming.app;
    let named = ["audience", "to", "cc"].into_iter().flat_map(|key| object.uris(key));
    for uri in named.take(20) {
        if let Some(LocalRef::InitiativeActor(id)) = app.urls.parse(uri) {
            let uri = app.urls.initiative(id);
            return Ok(services::comments::is_known(app, &uri).await?.then_some(uri));
        }
    }
    Ok(None)
}

/// Whoever writes to an initiative without answering anything answers the initiative.
fn addressed(
    incoming: Incoming<'_>,
    object: Node<'_>,
    initiative: String,
) -> Result<super::Act, Error> {
    let (author, uri, now) = (incoming.actor, incoming.actor_uri, incoming.app.now());
    let comment = objects::comment_on(object, author, uri, initiative, now)?;
    let relay = incoming.relay();
    let comments = vec![comment];
    Ok(super::Act::Create(Box::new(Act { initiative: None, comments, relay })))
}

async fn reply(
    incoming: Incoming<'_>,
    object: Node<'_>,
    author: ActorId,
    author_uri: &str,
) -> Result<super::Act, Error> {
    let first = objects::comment(object, author, author_uri, incoming.app.now())?;
    let relay = incoming.relay();
    let (initiative, comments) = match thread::climb(incoming.app, incoming.budget, first).await? {
        Climb::Joined(comments) => (None, comments),
        Climb::Nowhere(reason) => return Ok(super::Act::Nothing(reason)),
        Climb::Root { document, author, comments } => {
            // An initiative that did not come here before its debate did.
            let root = Node(&document);
            let Some(assembly) = assembly_of_root(incoming, root, &author.uri).await? else {
                return Ok(super::Act::Nothing("an answer to something that is not about us"));
            };
            let now = incoming.app.now();
            (Some(objects::initiative(root, author.id, &author.uri, assembly, now)?), comments)
        }
    };
    Ok(super::Act::Create(Box::new(Act { initiative, comments, relay })))
}

/// The assembly of a text that was only found on the way up: one that it names itself.
async fn assembly_of_root(
    incoming: Incoming<'_>,
    root: Node<'_>,
    author_uri: &str,
) -> Result<Option<ActorId>, Error> {
    let Some(via) = incoming.via else { return assembly_of(incoming, root, author_uri).await };
    let assembly = services::actors::by_id(incoming.app, via).await?;
    let names = |uri: &str| ["audience", "to", "cc"].iter().any(|k| root.uris(k).contains(&uri));
    Ok(assembly.filter(|a| names(&a.uri)).map(|a| a.id))
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
    let app = incoming.app;
    if let Some(via) = incoming.via {
        let group = services::actors::by_id(app, via).await?;
        if group.is_none_or(|g| g.kind != ActorKind::Initiative) {
            return Ok(incoming.via);
        }
        // Somebody here follows this one initiative; its text says where it was brought.
        return named_assembly(incoming, object, author_uri).await;
    }
    let named = ["audience", "to", "cc"].into_iter().flat_map(|key| object.uris(key));
    for uri in named.take(20) {
        if !same_origin(uri, author_uri) {
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

/// The assembly in `audience`, of the author's own server; asked for at its home if need be.
async fn named_assembly(
    incoming: Incoming<'_>,
    object: Node<'_>,
    author_uri: &str,
) -> Result<Option<ActorId>, Error> {
    let named = object.uri("audience").filter(|uri| same_origin(uri, author_uri));
    let Some(uri) = named else { return Ok(None) };
    let known = services::actors::by_uri(incoming.app, uri).await?;
    let actor = if let Some(actor) = known {
        actor
    } else {
        actors::require(incoming.app, incoming.budget, uri).await?
    };
    Ok(Some(actor).filter(|a| a.kind == ActorKind::Assembly && !a.local).map(|a| a.id))
}

/// The author of what was fetched must be known by the time it is stored.
pub(super) async fn author_of(incoming: Incoming<'_>, uri: &str) -> Result<ActorId, Error> {
    if let Some(known) = services::actors::by_uri(incoming.app, uri).await? {
        return Ok(known.id);
    }
    Ok(actors::require(incoming.app, incoming.budget, uri).await?.id)
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
        let brings = !act.comments.is_empty();
        comments.extend(act.comments);
        // The last is the one that came; the others were fetched to reach its root.
        relays.push((comments.len().checked_sub(1).filter(|_| brings), act.relay));
    }
    let became = services::comments::receive_all_in(unit, &comments).await?;
    let mut notes = Vec::with_capacity(relays.len());
    let mut passed_on = Vec::new();
    for (last, relay) in relays {
        let outcome = last.and_then(|last| became.get(last));
        notes.push(outcome.and_then(Received::why_nothing));
        let comment = last.and_then(|last| comments.get(last));
        if let (
            Some(Received::Stored { assembly, assembly_local: true }),
            Some(comment),
            Some(raw),
        ) = (outcome, comment, relay)
        {
            passed_on.push((*assembly, comment.author, comment.in_reply_to.as_str(), raw));
        }
    }
    let welcome = services::blocks::welcome_in(unit, passed_on).await?;
    services::outbox::relay_all_in(unit, welcome).await?;
    Ok(notes)
}
