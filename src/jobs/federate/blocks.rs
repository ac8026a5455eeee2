//! Blocks between people: made and taken back. The other server is told, as by most others, since
//! only it can keep the blocked person from following.

use super::{outgoing, require};
use crate::app::App;
use crate::domain::{ActivityId, ActorId};
use crate::federation::build;
use crate::jobs::work::Failure;
use crate::services::outbox::Outgoing;

pub(super) async fn blocked(
    app: &App,
    blocker: ActorId,
    target: ActorId,
    activity: ActivityId,
    undone: bool,
) -> Result<Vec<Outgoing>, Failure> {
    let who = require(app, blocker).await?;
    let whom = require(app, target).await?;
    let uri = app.urls.activity(activity);
    let original = build::block(&uri, &who.uri, &whom.uri);
    let inboxes = vec![whom.inbox.clone()];
    Ok(vec![if undone {
        let now = app.now();
        outgoing(app, blocker, "Undo", false, inboxes, |id| {
            build::undo(id, &who.uri, &original, now)
        })
        .await?
    } else {
        let body = original.to_string().into_bytes();
        let (id, kind) = (activity, "Block");
        Outgoing { id, uri, actor: blocker, kind, listed: false, body, inboxes }
    }])
}
