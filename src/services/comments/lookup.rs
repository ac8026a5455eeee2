//! What is known of texts by their addresses, and the addresses of threads. Reads only.

use crate::app::App;
use crate::domain::ObjectId;
use crate::services::Result;
use crate::storage;
use crate::storage::objects::ObjectRow;

/// What is known of an object with this id on the wire.
pub async fn object_by_uri(app: &App, uri: &str) -> Result<Option<ObjectRow>> {
    Ok(storage::objects::by_uri(&mut app.db.read().await?.conn(), uri).await?)
}

/// Whether an object with this id on the wire is stored here, if only as a tombstone.
pub async fn is_known(app: &App, uri: &str) -> Result<bool> {
    if app.caches.known_objects.contains_key(uri) {
        return Ok(true);
    }
    let known = object_by_uri(app, uri).await?.is_some();
    if known {
        app.caches.known_objects.insert(uri.to_owned(), ());
    }
    Ok(known)
}

/// What is known of the object of this id.
pub async fn object_by_id(app: &App, id: ObjectId) -> Result<Option<ObjectRow>> {
    Ok(storage::objects::by_id(&mut app.db.read().await?.conn(), id).await?)
}

/// The page of the object with this id on the wire.
pub async fn page_of(app: &App, uri: &str) -> Result<Option<String>> {
    Ok(storage::objects::page_of(&mut app.db.read().await?.conn(), uri).await?)
}

/// Where a slice of the answers to an object begins: those of this server come first, since others
/// take what is of the same server as the collection without asking again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RepliesAfter {
    /// Behind this answer of this server, before all from elsewhere.
    Own(ObjectId),
    /// Behind this answer from elsewhere.
    Others(ObjectId),
}

impl RepliesAfter {
    /// Before all of them.
    pub fn nothing() -> Self {
        Self::Own(ObjectId::from(0))
    }
}

/// A slice of the addresses of the direct answers to an object, oldest first within each kind, and
/// where the next slice begins, if there may be more.
pub async fn reply_uris(
    app: &App,
    parent: ObjectId,
    after: RepliesAfter,
    limit: i64,
) -> Result<(Vec<String>, Option<RepliesAfter>)> {
    let mut reader = app.db.read().await?;
    let mut uris = Vec::new();
    let mut from = ObjectId::from(0);
    match after {
        RepliesAfter::Own(last) => {
            let own =
                storage::objects::reply_uris(&mut reader.conn(), parent, true, last, limit).await?;
            let next = own.last().map(|(id, _)| RepliesAfter::Own(*id));
            uris.extend(own.into_iter().map(|(_, uri)| uri));
            if is_full(&uris, limit) {
                return Ok((uris, next));
            }
        }
        RepliesAfter::Others(last) => from = last,
    }
    let room = limit - i64::try_from(uris.len()).unwrap_or(limit);
    let others =
        storage::objects::reply_uris(&mut reader.conn(), parent, false, from, room).await?;
    let next = others.last().map(|(id, _)| RepliesAfter::Others(*id));
    uris.extend(others.into_iter().map(|(_, uri)| uri));
    let next = next.filter(|_| is_full(&uris, limit));
    Ok((uris, next))
}

fn is_full(uris: &[String], limit: i64) -> bool {
    i64::try_from(uris.len()).is_ok_and(|n| n >= limit)
}

/// A slice of the addresses of a whole thread, its root first.
pub async fn thread_uris(
    app: &App,
    root: ObjectId,
    after: ObjectId,
    limit: i64,
) -> Result<Vec<(ObjectId, String)>> {
    let mut reader = app.db.read().await?;
    Ok(storage::objects::thread_uris(&mut reader.conn(), root, after, limit).await?)
}
