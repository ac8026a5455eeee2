//! Quotes: leave asked for, given, refused and taken back; and leave to answer, which is asked for
//! and given in the same way.

use super::{outgoing, ready, require};
use crate::app::App;
use crate::domain::{ActivityId, ActorId, ObjectId, QuoteId};
use crate::federation::build::{self, QuoteRequested};
use crate::federation::documents::place_of;
use crate::jobs::work::Failure;
use crate::services;
use crate::services::outbox::Outgoing;
use serde_json::Value;

pub(super) async fn requested(
    app: &App,
    id: ObjectId,
    activity: ActivityId,
) -> Result<Vec<Outgoing>, Failure> {
    let comment = services::comments::get(app, id).await?;
    let Some(quote) = services::quotes::of_object(app, id).await? else { return Ok(Vec::new()) };
    let target = services::comments::object_by_uri(app, &quote.target_uri).await?;
    let Some(target) = target.filter(|_| comment.deleted_at.is_none()) else {
        return Ok(Vec::new());
    };
    let author = require(app, target.author_id).await?;
    let place = place_of(app, &comment).await?;
    let note = build::note(&app.urls, &place.note(&comment), None);
    let uri = app.urls.activity(activity);
    let body = build::quote_request(&uri, &comment.author_uri, &target.uri, note, &author.uri);
    let inboxes = vec![author.inbox];
    let who = comment.author_id;
    Ok(vec![ready(app, activity, who, "QuoteRequest", false, inboxes, body).await?])
}

/// How an answer is built: its id, who answers, the request, the leave.
type Answer = fn(&str, &str, &QuoteRequested<'_>, Option<&str>) -> Value;

pub(super) async fn answered(
    app: &App,
    object: ObjectId,
    requester: ActorId,
    request: &str,
    instrument: &str,
    leave: Option<String>,
    build: Answer,
) -> Result<Vec<Outgoing>, Failure> {
    let Some(object) = services::comments::object_by_id(app, object).await? else {
        return Ok(Vec::new());
    };
    let (author, who) = (require(app, object.author_id).await?, require(app, requester).await?);
    let asked = QuoteRequested { id: request, actor: &who.uri, object: &object.uri, instrument };
    let kind = if leave.is_some() { "Accept" } else { "Reject" };
    Ok(vec![
        outgoing(app, author.id, kind, false, vec![who.inbox.clone()], |id| {
            build(id, &author.uri, &asked, leave.as_deref())
        })
        .await?,
    ])
}

pub(super) async fn revoked(app: &App, id: QuoteId) -> Result<Vec<Outgoing>, Failure> {
    let Some((leave, object)) = services::quotes::authorization(app, id).await? else {
        return Ok(Vec::new());
    };
    let author = require(app, object.author_id).await?;
    let quoter = require(app, leave.actor_id).await?;
    let uri = app.urls.quote(id);
    let inboxes = if quoter.local { Vec::new() } else { vec![quoter.inbox.clone()] };
    Ok(vec![
        outgoing(app, author.id, "Delete", true, inboxes, |activity| {
            build::quote_revocation(activity, &author.uri, &uri, &quoter.uri)
        })
        .await?,
    ])
}
