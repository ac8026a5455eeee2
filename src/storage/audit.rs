//! The trace of what was refused, and of what those who run the instance did.

use super::{Conn, Result, connection::on};
use crate::domain::{EventId, Timestamp};

/// Records a refusal.
pub async fn insert(
    conn: &mut Conn<'_>,
    id: i64,
    kind: &str,
    actor_uri: &str,
    activity_uri: &str,
    reason: &str,
    at: Timestamp,
) -> Result<()> {
    on!(conn, c => sqlx::query(
        "INSERT INTO audit (id, kind, actor_uri, activity_uri, reason, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
    ).bind(id).bind(kind).bind(actor_uri).bind(activity_uri).bind(reason).bind(at)
    .execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Forgets rows of a kind that are older than `before`, and those above the newest `most`.
pub async fn prune(conn: &mut Conn<'_>, kind: &str, before: Timestamp, most: i64) -> Result<()> {
    on!(conn, c => sqlx::query(
        "DELETE FROM audit WHERE kind = $1 AND (id < $2 OR id <= (
             SELECT id FROM audit WHERE kind = $1 ORDER BY id DESC LIMIT 1 OFFSET $3))",
    ).bind(kind).bind(EventId::first_at(before)).bind(most).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Refusals of a kind with their reasons, newest first.
pub async fn list(conn: &mut Conn<'_>, limit: i64) -> Result<Vec<(String, String, String)>> {
    Ok(on!(conn, c => sqlx::query_as(
        "SELECT kind, activity_uri, reason FROM audit ORDER BY id DESC LIMIT $1",
    ).bind(limit).fetch_all(c).await)?)
}
