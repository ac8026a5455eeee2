//! Keys under which clients repeat requests, with what the first request made and its answer.

use super::{Conn, Result, connection::on};
use crate::domain::{ActorId, ObjectId, Timestamp};

/// A request that is known.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct KeyRow {
    /// SHA-256 of method, path and body.
    pub digest: String,
    /// What it made, if it made something.
    pub object_id: Option<ObjectId>,
    /// The answer, unless the process ended before there was one.
    pub status: Option<i64>,
    pub location: Option<String>,
    pub body: Option<Vec<u8>>,
}

/// The request of this key.
pub async fn find(conn: &mut Conn<'_>, account: ActorId, key: &str) -> Result<Option<KeyRow>> {
    Ok(on!(conn, c => sqlx::query_as(
        "SELECT digest, object_id, status, location, body FROM idempotency_keys
         WHERE account_id = $1 AND key = $2",
    ).bind(account).bind(key).fetch_optional(c).await)?)
}

/// Notes what a request made; a conflict when the key was used already.
pub async fn insert(
    conn: &mut Conn<'_>,
    account: ActorId,
    key: &str,
    digest: &str,
    object: ObjectId,
    at: Timestamp,
) -> Result<()> {
    on!(conn, c => sqlx::query(
        "INSERT INTO idempotency_keys (account_id, key, digest, object_id, created_at)
         VALUES ($1, $2, $3, $4, $5)",
    ).bind(account).bind(key).bind(digest).bind(object).bind(at).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Keeps the answer of a request, unless one is kept already.
#[expect(clippy::too_many_arguments, reason = "one per column")]
pub async fn set_answer(
    conn: &mut Conn<'_>,
    account: ActorId,
    key: &str,
    digest: &str,
    status: i64,
    location: Option<&str>,
    body: &[u8],
    at: Timestamp,
) -> Result<()> {
    on!(conn, c => sqlx::query(
        "INSERT INTO idempotency_keys (account_id, key, digest, status, location, body, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (account_id, key) DO UPDATE SET status = excluded.status,
             location = excluded.location, body = excluded.body
         WHERE idempotency_keys.status IS NULL AND idempotency_keys.digest = excluded.digest",
    ).bind(account).bind(key).bind(digest).bind(status).bind(location).bind(body).bind(at)
    .execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Forgets keys from before `before`.
pub async fn prune(conn: &mut Conn<'_>, before: Timestamp) -> Result<()> {
    on!(conn, c => sqlx::query("DELETE FROM idempotency_keys WHERE created_at < $1")
        .bind(before).execute(c).await.map(|_| ()))?;
    Ok(())
}
