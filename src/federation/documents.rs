//! What an address of ours gives to another server: the document, a tombstone, or nothing.

mod actors;
mod collections;

pub use actors::{ActorCollection, actor, actor_collection, actor_value};
pub use collections::{ObjectCollection, object_collection};

use super::build::{self, Mention, Note, Tallies};
use super::{CONTENT_TYPE, Error};
use crate::app::{App, Caches, Rendered};
use crate::crypto;
use crate::domain::comment::Comment;
use crate::domain::initiative::Initiative;
use crate::domain::{ActivityId, ActorId, ObjectId};
use crate::services;
use bytes::Bytes;
use serde_json::Value;

/// What is found at an address.
#[derive(Clone, Debug)]
pub enum Document {
    /// 200.
    Here(Rendered),
    /// 410, with the tombstone.
    Gone(Rendered),
    /// Its home is elsewhere.
    Elsewhere(String),
    /// 404.
    Nothing,
}

/// How many entries a page of a collection has.
pub const PAGE: i64 = 50;

fn render(value: &Value) -> Rendered {
    let body = Bytes::from(value.to_string());
    let etag = format!("\"{}\"", crypto::sha256_hex(&body).get(..16).unwrap_or_default());
    Rendered::new(CONTENT_TYPE, &etag, body)
}

/// The document of an initiative.
pub async fn initiative(app: &App, id: ObjectId) -> Result<Document, Error> {
    let cache_key = Caches::rendered_key(id, "json");
    if let Some(rendered) = app.caches.rendered.get(&cache_key) {
        return Ok(Document::Here(rendered));
    }
    let initiative = match services::initiatives::get(app, None, id).await {
        Ok(initiative) => initiative,
        Err(services::Error::NotFound(_)) => return Ok(Document::Nothing),
        Err(error) => return Err(error.into()),
    };
    if !initiative.local {
        return Ok(Document::Elsewhere(initiative.uri));
    }
    if initiative.deleted_at.is_some() {
        return Ok(Document::Gone(render(&build::article_tombstone(&initiative))));
    }
    let replies = collections::replies_value(app, id, &initiative.uri, initiative.replies).await?;
    let tallies = Tallies { likes: initiative.likes, boosts: initiative.boosts };
    let value = build::article(&app.urls, &initiative, Some(tallies), Some(replies));
    let rendered = render(&value);
    app.caches.rendered.insert(cache_key, rendered.clone());
    Ok(Document::Here(rendered))
}

/// The document of a comment.
pub async fn comment(app: &App, id: ObjectId) -> Result<Document, Error> {
    let comment = match services::comments::get(app, id).await {
        Ok(comment) => comment,
        Err(services::Error::NotFound(_)) => return Ok(Document::Nothing),
        Err(error) => return Err(error.into()),
    };
    if !comment.local {
        return Ok(Document::Elsewhere(comment.uri));
    }
    if comment.deleted_at.is_some() {
        return Ok(Document::Gone(render(&build::note_tombstone(&comment))));
    }
    let place = place_of(app, &comment).await?;
    Ok(Document::Here(render(&build::note(&app.urls, &place.note(&comment), true))))
}

/// Where a comment stands: what it answers, in which thread, whom it answers.
#[derive(Clone, Debug)]
pub struct Place {
    pub in_reply_to: String,
    pub root: Initiative,
    pub mention: Option<Mention>,
}

impl Place {
    /// The parts of the comment's note.
    pub fn note<'a>(&'a self, comment: &'a Comment) -> Note<'a> {
        Note {
            comment,
            in_reply_to: &self.in_reply_to,
            root: &self.root.uri,
            assembly: &self.root.assembly_uri,
            mention: self.mention.as_ref(),
        }
    }
}

/// Finds out where a comment stands.
pub async fn place_of(app: &App, comment: &Comment) -> Result<Place, Error> {
    let root = services::initiatives::get(app, None, comment.root_id).await?;
    let parent = comment.parent_id.filter(|p| *p != comment.root_id);
    let (in_reply_to, author) = match parent {
        Some(id) => {
            let parent = services::comments::get(app, id).await?;
            (parent.uri, parent.author_id)
        }
        None => (root.uri.clone(), root.author_id),
    };
    // The office speaks to everybody.
    let answered = if comment.is_official() { comment.author_id } else { author };
    let mention = mention_of(app, answered, comment.author_id).await?;
    Ok(Place { in_reply_to, root, mention })
}

async fn mention_of(
    app: &App,
    answered: ActorId,
    author: ActorId,
) -> Result<Option<Mention>, Error> {
    if answered == author {
        return Ok(None);
    }
    let actor = services::actors::by_id(app, answered).await?;
    Ok(actor.filter(|a| a.deleted_at.is_none()).map(|a| Mention {
        uri: a.uri,
        url: a.url,
        handle: a.handle,
        host: a.host,
    }))
}

/// An activity that was made here, in the bytes in which it was sent.
pub async fn activity(app: &App, id: ActivityId) -> Result<Document, Error> {
    let Some(row) = services::outbox::by_id(app, id).await?.filter(|row| row.listed) else {
        return Ok(Document::Nothing);
    };
    let body = Bytes::from(row.body);
    let etag = format!("\"{id}\"");
    Ok(Document::Here(Rendered::new(CONTENT_TYPE, &etag, body)))
}
