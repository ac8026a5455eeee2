//! Ballots whose home is elsewhere: kept as their home tells them, with its totals beside them.

use crate::app::App;
use crate::domain::ballot::Ballot;
use crate::domain::{ActorId, ObjectId, OptionId, Timestamp};
use crate::services::{Result, Unit};
use crate::storage::{self, ballots::NewBallot, objects::NewObject};

/// What the home of a ballot reports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reported {
    pub voters: Option<i64>,
    /// In the order of the options.
    pub options: Vec<Option<i64>>,
    /// When it was closed, if it is.
    pub closed_at: Option<Timestamp>,
}

/// A ballot as its home describes it, checked and cleaned.
#[derive(Clone, Debug)]
pub struct RemoteBallot {
    pub uri: String,
    pub url: String,
    pub author: ActorId,
    pub question: String,
    /// Clean HTML.
    pub html: String,
    pub language: String,
    pub multiple: bool,
    /// To the letter, in their order.
    pub options: Vec<String>,
    pub opened_at: Timestamp,
    pub ends_at: Timestamp,
    pub reported: Reported,
}

/// Stores a ballot on an initiative mirrored here; what is known already, or was deleted by its
/// author before it came, is left alone. Returns its id when it is new.
pub async fn put_remote_in(
    unit: &mut Unit<'_>,
    initiative: ObjectId,
    remote: &RemoteBallot,
) -> Result<Option<ObjectId>> {
    let about = storage::objects::by_id(&mut unit.conn(), initiative).await?;
    if about.is_none_or(|i| i.local || i.deleted_at.is_some() || i.id != i.root_id) {
        return Ok(None);
    }
    let id: ObjectId = unit.app.id();
    let now = unit.now;
    let object = NewObject {
        id,
        uri: &remote.uri,
        url: &remote.url,
        kind: "ballot",
        local: false,
        author: remote.author,
        root: initiative,
        parent: None,
        language: &remote.language,
        created_at: now,
        claimed_at: remote.opened_at.min(now),
    };
    if storage::objects::by_uri(&mut unit.conn(), &remote.uri).await?.is_some()
        || storage::dead_uris::contains(&mut unit.conn(), &remote.uri, remote.author).await?
    {
        return Ok(None);
    }
    storage::objects::insert(&mut unit.conn(), &object).await?;
    let new = NewBallot {
        id,
        initiative,
        question: &remote.question,
        html: &remote.html,
        multiple: remote.multiple,
        hide_tallies: false,
        ends_at: remote.ends_at,
    };
    let options: Vec<(OptionId, &str)> =
        remote.options.iter().map(|name| (unit.app.id(), name.as_str())).collect();
    storage::ballots::insert(&mut unit.conn(), &new, &options).await?;
    write_report(unit, id, &remote.reported).await?;
    unit.changed(initiative);
    Ok(Some(id))
}

async fn write_report(unit: &mut Unit<'_>, id: ObjectId, reported: &Reported) -> Result<()> {
    let now = unit.now;
    storage::ballots::set_reported(
        &mut unit.conn(),
        id,
        reported.voters,
        reported.closed_at.filter(|at| *at <= now),
        now,
    )
    .await?;
    for (total, position) in reported.options.iter().zip(0_i64..) {
        storage::ballots::set_option_reported(&mut unit.conn(), id, position, *total).await?;
    }
    unit.changed(id);
    Ok(())
}

/// Takes over what the home reports now. A description that differs in its options, their order
/// or their number is refused: votes were cast on what was there. `false` when it was.
pub async fn report_in(unit: &mut Unit<'_>, remote: &RemoteBallot) -> Result<bool> {
    let Some(object) = storage::objects::by_uri(&mut unit.conn(), &remote.uri).await? else {
        return Ok(true);
    };
    if object.local || object.deleted_at.is_some() || object.author_id != remote.author {
        return Ok(true);
    }
    let Some(known) = storage::ballots::by_id(&mut unit.conn(), object.id).await? else {
        return Ok(true);
    };
    let options = storage::ballots::options(&mut unit.conn(), known.id).await?;
    let same = known.multiple == remote.multiple
        && options.iter().map(|o| &o.name).eq(remote.options.iter());
    if !same {
        let reason = "the options of a ballot cannot be changed";
        crate::services::audit::refused_in(unit, "ballot", "", &remote.uri, reason).await?;
        return Ok(false);
    }
    write_report(unit, known.id, &remote.reported).await?;
    unit.changed(known.initiative_id);
    Ok(true)
}

/// How long the totals of a ballot of elsewhere are shown before its home is asked again.
const REPORT_MAX_AGE_MILLIS: i64 = 60_000;

/// Has the home asked for its totals, if what it last said is a minute old and can change.
pub async fn refresh(app: &App, ballot: &Ballot) -> Result<()> {
    let fresh = ballot
        .reported_at
        .is_some_and(|at| app.now().millis() - at.millis() <= REPORT_MAX_AGE_MILLIS);
    if ballot.local || fresh || ballot.closed_at.is_some() || ballot.deleted_at.is_some() {
        return Ok(());
    }
    let mut unit = Unit::begin(app).await?;
    let (id, now) = (ballot.id.to_string(), unit.now);
    unit.enqueue("refresh_ballot", &id, Some(&format!("refresh_ballot {id}")), now).await?;
    unit.commit().await
}
