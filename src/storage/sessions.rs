//! Sessions of browsers and links that work once. Only hashes of the secrets are stored.

use super::{Conn, Result, connection::on};
use crate::domain::{ActorId, Timestamp};

/// A session with the account that is signed in.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct SessionRow {
    pub account_id: ActorId,
    pub csrf: String,
    pub seen_at: Timestamp,
    pub expires_at: Timestamp,
    pub handle: String,
    pub name: String,
    pub roles: String,
    pub language: String,
}

/// Stores a new session.
pub async fn insert(
    conn: &mut Conn<'_>,
    id_hash: &str,
    account: ActorId,
    csrf: &str,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<()> {
    on!(conn, c => sqlx::query(
        "INSERT INTO sessions (id_hash, account_id, csrf, created_at, seen_at, expires_at)
         VALUES ($1, $2, $3, $4, $4, $5)",
    ).bind(id_hash).bind(account).bind(csrf).bind(now).bind(expires_at)
    .execute(c).await.map(|_| ()))?;
    Ok(())
}

/// The session behind this hash, if it is still good.
pub async fn by_hash(
    conn: &mut Conn<'_>,
    id_hash: &str,
    now: Timestamp,
    idle_since: Timestamp,
) -> Result<Option<SessionRow>> {
    Ok(on!(conn, c => sqlx::query_as(
        "SELECT s.account_id, s.csrf, s.seen_at, s.expires_at, a.handle, a.name, p.roles, p.language
         FROM sessions s JOIN accounts p ON p.id = s.account_id JOIN actors a ON a.id = p.id
         WHERE s.id_hash = $1 AND s.expires_at > $2 AND s.seen_at > $3 AND a.deleted_at IS NULL",
    ).bind(id_hash).bind(now).bind(idle_since).fetch_optional(c).await)?)
}

/// Notes that the session was used.
pub async fn touch(conn: &mut Conn<'_>, id_hash: &str, now: Timestamp) -> Result<()> {
    on!(conn, c => sqlx::query("UPDATE sessions SET seen_at = $2 WHERE id_hash = $1")
        .bind(id_hash).bind(now).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Ends a session.
pub async fn delete(conn: &mut Conn<'_>, id_hash: &str) -> Result<()> {
    on!(conn, c => sqlx::query("DELETE FROM sessions WHERE id_hash = $1")
        .bind(id_hash).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Removes what has expired.
pub async fn delete_expired(
    conn: &mut Conn<'_>,
    now: Timestamp,
    idle_since: Timestamp,
) -> Result<u64> {
    Ok(on!(conn, c => sqlx::query("DELETE FROM sessions WHERE expires_at <= $1 OR seen_at <= $2")
        .bind(now).bind(idle_since).execute(c).await.map(|r| r.rows_affected()))?)
}

/// Stores a link that works once.
pub async fn insert_link(
    conn: &mut Conn<'_>,
    hash: &str,
    purpose: &str,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<()> {
    on!(conn, c => sqlx::query(
        "INSERT INTO one_time_links (hash, purpose, created_at, expires_at) VALUES ($1, $2, $3, $4)",
    ).bind(hash).bind(purpose).bind(now).bind(expires_at).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Whether the link is known, unused and not expired.
pub async fn link_is_good(
    conn: &mut Conn<'_>,
    hash: &str,
    purpose: &str,
    now: Timestamp,
) -> Result<bool> {
    Ok(on!(conn, c => sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM one_time_links
         WHERE hash = $1 AND purpose = $2 AND expires_at > $3 AND used_at IS NULL)",
    ).bind(hash).bind(purpose).bind(now).fetch_one(c).await)?)
}

/// Uses the link up; `false` when it was not good any more.
pub async fn use_link(
    conn: &mut Conn<'_>,
    hash: &str,
    purpose: &str,
    now: Timestamp,
) -> Result<bool> {
    Ok(on!(conn, c => sqlx::query(
        "UPDATE one_time_links SET used_at = $3
         WHERE hash = $1 AND purpose = $2 AND expires_at > $3 AND used_at IS NULL",
    ).bind(hash).bind(purpose).bind(now).execute(c).await.map(|r| r.rows_affected() == 1))?)
}
