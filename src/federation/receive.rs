//! Applying what came in. The sender was authenticated before; here it is read, what is missing
//! is fetched, and services do the rest.
//!
//! Two steps, because no transaction may wait for the network: `prepare` reads, asks other
//! servers where it must, and gives an [`Act`]; [`Act::apply`] changes things inside a unit that
//! the caller commits, often together with many others.
//!
//! To add an activity: a file with `prepare` and its `Act`, a line in each of the two tables.

mod announce;
mod answer;
mod ballot;
mod block;
mod create;
mod delete;
mod flag;
mod follow;
mod home;
mod like;
mod moderate;
mod quote;
mod relocate;
mod restore;
mod several;
mod undo;
mod update;
mod vote;

use super::moderation;
use super::proof::{self, Standing};
use super::vocab::Node;
use super::{Budget, Error};
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::{ActorId, Timestamp};
use crate::services::reactions::NewReaction;
use crate::services::record::{self, Arrived};
use crate::services::{self, Unit};
use serde_json::Value;
use std::collections::HashSet;

pub use home::is_readable_at_home;

/// An authenticated activity with its surroundings.
#[derive(Clone, Copy, Debug)]
pub struct Incoming<'a> {
    app: &'a App,
    /// Who sent it.
    actor: ActorId,
    actor_uri: &'a str,
    activity: Node<'a>,
    /// The bytes as they came; empty where they are not its author's.
    raw: &'a str,
    /// The remote assembly that passed it on, if it came that way.
    via: Option<ActorId>,
    /// When it came to our inbox.
    received_at: Timestamp,
    /// What may be asked of other servers.
    budget: &'a Budget,
    /// Whether it carries a good proof of its actor.
    proven: bool,
}

impl Incoming<'_> {
    fn id(&self) -> &str {
        self.activity.id().unwrap_or_default()
    }

    /// What a local assembly may pass on to its followers: what its author sent here.
    fn relay(&self) -> Option<String> {
        (self.via.is_none() && !self.raw.is_empty()).then(|| self.raw.to_owned())
    }
}

/// Something to apply.
#[derive(Debug)]
pub enum Act {
    Answer(answer::Act),
    Ballot(Box<ballot::Act>),
    Block(block::Act),
    Create(Box<create::Act>),
    Delete(delete::Act),
    Flag(flag::Act),
    /// Something to apply, and then to keep in the signed record.
    Kept(Box<Act>, Box<Arrived>),
    Follow(follow::Act),
    Quote(quote::Act),
    Moderate(Box<moderate::Act>),
    Move(relocate::Act),
    React(NewReaction),
    Restore(Box<restore::Act>),
    Several(several::Act),
    Undo(undo::Act),
    Update(Box<update::Act>),
    Vote(vote::Act),
    /// There is nothing to do, and why.
    Nothing(&'static str),
}

/// Reads an activity that was stored at `received_at`. With an empty budget it fails with
/// [`Error::NeedsNetwork`] where another server would have to be asked.
pub async fn prepare(
    app: &App,
    actor: ActorId,
    body: &[u8],
    received_at: Timestamp,
    budget: &Budget,
) -> Result<Act, Error> {
    let raw = std::str::from_utf8(body).map_err(|e| Error::invalid(e.to_string()))?;
    let value = super::json::parse(body).map_err(Error::invalid)?;
    let activity = Node(&value);
    let actor_uri = activity.uri("actor").unwrap_or_default();
    let proven = record::KINDS.contains(&activity.kind())
        && matches!(
            proof::check(app, &value, actor_uri, budget).await?,
            Standing::Proven(key) if key.actor == actor
        );
    let via = None;
    let incoming =
        Incoming { app, actor, actor_uri, activity, raw, via, received_at, budget, proven };
    read(incoming).await
}

/// As [`prepare`], of what `sender` passed on: nothing in it is believed, and what it is about is
/// read at its home.
pub async fn prepare_forwarded(
    app: &App,
    sender: ActorId,
    body: &[u8],
    received_at: Timestamp,
    budget: &Budget,
) -> Result<Act, Error> {
    let value = super::json::parse(body).map_err(Error::invalid)?;
    let activity = Node(&value);
    let actor_uri = activity.uri("actor").unwrap_or_default();
    home::read(Incoming {
        app,
        actor: sender,
        actor_uri,
        activity,
        raw: "",
        via: None,
        received_at,
        budget,
        proven: false,
    })
    .await
}

/// A text that was read at its home on a walk, as if the assembly had passed it on.
pub async fn found(
    app: &App,
    budget: &Budget,
    assembly: ActorId,
    document: &Value,
    author: &Actor,
) -> Result<Act, Error> {
    let activity = Node(document);
    let (actor, actor_uri) = (author.id, author.uri.as_str());
    let incoming = Incoming {
        app,
        actor,
        actor_uri,
        activity,
        raw: "",
        via: Some(assembly),
        received_at: app.now(),
        budget,
        proven: false,
    };
    create::from_document(incoming, activity, actor, actor_uri).await
}

async fn read(incoming: Incoming<'_>) -> Result<Act, Error> {
    let act = apply_table(incoming).await?;
    let object = incoming.activity.uri("object");
    let (true, Some(object_uri)) = (incoming.proven, object) else { return Ok(act) };
    let arrived = Arrived {
        activity_uri: incoming.id().to_owned(),
        kind: incoming.activity.kind().to_owned(),
        object_uri: object_uri.to_owned(),
        actor: incoming.actor,
        raw: incoming.raw.to_owned(),
    };
    Ok(Act::Kept(Box::new(act), Box::new(arrived)))
}

/// The table of activities.
async fn apply_table(incoming: Incoming<'_>) -> Result<Act, Error> {
    metrics::counter!("federation_received_total", "type" => known_kind(incoming.activity.kind()))
        .increment(1);
    if moderation::KINDS.contains(&incoming.activity.kind())
        && let Some(act) = moderate::prepare(incoming).await?
    {
        return Ok(act);
    }
    match incoming.activity.kind() {
        "Like" | "EmojiReact" => Ok(like::prepare(incoming)),
        "Announce" => Box::pin(announce::prepare(incoming)).await,
        "Follow" => follow::prepare(incoming).await,
        "Accept" | "Reject" => Ok(answer::prepare(incoming)),
        "Undo" => match incoming.activity.object("object") {
            Some(deletion) if deletion.kind() == "Delete" => {
                restore::prepare(incoming, deletion).await
            }
            _ => Ok(undo::prepare(incoming)),
        },
        "Create" => create::prepare(incoming).await,
        "Update" => update::prepare(incoming).await,
        "Delete" => Ok(delete::prepare(incoming)),
        "Flag" => Ok(flag::prepare(incoming)),
        "Block" => Ok(block::prepare(incoming)),
        "QuoteRequest" | "ReplyRequest" => quote::prepare(incoming).await,
        "Move" => relocate::prepare(incoming).await,
        _ => Ok(Act::Nothing("an activity that means nothing here")),
    }
}

/// Types as metric labels: a closed list, so that nobody can fill the memory with names.
fn known_kind(kind: &str) -> &'static str {
    const KINDS: [&str; 18] = [
        "ReplyRequest",
        "Add",
        "Remove",
        "Lock",
        "QuoteRequest",
        "Like",
        "EmojiReact",
        "Announce",
        "Follow",
        "Accept",
        "Reject",
        "Undo",
        "Create",
        "Update",
        "Delete",
        "Flag",
        "Block",
        "Move",
    ];
    KINDS.into_iter().find(|known| *known == kind).unwrap_or("other")
}

