//! Initiatives: published, revised, withdrawn.

use super::{announced_whole, concerned, each_once, followers, outgoing, text_of};
use crate::app::App;
use crate::domain::initiative::Initiative;
use crate::domain::{ActorId, ObjectId};
use crate::federation::build::{self, Mention, Object};
use crate::federation::documents;
use crate::jobs::work::Failure;
use crate::services;
use crate::services::outbox::Outgoing;

/// Where the author's own activity goes, and whom the text names.
async fn audience(
    app: &App,
    initiative: &Initiative,
) -> Result<(Vec<String>, Vec<Mention>), Failure> {
    let mut inboxes = followers(app, initiative.author_id).await?;
    let named = services::mentions::of(app, initiative.id).await?;
    let ids: Vec<ActorId> = named.iter().map(|a| a.id).collect();
    inboxes.extend(concerned(app, &ids).await?);
    Ok((each_once(inboxes), documents::mentions(app, initiative.id).await?))
}

pub(super) async fn published(app: &App, id: ObjectId) -> Result<Vec<Outgoing>, Failure> {
    let initiative = services::initiatives::get(app, None, id).await?;
    if initiative.deleted_at.is_some() {
        return Ok(Vec::new());
    }
    let now = app.now();
    let (inboxes, mentions) = audience(app, &initiative).await?;
    let create = outgoing(app, initiative.author_id, "Create", true, inboxes, |activity| {
        let made = build::create(&app.urls, activity, &Object::Initiative(&initiative), now);
        build::with_mentions(made, &mentions)
    })
    .await?;
    let whole = announced_whole(app, initiative.assembly_id, &text_of(&create)).await?;
    let (assembly, author) = (initiative.assembly_uri.as_str(), initiative.author_uri.as_str());
    let inboxes = followers(app, initiative.assembly_id).await?;
    let by_id = outgoing(app, initiative.assembly_id, "Announce", true, inboxes, |activity| {
        build::announce(activity, assembly, &initiative.uri, author, now)
    })
    .await?;
    Ok(vec![create, whole, by_id])
}

pub(super) async fn revised(app: &App, id: ObjectId) -> Result<Vec<Outgoing>, Failure> {
    let initiative = services::initiatives::get(app, None, id).await?;
    if initiative.deleted_at.is_some() {
        return Ok(Vec::new());
    }
    let (inboxes, mentions) = audience(app, &initiative).await?;
    let update = outgoing(app, initiative.author_id, "Update", true, inboxes, |activity| {
        let made = build::update(&app.urls, activity, &Object::Initiative(&initiative), app.now());
        build::with_mentions(made, &mentions)
    })
    .await?;
    let whole = announced_whole(app, initiative.assembly_id, &text_of(&update)).await?;
    Ok(vec![update, whole])
}

pub(super) async fn withdrawn(app: &App, id: ObjectId) -> Result<Vec<Outgoing>, Failure> {
    let initiative = services::initiatives::get(app, None, id).await?;
    let at = initiative.deleted_at.unwrap_or_else(|| app.now());
    let (inboxes, _) = audience(app, &initiative).await?;
    let (author, assembly) = (initiative.author_uri.as_str(), initiative.assembly_uri.as_str());
    let delete = outgoing(app, initiative.author_id, "Delete", true, inboxes, |activity| {
        build::delete(activity, author, &initiative.uri, "Article", assembly, at)
    })
    .await?;
    let whole = announced_whole(app, initiative.assembly_id, &text_of(&delete)).await?;
    Ok(vec![delete, whole])
}
