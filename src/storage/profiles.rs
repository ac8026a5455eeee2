//! What actors say of themselves beyond their names: fields, consent, aliases, where they went.

use super::{Conn, Error, Result, connection::on};
use crate::domain::profile::{Field, Profile};
use crate::domain::{ActorId, Timestamp};

#[derive(sqlx::FromRow)]
struct Row {
    fields: String,
    domains: String,
    discoverable: bool,
    indexable: bool,
    moved_at: Option<Timestamp>,
}

/// The profile of an actor; `None` when it says nothing that would need one.
pub async fn by_id(conn: &mut Conn<'_>, id: ActorId) -> Result<Option<Profile>> {
    let row: Option<Row> = on!(conn, c => sqlx::query_as(
        "SELECT fields, domains, discoverable, indexable, moved_at FROM profiles WHERE id = $1",
    ).bind(id).fetch_optional(c).await)?;
    let Some(row) = row else { return Ok(None) };
    let corrupt = |e: serde_json::Error| Error::Corrupt(format!("profiles {id}: {e}"));
    let fields: Vec<Field> = serde_json::from_str(&row.fields).map_err(corrupt)?;
    let domains: Vec<String> = serde_json::from_str(&row.domains).map_err(corrupt)?;
    let claims: Vec<(String, String)> = on!(conn, c => sqlx::query_as(
        "SELECT kind, uri FROM aliases WHERE actor_id = $1 ORDER BY uri",
    ).bind(id).fetch_all(c).await)?;
    let (moved, aliases): (Vec<_>, Vec<_>) = claims.into_iter().partition(|(k, _)| k == "moved");
    Ok(Some(Profile {
        fields,
        domains,
        discoverable: row.discoverable,
        indexable: row.indexable,
        aliases: aliases.into_iter().map(|(_, uri)| uri).collect(),
        moved_to: moved.into_iter().next().map(|(_, uri)| uri),
        moved_at: row.moved_at,
    }))
}

/// Keeps a profile as it is now, with its aliases.
pub async fn put(
    conn: &mut Conn<'_>,
    id: ActorId,
    profile: &Profile,
    now: Timestamp,
) -> Result<()> {
    let fields =
        serde_json::to_string(&profile.fields).map_err(|e| Error::Failed(e.to_string()))?;
    let domains =
        serde_json::to_string(&profile.domains).map_err(|e| Error::Failed(e.to_string()))?;
    on!(conn, c => sqlx::query(
        "INSERT INTO profiles (id, fields, domains, discoverable, indexable, moved_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (id) DO UPDATE SET fields = excluded.fields, domains = excluded.domains,
             discoverable = excluded.discoverable, indexable = excluded.indexable,
             moved_at = excluded.moved_at",
    ).bind(id).bind(&fields).bind(&domains).bind(profile.discoverable).bind(profile.indexable)
    .bind(profile.moved_at).execute(c).await.map(|_| ()))?;
    on!(conn, c => sqlx::query("DELETE FROM aliases WHERE actor_id = $1")
        .bind(id).execute(c).await.map(|_| ()))?;
    let aliases = profile.aliases.iter().map(|uri| ("alias", uri));
    let moved = profile.moved_to.iter().map(|uri| ("moved", uri));
    for (kind, uri) in aliases.chain(moved) {
        on!(conn, c => sqlx::query(
            "INSERT INTO aliases (actor_id, kind, uri, created_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (actor_id, kind, uri) DO NOTHING",
        ).bind(id).bind(kind).bind(uri).bind(now).execute(c).await.map(|_| ()))?;
    }
    Ok(())
}

/// The actors known here that an actor names and that name it: both claims are needed.
pub async fn mutual(conn: &mut Conn<'_>, id: ActorId) -> Result<Vec<ActorId>> {
    Ok(on!(conn, c => sqlx::query_scalar(
        "SELECT DISTINCT o.id FROM actors a
         JOIN aliases mine ON mine.actor_id = a.id
         JOIN actors o ON o.uri = mine.uri
         JOIN aliases theirs ON theirs.actor_id = o.id AND theirs.uri = a.uri
         WHERE a.id = $1 AND o.id <> a.id ORDER BY o.id",
    ).bind(id).fetch_all(c).await)?)
}

/// Whether an actor moved away.
pub async fn has_moved(conn: &mut Conn<'_>, id: ActorId) -> Result<bool> {
    Ok(on!(conn, c => sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM aliases WHERE actor_id = $1 AND kind = 'moved')",
    ).bind(id).fetch_one(c).await)?)
}

/// Destroys a profile with its aliases.
pub async fn delete(conn: &mut Conn<'_>, id: ActorId) -> Result<()> {
    for statement in
        ["DELETE FROM aliases WHERE actor_id = $1", "DELETE FROM profiles WHERE id = $1"]
    {
        on!(conn, c => sqlx::query(statement).bind(id).execute(c).await.map(|_| ()))?;
    }
    Ok(())
}
