//! Who follows whom.

use super::{Conn, Result, connection::on};
use crate::domain::actor::Actor;
use crate::domain::{ActorId, Timestamp};

/// A follow as stored.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct FollowRow {
    pub target_id: ActorId,
    pub follower_id: ActorId,
    pub activity_uri: String,
    /// `pending`, `accepted`, `rejected`, or `frozen` while a rule rejects the server.
    pub state: String,
}

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT target_id, follower_id, activity_uri, state FROM follows ", $rest)
    };
}

/// Records a follow, or a new request for one that exists.
pub async fn put(
    conn: &mut Conn<'_>,
    follower: ActorId,
    target: ActorId,
    activity_uri: &str,
    state: &str,
    at: Timestamp,
) -> Result<()> {
    on!(conn, c => sqlx::query(
        "INSERT INTO follows (target_id, follower_id, activity_uri, state, created_at)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (target_id, follower_id) DO UPDATE
         SET activity_uri = excluded.activity_uri, state = excluded.state",
    ).bind(target).bind(follower).bind(activity_uri).bind(state).bind(at)
    .execute(c).await.map(|_| ()))?;
    Ok(())
}

/// The follow between these two.
pub async fn find(
    conn: &mut Conn<'_>,
    follower: ActorId,
    target: ActorId,
) -> Result<Option<FollowRow>> {
    Ok(on!(conn, c => sqlx::query_as(select!("WHERE target_id = $1 AND follower_id = $2"))
        .bind(target).bind(follower).fetch_optional(c).await)?)
}

/// The follow that this activity asked for.
pub async fn by_activity(conn: &mut Conn<'_>, activity_uri: &str) -> Result<Option<FollowRow>> {
    Ok(on!(conn, c => sqlx::query_as(select!("WHERE activity_uri = $1"))
        .bind(activity_uri).fetch_optional(c).await)?)
}

/// Sets the answer to a follow request; `false` when there is none.
pub async fn set_state(
    conn: &mut Conn<'_>,
    follower: ActorId,
    target: ActorId,
    state: &str,
) -> Result<bool> {
    Ok(on!(conn, c => sqlx::query(
        "UPDATE follows SET state = $3 WHERE target_id = $1 AND follower_id = $2",
    ).bind(target).bind(follower).bind(state)
    .execute(c).await.map(|r| r.rows_affected() == 1))?)
}

/// Ends a follow; `false` when there was none.
pub async fn delete(conn: &mut Conn<'_>, follower: ActorId, target: ActorId) -> Result<bool> {
    Ok(on!(conn, c => sqlx::query("DELETE FROM follows WHERE target_id = $1 AND follower_id = $2")
        .bind(target).bind(follower).execute(c).await.map(|r| r.rows_affected() == 1))?)
}

/// Ends every follow from and to an actor that is gone.
pub async fn delete_of(conn: &mut Conn<'_>, actor: ActorId) -> Result<()> {
    on!(conn, c => sqlx::query("DELETE FROM follows WHERE target_id = $1 OR follower_id = $1")
        .bind(actor).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// The inboxes of an actor's remote followers, each once: shared ones where they are offered.
pub async fn inboxes_of_followers(conn: &mut Conn<'_>, target: ActorId) -> Result<Vec<String>> {
    Ok(on!(conn, c => sqlx::query_scalar(
        "SELECT DISTINCT COALESCE(a.shared_inbox, a.inbox)
         FROM follows f JOIN actors a ON a.id = f.follower_id
         WHERE f.target_id = $1 AND f.state = 'accepted' AND NOT a.local AND a.deleted_at IS NULL",
    ).bind(target).fetch_all(c).await)?)
}

/// Whether anybody elsewhere follows an actor.
pub async fn has_remote_followers(conn: &mut Conn<'_>, target: ActorId) -> Result<bool> {
    Ok(on!(conn, c => sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM follows f JOIN actors a ON a.id = f.follower_id
         WHERE f.target_id = $1 AND f.state = 'accepted' AND NOT a.local)",
    ).bind(target).fetch_one(c).await)?)
}

/// How many follow an actor.
pub async fn count_followers(conn: &mut Conn<'_>, target: ActorId) -> Result<i64> {
    Ok(on!(conn, c => sqlx::query_scalar(
        "SELECT COUNT(*) FROM follows WHERE target_id = $1 AND state = 'accepted'",
    ).bind(target).fetch_one(c).await)?)
}

/// How many an actor follows.
pub async fn count_following(conn: &mut Conn<'_>, follower: ActorId) -> Result<i64> {
    Ok(on!(conn, c => sqlx::query_scalar(
        "SELECT COUNT(*) FROM follows WHERE follower_id = $1 AND state = 'accepted'",
    ).bind(follower).fetch_one(c).await)?)
}

/// Whether anybody here follows this remote actor, so that what it passes on is wanted.
pub async fn is_followed_from_here(conn: &mut Conn<'_>, target: ActorId) -> Result<bool> {
    Ok(on!(conn, c => sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM follows f JOIN actors a ON a.id = f.follower_id
         WHERE f.target_id = $1 AND a.local AND f.state NOT IN ('rejected', 'frozen'))",
    ).bind(target).fetch_one(c).await)?)
}

/// The remote assemblies that somebody here follows, by name.
pub async fn followed_assemblies(conn: &mut Conn<'_>) -> Result<Vec<Actor>> {
    Ok(on!(conn, c => sqlx::query_as(
        "SELECT a.id, a.uri, a.kind, a.local, a.handle,
                COALESCE(a.acct_host, a.host) AS host, a.name, a.summary, a.url, a.inbox,
                a.shared_inbox, a.outbox, a.created_at, a.updated_at, a.fetched_at, a.deleted_at
         FROM actors a
         WHERE a.kind = 'assembly' AND NOT a.local AND a.deleted_at IS NULL
           AND EXISTS (SELECT 1 FROM follows f JOIN actors l ON l.id = f.follower_id
                       WHERE f.target_id = a.id AND l.local AND f.state <> 'frozen')
         ORDER BY a.name, a.id LIMIT 200",
    ).fetch_all(c).await)?)
}

/// People here who follow an actor or wait for that, up to `limit`.
pub async fn local_followers(
    conn: &mut Conn<'_>,
    target: ActorId,
    limit: i64,
) -> Result<Vec<FollowRow>> {
    Ok(on!(conn, c => sqlx::query_as(
        "SELECT f.target_id, f.follower_id, f.activity_uri, f.state
         FROM follows f JOIN actors a ON a.id = f.follower_id
         WHERE f.target_id = $1 AND a.local AND f.state <> 'rejected'
         ORDER BY f.follower_id LIMIT $2",
    ).bind(target).bind(limit).fetch_all(c).await)?)
}
