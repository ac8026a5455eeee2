//! Actors: their profiles changed.

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
