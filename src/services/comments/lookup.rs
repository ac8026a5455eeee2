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

/// A slice of the addresses of the direct answers to an object, oldest first.
pub async fn reply_uris(
    app: &App,
    parent: ObjectId,
    after: ObjectId,
    limit: i64,
) -> Result<Vec<(ObjectId, String)>> {
    let mut reader = app.db.read().await?;
    Ok(storage::objects::reply_uris(&mut reader.conn(), parent, after, limit).await?)
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
