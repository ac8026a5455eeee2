//! Comments: written here, edited, deleted; and what a local assembly passes on.

use super::{announced_whole, concerned, each_once, followers, outgoing, text_of};
use crate::app::App;
use crate::domain::ObjectId;
use crate::federation::build::{self, Object};
use crate::federation::documents::{self, place_of};
use crate::jobs::work::Failure;
use crate::services;
use crate::services::outbox::Outgoing;

pub(super) async fn comment_written(
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
    let mentions = documents::mentions(app, id).await?;
    let activity = outgoing(app, comment.author_id, kind, true, each_once(inboxes), |activity| {
        let object = Object::Comment(place.note(&comment));
        let made = if kind == "Create" {
            build::create(&app.urls, activity, &object, app.now())
        } else {
            build::update(&app.urls, activity, &object, app.now())
        };
        build::with_mentions(made, &mentions)
    })
    .await?;
    passed_on(app, &place, activity).await
}

pub(super) async fn comment_deleted(app: &App, id: ObjectId) -> Result<Vec<Outgoing>, Failure> {
    let comment = services::comments::get(app, id).await?;
    let place = place_of(app, &comment).await?;
    let at = comment.deleted_at.unwrap_or_else(|| app.now());
    let mut inboxes = followers(app, comment.author_id).await?;
    inboxes.extend(thread_inboxes(app, &comment, &place).await?);
    let (author, assembly) = (comment.author_uri.as_str(), place.root.assembly_uri.as_str());
    let delete = outgoing(app, comment.author_id, "Delete", true, each_once(inboxes), |activity| {
        build::delete(activity, author, &comment.uri, "Note", assembly, at)
    })
    .await?;
    passed_on(app, &place, delete).await
}

pub(super) async fn thread_inboxes(
    app: &App,
    comment: &crate::domain::comment::Comment,
    place: &documents::Place,
) -> Result<Vec<String>, Failure> {
    let mut actors = vec![place.root.author_id, place.root.assembly_id];
    if let Some(parent) = comment.parent_id.filter(|p| *p != comment.root_id) {
        let parent = services::comments::object_by_id(app, parent).await?;
        actors.extend(parent.map(|p| p.author_id));
    }
    actors.extend(services::mentions::of(app, comment.id).await?.iter().map(|a| a.id));
    concerned(app, &actors).await
}

/// A local assembly passes on what is said in its threads.
pub(super) async fn passed_on(
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
