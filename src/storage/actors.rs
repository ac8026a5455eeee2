//! Actors and their keys.

use super::{Conn, Result, connection::on};
use crate::domain::actor::Actor;
use crate::domain::{ActorId, ActorKind, Timestamp};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, uri, kind, local, handle, COALESCE(acct_host, host) AS host, name, summary, ",
            "url, inbox, shared_inbox, outbox, created_at, updated_at, fetched_at, deleted_at FROM actors ",
            $rest
        )
    };
}

/// A public key with its owner, as signatures name it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct KeyRow {
    pub key_id: String,
    pub actor_id: ActorId,
    pub actor_uri: String,
    /// PEM, or the value of a Multikey.
    pub public_key: String,
    pub fetched_at: Timestamp,
    pub actor_deleted_at: Option<Timestamp>,
}

/// The actor of this id.
pub async fn by_id(conn: &mut Conn<'_>, id: ActorId) -> Result<Option<Actor>> {
    Ok(on!(conn, c => sqlx::query_as(select!("WHERE id = $1")).bind(id).fetch_optional(c).await)?)
}

/// The actor with this id on the wire.
pub async fn by_uri(conn: &mut Conn<'_>, uri: &str) -> Result<Option<Actor>> {
    Ok(on!(conn, c => sqlx::query_as(select!("WHERE uri = $1")).bind(uri).fetch_optional(c).await)?)
}

/// Whether an actor of this host is known.
pub async fn host_is_known(conn: &mut Conn<'_>, host: &str) -> Result<bool> {
    Ok(on!(conn, c => sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM actors WHERE host = $1)")
        .bind(host).fetch_one(c).await)?)
}

/// The local actor of this handle, whatever its kind.
pub async fn local_by_handle(conn: &mut Conn<'_>, handle: &str) -> Result<Option<Actor>> {
    Ok(on!(conn, c => sqlx::query_as(select!("WHERE handle = $1 AND local"))
        .bind(handle).fetch_optional(c).await)?)
}

/// The actor known under `handle@host`; assemblies before people where both exist.
pub async fn by_address(conn: &mut Conn<'_>, handle: &str, host: &str) -> Result<Option<Actor>> {
    Ok(on!(conn, c => sqlx::query_as(select!(
        "WHERE (acct_host = $2 OR host = $2 AND acct_host IS NULL) AND lower(handle) = lower($1)
           AND deleted_at IS NULL ORDER BY kind, id LIMIT 1"
    )).bind(handle).bind(host).fetch_optional(c).await)?)
}

/// Local or all actors of a kind, by name.
pub async fn list(conn: &mut Conn<'_>, kind: ActorKind, local: bool) -> Result<Vec<Actor>> {
    Ok(on!(conn, c => sqlx::query_as(select!(
        "WHERE kind = $1 AND local = $2 AND deleted_at IS NULL ORDER BY name, id LIMIT 500"
    )).bind(kind).bind(local).fetch_all(c).await)?)
}

/// Remote actors that have this inbox, own or shared, up to a hundred.
pub async fn by_inbox(conn: &mut Conn<'_>, inbox: &str) -> Result<Vec<Actor>> {
    Ok(on!(conn, c => sqlx::query_as(select!(
        "WHERE (inbox = $1 OR shared_inbox = $1) AND NOT local AND deleted_at IS NULL
         ORDER BY id LIMIT 100"
    )).bind(inbox).fetch_all(c).await)?)
}

