//! Votes: from here and from elsewhere. Each is judged, kept with its verdict, and counted once.

use super::{is_discussed, require};
use crate::app::App;
use crate::domain::ballot::{Ballot, Origin, Poll, Verdict, judge, option_named};
use crate::domain::{ActivityId, ActorId, Event, Invalid, ObjectId, OptionId, Timestamp, Viewer};
use crate::services::{Error, Result, Unit, audit};
use crate::storage::{self, ballots::NewVote};

/// A vote as it came from another server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArrivedVote {
    pub ballot: ObjectId,
    /// Who signed it.
    pub actor: ActorId,
    /// The option, as it is named.
    pub name: String,
    /// The activity that brought it.
    pub activity_uri: String,
    /// When it came to our inbox: what decides whether it is late.
    pub received_at: Timestamp,
}

/// Who votes, for the purpose of counting once: the one place where a person with several
/// accounts becomes one voter.
async fn voter_of(unit: &mut Unit<'_>, actor: ActorId) -> Result<ActorId> {
    // An actor stands for itself: aliases of one person are resolved by whoever knows them.
    let known = storage::actors::by_id(&mut unit.conn(), actor).await?;
    Ok(known.map_or(actor, |a| a.id))
}

/// One choice before it is judged.
struct Choice<'a> {
    voter: ActorId,
    option: Option<OptionId>,
    origin: Origin,
    activity_uri: &'a str,
    received_at: Timestamp,
}

/// Judges, keeps and counts one choice. `None` when the same was kept before.
async fn keep(
    unit: &mut Unit<'_>,
    ballot: &Ballot,
    choice: &Choice<'_>,
) -> Result<Option<Verdict>> {
    let (id, voter) = (ballot.id, choice.voter);
    let mut vote = NewVote {
        ballot: id,
        voter,
        option: choice.option,
        verdict: judge(ballot, choice.option, choice.received_at, false),
        activity_uri: choice.activity_uri,
        received_at: choice.received_at,
    };
    if vote.verdict != Verdict::Counted {
        return not_counted(unit, &vote).await;
    }
    let first = storage::ballots::insert_voter(&mut unit.conn(), id, voter).await?;
    if !first {
        let chosen = storage::ballots::choices(&mut unit.conn(), id, voter).await?;
        if choice.option.is_some_and(|option| chosen.contains(&option)) {
            return Ok(None);
        }
        vote.verdict = judge(ballot, choice.option, choice.received_at, !chosen.is_empty());
        if vote.verdict != Verdict::Counted {
            return not_counted(unit, &vote).await;
        }
    }
    if let Some(option) = choice.option.filter(|_| vote.verdict == Verdict::Counted)
        && storage::ballots::insert_vote(&mut unit.conn(), &vote).await?
    {
        unit.count_votes(id).counted(option, choice.origin, first);
        unit.changed(ballot.initiative_id);
        return Ok(Some(Verdict::Counted));
    }
    Ok(None)
}

async fn not_counted(unit: &mut Unit<'_>, vote: &NewVote<'_>) -> Result<Option<Verdict>> {
    if !storage::ballots::insert_vote(&mut unit.conn(), vote).await? {
        return Ok(None);
    }
    unit.count_votes(vote.ballot).not_counted(vote.verdict);
    Ok(Some(vote.verdict))
}