impl Act {
    /// Changes what the activity changes, inside the unit.
    pub async fn apply(self, unit: &mut Unit<'_>) -> services::Result<()> {
        match self {
            Self::Answer(act) => act.apply(unit).await,
            Self::Ballot(act) => act.apply(unit).await,
            Self::Block(act) => act.apply(unit).await,
            Self::Create(act) => act.apply(unit).await,
            Self::Delete(act) => act.apply(unit).await,
            Self::Flag(act) => act.apply(unit).await,
            Self::Kept(act, arrived) => {
                Box::pin(act.apply(unit)).await?;
                record::keep_in(unit, &arrived).await
            }
            Self::Follow(act) => act.apply(unit).await,
            Self::Quote(act) => act.apply(unit).await,
            Self::Moderate(act) => act.apply(unit).await,
            Self::Move(act) => act.apply(unit).await,
            Self::React(one) => {
                if services::reactions::receive_in(unit, &[one]).await?.is_empty() {
                    unit.without_effect(NO_REACTION);
                }
                Ok(())
            }
            Self::Restore(act) => act.apply(unit).await,
            Self::Several(act) => act.apply(unit).await,
            Self::Undo(act) => act.apply(unit).await,
            Self::Update(act) => act.apply(unit).await,
            Self::Vote(act) => act.apply(unit).await,
            Self::Nothing(why) => {
                unit.without_effect(why);
                Ok(())
            }
        }
    }

    /// As [`Act::apply`], with the reason, if it had no effect.
    pub async fn apply_noting(self, unit: &mut Unit<'_>) -> services::Result<Note> {
        unit.take_note();
        self.apply(unit).await?;
        Ok(unit.take_note())
    }
}

/// Applies acts; for each the reason, if it had no effect. Answers and reactions, of which most
/// traffic consists, are taken together as far as nothing else stands between them; answers first,
/// so that a reaction finds what it is about.
pub async fn apply_all(acts: Vec<Act>, unit: &mut Unit<'_>) -> services::Result<Vec<Note>> {
    let mut notes = vec![None; acts.len()];
    let mut together = Together::default();
    for (act, note) in acts.into_iter().zip(&mut notes) {
        match act {
            Act::React(one) => together.reactions.push((one, note)),
            Act::Create(one) if one.is_plain() => together.answers.push((*one, note)),
            other => {
                std::mem::take(&mut together).apply(unit).await?;
                *note = other.apply_noting(unit).await?;
            }
        }
    }
    together.apply(unit).await?;
    Ok(notes)
}

/// Why something had no effect; `None` where it had one.
pub type Note = Option<&'static str>;

const NO_REACTION: &str = "a reaction to what is not here or takes none, a second one, or one that \
                           was taken back before";

/// What is applied together, each with the place for its note.
#[derive(Default)]
struct Together<'n> {
    answers: Vec<(create::Act, &'n mut Note)>,
    reactions: Vec<(NewReaction, &'n mut Note)>,
}

impl Together<'_> {
    async fn apply(self, unit: &mut Unit<'_>) -> services::Result<()> {
        let (answers, places): (Vec<_>, Vec<_>) = self.answers.into_iter().unzip();
        if !answers.is_empty() {
            let became = create::apply_all(answers, unit).await?;
            for (place, note) in places.into_iter().zip(became) {
                *place = note;
            }
        }
        let (reactions, places): (Vec<_>, Vec<_>) = self.reactions.into_iter().unzip();
        if reactions.is_empty() {
            return Ok(());
        }
        let effective = services::reactions::receive_in(unit, &reactions).await?;
        if effective.len() < reactions.len() {
            let effective: HashSet<String> = effective.into_iter().collect();
            for (place, one) in places.into_iter().zip(&reactions) {
                *place = (!effective.contains(&one.activity_uri)).then_some(NO_REACTION);
            }
        }
        Ok(())
    }
}
