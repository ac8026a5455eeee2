//! Moderators, pins, locks and bans of assemblies, and the record of what moderators did.

use super::{Conn, Result, connection::on};
use crate::domain::actor::Actor;
use crate::domain::moderation::{Ban, Moderation, Verdict};
use crate::domain::{ActivityId, ActorId, ObjectId, Timestamp};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, assembly_id, moderator_id, act, object_id, actor_id, reason, until, ",
            "activity_uri, created_at FROM moderation ",
            $rest
        )
    };
}

/// Records an act; `false` when its activity is known.
pub async fn insert(conn: &mut Conn<'_>, it: &Moderation) -> Result<bool> {
    Ok(on!(conn, c => sqlx::query(
        "INSERT INTO moderation (id, assembly_id, moderator_id, act, object_id, actor_id, reason,
             until, activity_uri, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (activity_uri) DO NOTHING",
    )
    .bind(it.id).bind(it.assembly_id).bind(it.moderator_id).bind(it.act).bind(it.object_id)
    .bind(it.actor_id).bind(&it.reason).bind(it.until).bind(&it.activity_uri).bind(it.created_at)
    .execute(c).await.map(|r| r.rows_affected() == 1))?)
}

/// The act of this id.
pub async fn by_id(conn: &mut Conn<'_>, id: ActivityId) -> Result<Option<Moderation>> {
    Ok(on!(conn, c => sqlx::query_as(select!("WHERE id = $1")).bind(id).fetch_optional(c).await)?)
}

/// The act that this activity told.
pub async fn by_activity(conn: &mut Conn<'_>, uri: &str) -> Result<Option<Moderation>> {
    Ok(on!(conn, c => sqlx::query_as(select!("WHERE activity_uri = $1"))
        .bind(uri).fetch_optional(c).await)?)
}

/// The last act of a kind about a text or a person, up to the act `before`: what an end refers to.
pub async fn last(
    conn: &mut Conn<'_>,
    like: &Moderation,
    act: crate::domain::moderation::ModAct,
) -> Result<Option<Moderation>> {
    Ok(on!(conn, c => sqlx::query_as(select!(
        "WHERE assembly_id = $1 AND act = $2 AND id < $3
           AND (object_id = $4 OR actor_id = $5) ORDER BY id DESC LIMIT 1"
    )).bind(like.assembly_id).bind(act).bind(like.id).bind(like.object_id).bind(like.actor_id)
    .fetch_optional(c).await)?)
}

/// What the moderators of an assembly did, newest first.
pub async fn list(conn: &mut Conn<'_>, assembly: ActorId, limit: i64) -> Result<Vec<Moderation>> {
    Ok(on!(conn, c => sqlx::query_as(select!("WHERE assembly_id = $1 ORDER BY id DESC LIMIT $2"))
        .bind(assembly).bind(limit).fetch_all(c).await)?)
}

/// Adds a moderator; `false` when they are one.
pub async fn add_moderator(
    conn: &mut Conn<'_>,
    assembly: ActorId,
    actor: ActorId,
    at: Timestamp,
) -> Result<bool> {
    Ok(on!(conn, c => sqlx::query(
        "INSERT INTO moderators (assembly_id, actor_id, created_at) VALUES ($1, $2, $3)
         ON CONFLICT (assembly_id, actor_id) DO NOTHING",
    ).bind(assembly).bind(actor).bind(at).execute(c).await.map(|r| r.rows_affected() == 1))?)
}

/// Removes a moderator; `false` when they are none.
pub async fn remove_moderator(
    conn: &mut Conn<'_>,
    assembly: ActorId,
    actor: ActorId,
) -> Result<bool> {
    Ok(on!(conn, c => sqlx::query(
        "DELETE FROM moderators WHERE assembly_id = $1 AND actor_id = $2",
    ).bind(assembly).bind(actor).execute(c).await.map(|r| r.rows_affected() == 1))?)
}

/// Whether the actor is listed as a moderator of the assembly.
pub async fn is_moderator(conn: &mut Conn<'_>, assembly: ActorId, actor: ActorId) -> Result<bool> {
    Ok(on!(conn, c => sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM moderators WHERE assembly_id = $1 AND actor_id = $2)",
    ).bind(assembly).bind(actor).fetch_one(c).await)?)
}

/// The moderators of an assembly, in the order in which they became it.
pub async fn moderators(conn: &mut Conn<'_>, assembly: ActorId) -> Result<Vec<Actor>> {
    Ok(on!(conn, c => sqlx::query_as(
        "SELECT a.id, a.uri, a.kind, a.local, a.handle,
                COALESCE(a.acct_host, a.host) AS host, a.name, a.summary, a.url, a.inbox,
                a.shared_inbox, a.outbox, a.created_at, a.updated_at, a.fetched_at, a.deleted_at
         FROM moderators m JOIN actors a ON a.id = m.actor_id
         WHERE m.assembly_id = $1 AND a.deleted_at IS NULL ORDER BY m.created_at, a.id LIMIT 200",
    ).bind(assembly).fetch_all(c).await)?)
}

/// Pins an initiative; `false` when it is pinned.
pub async fn add_pin(
    conn: &mut Conn<'_>,
    assembly: ActorId,
    initiative: ObjectId,
    at: Timestamp,
) -> Result<bool> {
    Ok(on!(conn, c => sqlx::query(
        "INSERT INTO pins (assembly_id, initiative_id, created_at) VALUES ($1, $2, $3)
         ON CONFLICT (assembly_id, initiative_id) DO NOTHING",
    ).bind(assembly).bind(initiative).bind(at)
    .execute(c).await.map(|r| r.rows_affected() == 1))?)
}

