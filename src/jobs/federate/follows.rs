//! Following: asked, ended, accepted.

use super::{outgoing, ready, require};
use crate::app::App;
use crate::domain::{ActivityId, ActorId};
use crate::federation::build;
use crate::jobs::work::Failure;
use crate::services::outbox::Outgoing;

pub(super) async fn follow(
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
        .await?
    } else {
        ready(app, activity, follower, "Follow", false, inboxes, original).await?
    }])
}

pub(super) async fn accepted(
    app: &App,
    follower: ActorId,
    target: ActorId,
    activity: &str,
) -> Result<Vec<Outgoing>, Failure> {
    let who = require(app, follower).await?;
    let whom = require(app, target).await?;
    let inboxes = vec![who.inbox.clone()];
    Ok(vec![
        outgoing(app, target, "Accept", false, inboxes, |id| {
            build::accept(id, &whom.uri, activity, &who.uri)
        })
        .await?,
    ])
}

pub(super) async fn rejected(
    app: &App,
    follower: ActorId,
    target: ActorId,
    activity: &str,
) -> Result<Vec<Outgoing>, Failure> {
    let who = require(app, follower).await?;
    let whom = require(app, target).await?;
    let inboxes = vec![who.inbox.clone()];
    let made = outgoing(app, target, "Reject", false, inboxes, |id| {
        build::reject(id, &whom.uri, activity, &who.uri)
    });
    Ok(vec![made.await?])
}
