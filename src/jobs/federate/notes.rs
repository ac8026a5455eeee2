//! The followable actors of initiatives, and what the office says.
//!
//! Whoever follows an initiative gets the addresses of its text, of official notes and of votes;
//! the assembly passes notes on whole, since as addresses they would fill the timelines of those
//! who follow everything.

use super::comments::comment_written;
use super::{followers, outgoing};
use crate::app::App;
use crate::domain::ObjectId;
use crate::federation::build;
use crate::jobs::work::Failure;
use crate::services;
use crate::services::outbox::Outgoing;

/// The actor of an initiative begins with its text, so that its outbox has it.
pub(super) async fn group_opened(app: &App, id: ObjectId) -> Result<Vec<Outgoing>, Failure> {
    let initiative = services::initiatives::get(app, None, id).await?;
    if initiative.deleted_at.is_some() {
        return Ok(Vec::new());
    }
    let announced = announced_by_group(app, id, &initiative.uri, &initiative.author_uri).await?;
    Ok(announced.into_iter().collect())
}

/// A comment by the office.
pub(super) async fn official_note(app: &App, id: ObjectId) -> Result<Vec<Outgoing>, Failure> {
    let mut made = comment_written(app, id, "Create").await?;
    let comment = services::comments::get(app, id).await?;
    if comment.deleted_at.is_none() {
        let (uri, author) = (&comment.uri, &comment.author_uri);
        made.extend(announced_by_group(app, comment.root_id, uri, author).await?);
    }
    Ok(made)
}

/// The actor of a local initiative passes on an address: of the text, of a note, of a vote.
pub(super) async fn announced_by_group(
    app: &App,
    initiative: ObjectId,
    object: &str,
    author: &str,
) -> Result<Option<Outgoing>, Failure> {
    let Some(group) = services::initiatives::open_group(app, initiative).await? else {
        return Ok(None);
    };
    let inboxes = followers(app, group.id).await?;
    let now = app.now();
    Ok(Some(
        outgoing(app, group.id, "Announce", true, inboxes, |id| {
            build::announce(id, &group.uri, object, author, now)
        })
        .await?,
    ))
}
