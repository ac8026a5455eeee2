//! Endorsements and boosts, made and taken back.

use super::{concerned, each_once, followers, outgoing, ready, require};
use crate::app::App;
use crate::domain::{ActivityId, ActorId, ObjectId, Reaction};
use crate::federation::build;
use crate::jobs::work::Failure;
use crate::services;
use crate::services::outbox::Outgoing;

pub(super) async fn reacted(
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
            .await?
    } else {
        ready(app, activity, actor, reaction.wire_type(), listed, inboxes, original).await?
    }])
}
