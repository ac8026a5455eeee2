//! `Announce`: somebody boosts something, or a remote assembly passes on what happened in it.

use super::{Incoming, create, home, like, several};
use crate::domain::Reaction;
use crate::domain::urls::same_origin;
use crate::federation::moderation;
use crate::federation::ownership::{self, Refused};
use crate::federation::proof::{self, Standing};
use crate::federation::vocab::Node;
use crate::federation::{Error, policy};
use crate::services::{self, record};
use serde_json::value::RawValue;

/// Passed on by somebody who may, but made by a server that may not: taken, without effect.
const REJECTED: &str = "it comes from a server that a rule of this instance rejects";
/// Activities that an assembly may pass on and that mean something here.
const PASSED_ON: [&str; 10] =
    ["Create", "Update", "Delete", "Like", "EmojiReact", "Undo", "Add", "Remove", "Lock", "Block"];

pub(super) async fn prepare(incoming: Incoming<'_>) -> Result<super::Act, Error> {
    if incoming.via.is_some() {
        return Ok(super::Act::Nothing("an Announce inside an Announce"));
    }
    if let Some(parts) = several::prepare(incoming) {
        return Ok(parts);
    }
    if let Some(inner) = incoming.activity.object("object")
        && (inner.get("actor").is_some() || PASSED_ON.contains(&inner.kind()))
    {
        return passed_on(incoming, inner).await;
    }
    let Some(uri) = incoming.activity.uri("object") else {
        return Ok(super::Act::Nothing("an Announce of nothing"));
    };
    if let Some(known) = services::comments::object_by_uri(incoming.app, uri).await? {
        // A group that repeats the address of its own text does not boost it.
        let own = known.assembly_id == incoming.actor
            || known.group_uri.as_deref() == Some(incoming.actor_uri);
        let repeated = super::Act::Nothing("a group repeats a text of its own");
        return Ok(if own { repeated } else { like::reaction(incoming, uri, Reaction::Boost) });
    }
    if incoming.app.urls.is_local(uri) || !is_followed_group(incoming).await? {
        return Ok(super::Act::Nothing("a boost of something that is not here"));
    }
    if policy::refusal(incoming.app, uri).is_some() {
        return Ok(super::Act::Nothing(REJECTED));
    }
    create::from_address(Incoming { via: Some(incoming.actor), ..incoming }, uri).await
}

async fn is_followed_group(incoming: Incoming<'_>) -> Result<bool, Error> {
    let actor = services::actors::by_id(incoming.app, incoming.actor).await?;
    Ok(actor.is_some_and(|a| a.kind.is_group() && !a.local)
        && services::follows::is_followed_from_here(incoming.app, incoming.actor).await?)
}

async fn passed_on(incoming: Incoming<'_>, inner: Node<'_>) -> Result<super::Act, Error> {
    if !PASSED_ON.contains(&inner.kind()) {
        return Ok(super::Act::Nothing("an assembly passes on something that means nothing here"));
    }
    if let Some(act) = moderated(incoming, inner).await? {
        return Ok(act);
    }
    if !is_followed_group(incoming).await? {
        return Ok(super::Act::Nothing("passed on by an assembly that nobody here follows"));
    }
    let (Some(id), Some(actor_uri)) = (inner.id(), inner.only_uri("actor")) else {
        return Ok(super::Act::Nothing("passed on without an id or an actor"));
    };
    let inside = Incoming { via: Some(incoming.actor), ..incoming };
    if policy::refusal(incoming.app, actor_uri).is_some() {
        return Ok(super::Act::Nothing(REJECTED));
    }
    if incoming.app.urls.is_local(actor_uri) {
        return Ok(super::Act::Nothing("our own activity comes back"));
    }
    let raw = text_inside(incoming.raw).unwrap_or_default();
    let standing = if same_origin(id, actor_uri) {
        proof::check(incoming.app, inner.0, actor_uri, incoming.budget).await?
    } else {
        Standing::Wrong("the id is of another server than the actor")
    };
    // The same rule as at the door.
    let allowed = match ownership::check(incoming.app, actor_uri, inner).await {
        Ok(()) => Ok(()),
        Err(Refused::NotAllowed(reason)) => Err(reason),
        Err(Refused::Undecided(error)) => return Err(error.into()),
    };
    match (standing, allowed) {
        // Its author signed it: believed whoever passes it on, and while its home is down.
        (Standing::Proven(key), Ok(())) => {
            let (actor, proven) = (key.actor, record::KINDS.contains(&inner.kind()));
            let own = Incoming { actor, actor_uri, activity: inner, raw, proven, ..inside };
            return Box::pin(super::read(own)).await;
        }
        (Standing::Proven(_), Err(reason)) => return Ok(super::Act::Nothing(reason)),
        // What the assembly's own server says of its own people is believed as if they had sent it.
        (Standing::Unproven, Ok(())) if same_origin(actor_uri, incoming.actor_uri) => {
            let actor = create::author_of(inside, actor_uri).await?;
            let own = Incoming { actor, actor_uri, activity: inner, ..inside };
            return Box::pin(super::read(own)).await;
        }
        (Standing::Unproven | Standing::Wrong(_), _) => {}
    }
    home::read(Incoming { actor_uri, activity: inner, ..inside }).await
}

/// The announced activity as it was written.
fn text_inside(raw: &str) -> Option<&str> {
    #[derive(serde::Deserialize)]
    struct Outside<'a> {
        #[serde(borrow)]
        object: &'a RawValue,
    }
    serde_json::from_str::<Outside<'_>>(raw).ok().map(|outside| outside.object.get())
}

/// What a moderator did in the assembly that passes it on. The assembly vouches for it, and whether
/// the moderator may is asked all the same. It counts even where nobody follows the assembly: it is
/// about what is here.
async fn moderated(incoming: Incoming<'_>, inner: Node<'_>) -> Result<Option<super::Act>, Error> {
    let Some(actor_uri) = inner.uri("actor") else { return Ok(None) };
    let app = incoming.app;
    if !moderation::KINDS.contains(&inner.kind()) || app.urls.is_local(actor_uri) {
        return Ok(None);
    }
    let Some(ordered) = moderation::read(app, actor_uri, inner).await? else { return Ok(None) };
    let standing = proof::check(app, inner.0, actor_uri, incoming.budget).await?;
    if matches!(standing, Standing::Wrong(_)) {
        return Ok(Some(super::Act::Nothing("an order with a wrong proof")));
    }
    let via = Some(incoming.actor);
    if inner.id().is_none_or(|id| !same_origin(id, actor_uri))
        || !services::moderation::may_act(app, &ordered.assembly, actor_uri, via).await?
    {
        return Ok(Some(super::Act::Nothing("an order of somebody who is no moderator")));
    }
    let inside = Incoming { via, ..incoming };
    let actor = create::author_of(inside, actor_uri).await?;
    super::moderate::prepare(Incoming { actor, actor_uri, activity: inner, ..inside }).await
}
