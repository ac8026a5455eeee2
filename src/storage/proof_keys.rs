//! Multikeys of actors (FEP-521a): what object integrity proofs are made and checked with.

use super::actors::KeyRow;
use super::{Conn, Result, connection::on};
use crate::domain::{ActorId, Timestamp};

/// Stores the key of a local actor, unless it has one.
pub async fn insert_own(
    conn: &mut Conn<'_>,
    key_id: &str,
    actor: ActorId,
    multibase: &str,
    seed: &[u8],
    at: Timestamp,
) -> Result<()> {
    on!(conn, c => sqlx::query(
        "INSERT INTO proof_keys (key_id, actor_id, multibase, seed, fetched_at)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (key_id) DO NOTHING",
    ).bind(key_id).bind(actor).bind(multibase).bind(seed).bind(at)
    .execute(c).await.map(|_| ()))?;
    Ok(())
}

/// The key of a local actor: its id and its seed.
pub async fn own(conn: &mut Conn<'_>, actor: ActorId) -> Result<Option<(String, Vec<u8>)>> {
    Ok(on!(conn, c => sqlx::query_as(
        "SELECT key_id, seed FROM proof_keys WHERE actor_id = $1 AND seed IS NOT NULL LIMIT 1",
    ).bind(actor).fetch_optional(c).await)?)
}

/// Stores a key of a remote actor, or its new value.
pub async fn put(
    conn: &mut Conn<'_>,
    key_id: &str,
    actor: ActorId,
    multibase: &str,
    at: Timestamp,
) -> Result<()> {
    on!(conn, c => sqlx::query(
        "INSERT INTO proof_keys (key_id, actor_id, multibase, fetched_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (key_id) DO UPDATE
         SET multibase = excluded.multibase, fetched_at = excluded.fetched_at
         WHERE proof_keys.actor_id = excluded.actor_id AND proof_keys.seed IS NULL",
    ).bind(key_id).bind(actor).bind(multibase).bind(at).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// The ids of the keys of a remote actor.
pub async fn ids_of(conn: &mut Conn<'_>, actor: ActorId) -> Result<Vec<String>> {
    Ok(on!(conn, c => sqlx::query_scalar(
        "SELECT key_id FROM proof_keys WHERE actor_id = $1 AND seed IS NULL",
    ).bind(actor).fetch_all(c).await)?)
}

/// Forgets a key of a remote actor.
pub async fn delete(conn: &mut Conn<'_>, key_id: &str) -> Result<()> {
    on!(conn, c => sqlx::query("DELETE FROM proof_keys WHERE key_id = $1 AND seed IS NULL")
        .bind(key_id).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// The key of this id with its owner.
pub async fn by_id(conn: &mut Conn<'_>, key_id: &str) -> Result<Option<KeyRow>> {
    Ok(on!(conn, c => sqlx::query_as(
        "SELECT k.key_id, k.actor_id, a.uri AS actor_uri, k.multibase AS public_key, k.fetched_at,
                a.deleted_at AS actor_deleted_at
         FROM proof_keys k JOIN actors a ON a.id = k.actor_id WHERE k.key_id = $1",
    ).bind(key_id).fetch_optional(c).await)?)
}
