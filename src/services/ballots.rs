//! Ballots: opened by a body on an initiative addressed to it, voted on from here and from
//! elsewhere, closed with a result that stays. Ballots of elsewhere are in `mirror`.
//!
//! Nothing of a ballot is changed after it is opened, so there is no function that edits one.

mod close;
mod mirror;
mod tally;
mod text;
mod vote;

pub use close::{close, close_all_in, close_due, push_due, remove};
pub use mirror::{RemoteBallot, Reported, put_remote_in, refresh, report_in};
pub use tally::Votes;
pub use vote::{ArrivedVote, choices_of, receive_in, vote};

use super::{Error, Result, Unit};
use crate::app::App;
use crate::domain::ballot::{self, Ballot, Draft, Poll, Question, Refused};
use crate::domain::{Event, ObjectId, OptionId, State, Viewer};
use crate::storage::{self, ballots::NewBallot, objects::NewObject};

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::NotOfficial => Self::Forbidden("only officials and admins may do this"),
            Refused::NotHome => Self::Forbidden("it can only be changed on its home instance"),
            Refused::WrongState => Self::Conflict("the initiative is not under discussion"),
            Refused::NoBody => Self::Conflict("the initiative is addressed to no body"),
        }
    }
}

/// Who acts: an account, or whoever is at the shell.
fn check_official(who: Option<&Viewer>) -> Result<()> {
    match who {
        Some(viewer) if !ballot::speaks_for_bodies(viewer) => Err(Refused::NotOfficial.into()),
        _ => Ok(()),
    }
}

/// Opens a ballot. Without an account it is done by whoever is at the shell.
pub async fn open(
    app: &App,
    who: Option<&Viewer>,
    initiative: ObjectId,
    draft: &Draft,
) -> Result<Poll> {
    check_official(who)?;
    let question = Question::parse(draft, app.now());
    let mut unit = Unit::begin(app).await?;
    let about = storage::initiatives::by_id(&mut unit.conn(), initiative).await?;
    let about = about.filter(|i| i.state.is_public()).ok_or(Error::NotFound("initiative"))?;
    let body = ballot::opener(&about)?;
    let question = question.map_err(Error::Invalid)?;
    let id: ObjectId = app.id();
    let uri = app.urls.ballot(id);
    let now = unit.now;
    let object = NewObject {
        id,
        uri: &uri,
        url: &uri,
        kind: "ballot",
        local: true,
        author: body,
        root: initiative,
        parent: None,
        language: &question.language,
        created_at: now,
        claimed_at: now,
    };
    let html = text::announcement(&question, &about);
    let new = NewBallot {
        id,
        initiative,
        question: &question.question,
        html: &html,
        multiple: question.multiple,
        hide_tallies: question.hide_tallies,
        ends_at: question.ends_at,
    };
    let options: Vec<(OptionId, &str)> =
        question.options.iter().map(|name| (app.id(), name.as_str())).collect();
    storage::objects::insert(&mut unit.conn(), &object).await?;
    storage::ballots::insert(&mut unit.conn(), &new, &options).await?;
    let dedupe = format!("close_ballot {id}");
    unit.enqueue("close_ballot", &id.to_string(), Some(&dedupe), question.ends_at).await?;
    unit.record(&Event::BallotOpened { ballot: id }).await?;
    unit.changed(initiative);
    finish(unit, id).await
}

async fn require(unit: &mut Unit<'_>, id: ObjectId) -> Result<Ballot> {
    storage::ballots::by_id(&mut unit.conn(), id).await?.ok_or(Error::NotFound("ballot"))
}

async fn finish(mut unit: Unit<'_>, id: ObjectId) -> Result<Poll> {
    unit.changed(id);
    let app = unit.app;
    unit.commit().await?;
    get(app, id).await
}

/// The ballot of this id; also a removed one.
pub async fn get(app: &App, id: ObjectId) -> Result<Poll> {
    let mut reader = app.db.read().await?;
    let ballot = storage::ballots::by_id(&mut reader.conn(), id).await?;
    let ballot = ballot.ok_or(Error::NotFound("ballot"))?;
    let options = storage::ballots::options(&mut reader.conn(), id).await?;
    Ok(Poll { ballot, options })
}

/// The ballots of an initiative, oldest first, removed ones left out.
pub async fn of_initiative(app: &App, initiative: ObjectId) -> Result<Vec<Poll>> {
    let mut reader = app.db.read().await?;
    let ballots = storage::ballots::of_initiative(&mut reader.conn(), initiative).await?;
    if ballots.is_empty() {
        return Ok(Vec::new());
    }
    let options = storage::ballots::options_of_initiative(&mut reader.conn(), initiative).await?;
    let of = |id: ObjectId| options.iter().filter(|o| o.ballot_id == id).cloned().collect();
    let standing = ballots.into_iter().filter(|b| b.deleted_at.is_none());
    Ok(standing.map(|ballot| Poll { options: of(ballot.id), ballot }).collect())
}

/// How many ballots stand in the thread of an initiative.
pub async fn count(app: &App, initiative: ObjectId) -> Result<i64> {
    Ok(storage::ballots::count_standing(&mut app.db.read().await?.conn(), initiative).await?)
}

/// How many answers a ballot has, if this is one.
pub async fn replies(app: &App, id: ObjectId) -> Result<Option<i64>> {
    let found = storage::ballots::by_id(&mut app.db.read().await?.conn(), id).await?;
    Ok(found.map(|ballot| ballot.replies))
}

/// The inboxes of those elsewhere who have to do with a ballot besides those who follow its body.
pub async fn participants(app: &App, id: ObjectId) -> Result<Vec<String>> {
    let mut reader = app.db.read().await?;
    Ok(storage::ballots::inboxes_of_participants(&mut reader.conn(), id).await?)
}

/// Whether the thread of a ballot is open: that of its initiative.
async fn is_discussed(unit: &mut Unit<'_>, initiative: ObjectId) -> Result<bool> {
    let row = storage::objects::by_id(&mut unit.conn(), initiative).await?;
    Ok(row.is_some_and(|row| row.state == State::Discussion))
}
