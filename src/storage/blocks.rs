//! Who wants no contact with whom.

use super::{Conn, Result, connection::on, dialect::pieces};
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

/// Of these actors and objects (ids on the wire): who is blocked by the author of which.
pub async fn unwelcome(
    conn: &mut Conn<'_>,
    authors: &[ActorId],
    answered: &[&str],
) -> Result<Vec<(ActorId, String)>> {
    let mut found = Vec::new();
    for chunk in pieces(authors) {
        found.extend(on!(conn, c => {
            let mut query = sqlx::QueryBuilder::new(
                "SELECT b.blocked_id, o.uri FROM blocks b JOIN objects o ON o.author_id = b.blocker_id
                 WHERE b.blocked_id IN (",
            );
            let mut ids = query.separated(", ");
            for id in chunk {
                ids.push_bind(*id);
            }
            query.push(") AND o.uri IN (");
            let mut uris = query.separated(", ");
            for uri in answered {
                uris.push_bind(*uri);
            }
            query.push(")");
            query.build_query_as::<(ActorId, String)>().fetch_all(c).await
        })?);
    }
    Ok(found)
}

/// Which of these actors anybody blocks.
pub async fn blocked_among(conn: &mut Conn<'_>, actors: &[ActorId]) -> Result<Vec<ActorId>> {
    let mut found = Vec::new();
    for chunk in pieces(actors) {
        found.extend(on!(conn, c => {
            let mut query = sqlx::QueryBuilder::new(
                "SELECT DISTINCT blocked_id FROM blocks WHERE blocked_id IN (",
            );
            let mut ids = query.separated(", ");
            for id in chunk {
                ids.push_bind(*id);
            }
            query.push(")");
            query.build_query_scalar::<ActorId>().fetch_all(c).await
        })?);
    }
    Ok(found)
}
