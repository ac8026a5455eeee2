//! Walks through threads that are at home elsewhere.

use super::{Conn, Result, connection::on};
use crate::domain::{ObjectId, Timestamp};

/// How it stands with the walks through one thread.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct WalkRow {
    pub root_id: ObjectId,
    /// When the last one began.
    pub began_at: Timestamp,
    /// Before this no reader causes another.
    pub next_at: Timestamp,
    /// Walks in a row that found nothing new.
    pub idle: i64,
    /// What is still to be read, as JSON; empty between walks.
    pub state: String,
}

/// The walks through the thread of this initiative, if there was one.
pub async fn by_root(conn: &mut Conn<'_>, root: ObjectId) -> Result<Option<WalkRow>> {
    Ok(on!(conn, c => sqlx::query_as(
        "SELECT root_id, began_at, next_at, idle, state FROM walks WHERE root_id = $1",
    ).bind(root).fetch_optional(c).await)?)
}

/// Keeps how it stands.
pub async fn put(conn: &mut Conn<'_>, row: &WalkRow) -> Result<()> {
    on!(conn, c => sqlx::query(
        "INSERT INTO walks (root_id, began_at, next_at, idle, state) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (root_id) DO UPDATE SET began_at = excluded.began_at,
             next_at = excluded.next_at, idle = excluded.idle, state = excluded.state",
    )
    .bind(row.root_id).bind(row.began_at).bind(row.next_at).bind(row.idle).bind(&row.state)
    .execute(c).await.map(|_| ()))?;
    Ok(())
}
