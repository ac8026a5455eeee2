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
