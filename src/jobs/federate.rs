//! From recorded acts to activities: one arm per event. The activities and their deliveries are
//! stored in one transaction, once per event, whatever happens in between.
//!
//! To add one: a line in the table, and a function in the file of what it is about.

mod actors;
mod ballots;
mod blocks;
mod comments;
mod follows;
mod initiatives;
mod moderation;
mod notes;
mod quotes;
mod reactions;
mod reports;

use super::work::Failure;
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::{ActivityId, ActorId, Event, EventId};
use crate::federation::{build, proof};
use crate::services;
use crate::services::outbox::{Made, Outgoing};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// What an act becomes.
pub(super) async fn prepare(
    app: &App,
    audiences: &mut Audiences,
    event: EventId,
    act: Event,
) -> Result<Made, Failure> {
    Ok(Made { event, activities: activities_of(app, audiences, act).await? })
}

async fn activities_of(
    app: &App,
    audiences: &mut Audiences,
    event: Event,
) -> Result<Vec<Outgoing>, Failure> {
    match event {
        Event::InitiativePublished { initiative } => initiatives::published(app, initiative).await,
        Event::InitiativeRevised { initiative } => initiatives::revised(app, initiative).await,
        Event::InitiativeWithdrawn { initiative } => initiatives::withdrawn(app, initiative).await,
        Event::GroupOpened { initiative } => notes::group_opened(app, initiative).await,
        Event::OfficialNote { note } => notes::official_note(app, note).await,
        Event::Moderated { moderation } => moderation::moderated(app, moderation).await,
        Event::CommentPosted { comment } => comments::comment_written(app, comment, "Create").await,
        Event::CommentEdited { comment } => comments::comment_written(app, comment, "Update").await,
        Event::CommentDeleted { comment } => comments::comment_deleted(app, comment).await,
        Event::Relayed { assembly, raw } => {
            Ok(vec![passed_on(app, audiences.of(app, assembly).await?, &raw)?])
        }
        Event::Reacted { actor, object, reaction, activity } => {
            reactions::reacted(app, actor, object, reaction, activity, false).await
        }
        Event::Unreacted { actor, object, reaction, activity } => {
            reactions::reacted(app, actor, object, reaction, activity, true).await
        }
        Event::FollowRequested { follower, target, activity } => {
            follows::follow(app, follower, target, activity, false).await
        }
        Event::Unfollowed { follower, target, activity } => {
            follows::follow(app, follower, target, activity, true).await
        }
        Event::FollowAccepted { follower, target, activity } => {
            follows::accepted(app, follower, target, &activity).await
        }
        Event::QuoteRequested { comment, activity } => {
            quotes::requested(app, comment, activity).await
        }
        Event::QuoteAnswered { object, requester, request, instrument, authorization } => {
            let (leave, form) = (authorization.map(|id| app.urls.quote(id)), build::quote_answer);
            quotes::answered(app, object, requester, &request, &instrument, leave, form).await
        }
        Event::QuoteRevoked { authorization } => quotes::revoked(app, authorization).await,
        Event::ReplyAnswered { object, requester, request, instrument, authorization } => {
            let (leave, form) = (authorization.map(|id| app.urls.reply(id)), build::reply_answer);
            quotes::answered(app, object, requester, &request, &instrument, leave, form).await
        }
        Event::FollowRejected { follower, target, activity } => {
            follows::rejected(app, follower, target, &activity).await
        }
        Event::BallotOpened { ballot } => ballots::opened(app, ballot).await,
        Event::BallotTallied { ballot } => ballots::tallied(app, ballot).await,
        Event::BallotClosed { ballot } => ballots::closed(app, ballot).await,
        Event::BallotRemoved { ballot } => ballots::removed(app, ballot).await,
        Event::VoteRejected { ballot, voter, activity } => {
            ballots::rejected(app, ballot, voter, &activity).await
        }
        Event::VoteCast { ballot, voter, option, activity } => {
            ballots::cast(app, ballot, voter, option, activity).await
        }
        Event::ActorChanged { actor } => actors::actor_changed(app, actor).await,
        Event::ActorMoved { actor, target } => actors::actor_moved(app, actor, target).await,
        Event::ActorRemoved { actor } => actors::actor_removed(app, actor).await,
        Event::Blocked { blocker, target, activity } => {
            blocks::blocked(app, blocker, target, activity, false).await
        }
        Event::Unblocked { blocker, target, activity } => {
            blocks::blocked(app, blocker, target, activity, true).await
        }
        Event::ReportForwarded { report } => reports::forwarded(app, report).await,
    }
}

