//! Actors: their profiles changed, they moved, they are gone.

use super::{followers, outgoing, require};
use crate::app::App;
use crate::domain::ActorId;
use crate::federation::{build, documents};
use crate::jobs::work::Failure;
use crate::services::outbox::Outgoing;
use serde_json::json;

pub(super) async fn actor_changed(app: &App, actor: ActorId) -> Result<Vec<Outgoing>, Failure> {
    let who = require(app, actor).await?;
    let document = documents::actor_value(app, &who).await.unwrap_or_else(|_| json!({}));
    let inboxes = followers(app, actor).await?;
    let now = app.now();
    Ok(vec![
        outgoing(app, actor, "Update", true, inboxes, |id| {
            build::update_actor(id, &who.uri, document, now)
        })
        .await?,
    ])
}

pub(super) async fn actor_moved(
    app: &App,
    actor: ActorId,
    target: ActorId,
) -> Result<Vec<Outgoing>, Failure> {
    let who = require(app, actor).await?;
    let whom = require(app, target).await?;
    let inboxes = followers(app, actor).await?;
    let now = app.now();
    let made = outgoing(app, actor, "Move", true, inboxes, |id| {
        build::move_actor(id, &who.uri, &whom.uri, now)
    });
    Ok(vec![made.await?])
}

/// The farewell goes to every server that is known: any of them may have seen something.
pub(super) async fn actor_removed(app: &App, actor: ActorId) -> Result<Vec<Outgoing>, Failure> {
    let who = require(app, actor).await?;
    let inboxes = crate::services::removal::all_inboxes(app).await?;
    let at = who.deleted_at.unwrap_or_else(|| app.now());
    let made =
        outgoing(app, actor, "Delete", false, inboxes, |id| build::delete_actor(id, &who.uri, at));
    Ok(vec![made.await?])
}
