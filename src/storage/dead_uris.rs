//! Addresses that must never take effect: the memory of Undo and Delete that came first.

use super::{Conn, Result, connection::on};
use crate::domain::{ActorId, Timestamp};

/// Remembers that `actor` ended whatever `uri` is or will be; `false` when that was known.
pub async fn insert(conn: &mut Conn<'_>, uri: &str, actor: ActorId, at: Timestamp) -> Result<bool> {
    Ok(on!(conn, c => sqlx::query(
        "INSERT INTO dead_uris (uri, actor_id, created_at) VALUES ($1, $2, $3)
         ON CONFLICT (uri, actor_id) DO NOTHING",
    ).bind(uri).bind(actor).bind(at).execute(c).await.map(|r| r.rows_affected() == 1))?)
}

/// Forgets that `actor` ended `uri`: it may come again.
pub async fn remove(conn: &mut Conn<'_>, uri: &str, actor: ActorId) -> Result<()> {
    on!(conn, c => sqlx::query("DELETE FROM dead_uris WHERE uri = $1 AND actor_id = $2")
        .bind(uri).bind(actor).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Whether `actor` ended `uri`.
pub async fn contains(conn: &mut Conn<'_>, uri: &str, actor: ActorId) -> Result<bool> {
    Ok(on!(conn, c => sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM dead_uris WHERE uri = $1 AND actor_id = $2)",
    ).bind(uri).bind(actor).fetch_one(c).await)?)
}
