//! Who may say what about whom: the one check that everything incoming goes through (FEP-fe34).
//!
//! An actor speaks for itself and for what lives at its own origin. The rules here look at the
//! activity and at what is known; they change nothing.

use super::moderation::{self, Ordered};
use super::vocab::{Node, uri_of, without_fragment};
use crate::app::App;
use crate::domain::urls::same_origin;
use crate::services;
use serde_json::Value;

/// Types whose `object` is a thing with an author.
const ABOUT_OWN_THINGS: [&str; 2] = ["Create", "Update"];

/// Types of actors.
pub const ACTOR_TYPES: [&str; 5] = ["Person", "Service", "Group", "Organization", "Application"];

/// Whether `actor` may say this. `Err` is the reason for the audit.
pub async fn check(app: &App, actor: &str, activity: Node<'_>) -> Result<(), Refused> {
    match moderation::read(app, actor, activity).await? {
        Some(ordered) => {
            check_moderator(app, actor, &ordered).await?;
            if activity.kind() != "Undo" {
                return Ok(());
            }
        }
        None if matches!(activity.kind(), "Add" | "Remove") => return check_own(actor, activity),
        None => {}
    }
    match activity.kind() {
        kind if ABOUT_OWN_THINGS.contains(&kind) => check_authorship(app, actor, activity).await,
        "Delete" => check_deletion(app, actor, activity).await,
        "Undo" => check_undo(app, actor, activity).await,
        "Accept" | "Reject" => check_answer(app, actor, activity).await,
        _ => Ok(()),
    }
}

/// Why something was refused.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The actor has no right to say it: 403.
    #[error("{0}")]
    NotAllowed(&'static str),
    /// It could not be decided now: 503.
    #[error(transparent)]
    Undecided(#[from] services::Error),
}

/// An act of a moderator: they must be one of that very assembly.
async fn check_moderator(app: &App, actor: &str, ordered: &Ordered) -> Result<(), Refused> {
    if services::moderation::may_act(app, &ordered.assembly, actor, None).await? {
        Ok(())
    } else {
        Err(Refused::NotAllowed("only a moderator of the assembly may do this"))
    }
}

/// A collection of nobody's assembly: everybody fills their own.
fn check_own(actor: &str, activity: Node<'_>) -> Result<(), Refused> {
    match activity.uri("target") {
        Some(target) if !same_origin(target, actor) => {
            Err(Refused::NotAllowed("the collection belongs to somebody else"))
        }
        _ => Ok(()),
    }
}

async fn check_authorship(app: &App, actor: &str, activity: Node<'_>) -> Result<(), Refused> {
    let objects: Vec<&Value> = match activity.get("object") {
        Some(Value::Array(list)) => list.iter().collect(),
        Some(one) => vec![one],
        None => return Ok(()),
    };
    for object in objects.into_iter().filter(|o| o.is_object()) {
        let object = Node(object);
        let Some(id) = object.id() else { continue };
        if app.urls.is_local(id) {
            return Err(Refused::NotAllowed("the object belongs to this instance"));
        }
        if ACTOR_TYPES.contains(&object.kind()) {
            if id != actor {
                return Err(Refused::NotAllowed("an actor can only change itself"));
            }
            continue;
        }
        let named = object.get("attributedTo").is_some();
        if (named && !object.is_attributed_to(actor)) || !same_origin(id, actor) {
            return Err(Refused::NotAllowed("the object belongs to somebody else"));
        }
        if activity.kind() == "Update" {
            let known = services::comments::object_by_uri(app, id).await?;
            if let Some(known) = known {
                let author = services::actors::by_id(app, known.author_id).await?;
                if author.is_none_or(|a| a.uri != actor) {
                    return Err(Refused::NotAllowed("the object belongs to somebody else"));
                }
            }
        }
    }
    Ok(())
}

async fn check_deletion(app: &App, actor: &str, activity: Node<'_>) -> Result<(), Refused> {
    let Some(object) = activity.uri("object") else { return Ok(()) };
    if object == actor {
        return Ok(());
    }
    if app.urls.is_local(object) {
        return Err(Refused::NotAllowed("the object belongs to this instance"));
    }
    if !same_origin(object, actor) {
        return Err(Refused::NotAllowed("the object belongs to another server"));
    }
    if services::actors::by_uri(app, object).await?.is_some() {
        return Err(Refused::NotAllowed("an actor can only delete itself"));
    }
    if let Some(known) = services::comments::object_by_uri(app, object).await? {
        let author = services::actors::by_id(app, known.author_id).await?;
        if author.is_none_or(|a| a.uri != actor) {
            return Err(Refused::NotAllowed("the object belongs to somebody else"));
        }
    }
    Ok(())
}

async fn check_undo(app: &App, actor: &str, activity: Node<'_>) -> Result<(), Refused> {
    let Some(object) = activity.get("object") else { return Ok(()) };
    if let Some(inner) = Some(Node(object)).filter(|n| n.0.is_object())
        && inner.uri("actor").is_some_and(|inner_actor| inner_actor != actor)
    {
        return Err(Refused::NotAllowed("an activity can only be undone by who did it"));
    }
    let Some(uri) = uri_of(object) else { return Ok(()) };
    if !same_origin(without_fragment(uri), actor) {
        return Err(Refused::NotAllowed("the undone activity belongs to another server"));
    }
    let mut doer = services::reactions::actor_of(app, uri).await?;
    if doer.is_none() {
        doer = services::follows::parties_of(app, uri).await?.map(|(follower, _)| follower);
    }
    if let Some(doer) = doer {
        let doer = services::actors::by_id(app, doer).await?;
        if doer.is_none_or(|a| a.uri != actor) {
            return Err(Refused::NotAllowed("an activity can only be undone by who did it"));
        }
    }
    Ok(())
}

async fn check_answer(app: &App, actor: &str, activity: Node<'_>) -> Result<(), Refused> {
    let Some(uri) = activity.uri("object") else { return Ok(()) };
    if let Some((_, target)) = services::follows::parties_of(app, uri).await? {
        let target = services::actors::by_id(app, target).await?;
        if target.is_none_or(|a| a.uri != actor) {
            return Err(Refused::NotAllowed("only the actor that was asked can answer"));
        }
    }
    Ok(())
}
