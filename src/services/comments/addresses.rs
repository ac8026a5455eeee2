//! Where texts and their answers are: what collections and quotes name.

use crate::app::App;
use crate::domain::ObjectId;
use crate::services::Result;
use crate::storage;

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