/// Unpins an initiative; `false` when it was not pinned.
pub async fn remove_pin(
    conn: &mut Conn<'_>,
    assembly: ActorId,
    initiative: ObjectId,
) -> Result<bool> {
    Ok(on!(conn, c => sqlx::query("DELETE FROM pins WHERE assembly_id = $1 AND initiative_id = $2")
        .bind(assembly).bind(initiative).execute(c).await.map(|r| r.rows_affected() == 1))?)
}

/// The pinned initiatives of an assembly that still stand, the last pinned first: ids here and on
/// the wire, and titles.
pub async fn pins(
    conn: &mut Conn<'_>,
    assembly: ActorId,
) -> Result<Vec<(ObjectId, String, String)>> {
    Ok(on!(conn, c => sqlx::query_as(
        "SELECT o.id, o.uri, i.title FROM pins p JOIN objects o ON o.id = p.initiative_id
         JOIN initiatives i ON i.id = o.id
         WHERE p.assembly_id = $1 AND o.deleted_at IS NULL
         ORDER BY p.created_at DESC, o.id DESC LIMIT 20",
    ).bind(assembly).fetch_all(c).await)?)
}

/// Closes the thread of an initiative, or opens it again; `false` when it is so already.
pub async fn set_lock(
    conn: &mut Conn<'_>,
    initiative: ObjectId,
    at: Option<Timestamp>,
) -> Result<bool> {
    Ok(on!(conn, c => sqlx::query(
        "UPDATE initiatives SET locked_at = $2
         WHERE id = $1 AND (locked_at IS NULL) <> (CAST($2 AS BIGINT) IS NULL)",
    ).bind(initiative).bind(at).execute(c).await.map(|r| r.rows_affected() == 1))?)
}

/// Why the moderators removed an object, if they did.
pub async fn removal(conn: &mut Conn<'_>, object: ObjectId) -> Result<Option<String>> {
    Ok(on!(conn, c => sqlx::query_scalar("SELECT removal FROM objects WHERE id = $1")
        .bind(object).fetch_one(c).await)?)
}

/// Notes why the moderators removed an object.
pub async fn set_removal(conn: &mut Conn<'_>, object: ObjectId, reason: &str) -> Result<()> {
    on!(conn, c => sqlx::query("UPDATE objects SET removal = $2 WHERE id = $1")
        .bind(object).bind(reason).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Bans somebody, or changes the terms.
pub async fn put_ban(
    conn: &mut Conn<'_>,
    assembly: ActorId,
    actor: ActorId,
    reason: &str,
    until: Option<Timestamp>,
    at: Timestamp,
) -> Result<()> {
    on!(conn, c => sqlx::query(
        "INSERT INTO bans (assembly_id, actor_id, reason, until, created_at)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (assembly_id, actor_id) DO UPDATE
         SET reason = excluded.reason, until = excluded.until, created_at = excluded.created_at",
    ).bind(assembly).bind(actor).bind(reason).bind(until).bind(at)
    .execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Ends a ban; `false` when there was none.
pub async fn remove_ban(conn: &mut Conn<'_>, assembly: ActorId, actor: ActorId) -> Result<bool> {
    Ok(on!(conn, c => sqlx::query("DELETE FROM bans WHERE assembly_id = $1 AND actor_id = $2")
        .bind(assembly).bind(actor).execute(c).await.map(|r| r.rows_affected() == 1))?)
}

/// Whether somebody may not take part in an assembly now.
pub async fn is_banned(
    conn: &mut Conn<'_>,
    assembly: ActorId,
    actor: ActorId,
    now: Timestamp,
) -> Result<bool> {
    Ok(on!(conn, c => sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM bans WHERE assembly_id = $1 AND actor_id = $2
                        AND (until IS NULL OR until > $3))",
    ).bind(assembly).bind(actor).bind(now).fetch_one(c).await)?)
}

/// Who may not take part in an assembly now.
pub async fn bans(conn: &mut Conn<'_>, assembly: ActorId, now: Timestamp) -> Result<Vec<Ban>> {
    Ok(on!(conn, c => sqlx::query_as(
        "SELECT b.actor_id, a.uri AS actor_uri, a.name AS actor_name, a.handle AS actor_handle,
                COALESCE(a.acct_host, a.host) AS actor_host, b.reason, b.until, b.created_at
         FROM bans b JOIN actors a ON a.id = b.actor_id
         WHERE b.assembly_id = $1 AND (b.until IS NULL OR b.until > $2)
         ORDER BY b.created_at DESC, b.actor_id LIMIT 500",
    ).bind(assembly).bind(now).fetch_all(c).await)?)
}

/// Keeps a reply that does not count, with the verdict; once more changes nothing.
#[expect(clippy::too_many_arguments, reason = "one per column")]
pub async fn keep_aside(
    conn: &mut Conn<'_>,
    uri: &str,
    author: ActorId,
    root: ObjectId,
    parent_uri: &str,
    verdict: Verdict,
    html: &str,
    at: Timestamp,
) -> Result<bool> {
    Ok(on!(conn, c => sqlx::query(
        "INSERT INTO kept_aside (uri, author_id, root_id, parent_uri, verdict, html, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (uri) DO NOTHING",
    ).bind(uri).bind(author).bind(root).bind(parent_uri).bind(verdict).bind(html).bind(at)
    .execute(c).await.map(|r| r.rows_affected() == 1))?)
}

/// How many replies of a thread were kept without counting.
pub async fn count_aside(conn: &mut Conn<'_>, root: ObjectId) -> Result<i64> {
    Ok(on!(conn, c => sqlx::query_scalar("SELECT COUNT(*) FROM kept_aside WHERE root_id = $1")
        .bind(root).fetch_one(c).await)?)
}
