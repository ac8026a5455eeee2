//! Leave to answer, given and refused.

use super::{outgoing, require};
use crate::app::App;
use crate::domain::{ActorId, ObjectId, ReplyId};
use crate::federation::build::{self, QuoteRequested};
use crate::jobs::work::Failure;
use crate::services;
use crate::services::outbox::Outgoing;

pub(super) async fn answered(
    app: &App,
    object: ObjectId,
    requester: ActorId,
    request: &str,
    instrument: &str,
    authorization: Option<ReplyId>,
) -> Result<Vec<Outgoing>, Failure> {
    let Some(object) = services::comments::object_by_id(app, object).await? else {
        return Ok(Vec::new());
    };
    let (author, who) = (require(app, object.author_id).await?, require(app, requester).await?);
    let asked = QuoteRequested { id: request, actor: &who.uri, object: &object.uri, instrument };
    let leave = authorization.map(|id| app.urls.reply(id));
    let kind = if leave.is_some() { "Accept" } else { "Reject" };
    let inboxes = vec![who.inbox.clone()];
    let made = outgoing(app, author.id, kind, false, inboxes, |id| {
        build::reply_answer(id, &author.uri, &asked, leave.as_deref())
    });
    Ok(vec![made.await?])
}
