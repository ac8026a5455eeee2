//! Endorsements and boosts: at most one of each per actor and object.

use super::{Conn, Result, connection::on};
use crate::domain::{ActorId, ObjectId, Reaction, Timestamp};

/// A reaction as stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ReactionRow {
    pub object_id: ObjectId,
    pub actor_id: ActorId,
    pub kind: Reaction,
    pub activity_uri: String,
}

/// Records a reaction; `false` when the actor has one of this kind there already.
pub async fn insert(
    conn: &mut Conn<'_>,
    object: ObjectId,
    actor: ActorId,
    kind: Reaction,
    activity_uri: &str,
    at: Timestamp,
) -> Result<bool> {
    Ok(on!(conn, c => sqlx::query(
        "INSERT INTO reactions (object_id, actor_id, kind, activity_uri, created_at)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (object_id, actor_id, kind) DO NOTHING",
    ).bind(object).bind(actor).bind(kind).bind(activity_uri).bind(at)
    .execute(c).await.map(|r| r.rows_affected() == 1))?)
}

/// The actor's reaction of this kind to this object.
pub async fn find(
    conn: &mut Conn<'_>,
    object: ObjectId,
    actor: ActorId,
    kind: Reaction,
) -> Result<Option<ReactionRow>> {
    Ok(on!(conn, c => sqlx::query_as(
        "SELECT object_id, actor_id, kind, activity_uri FROM reactions
         WHERE object_id = $1 AND actor_id = $2 AND kind = $3",
    ).bind(object).bind(actor).bind(kind).fetch_optional(c).await)?)
}

/// The reaction that this activity made.
pub async fn by_activity(conn: &mut Conn<'_>, activity_uri: &str) -> Result<Option<ReactionRow>> {
    Ok(on!(conn, c => sqlx::query_as(
        "SELECT object_id, actor_id, kind, activity_uri FROM reactions WHERE activity_uri = $1",
    ).bind(activity_uri).fetch_optional(c).await)?)
}

/// Removes a reaction; `false` when there was none.
pub async fn delete(
    conn: &mut Conn<'_>,
    object: ObjectId,
    actor: ActorId,
    kind: Reaction,
) -> Result<bool> {
    Ok(on!(conn, c => sqlx::query(
        "DELETE FROM reactions WHERE object_id = $1 AND actor_id = $2 AND kind = $3",
    ).bind(object).bind(actor).bind(kind).execute(c).await.map(|r| r.rows_affected() == 1))?)
}

/// Everything an actor endorsed and boosted: for the deletion of the actor.
pub async fn of_actor(conn: &mut Conn<'_>, actor: ActorId) -> Result<Vec<ReactionRow>> {
    Ok(on!(conn, c => sqlx::query_as(
        "SELECT object_id, actor_id, kind, activity_uri FROM reactions WHERE actor_id = $1",
    ).bind(actor).fetch_all(c).await)?)
}
