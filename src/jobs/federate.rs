//! From recorded acts to activities: one arm per event. The activities and their deliveries are
//! stored in one transaction, once per event, whatever happens in between.

use super::work::Failure;
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::{ActivityId, ActorId, Event, EventId, ObjectId, Reaction};
use crate::federation::build::{self, Object};
use crate::federation::documents::{self, place_of};
use crate::services::outbox::{Made, Outgoing};
use crate::services::{self};
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// What an act becomes; nothing, if there is no such act.
pub(super) async fn prepare(app: &App, payload: &str) -> Result<Option<Made>, Failure> {
    let event: EventId = payload.parse().map_err(|_| Failure::Fail("no event".to_owned()))?;
    let Some(act) = services::outbox::event(app, event).await? else { return Ok(None) };
    Ok(Some(Made { event, activities: activities_of(app, act).await? }))
}

async fn activities_of(app: &App, event: Event) -> Result<Vec<Outgoing>, Failure> {
    match event {
        Event::InitiativePublished { initiative } => published(app, initiative).await,
        Event::InitiativeRevised { initiative } => revised(app, initiative).await,
        Event::InitiativeWithdrawn { initiative } => withdrawn(app, initiative).await,
        Event::CommentPosted { comment } => comment_written(app, comment, "Create").await,
        Event::CommentEdited { comment } => comment_written(app, comment, "Update").await,
        Event::CommentDeleted { comment } => comment_deleted(app, comment).await,
        Event::Relayed { assembly, raw } => relayed(app, assembly, &raw).await,
        Event::Reacted { actor, object, reaction, activity } => {
            reacted(app, actor, object, reaction, activity, false).await
        }
        Event::Unreacted { actor, object, reaction, activity } => {
            reacted(app, actor, object, reaction, activity, true).await
        }
        Event::FollowRequested { follower, target, activity } => {
            follow(app, follower, target, activity, false).await
        }
        Event::Unfollowed { follower, target, activity } => {
            follow(app, follower, target, activity, true).await
        }
        Event::FollowAccepted { follower, target, activity } => {
            accepted(app, follower, target, &activity).await
        }
        Event::ActorChanged { actor } => actor_changed(app, actor).await,
    }
}

