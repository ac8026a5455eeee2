//! Ballots: opened, tallied, closed, removed; votes that leave from here, and the refusal of
//! votes that came.

use super::notes::announced_by_group;
use super::{announced_whole, each_once, followers, outgoing, require, text_of};
use crate::app::App;
use crate::domain::ballot::Poll;
use crate::domain::urls;
use crate::domain::{ActivityId, ActorId, ObjectId, OptionId};
use crate::federation::build;
use crate::jobs::work::Failure;
use crate::services;
use crate::services::outbox::Outgoing;

/// A ballot goes to those who follow its body. The initiative's own actor passes its address on,
/// for timelines; the assembly passes it on whole, for mirrors.
pub(super) async fn opened(app: &App, id: ObjectId) -> Result<Vec<Outgoing>, Failure> {
    let poll = services::ballots::get(app, id).await?;
    if poll.ballot.deleted_at.is_some() {
        return Ok(Vec::new());
    }
    let (author, now) = (poll.ballot.author_id, app.now());
    let inboxes = followers(app, author).await?;
    let create = outgoing(app, author, "Create", true, inboxes, |activity| {
        build::create_question(&app.urls, activity, &poll, now)
    })
    .await?;
    let about = services::initiatives::get(app, None, poll.ballot.initiative_id).await?;
    let whole = announced_whole(app, about.assembly_id, &text_of(&create)).await?;
    let mut made = vec![create, whole];
    let (uri, author) = (&poll.ballot.uri, &poll.ballot.author_uri);
    made.extend(announced_by_group(app, about.id, uri, author).await?);
    Ok(made)
}

/// Whoever may have the ballot: those who follow its body, those who voted, endorsed or boosted,
/// and those to whom the initiative's actor passed it on.
async fn holders(app: &App, poll: &Poll) -> Result<Vec<String>, Failure> {
    let mut inboxes = followers(app, poll.ballot.author_id).await?;
    inboxes.extend(services::ballots::participants(app, poll.ballot.id).await?);
    let about = services::initiatives::get(app, None, poll.ballot.initiative_id).await?;
    if let Some(group) = services::initiatives::known_group(app, &about).await? {
        inboxes.extend(followers(app, group.id).await?);
    }
    Ok(each_once(inboxes))
}

/// New totals. They are not listed: the ballot itself is always current.
pub(super) async fn tallied(app: &App, id: ObjectId) -> Result<Vec<Outgoing>, Failure> {
    let poll = services::ballots::get(app, id).await?;
    if poll.ballot.deleted_at.is_some() || poll.ballot.closed_at.is_some() {
        return Ok(Vec::new());
    }
    updated(app, &poll, false).await
}

/// The final totals. If nobody voted nothing is sent: some servers take totals of nothing for a
/// new poll and forget the votes of their own people; all of them know when it ends.
pub(super) async fn closed(app: &App, id: ObjectId) -> Result<Vec<Outgoing>, Failure> {
    let poll = services::ballots::get(app, id).await?;
    if poll.ballot.deleted_at.is_some() {
        return Ok(Vec::new());
    }
    updated(app, &poll, true).await
}

async fn updated(app: &App, poll: &Poll, listed: bool) -> Result<Vec<Outgoing>, Failure> {
    if poll.ballot.fediverse + poll.ballot.registered == 0 {
        return Ok(Vec::new());
    }
    let (inboxes, now) = (holders(app, poll).await?, app.now());
    let update = outgoing(app, poll.ballot.author_id, "Update", listed, inboxes, |activity| {
        build::update_question(&app.urls, activity, poll, now)
    });
    Ok(vec![update.await?])
}

pub(super) async fn removed(app: &App, id: ObjectId) -> Result<Vec<Outgoing>, Failure> {
    let poll = services::ballots::get(app, id).await?;
    let at = poll.ballot.deleted_at.unwrap_or_else(|| app.now());
    let inboxes = holders(app, &poll).await?;
    let delete = outgoing(app, poll.ballot.author_id, "Delete", true, inboxes, |activity| {
        build::delete_question(activity, &poll.ballot, at)
    })
    .await?;
    let about = services::initiatives::get(app, None, poll.ballot.initiative_id).await?;
    let whole = announced_whole(app, about.assembly_id, &text_of(&delete)).await?;
    Ok(vec![delete, whole])
}

/// Whoever voted in vain is told, and nobody else.
pub(super) async fn rejected(
    app: &App,
    id: ObjectId,
    voter: ActorId,
    activity: &str,
) -> Result<Vec<Outgoing>, Failure> {
    let poll = services::ballots::get(app, id).await?;
    let voter = require(app, voter).await?;
    if voter.deleted_at.is_some() {
        return Ok(Vec::new());
    }
    let inboxes = vec![voter.inbox.clone()];
    let reject = outgoing(app, poll.ballot.author_id, "Reject", false, inboxes, |id| {
        build::reject_vote(id, &poll.ballot, &voter.uri, activity)
    });
    Ok(vec![reject.await?])
}

/// A vote goes to the author of the ballot and to nobody else.
pub(super) async fn cast(
    app: &App,
    id: ObjectId,
    voter: ActorId,
    option: OptionId,
    activity: ActivityId,
) -> Result<Vec<Outgoing>, Failure> {
    let poll = services::ballots::get(app, id).await?;
    let (who, author) = (require(app, voter).await?, require(app, poll.ballot.author_id).await?);
    let Some(option) = poll.options.iter().find(|o| o.id == option) else {
        return Ok(Vec::new());
    };
    let uri = app.urls.activity(activity);
    let note = urls::actor::vote(&who.uri, activity);
    let body = build::vote(&uri, &note, &who.uri, &poll.ballot, &option.name);
    Ok(vec![Outgoing {
        id: activity,
        uri,
        actor: voter,
        kind: "Create",
        listed: false,
        body: body.to_string().into_bytes(),
        inboxes: vec![author.inbox],
    }])
}