/// Mints the id of a new activity and wraps what `make` builds with it. What is public gets the
/// proof of its actor here, once, before it is stored, sent, announced or served.
async fn outgoing(
    app: &App,
    actor: ActorId,
    kind: &'static str,
    listed: bool,
    inboxes: Vec<String>,
    make: impl FnOnce(&str) -> Value,
) -> Result<Outgoing, Failure> {
    let id: ActivityId = app.id();
    let uri = app.urls.activity(id);
    ready(app, id, actor, kind, listed, inboxes, make(&uri)).await
}

/// As [`outgoing`], for an activity that has its id already.
async fn ready(
    app: &App,
    id: ActivityId,
    actor: ActorId,
    kind: &'static str,
    listed: bool,
    inboxes: Vec<String>,
    made: Value,
) -> Result<Outgoing, Failure> {
    let uri = app.urls.activity(id);
    let made = if listed { proof::seal(app, actor, made).await? } else { made };
    let body = made.to_string().into_bytes();
    Ok(Outgoing { id, uri, actor, kind, listed, body, inboxes })
}

async fn require(app: &App, id: ActorId) -> Result<Actor, Failure> {
    let found = services::actors::by_id(app, id).await?;
    found.ok_or_else(|| Failure::Fail(format!("there is no actor {id}")))
}

/// Where a text goes besides the followers of its author: who is answered, the author of the
/// initiative, and the assembly, as far as they live elsewhere.
async fn concerned(app: &App, actors: &[ActorId]) -> Result<Vec<String>, Failure> {
    let mut inboxes = Vec::new();
    for id in actors {
        let actor = require(app, *id).await?;
        if !actor.local && actor.deleted_at.is_none() {
            inboxes.push(actor.delivery_inbox().to_owned());
        }
    }
    Ok(inboxes)
}

async fn followers(app: &App, id: ActorId) -> Result<Vec<String>, Failure> {
    Ok(services::outbox::inboxes_of_followers(app, id).await?)
}

fn each_once(mut inboxes: Vec<String>) -> Vec<String> {
    inboxes.sort();
    inboxes.dedup();
    inboxes
}

/// Who passes something on, and to which inboxes.
struct Audience {
    actor: Actor,
    inboxes: Vec<String>,
}

/// Those of the assemblies that were asked for: looked up once for many acts of the same moment.
#[derive(Default)]
pub(super) struct Audiences(BTreeMap<ActorId, Audience>);

impl Audiences {
    async fn of(&mut self, app: &App, assembly: ActorId) -> Result<&Audience, Failure> {
        match self.0.entry(assembly) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(unknown) => {
                let actor = require(app, assembly).await?;
                let inboxes = followers(app, assembly).await?;
                Ok(unknown.insert(Audience { actor, inboxes }))
            }
        }
    }
}

/// The assembly passes an activity on whole, for the threadiverse and for mirrors.
async fn announced_whole(app: &App, assembly: ActorId, raw: &str) -> Result<Outgoing, Failure> {
    passed_on(app, Audiences::default().of(app, assembly).await?, raw)
}

fn passed_on(app: &App, audience: &Audience, raw: &str) -> Result<Outgoing, Failure> {
    let id: ActivityId = app.id();
    let uri = app.urls.activity(id);
    let raw = RawValue::from_string(raw.to_owned()).map_err(|e| Failure::Fail(e.to_string()))?;
    let body = build::announce_raw(&uri, &audience.actor.uri, &raw, app.now())
        .map_err(|e| Failure::Fail(e.to_string()))?;
    let (actor, inboxes) = (audience.actor.id, audience.inboxes.clone());
    Ok(Outgoing { id, uri, actor, kind: "Announce", listed: true, body, inboxes })
}

fn text_of(outgoing: &Outgoing) -> String {
    String::from_utf8_lossy(&outgoing.body).into_owned()
}