/// Sets the host in the address of a remote actor; `None` where it is the host of its id.
pub async fn set_acct_host(conn: &mut Conn<'_>, id: ActorId, host: Option<&str>) -> Result<()> {
    on!(conn, c => sqlx::query("UPDATE actors SET acct_host = $2 WHERE id = $1 AND NOT local")
        .bind(id).bind(host).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Takes an address that is another actor's now from everybody else who had it.
pub async fn free_address(
    conn: &mut Conn<'_>,
    handle: &str,
    host: &str,
    owner: ActorId,
) -> Result<()> {
    on!(conn, c => sqlx::query(
        "UPDATE actors SET acct_host = NULL
         WHERE acct_host = $2 AND lower(handle) = lower($1) AND id <> $3",
    ).bind(handle).bind(host).bind(owner).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Stores a new actor; its `host` is that of its id.
pub async fn insert(conn: &mut Conn<'_>, actor: &Actor) -> Result<()> {
    on!(conn, c => sqlx::query(
        "INSERT INTO actors (id, uri, kind, local, handle, host, name, summary, url, inbox,
             shared_inbox, outbox, created_at, updated_at, fetched_at, deleted_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
    )
    .bind(actor.id).bind(&actor.uri).bind(actor.kind).bind(actor.local).bind(&actor.handle)
    .bind(&actor.host).bind(&actor.name).bind(&actor.summary).bind(&actor.url).bind(&actor.inbox)
    .bind(&actor.shared_inbox).bind(&actor.outbox).bind(actor.created_at).bind(actor.updated_at)
    .bind(actor.fetched_at).bind(actor.deleted_at)
    .execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Overwrites what a remote actor says of itself; its id, uri and creation stay. Its `host` is that of
/// its id.
pub async fn refresh(conn: &mut Conn<'_>, actor: &Actor) -> Result<()> {
    on!(conn, c => sqlx::query(
        "UPDATE actors SET kind = $2, handle = $3, host = $4, name = $5, summary = $6, url = $7,
             inbox = $8, shared_inbox = $9, outbox = $10, updated_at = $11, fetched_at = $12
         WHERE id = $1",
    )
    .bind(actor.id).bind(actor.kind).bind(&actor.handle).bind(&actor.host).bind(&actor.name)
    .bind(&actor.summary).bind(&actor.url).bind(&actor.inbox).bind(&actor.shared_inbox)
    .bind(&actor.outbox).bind(actor.updated_at).bind(actor.fetched_at)
    .execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Marks an actor as gone.
pub async fn set_deleted(conn: &mut Conn<'_>, id: ActorId, at: Timestamp) -> Result<()> {
    on!(conn, c => sqlx::query(
        "UPDATE actors SET deleted_at = $2, name = handle, summary = '' WHERE id = $1 AND deleted_at IS NULL",
    ).bind(id).bind(at).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Changes the profile of a local actor.
pub async fn set_profile(
    conn: &mut Conn<'_>,
    id: ActorId,
    name: &str,
    summary: &str,
    at: Timestamp,
) -> Result<()> {
    on!(conn, c => sqlx::query(
        "UPDATE actors SET name = $2, summary = $3, updated_at = $4 WHERE id = $1 AND local",
    ).bind(id).bind(name).bind(summary).bind(at).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Stores a key, or the new value of a key that is known. `private_der` is PKCS#8, for local
/// actors only.
pub async fn put_key(
    conn: &mut Conn<'_>,
    key_id: &str,
    actor: ActorId,
    public_pem: &str,
    private_der: Option<&[u8]>,
    at: Timestamp,
) -> Result<()> {
    on!(conn, c => sqlx::query(
        "INSERT INTO actor_keys (key_id, actor_id, public_pem, private_der, fetched_at)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (key_id) DO UPDATE
         SET public_pem = excluded.public_pem, fetched_at = excluded.fetched_at
         WHERE actor_keys.actor_id = excluded.actor_id AND actor_keys.private_der IS NULL",
    ).bind(key_id).bind(actor).bind(public_pem).bind(private_der).bind(at)
    .execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Forgets the keys of a remote actor other than `keep`; their ids.
pub async fn drop_other_keys(
    conn: &mut Conn<'_>,
    actor: ActorId,
    keep: &str,
) -> Result<Vec<String>> {
    Ok(on!(conn, c => sqlx::query_scalar(
        "DELETE FROM actor_keys WHERE actor_id = $1 AND key_id <> $2 AND private_der IS NULL
         RETURNING key_id",
    ).bind(actor).bind(keep).fetch_all(c).await)?)
}

/// The key of this id with its owner.
pub async fn key_by_id(conn: &mut Conn<'_>, key_id: &str) -> Result<Option<KeyRow>> {
    Ok(on!(conn, c => sqlx::query_as(
        "SELECT k.key_id, k.actor_id, a.uri AS actor_uri, k.public_pem AS public_key, k.fetched_at,
                a.deleted_at AS actor_deleted_at
         FROM actor_keys k JOIN actors a ON a.id = k.actor_id WHERE k.key_id = $1",
    ).bind(key_id).fetch_optional(c).await)?)
}

/// The public key of an actor, in PEM, with its id.
pub async fn public_key_of(
    conn: &mut Conn<'_>,
    actor: ActorId,
) -> Result<Option<(String, String)>> {
    Ok(on!(conn, c => sqlx::query_as(
        "SELECT key_id, public_pem FROM actor_keys WHERE actor_id = $1 ORDER BY key_id LIMIT 1",
    ).bind(actor).fetch_optional(c).await)?)
}

/// The private key of a local actor (PKCS#8), with the id under which others find the public one.
pub async fn private_key_of(
    conn: &mut Conn<'_>,
    actor: ActorId,
) -> Result<Option<(String, Vec<u8>)>> {
    Ok(on!(conn, c => sqlx::query_as(
        "SELECT key_id, private_der FROM actor_keys
         WHERE actor_id = $1 AND private_der IS NOT NULL LIMIT 1",
    ).bind(actor).fetch_optional(c).await)?)
}

/// How many local people there are, for NodeInfo.
pub async fn count_local_people(conn: &mut Conn<'_>) -> Result<i64> {
    Ok(on!(conn, c => sqlx::query_scalar(
        "SELECT COUNT(*) FROM actors WHERE local AND kind = 'person' AND deleted_at IS NULL",
    ).fetch_one(c).await)?)
}

/// Every inbox elsewhere that is known, each server once where it offers that.
pub async fn all_inboxes(conn: &mut Conn<'_>) -> Result<Vec<String>> {
    Ok(on!(conn, c => sqlx::query_scalar(
        "SELECT DISTINCT COALESCE(shared_inbox, inbox) FROM actors
         WHERE NOT local AND deleted_at IS NULL",
    ).fetch_all(c).await)?)
}

/// Destroys the private key of an actor that is gone; the public one goes with it.
pub async fn destroy_keys(conn: &mut Conn<'_>, id: ActorId) -> Result<()> {
    on!(conn, c => sqlx::query(
        "DELETE FROM actor_keys WHERE actor_id = $1
           AND EXISTS (SELECT 1 FROM actors a WHERE a.id = $1 AND a.deleted_at IS NOT NULL)",
    ).bind(id).execute(c).await.map(|_| ()))?;
    Ok(())
}
