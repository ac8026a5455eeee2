//! Which actors are assemblies, and the body that answers for each.

use super::{Conn, Result, connection::on};
use crate::domain::ActorId;

/// Records that the actor `id` is an assembly; once more changes nothing.
pub async fn insert(conn: &mut Conn<'_>, id: ActorId, body: Option<ActorId>) -> Result<()> {
    on!(conn, c => sqlx::query(
        "INSERT INTO assemblies (id, body_id) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING",
    ).bind(id).bind(body).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// The body that answers for the assembly; the outer `None` when it is not an assembly.
pub async fn body_of(conn: &mut Conn<'_>, id: ActorId) -> Result<Option<Option<ActorId>>> {
    Ok(on!(conn, c => sqlx::query_scalar("SELECT body_id FROM assemblies WHERE id = $1")
        .bind(id).fetch_optional(c).await)?)
}

/// Keeps where an assembly elsewhere has its collections.
pub async fn set_collections(
    conn: &mut Conn<'_>,
    id: ActorId,
    moderators: Option<&str>,
    featured: Option<&str>,
) -> Result<()> {
    on!(conn, c => sqlx::query(
        "UPDATE assemblies SET moderators_uri = $2, featured_uri = $3 WHERE id = $1",
    ).bind(id).bind(moderators).bind(featured).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Where an assembly elsewhere has its moderators and what it pinned.
pub async fn collections(
    conn: &mut Conn<'_>,
    id: ActorId,
) -> Result<Option<(Option<String>, Option<String>)>> {
    Ok(on!(conn, c => sqlx::query_as(
        "SELECT moderators_uri, featured_uri FROM assemblies WHERE id = $1",
    ).bind(id).fetch_optional(c).await)?)
}

/// The assembly elsewhere that has a collection at this address; whether it is what it pinned.
pub async fn by_collection(conn: &mut Conn<'_>, uri: &str) -> Result<Option<(ActorId, bool)>> {
    let featured: Option<ActorId> = on!(conn, c => sqlx::query_scalar(
        "SELECT id FROM assemblies WHERE featured_uri = $1 ORDER BY id LIMIT 1",
    ).bind(uri).fetch_optional(c).await)?;
    if let Some(id) = featured {
        return Ok(Some((id, true)));
    }
    let moderators: Option<ActorId> = on!(conn, c => sqlx::query_scalar(
        "SELECT id FROM assemblies WHERE moderators_uri = $1 ORDER BY id LIMIT 1",
    ).bind(uri).fetch_optional(c).await)?;
    Ok(moderators.map(|id| (id, false)))
}