/// A vote arrived. Whoever votes too late, or for what is not there, is told so once.
pub async fn receive_in(unit: &mut Unit<'_>, arrived: &ArrivedVote) -> Result<Option<Verdict>> {
    let found = storage::ballots::by_id(&mut unit.conn(), arrived.ballot).await?;
    let Some(ballot) = found.filter(|b| b.local) else { return Ok(None) };
    let options = storage::ballots::options(&mut unit.conn(), ballot.id).await?;
    let choice = Choice {
        voter: voter_of(unit, arrived.actor).await?,
        option: option_named(&options, &arrived.name).map(|o| o.id),
        origin: Origin::Fediverse,
        activity_uri: &arrived.activity_uri,
        received_at: arrived.received_at,
    };
    let verdict = keep(unit, &ballot, &choice).await?;
    let reason = match verdict {
        Some(Verdict::Late) => "rejected: closed",
        Some(Verdict::Refused) => "rejected: no such option",
        _ => return Ok(verdict),
    };
    // The trace has no name: who voted is nobody's business.
    audit::refused_in(unit, "vote", "", &ballot.uri, reason).await?;
    let (ballot, voter) = (ballot.id, arrived.actor);
    let activity = arrived.activity_uri.clone();
    unit.record(&Event::VoteRejected { ballot, voter, activity }).await?;
    Ok(verdict)
}

/// An account here chooses. On a ballot of here it is counted at once, on one of elsewhere it is
/// sent to its home. Choosing the same again changes nothing.
pub async fn vote(app: &App, who: &Viewer, id: ObjectId, chosen: &[OptionId]) -> Result<Poll> {
    let mut unit = Unit::begin(app).await?;
    let ballot = require(&mut unit, id).await?;
    if ballot.deleted_at.is_some() {
        return Err(Error::Gone("ballot"));
    }
    let options = storage::ballots::options(&mut unit.conn(), id).await?;
    let mut chosen = chosen.to_vec();
    chosen.sort_unstable();
    chosen.dedup();
    check(&ballot, &chosen, |id| options.iter().any(|o| o.id == id))?;
    if !ballot.is_open_at(unit.now) || !is_discussed(&mut unit, ballot.initiative_id).await? {
        return Err(Error::Conflict("the ballot is closed"));
    }
    let voter = voter_of(&mut unit, who.id).await?;
    let before = storage::ballots::choices(&mut unit.conn(), id, voter).await?;
    let other = before.iter().any(|option| !chosen.contains(option));
    if !ballot.multiple && other {
        return Err(Error::Conflict("you have voted already, and a vote cannot be changed"));
    }
    for option in chosen {
        if ballot.local {
            let choice = Choice {
                voter,
                option: Some(option),
                origin: Origin::Registered,
                activity_uri: "",
                received_at: unit.now,
            };
            keep(&mut unit, &ballot, &choice).await?;
        } else {
            cast_elsewhere(&mut unit, &ballot, voter, option).await?;
        }
    }
    super::finish(unit, id).await
}

fn check(ballot: &Ballot, chosen: &[OptionId], exists: impl Fn(OptionId) -> bool) -> Result<()> {
    if chosen.is_empty() {
        return Err(Invalid::new("options", "required").into());
    }
    if !chosen.iter().all(|option| exists(*option)) {
        return Err(Invalid::new("options", "unknown-option").into());
    }
    if chosen.len() > 1 && !ballot.multiple {
        return Err(Invalid::limit("options", "too-many", 1).into());
    }
    Ok(())
}

async fn cast_elsewhere(
    unit: &mut Unit<'_>,
    ballot: &Ballot,
    voter: ActorId,
    option: OptionId,
) -> Result<()> {
    let (id, activity): (_, ActivityId) = (ballot.id, unit.app.id());
    let first = storage::ballots::insert_voter(&mut unit.conn(), id, voter).await?;
    if !first && !ballot.multiple {
        // The same again: it is on its way.
        return Ok(());
    }
    let vote = NewVote {
        ballot: id,
        voter,
        option: Some(option),
        verdict: Verdict::Sent,
        activity_uri: &unit.app.urls.activity(activity),
        received_at: unit.now,
    };
    if storage::ballots::insert_vote(&mut unit.conn(), &vote).await? {
        unit.record(&Event::VoteCast { ballot: id, voter, option, activity }).await?;
    }
    Ok(())
}

/// The options that an account here chose.
pub async fn choices_of(app: &App, who: &Viewer, id: ObjectId) -> Result<Vec<OptionId>> {
    Ok(storage::ballots::choices(&mut app.db.read().await?.conn(), id, who.id).await?)
}
