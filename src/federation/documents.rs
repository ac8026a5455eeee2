//! What an address of ours gives to another server: the document, a tombstone, or nothing.

mod actors;
mod collections;
mod quotes;
mod record;
mod replies;

pub use actors::{ActorCollection, actor, actor_collection, actor_value};
pub use collections::{ObjectCollection, object_collection};
pub use quotes::quote_authorization;
pub use record::record;
pub use replies::reply_authorization;

use super::build::{self, Mention, Note, Quoted, Tallies};
use super::{CONTENT_TYPE, Error, proof};
use crate::app::{App, Caches, Rendered};
use crate::crypto;
use crate::domain::actor::Actor;
use crate::domain::comment::Comment;
use crate::domain::initiative::Initiative;
use crate::domain::quote::QuoteState;
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

/// A text of its author's, with the author's proof. The tag is that of the text: a proof made at
/// another moment says the same.
async fn render_sealed(app: &App, author: ActorId, value: Value) -> Result<Rendered, Error> {
    let plain = render(&value);
    let key = services::proof_keys::of(app, author).await?;
    let sealed = proof::attach(&key, value, app.now());
    Ok(Rendered::new(CONTENT_TYPE, &plain.etag, Bytes::from(sealed.to_string())))
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
    let value = build::with_mentions(value, &mentions(app, id).await?);
    let rendered = render_sealed(app, initiative.author_id, value).await?;
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
    let replies = collections::replies_value(app, id, &comment.uri, comment.replies).await?;
    let value = build::note(&app.urls, &place.note(&comment), Some(replies));
    let value = build::with_mentions(value, &mentions(app, id).await?);
    Ok(Document::Here(render_sealed(app, comment.author_id, value).await?))
}

/// The document of a ballot: always as it stands now.
pub async fn ballot(app: &App, id: ObjectId) -> Result<Document, Error> {
    let poll = match services::ballots::get(app, id).await {
        Ok(poll) => poll,
        Err(services::Error::NotFound(_)) => return Ok(Document::Nothing),
        Err(error) => return Err(error.into()),
    };
    if !poll.ballot.local {
        return Ok(Document::Elsewhere(poll.ballot.uri));
    }
    if poll.ballot.deleted_at.is_some() {
        return Ok(Document::Gone(render(&build::question_tombstone(&poll.ballot))));
    }
    Ok(Document::Here(render(&build::question(&app.urls, &poll))))
}

/// Whom a text names.
pub async fn mentions(app: &App, object: ObjectId) -> Result<Vec<Mention>, Error> {
    let named = services::mentions::of(app, object).await?;
    Ok(named.into_iter().map(mention).collect())
}

fn mention(actor: Actor) -> Mention {
    Mention { uri: actor.uri, url: actor.url, handle: actor.handle, host: actor.host }
}

/// Where a comment stands: what it answers, in which thread, whom it answers.
#[derive(Clone, Debug)]
pub struct Place {
    pub in_reply_to: String,
    pub root: Initiative,
    pub mention: Option<Mention>,
    pub quote: Option<Quoted>,
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
            quote: self.quote.as_ref(),
            closed: self.root.locked_at.is_some(),
        }
    }
}

/// Finds out where a comment stands.
pub async fn place_of(app: &App, comment: &Comment) -> Result<Place, Error> {
    let root = services::initiatives::get(app, None, comment.root_id).await?;
    let parent = comment.parent_id.filter(|p| *p != comment.root_id);
    let (in_reply_to, author) = match parent {
        Some(id) => {
            let parent = services::comments::object_by_id(app, id).await?;
            let parent = parent.ok_or_else(|| Error::invalid("what it answers is not there"))?;
            (parent.uri, parent.author_id)
        }
        None => (root.uri.clone(), root.author_id),
    };
    // The office speaks to everybody.
    let answered = if comment.is_official() { comment.author_id } else { author };
    let mention = mention_of(app, answered, comment.author_id).await?;
    let quote = quoted(app, comment.id).await?;
    Ok(Place { in_reply_to, root, mention, quote })
}

/// What a comment quotes, with the leave for it.
async fn quoted(app: &App, comment: ObjectId) -> Result<Option<Quoted>, Error> {
    let Some(quote) = services::quotes::of_object(app, comment).await? else { return Ok(None) };
    let target = services::comments::page_of(app, &quote.target_uri).await?;
    let approved = quote.state == QuoteState::Approved;
    Ok(Some(Quoted {
        url: target.unwrap_or_else(|| quote.target_uri.clone()),
        uri: quote.target_uri,
        authorization: quote.authorization_uri.filter(|_| approved),
    }))
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
    Ok(actor.filter(|a| a.deleted_at.is_none()).map(mention))
}

/// An activity that was made here, in the bytes in which it was sent.
pub async fn activity(app: &App, id: ActivityId) -> Result<Document, Error> {
    let row = services::outbox::by_id(app, id).await?;
    // Emptied, since whoever said it is gone.
    if row.as_ref().is_some_and(|row| row.body.is_empty()) {
        let uri = app.urls.activity(id);
        return Ok(Document::Gone(render(&build::gone_activity(&uri, app.now()))));
    }
    let Some(row) = row.filter(|row| row.listed) else { return Ok(Document::Nothing) };
    let body = Bytes::from(row.body);
    let etag = format!("\"{id}\"");
    Ok(Document::Here(Rendered::new(CONTENT_TYPE, &etag, body)))
}
