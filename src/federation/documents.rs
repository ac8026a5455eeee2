//! What an address of ours gives to another server: the document, a tombstone, or nothing.

use super::build::{self, Mention, Note, Tallies};
use super::{CONTENT_TYPE, Error};
use crate::app::{App, Caches, Rendered};
use crate::crypto;
use crate::domain::actor::Actor;
use crate::domain::comment::Comment;
use crate::domain::initiative::Initiative;
use crate::domain::urls;
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

/// How many answers are in the first page, inside the document.
const INLINE_REPLIES: i64 = 5;
/// How many entries a page of a collection has.
pub const PAGE: i64 = 50;

fn render(value: &Value) -> Rendered {
    let body = Bytes::from(value.to_string());
    let etag = format!("\"{}\"", crypto::sha256_hex(&body).get(..16).unwrap_or_default());
    Rendered { content_type: CONTENT_TYPE, etag: etag.into(), body }
}

/// The local actor of this handle, if its address begins with `place`: handles are unique
/// across kinds, addresses are not interchangeable.
async fn local_at(app: &App, place: &str, handle: &str) -> Result<Option<Actor>, Error> {
    let actor = services::actors::local_by_handle(app, handle).await?;
    let prefix = app.urls.page(place);
    Ok(actor.filter(|a| a.uri.starts_with(&prefix)))
}

/// The document of a local actor whose path begins with `place`.
pub async fn actor(app: &App, place: &str, handle: &str) -> Result<Document, Error> {
    let cache_key = format!("actor{place}{handle}");
    if let Some(rendered) = app.caches.rendered.get(&cache_key) {
        return Ok(Document::Here(rendered));
    }
    let Some(actor) = local_at(app, place, handle).await? else {
        return Ok(Document::Nothing);
    };
    if let Some(at) = actor.deleted_at {
        return Ok(Document::Gone(render(&build::gone_actor(&actor, at))));
    }
    let rendered = render(&actor_value(app, &actor).await?);
    app.caches.rendered.insert(cache_key, rendered.clone());
    Ok(Document::Here(rendered))
}

/// The JSON of a local actor.
pub async fn actor_value(app: &App, actor: &Actor) -> Result<Value, Error> {
    let key = services::actors::public_key(app, actor.id).await?;
    let (key_id, pem) = key.ok_or_else(|| Error::invalid("the actor has no key"))?;
    Ok(build::actor(&app.urls, actor, &key_id, &pem))
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
    let replies = replies_value(app, id, &initiative.uri, initiative.replies).await?;
    let tallies = Tallies { likes: initiative.likes, boosts: initiative.boosts };
    let value = build::article(&app.urls, &initiative, Some(tallies), Some(replies));
    let rendered = render(&value);
    app.caches.rendered.insert(cache_key, rendered.clone());
    Ok(Document::Here(rendered))
}

async fn replies_value(app: &App, id: ObjectId, uri: &str, total: i64) -> Result<Value, Error> {
    let collection = urls::object::replies(uri);
    let rows = services::comments::reply_uris(app, id, ObjectId::from(0), INLINE_REPLIES).await?;
    let next = next_page(&collection, &rows, INLINE_REPLIES);
    let items: Vec<String> = rows.into_iter().map(|(_, uri)| uri).collect();
    Ok(build::collection(&collection, total, &items, next.as_deref()))
}

fn next_page(collection: &str, rows: &[(ObjectId, String)], limit: i64) -> Option<String> {
    let full = i64::try_from(rows.len()).is_ok_and(|n| n >= limit);
    rows.last().filter(|_| full).map(|(last, _)| format!("{collection}?after={last}"))
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
    let mention = mention_of(app, author, comment.author_id).await?;
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
    Ok(Document::Here(Rendered { content_type: CONTENT_TYPE, etag: etag.into(), body }))
}

/// Which collection of an object is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectCollection {
    Replies,
    Context,
    Likes,
    Shares,
}

