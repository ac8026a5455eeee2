//! Endorsements and boosts: at most one of each per actor and object.

use super::{Conn, Result, connection::on};
use crate::domain::{ActorId, ObjectId, Reaction, State, Timestamp};

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

/// Records a reaction to the object with this id on the wire, in one statement: the object must
/// be known and open, the activity not taken back, and the actor must have no reaction of this
/// kind there. The object, if the reaction is new.
pub async fn insert_by_uri(
    conn: &mut Conn<'_>,
    object_uri: &str,
    actor: ActorId,
    kind: Reaction,
    activity_uri: &str,
    at: Timestamp,
) -> Result<Option<ObjectId>> {
    Ok(on!(conn, c => sqlx::query_scalar(
        "INSERT INTO reactions (object_id, actor_id, kind, activity_uri, created_at)
         SELECT o.id, $2, $3, $4, $5 FROM objects o JOIN initiatives i ON i.id = o.root_id
         WHERE o.uri = $1 AND o.deleted_at IS NULL AND i.state = $6
           AND NOT EXISTS (SELECT 1 FROM dead_uris d WHERE d.uri = $4 AND d.actor_id = $2)
         ON CONFLICT (object_id, actor_id, kind) DO NOTHING RETURNING object_id",
    ).bind(object_uri).bind(actor).bind(kind).bind(activity_uri).bind(at).bind(State::Discussion)
    .fetch_optional(c).await)?)
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
