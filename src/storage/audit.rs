//! The trace of what was refused, and of what those who run the instance did.

use super::{Conn, Result, connection::on};
use crate::domain::Timestamp;

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

/// Refusals of a kind with their reasons, newest first.
pub async fn list(conn: &mut Conn<'_>, limit: i64) -> Result<Vec<(String, String, String)>> {
    Ok(on!(conn, c => sqlx::query_as(
        "SELECT kind, activity_uri, reason FROM audit ORDER BY id DESC LIMIT $1",
    ).bind(limit).fetch_all(c).await)?)
}
