//! What the office says about initiatives, once for each reason.

use super::{Conn, Result, connection::on};
use crate::domain::{ObjectId, Timestamp};

/// A note as stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct NoteRow {
    pub id: ObjectId,
    pub initiative_id: ObjectId,
    /// What it is about; unlike all others of the initiative.
    pub reason: String,
    /// Markdown.
    pub text: String,
}

/// Stores a note, unless there is one with its reason: then the id of that.
pub async fn insert(
    conn: &mut Conn<'_>,
    id: ObjectId,
    initiative: ObjectId,
    reason: &str,
    text: &str,
    at: Timestamp,
) -> Result<Option<ObjectId>> {
    let new = on!(conn, c => sqlx::query(
        "INSERT INTO official_notes (id, initiative_id, reason, text, created_at)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (initiative_id, reason) DO NOTHING",
    ).bind(id).bind(initiative).bind(reason).bind(text).bind(at)
    .execute(c).await.map(|r| r.rows_affected() == 1))?;
    if new {
        return Ok(None);
    }
    Ok(on!(conn, c => sqlx::query_scalar(
        "SELECT id FROM official_notes WHERE initiative_id = $1 AND reason = $2",
    ).bind(initiative).bind(reason).fetch_optional(c).await)?)
}

/// The note of this id.
pub async fn by_id(conn: &mut Conn<'_>, id: ObjectId) -> Result<Option<NoteRow>> {
    Ok(on!(conn, c => sqlx::query_as(
        "SELECT id, initiative_id, reason, text FROM official_notes WHERE id = $1",
    ).bind(id).fetch_optional(c).await)?)
}
