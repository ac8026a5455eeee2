//! Endorsements and boosts: at most one of each per actor and object.

use super::{Conn, Result, connection::on, dialect::pieces};
use crate::domain::{ActorId, ObjectId, Reaction, State, Timestamp};

/// A reaction as stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ReactionRow {
    pub object_id: ObjectId,
    pub actor_id: ActorId,
    pub kind: Reaction,
    pub activity_uri: String,
}

/// Records a reaction: whether it is counted at once. `None` when the actor has one of this kind
/// there already. That of somebody with several actors is not counted yet (`services::identity`).
pub async fn insert(
    conn: &mut Conn<'_>,
    object: ObjectId,
    actor: ActorId,
    kind: Reaction,
    activity_uri: &str,
    at: Timestamp,
) -> Result<Option<bool>> {
    Ok(on!(conn, c => sqlx::query_scalar(
        "INSERT INTO reactions (object_id, actor_id, kind, activity_uri, created_at, counted)
         VALUES ($1, $2, $3, $4, $5,
                 NOT EXISTS (SELECT 1 FROM identities d WHERE d.actor_id = $2))
         ON CONFLICT (object_id, actor_id, kind) DO NOTHING RETURNING counted",
    ).bind(object).bind(actor).bind(kind).bind(activity_uri).bind(at)
    .fetch_optional(c).await)?)
}

/// A reaction as it arrives: the object is named by its id on the wire.
#[derive(Clone, Debug)]
pub struct NewReaction {
    pub actor: ActorId,
    pub object_uri: String,
    pub kind: Reaction,
    pub activity_uri: String,
}

/// A reaction that was new.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct InsertedRow {
    pub object_id: ObjectId,
    pub actor_id: ActorId,
    pub kind: Reaction,
    pub activity_uri: String,
    pub counted: bool,
}

/// Records reactions that arrived, many in one statement. Each needs an object that is known and
/// open, an activity that was not taken back, and an actor without a reaction of this kind there.
/// Those that are new; that of somebody with several actors is not counted yet.
pub async fn insert_arrived(
    conn: &mut Conn<'_>,
    arrived: &[NewReaction],
    at: Timestamp,
) -> Result<Vec<InsertedRow>> {
    let mut new = Vec::with_capacity(arrived.len());
    for chunk in pieces(arrived) {
        new.extend(on!(conn, c => {
            let mut query = sqlx::QueryBuilder::new("WITH v (uri, actor, kind, activity) AS (");
            query.push_values(chunk, |mut row, one| {
                row.push_bind(&one.object_uri).push_bind(one.actor).push_bind(one.kind)
                    .push_bind(&one.activity_uri);
            });
            // A cross join, since SQLite keeps its order: from the few that came to the many.
            query.push(
                ") INSERT INTO reactions (object_id, actor_id, kind, activity_uri, created_at, counted)
                 SELECT o.id, v.actor, v.kind, v.activity, ",
            );
            query.push_bind(at);
            query.push(
                ", NOT EXISTS (SELECT 1 FROM identities d WHERE d.actor_id = v.actor)
                 FROM v CROSS JOIN objects o CROSS JOIN initiatives i
                 WHERE o.uri = v.uri AND i.id = o.root_id AND o.deleted_at IS NULL AND i.state = ",
            );
            query.push_bind(State::Discussion);
            query.push(
                " AND NOT EXISTS (SELECT 1 FROM dead_uris d
                                  WHERE d.uri = v.activity AND d.actor_id = v.actor)
                 ON CONFLICT (object_id, actor_id, kind) DO NOTHING
                 RETURNING object_id, actor_id, kind, activity_uri, counted",
            );
            query.build_query_as::<InsertedRow>().fetch_all(c).await
        })?);
    }
    Ok(new)
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

/// Removes a reaction: whether it was counted. `None` when there was none.
pub async fn delete(
    conn: &mut Conn<'_>,
    object: ObjectId,
    actor: ActorId,
    kind: Reaction,
) -> Result<Option<bool>> {
    Ok(on!(conn, c => sqlx::query_scalar(
        "DELETE FROM reactions WHERE object_id = $1 AND actor_id = $2 AND kind = $3
         RETURNING counted",
    ).bind(object).bind(actor).bind(kind).fetch_optional(c).await)?)
}

/// What an actor endorsed and boosted, up to `limit`: for the deletion of the actor.
pub async fn of_actor(conn: &mut Conn<'_>, actor: ActorId, limit: i64) -> Result<Vec<ReactionRow>> {
    Ok(on!(conn, c => sqlx::query_as(
        "SELECT object_id, actor_id, kind, activity_uri FROM reactions WHERE actor_id = $1
         ORDER BY object_id, kind LIMIT $2",
    ).bind(actor).bind(limit).fetch_all(c).await)?)
}
