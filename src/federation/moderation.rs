//! Reading what moderators elsewhere do (FEP-1b12): which assembly an activity is about, and what it
//! orders. Whether its actor may is asked of `services::moderation::may_act`, at the door by
//! `ownership`, and for what an assembly passes on by `receive/moderate.rs`.

use super::vocab::{Node, uri_of};
use crate::app::App;
use crate::domain::ActorKind;
use crate::domain::actor::Actor;
use crate::domain::moderation::{MAX_REASON, ModAct, REASONS};
use crate::services::{self, moderation::Collection};
use crate::text;

/// Activities that a moderator may send about what is not their own.
pub const KINDS: [&str; 6] = ["Add", "Remove", "Lock", "Block", "Delete", "Undo"];

/// An activity of a moderator, understood as far as its addresses go.
#[derive(Debug)]
pub struct Ordered {
    pub act: ModAct,
    pub assembly: Actor,
    /// The id on the wire of the text or the person it is about.
    pub about: String,
    pub reason: String,
    pub until: Option<crate::domain::Timestamp>,
    /// The activity that it takes back.
    pub undone: Option<String>,
}

/// What a moderator orders with this activity; `None` when it is none of ours, or not the act of
/// a moderator: one's own `Delete`, a `Block` of a person by a person.
pub async fn read(app: &App, actor: &str, activity: Node<'_>) -> services::Result<Option<Ordered>> {
    match activity.kind() {
        "Add" | "Remove" => listed(app, activity).await,
        "Lock" => locked(app, activity).await,
        "Block" => banned(app, activity).await,
        "Delete" => removed(app, actor, activity).await,
        "Undo" => undone(app, actor, activity).await,
        _ => Ok(None),
    }
}

async fn listed(app: &App, activity: Node<'_>) -> services::Result<Option<Ordered>> {
    let (Some(about), Some(target)) = (activity.uri("object"), activity.uri("target")) else {
        return Ok(None);
    };
    let found = services::moderation::collection(app, target).await?;
    let added = activity.kind() == "Add";
    Ok(found.map(|(assembly, which)| {
        let act = match (which, added) {
            (Collection::Featured, true) => ModAct::Pin,
            (Collection::Featured, false) => ModAct::Unpin,
            (Collection::Moderators, true) => ModAct::Appoint,
            (Collection::Moderators, false) => ModAct::Dismiss,
        };
        ordered(act, assembly, about, activity)
    }))
}

async fn locked(app: &App, activity: Node<'_>) -> services::Result<Option<Ordered>> {
    let Some(about) = activity.uri("object") else { return Ok(None) };
    let assembly = assembly_of(app, about).await?;
    Ok(assembly.map(|(assembly, _)| ordered(ModAct::Lock, assembly, about, activity)))
}

async fn banned(app: &App, activity: Node<'_>) -> services::Result<Option<Ordered>> {
    let (Some(about), Some(target)) = (activity.uri("object"), activity.uri("target")) else {
        return Ok(None);
    };
    let found = services::actors::by_uri(app, target).await?;
    let assembly = found.filter(|a| a.kind == ActorKind::Assembly && a.deleted_at.is_none());
    Ok(assembly.map(|assembly| ordered(ModAct::Ban, assembly, about, activity)))
}

async fn removed(app: &App, actor: &str, activity: Node<'_>) -> services::Result<Option<Ordered>> {
    let Some(about) = activity.uri("object").filter(|uri| *uri != actor) else { return Ok(None) };
    let Some((assembly, author)) = assembly_of(app, about).await? else { return Ok(None) };
    if author == actor {
        return Ok(None);
    }
    Ok(Some(ordered(ModAct::Remove, assembly, about, activity)))
}

async fn undone(app: &App, actor: &str, activity: Node<'_>) -> services::Result<Option<Ordered>> {
    let Some(inner) = activity.get("object") else { return Ok(None) };
    let undone = uri_of(inner).map(str::to_owned);
    let found = match Node(inner).kind() {
        "Lock" => locked(app, Node(inner)).await?.map(|o| Ordered { act: ModAct::Unlock, ..o }),
        "Block" => banned(app, Node(inner)).await?.map(|o| Ordered { act: ModAct::Unban, ..o }),
        "Delete" => {
            let removed = removed(app, actor, Node(inner)).await?;
            removed.map(|o| Ordered { act: ModAct::Restore, ..o })
        }
        "" => match &undone {
            Some(uri) => of_kept(app, uri).await?,
            None => None,
        },
        _ => None,
    };
    Ok(found.map(|o| Ordered { undone, until: None, ..o }))
}

/// Only the id of what is taken back came: what that was is in the record.
async fn of_kept(app: &App, uri: &str) -> services::Result<Option<Ordered>> {
    let Some(kept) = services::moderation::by_activity(app, uri).await? else { return Ok(None) };
    let (act, about) = match (kept.act, kept.object_id, kept.actor_id) {
        (ModAct::Lock, Some(object), _) => {
            let object = services::comments::object_by_id(app, object).await?;
            (ModAct::Unlock, object.map(|o| o.uri))
        }
        (ModAct::Remove, Some(object), _) => {
            let object = services::comments::object_by_id(app, object).await?;
            (ModAct::Restore, object.map(|o| o.uri))
        }
        (ModAct::Ban, _, Some(actor)) => {
            (ModAct::Unban, services::actors::by_id(app, actor).await?.map(|a| a.uri))
        }
        _ => return Ok(None),
    };
    let assembly = services::actors::by_id(app, kept.assembly_id).await?;
    Ok(match (assembly, about) {
        (Some(assembly), Some(about)) => {
            Some(Ordered { act, assembly, about, reason: String::new(), until: None, undone: None })
        }
        _ => None,
    })
}

/// The assembly of a text that is known here, and the text's author.
async fn assembly_of(app: &App, object: &str) -> services::Result<Option<(Actor, String)>> {
    let Some(known) = services::comments::object_by_uri(app, object).await? else {
        return Ok(None);
    };
    let assembly = services::actors::by_id(app, known.assembly_id).await?;
    let author = services::actors::by_id(app, known.author_id).await?;
    Ok(assembly.zip(author).map(|(assembly, author)| (assembly, author.uri)))
}

fn ordered(act: ModAct, assembly: Actor, about: &str, activity: Node<'_>) -> Ordered {
    let words = activity.text("summary").or(activity.text("content")).unwrap_or_default();
    let words = text::excerpt(text::plain(words).trim(), MAX_REASON);
    let code = REASONS.into_iter().find(|code| *code == words);
    let reason = match code {
        Some(code) => code.to_owned(),
        None if words.is_empty() => "other".to_owned(),
        None => words,
    };
    Ordered {
        act,
        assembly,
        about: about.to_owned(),
        reason,
        until: activity.time("endTime").or(activity.time("expires")),
        undone: None,
    }
}