/// Mints the id of a new activity and wraps what `make` builds with it.
fn outgoing(
    app: &App,
    actor: ActorId,
    kind: &'static str,
    listed: bool,
    inboxes: Vec<String>,
    make: impl FnOnce(&str) -> Value,
) -> Outgoing {
    let id: ActivityId = app.id();
    let uri = app.urls.activity(id);
    let body = make(&uri).to_string().into_bytes();
    Outgoing { id, uri, actor, kind, listed, body, inboxes }
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

/// The assembly passes an activity on whole, for the threadiverse and for mirrors.
async fn announced_whole(app: &App, assembly: ActorId, raw: &str) -> Result<Outgoing, Failure> {
    let actor = require(app, assembly).await?;
    let id: ActivityId = app.id();
    let uri = app.urls.activity(id);
    let raw = RawValue::from_string(raw.to_owned()).map_err(|e| Failure::Fail(e.to_string()))?;
    let body = build::announce_raw(&uri, &actor.uri, &raw, app.now())
        .map_err(|e| Failure::Fail(e.to_string()))?;
    let inboxes = followers(app, assembly).await?;
    Ok(Outgoing { id, uri, actor: assembly, kind: "Announce", listed: true, body, inboxes })
}

fn text_of(outgoing: &Outgoing) -> String {
    String::from_utf8_lossy(&outgoing.body).into_owned()
}

async fn published(app: &App, id: ObjectId) -> Result<Vec<Outgoing>, Failure> {
    let initiative = services::initiatives::get(app, None, id).await?;
    let now = app.now();
    let author_followers = followers(app, initiative.author_id).await?;
    let create =
        outgoing(app, initiative.author_id, "Create", true, author_followers, |activity| {
            build::create(&app.urls, activity, &Object::Initiative(&initiative), now)
        });
    let whole = announced_whole(app, initiative.assembly_id, &text_of(&create)).await?;
    let (assembly, author) = (initiative.assembly_uri.as_str(), initiative.author_uri.as_str());
    let inboxes = whole.inboxes.clone();
    let by_id = outgoing(app, initiative.assembly_id, "Announce", true, inboxes, |activity| {
        build::announce(activity, assembly, &initiative.uri, author, now)
    });
    Ok(vec![create, whole, by_id])
}

async fn revised(app: &App, id: ObjectId) -> Result<Vec<Outgoing>, Failure> {
    let initiative = services::initiatives::get(app, None, id).await?;
    if initiative.deleted_at.is_some() {
        return Ok(Vec::new());
    }
    let inboxes = followers(app, initiative.author_id).await?;
    let update = outgoing(app, initiative.author_id, "Update", true, inboxes, |activity| {
        build::update(&app.urls, activity, &Object::Initiative(&initiative), app.now())
    });
    let whole = announced_whole(app, initiative.assembly_id, &text_of(&update)).await?;
    Ok(vec![update, whole])
}

async fn withdrawn(app: &App, id: ObjectId) -> Result<Vec<Outgoing>, Failure> {
    let initiative = services::initiatives::get(app, None, id).await?;
    let at = initiative.deleted_at.unwrap_or_else(|| app.now());
    let inboxes = followers(app, initiative.author_id).await?;
    let (author, assembly) = (initiative.author_uri.as_str(), initiative.assembly_uri.as_str());
    let delete = outgoing(app, initiative.author_id, "Delete", true, inboxes, |activity| {
        build::delete(activity, author, &initiative.uri, "Article", assembly, at)
    });
    let whole = announced_whole(app, initiative.assembly_id, &text_of(&delete)).await?;
    Ok(vec![delete, whole])
}

async fn comment_written(
    app: &App,
    id: ObjectId,
    kind: &'static str,
) -> Result<Vec<Outgoing>, Failure> {
    let comment = services::comments::get(app, id).await?;
    if comment.deleted_at.is_some() {
        return Ok(Vec::new());
    }
    let place = place_of(app, &comment).await?;
    let mut inboxes = followers(app, comment.author_id).await?;
    inboxes.extend(thread_inboxes(app, &comment, &place).await?);
    let activity = outgoing(app, comment.author_id, kind, true, each_once(inboxes), |activity| {
        let object = Object::Comment(place.note(&comment));
        if kind == "Create" {
            build::create(&app.urls, activity, &object, app.now())
        } else {
            build::update(&app.urls, activity, &object, app.now())
        }
    });
    passed_on(app, &place, activity).await
}

async fn comment_deleted(app: &App, id: ObjectId) -> Result<Vec<Outgoing>, Failure> {
    let comment = services::comments::get(app, id).await?;
    let place = place_of(app, &comment).await?;
    let at = comment.deleted_at.unwrap_or_else(|| app.now());
    let mut inboxes = followers(app, comment.author_id).await?;
    inboxes.extend(thread_inboxes(app, &comment, &place).await?);
    let (author, assembly) = (comment.author_uri.as_str(), place.root.assembly_uri.as_str());
    let delete = outgoing(app, comment.author_id, "Delete", true, each_once(inboxes), |activity| {
        build::delete(activity, author, &comment.uri, "Note", assembly, at)
    });
    passed_on(app, &place, delete).await
}

async fn thread_inboxes(
    app: &App,
    comment: &crate::domain::comment::Comment,
    place: &documents::Place,
) -> Result<Vec<String>, Failure> {
    let mut actors = vec![place.root.author_id, place.root.assembly_id];
    if let Some(parent) = comment.parent_id.filter(|p| *p != comment.root_id) {
        actors.push(services::comments::get(app, parent).await?.author_id);
    }
    concerned(app, &actors).await
}

/// A local assembly passes on what is said in its threads.
async fn passed_on(
    app: &App,
    place: &documents::Place,
    activity: Outgoing,
) -> Result<Vec<Outgoing>, Failure> {
    if !place.root.assembly_local {
        return Ok(vec![activity]);
    }
    let whole = announced_whole(app, place.root.assembly_id, &text_of(&activity)).await?;
    Ok(vec![activity, whole])
}

async fn relayed(app: &App, assembly: ActorId, raw: &str) -> Result<Vec<Outgoing>, Failure> {
    Ok(vec![announced_whole(app, assembly, raw).await?])
}

async fn reacted(
    app: &App,
    actor: ActorId,
    object: ObjectId,
    reaction: Reaction,
    activity: ActivityId,
    undone: bool,
) -> Result<Vec<Outgoing>, Failure> {
    let who = require(app, actor).await?;
    let found = services::comments::object_by_id(app, object).await?;
    let Some(found) = found else { return Ok(Vec::new()) };
    let author = require(app, found.author_id).await?;
    let assembly = require(app, found.assembly_id).await?;
    let now = app.now();
    let uri = app.urls.activity(activity);
    let original =
        build::like(&uri, reaction, &who.uri, &found.uri, &author.uri, &assembly.uri, now);
    let mut inboxes = concerned(app, &[author.id, assembly.id]).await?;
    if reaction == Reaction::Boost {
        inboxes.extend(followers(app, actor).await?);
    }
    let (inboxes, listed) = (each_once(inboxes), reaction == Reaction::Boost);
    Ok(vec![if undone {
        outgoing(app, actor, "Undo", false, inboxes, |id| build::undo(id, &who.uri, &original, now))
    } else {
        let body = original.to_string().into_bytes();
        let kind = reaction.wire_type();
        Outgoing { id: activity, uri, actor, kind, listed, body, inboxes }
    }])
}

async fn follow(
    app: &App,
    follower: ActorId,
    target: ActorId,
    activity: ActivityId,
    undone: bool,
) -> Result<Vec<Outgoing>, Failure> {
    let who = require(app, follower).await?;
    let whom = require(app, target).await?;
    let uri = app.urls.activity(activity);
    let original = build::follow(&uri, &who.uri, &whom.uri);
    let inboxes = vec![whom.inbox.clone()];
    Ok(vec![if undone {
        let now = app.now();
        outgoing(app, follower, "Undo", false, inboxes, |id| {
            build::undo(id, &who.uri, &original, now)
        })
    } else {
        let body = original.to_string().into_bytes();
        Outgoing {
            id: activity,
            uri,
            actor: follower,
            kind: "Follow",
            listed: false,
            body,
            inboxes,
        }
    }])
}

async fn accepted(
    app: &App,
    follower: ActorId,
    target: ActorId,
    activity: &str,
) -> Result<Vec<Outgoing>, Failure> {
    let who = require(app, follower).await?;
    let whom = require(app, target).await?;
    let inboxes = vec![who.inbox.clone()];
    Ok(vec![outgoing(app, target, "Accept", false, inboxes, |id| {
        build::accept(id, &whom.uri, activity, &who.uri)
    })])
}

async fn actor_changed(app: &App, actor: ActorId) -> Result<Vec<Outgoing>, Failure> {
    let who = require(app, actor).await?;
    let document = documents::actor_value(app, &who).await.unwrap_or_else(|_| json!({}));
    let inboxes = followers(app, actor).await?;
    let now = app.now();
    Ok(vec![outgoing(app, actor, "Update", true, inboxes, |id| {
        build::update_actor(id, &who.uri, document, now)
    })])
}