/// A collection of a local object; `after` asks for a page of one that has pages.
pub async fn object_collection(
    app: &App,
    id: ObjectId,
    which: ObjectCollection,
    after: Option<ObjectId>,
) -> Result<Document, Error> {
    let object = services::comments::object_by_id(app, id).await?;
    let public = object.filter(|o| o.state.is_public() && o.local);
    let Some(object) = public else { return Ok(Document::Nothing) };
    let (likes, boosts, replies) = tallies(app, id, object.root_id).await?;
    let uri = &object.uri;
    let value = match (which, after) {
        (ObjectCollection::Likes, _) => build::counted(&urls::object::likes(uri), likes),
        (ObjectCollection::Shares, _) => build::counted(&urls::object::shares(uri), boosts),
        (ObjectCollection::Replies, None) => replies_value(app, id, uri, replies).await?,
        (ObjectCollection::Replies, Some(after)) => {
            let collection = urls::object::replies(uri);
            let rows = services::comments::reply_uris(app, id, after, PAGE).await?;
            let next = next_page(&collection, &rows, PAGE);
            let items: Vec<String> = rows.into_iter().map(|(_, uri)| uri).collect();
            let page = format!("{collection}?after={after}");
            build::collection_page(&page, &collection, &items, next.as_deref())
        }
        (ObjectCollection::Context, None) => {
            let collection = urls::object::context(uri);
            let first = format!("{collection}?after=0");
            let owner = services::actors::by_id(app, object.assembly_id).await?.map(|a| a.uri);
            build::ordered(&collection, replies + 1, Some(&first), owner.as_deref())
        }
        (ObjectCollection::Context, Some(after)) => {
            let collection = urls::object::context(uri);
            let rows = services::comments::thread_uris(app, object.root_id, after, PAGE).await?;
            let next = next_page(&collection, &rows, PAGE);
            let items: Vec<String> = rows.into_iter().map(|(_, uri)| uri).collect();
            let page = format!("{collection}?after={after}");
            build::ordered_page(&page, &collection, &items.into(), next.as_deref())
        }
    };
    Ok(Document::Here(render(&build::standalone(value))))
}

async fn tallies(app: &App, id: ObjectId, root: ObjectId) -> Result<(i64, i64, i64), Error> {
    if id == root {
        let i = services::initiatives::get(app, None, id).await?;
        Ok((i.likes, i.boosts, i.replies))
    } else {
        let c = services::comments::get(app, id).await?;
        Ok((c.likes, c.boosts, c.replies))
    }
}

/// Which collection of an actor is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActorCollection {
    Outbox,
    Followers,
    Following,
    Featured,
    Moderators,
}

/// A collection of a local actor; `before` asks for a page of the outbox.
pub async fn actor_collection(
    app: &App,
    place: &str,
    handle: &str,
    which: ActorCollection,
    before: Option<i64>,
) -> Result<Document, Error> {
    let actor = local_at(app, place, handle).await?;
    let Some(actor) = actor.filter(|a| a.deleted_at.is_none()) else {
        return Ok(Document::Nothing);
    };
    let uri = &actor.uri;
    let value = match which {
        ActorCollection::Followers | ActorCollection::Following => {
            let (followers, following) = services::follows::counts(app, actor.id).await?;
            if which == ActorCollection::Followers {
                build::ordered(&urls::actor::followers(uri), followers, None, None)
            } else {
                build::ordered(&urls::actor::following(uri), following, None, None)
            }
        }
        ActorCollection::Featured => build::ordered(&urls::actor::featured(uri), 0, None, None),
        ActorCollection::Moderators => {
            build::ordered(&urls::actor::moderators(uri), 0, None, Some(uri))
        }
        ActorCollection::Outbox => outbox(app, &actor, before).await?,
    };
    Ok(Document::Here(render(&value)))
}

async fn outbox(app: &App, actor: &Actor, before: Option<i64>) -> Result<Value, Error> {
    let collection = urls::actor::outbox(&actor.uri);
    let Some(before) = before else {
        let total = services::outbox::count(app, actor.id).await?;
        let first = format!("{collection}?before={}", i64::MAX);
        return Ok(build::ordered(&collection, total, Some(&first), None));
    };
    let page = services::outbox::page(app, actor.id, before, PAGE).await?;
    let items: Vec<Value> =
        page.items.iter().filter_map(|row| serde_json::from_slice(&row.body).ok()).collect();
    let next = page.next.map(|before| format!("{collection}?before={before}"));
    let id = format!("{collection}?before={before}");
    Ok(build::ordered_page(&id, &collection, &items.into(), next.as_deref()))
}
