//! Who wants no contact with whom.

use super::{Conn, Result, connection::on};
use crate::domain::{ActorId, Timestamp};

/// A block as stored.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct BlockRow {
    pub blocker_id: ActorId,
    pub blocked_id: ActorId,
    pub activity_uri: String,
}

/// Records a block; `false` when there is one.
pub async fn insert(
    conn: &mut Conn<'_>,
    blocker: ActorId,
    blocked: ActorId,
    activity_uri: &str,
    at: Timestamp,
) -> Result<bool> {
    Ok(on!(conn, c => sqlx::query(
        "INSERT INTO blocks (blocker_id, blocked_id, activity_uri, created_at)
         VALUES ($1, $2, $3, $4) ON CONFLICT (blocker_id, blocked_id) DO NOTHING",
    ).bind(blocker).bind(blocked).bind(activity_uri).bind(at)
    .execute(c).await.map(|r| r.rows_affected() == 1))?)
}

/// The block of one by the other.
pub async fn find(
    conn: &mut Conn<'_>,
    blocker: ActorId,
    blocked: ActorId,
) -> Result<Option<BlockRow>> {
    Ok(on!(conn, c => sqlx::query_as(
        "SELECT blocker_id, blocked_id, activity_uri FROM blocks
         WHERE blocker_id = $1 AND blocked_id = $2",
    ).bind(blocker).bind(blocked).fetch_optional(c).await)?)
}

/// The block that this activity made.
pub async fn by_activity(conn: &mut Conn<'_>, activity_uri: &str) -> Result<Option<BlockRow>> {
    Ok(on!(conn, c => sqlx::query_as(
        "SELECT blocker_id, blocked_id, activity_uri FROM blocks WHERE activity_uri = $1",
    ).bind(activity_uri).fetch_optional(c).await)?)
}

/// Ends a block; `false` when there was none.
pub async fn delete(conn: &mut Conn<'_>, blocker: ActorId, blocked: ActorId) -> Result<bool> {
    Ok(on!(conn, c => sqlx::query("DELETE FROM blocks WHERE blocker_id = $1 AND blocked_id = $2")
        .bind(blocker).bind(blocked).execute(c).await.map(|r| r.rows_affected() == 1))?)
}

/// Ends every block by and of an actor that is gone.
pub async fn delete_of(conn: &mut Conn<'_>, actor: ActorId) -> Result<()> {
    on!(conn, c => sqlx::query("DELETE FROM blocks WHERE blocker_id = $1 OR blocked_id = $1")
        .bind(actor).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Whom somebody blocks, latest first, up to 500.
pub async fn of(conn: &mut Conn<'_>, blocker: ActorId) -> Result<Vec<ActorId>> {
    Ok(on!(conn, c => sqlx::query_scalar(
        "SELECT blocked_id FROM blocks WHERE blocker_id = $1
         ORDER BY created_at DESC, blocked_id DESC LIMIT 500",
    ).bind(blocker).fetch_all(c).await)?)
}

/// Whether anybody elsewhere follows an assembly, and whoever is answered does not block who
/// answers: whether an answer is to be passed on.
pub async fn may_pass_on(
    conn: &mut Conn<'_>,
    assembly: ActorId,
    author: ActorId,
    in_reply_to: &str,
) -> Result<bool> {
    Ok(on!(conn, c => sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM follows f JOIN actors a ON a.id = f.follower_id
                        WHERE f.target_id = $1 AND f.state = 'accepted' AND NOT a.local)
            AND NOT EXISTS (SELECT 1 FROM blocks b
                            JOIN objects o ON o.uri = $3 AND o.author_id = b.blocker_id
                            WHERE b.blocked_id = $2)",
    ).bind(assembly).bind(author).bind(in_reply_to).fetch_one(c).await)?)
}
