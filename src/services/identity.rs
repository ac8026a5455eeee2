//! Who is one person: actors that named each other, wherever they live.
//!
//! A claim of one side alone has no effect, or anybody could cancel anybody's support. Whoever
//! named each other once stays one person: otherwise a vote could be doubled by parting after it.
//! Every count of people goes through here: reactions do, ballots and signatures ask
//! [`person_in`] for the key under which they count.

use super::unit::Tallies;
use super::{Result, Unit};
use crate::domain::{ActorId, ObjectId, Reaction};
use crate::storage;

/// The key under which an actor is counted: the same for all actors of one person.
pub async fn person_in(unit: &mut Unit<'_>, actor: ActorId) -> Result<ActorId> {
    Ok(storage::identities::person_of(&mut unit.conn(), actor).await?.unwrap_or(actor))
}

/// All actors of the person that this actor is, itself included.
pub async fn actors_in(unit: &mut Unit<'_>, actor: ActorId) -> Result<Vec<ActorId>> {
    match storage::identities::person_of(&mut unit.conn(), actor).await? {
        None => Ok(vec![actor]),
        Some(person) => Ok(storage::identities::members(&mut unit.conn(), person).await?),
    }
}

/// What an actor claims has changed: whoever it names and is named by becomes one person with it.
/// What both had reacted to is counted once from now on.
pub async fn link_in(unit: &mut Unit<'_>, actor: ActorId) -> Result<()> {
    let mutual = storage::profiles::mutual(&mut unit.conn(), actor).await?;
    if mutual.is_empty() {
        return Ok(());
    }
    let mut members = actors_in(unit, actor).await?;
    let before = members.len();
    for other in mutual {
        members.extend(actors_in(unit, other).await?);
    }
    members.sort_unstable();
    members.dedup();
    if members.len() == before {
        return Ok(());
    }
    let Some(person) = members.first().copied() else { return Ok(()) };
    for member in &members {
        storage::identities::put(&mut unit.conn(), *member, person).await?;
    }
    for (object, kind) in storage::identities::doubles(&mut unit.conn(), person).await? {
        settle_person_in(unit, person, object, kind).await?;
    }
    Ok(())
}

/// Has exactly one of a person's reactions of a kind to an object counted, if there is any.
pub(super) async fn settle_in(
    unit: &mut Unit<'_>,
    actor: ActorId,
    object: ObjectId,
    kind: Reaction,
) -> Result<()> {
    match storage::identities::person_of(&mut unit.conn(), actor).await? {
        Some(person) => settle_person_in(unit, person, object, kind).await,
        None => Ok(()),
    }
}

async fn settle_person_in(
    unit: &mut Unit<'_>,
    person: ActorId,
    object: ObjectId,
    kind: Reaction,
) -> Result<()> {
    let all = storage::identities::reactions(&mut unit.conn(), person, object, kind).await?;
    // The one that is counted stays; without one, the first takes its place.
    let kept = all.iter().find(|(_, counted)| *counted).or(all.first()).map(|(actor, _)| *actor);
    let mut change = 0;
    for (actor, counted) in &all {
        let wanted = Some(*actor) == kept;
        if *counted != wanted {
            storage::identities::set_counted(&mut unit.conn(), object, *actor, kind, wanted)
                .await?;
            change += if wanted { 1 } else { -1 };
        }
    }
    if change != 0 {
        count(unit, object, kind, change);
    }
    Ok(())
}

/// Changes the tally of a kind of reaction.
pub(super) fn count(unit: &mut Unit<'_>, object: ObjectId, reaction: Reaction, by: i64) {
    let change = match reaction {
        Reaction::Like => Tallies { likes: by, ..Tallies::default() },
        Reaction::Boost => Tallies { boosts: by, ..Tallies::default() },
    };
    unit.count(object, change);
}
