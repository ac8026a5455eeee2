//! The end of a ballot: on time, earlier, or with its removal; and the tallies sent out before.

use super::{check_official, finish, require, text};
use crate::app::App;
use crate::domain::ballot::{Ballot, Poll};
use crate::domain::{Event, ObjectId, State, Timestamp, Viewer};
use crate::services::{Error, Result, Unit, notes};
use crate::storage;

/// How long after the end a result waits for votes that came in time and are not applied yet, in
/// seconds.
const WAIT_SECONDS: i64 = 600;

/// Ends a ballot before its time: votes count until now. The announced end stays what it was.
pub async fn close(app: &App, who: Option<&Viewer>, id: ObjectId) -> Result<Poll> {
    check_official(who)?;
    let mut unit = Unit::begin(app).await?;
    let ballot = require(&mut unit, id).await?;
    if !ballot.local {
        return Err(Error::Forbidden("it can only be changed on its home instance"));
    }
    if ballot.deleted_at.is_some() {
        return Err(Error::Gone("ballot"));
    }
    if !end_in(&mut unit, id).await? {
        return Err(Error::Conflict("the ballot is closed"));
    }
    unit.changed(ballot.initiative_id);
    finish(unit, id).await
}

/// Votes count until now, and the result is made.
async fn end_in(unit: &mut Unit<'_>, id: ObjectId) -> Result<bool> {
    let now = unit.now;
    if !storage::ballots::set_closes(&mut unit.conn(), id, now).await? {
        return Ok(false);
    }
    let dedupe = format!("close_ballot {id} early");
    unit.enqueue("close_ballot", &id.to_string(), Some(&dedupe), now).await?;
    Ok(true)
}

/// Ends all ballots of an initiative that is withdrawn.
pub async fn close_all_in(unit: &mut Unit<'_>, initiative: ObjectId) -> Result<()> {
    for id in storage::ballots::unfinished_of(&mut unit.conn(), initiative).await? {
        end_in(unit, id).await?;
        unit.changed(id);
    }
    Ok(())
}

/// Makes the result of a ballot final if its end has come. `false` when votes that came in time
/// still wait to be applied: then it is to be tried again.
pub async fn close_due(app: &App, id: ObjectId) -> Result<bool> {
    let mut unit = Unit::begin(app).await?;
    let Some(ballot) = storage::ballots::by_id(&mut unit.conn(), id).await? else {
        return Ok(true);
    };
    let now = unit.now;
    if !ballot.local || ballot.closed_at.is_some() || ballot.deleted_at.is_some() {
        return Ok(true);
    }
    let patient = now < ballot.closes_at.plus_seconds(WAIT_SECONDS);
    if patient && storage::inbox::has_waiting_before(&mut unit.conn(), ballot.closes_at).await? {
        return Ok(false);
    }
    if !storage::ballots::set_closed(&mut unit.conn(), id, now).await? {
        return Ok(now >= ballot.closes_at);
    }
    unit.record(&Event::BallotClosed { ballot: id }).await?;
    let ballot = require(&mut unit, id).await?;
    publish_result(&mut unit, ballot).await?;
    finish(unit, id).await.map(|_| true)
}

/// The certified result: a note of the office in answer to the initiative, with our own numbers.
async fn publish_result(unit: &mut Unit<'_>, ballot: Ballot) -> Result<()> {
    let (id, about) = (ballot.id, ballot.initiative_id);
    let initiative = storage::initiatives::by_id(&mut unit.conn(), about).await?;
    // A withdrawn initiative leaves nothing to answer.
    let Some(initiative) = initiative.filter(|i| i.state == State::Discussion) else {
        return Ok(());
    };
    let options = storage::ballots::options(&mut unit.conn(), id).await?;
    let words = text::result(&Poll { ballot, options }, notes::language_of(&initiative));
    notes::post_in(unit, about, &format!("ballot:{id}:result"), &words).await.map(|_| ())
}

/// Sends the tallies out, if the ballot is open and anything was counted.
pub async fn push_due(app: &App, id: ObjectId) -> Result<()> {
    let mut unit = Unit::begin(app).await?;
    // Counted first: whoever votes after this asks for the next push.
    storage::ballots::count_push(&mut unit.conn(), id).await?;
    let ballot = require(&mut unit, id).await?;
    let due = ballot.local && ballot.closed_at.is_none() && ballot.deleted_at.is_none();
    if due && !ballot.hide_tallies && ballot.fediverse + ballot.registered > 0 {
        unit.record(&Event::BallotTallied { ballot: id }).await?;
    }
    unit.commit().await
}

/// Removes a ballot: a tombstone stays, and the votes with their verdicts.
pub async fn remove(app: &App, who: Option<&Viewer>, id: ObjectId) -> Result<()> {
    check_official(who)?;
    let mut unit = Unit::begin(app).await?;
    let ballot = require(&mut unit, id).await?;
    if !ballot.local {
        return Err(Error::Forbidden("it can only be changed on its home instance"));
    }
    let now: Timestamp = unit.now;
    if !storage::objects::set_deleted(&mut unit.conn(), id, now).await? {
        return Err(Error::Gone("ballot"));
    }
    unit.record(&Event::BallotRemoved { ballot: id }).await?;
    unit.changed(ballot.initiative_id);
    unit.changed(id);
    unit.commit().await
}
