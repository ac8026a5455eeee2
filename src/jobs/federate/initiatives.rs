//! Initiatives: published, revised, withdrawn.

use super::{announced_whole, followers, microblogs, outgoing, text_of};
use crate::app::App;
use crate::domain::ObjectId;
use crate::federation::build::{self, Object};
use crate::jobs::work::Failure;
use crate::services;
use crate::services::outbox::Outgoing;

pub(super) async fn published(app: &App, id: ObjectId) -> Result<Vec<Outgoing>, Failure> {
    let initiative = services::initiatives::get(app, None, id).await?;
    let now = app.now();
    let author_followers = followers(app, initiative.author_id).await?;
    let create =
        outgoing(app, initiative.author_id, "Create", true, author_followers, |activity| {
            build::create(&app.urls, activity, &Object::Initiative(&initiative), now)
        });
    let whole = announced_whole(app, initiative.assembly_id, &text_of(&create)).await?;
    let (assembly, author) = (initiative.assembly_uri.as_str(), initiative.author_uri.as_str());
    let inboxes = microblogs(app, initiative.assembly_id).await?;
    let by_id = outgoing(app, initiative.assembly_id, "Announce", true, inboxes, |activity| {
        build::announce(activity, assembly, &initiative.uri, author, now)
    });
    Ok(vec![create, whole, by_id])
}

pub(super) async fn revised(app: &App, id: ObjectId) -> Result<Vec<Outgoing>, Failure> {
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

pub(super) async fn withdrawn(app: &App, id: ObjectId) -> Result<Vec<Outgoing>, Failure> {
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
