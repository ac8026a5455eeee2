//! Leave that was given to answer what was written here.

use super::{Conn, Result, connection::on};
use crate::domain::reply::ReplyAuthorization;
use crate::domain::{ObjectId, ReplyId};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, object_id, actor_id, instrument_uri, created_at FROM reply_authorizations ",
            $rest
        )
    };
}

/// The authorization of this id.
pub async fn by_id(conn: &mut Conn<'_>, id: ReplyId) -> Result<Option<ReplyAuthorization>> {
    Ok(on!(conn, c => sqlx::query_as(select!("WHERE id = $1")).bind(id).fetch_optional(c).await)?)
}

/// The authorization for answering an object with this text.
pub async fn find(
    conn: &mut Conn<'_>,
    object: ObjectId,
    instrument: &str,
) -> Result<Option<ReplyAuthorization>> {
    Ok(on!(conn, c => sqlx::query_as(select!("WHERE object_id = $1 AND instrument_uri = $2"))
        .bind(object).bind(instrument).fetch_optional(c).await)?)
}

/// Gives leave, unless it was given for the same text before.
pub async fn insert(conn: &mut Conn<'_>, leave: &ReplyAuthorization) -> Result<()> {
    on!(conn, c => sqlx::query(
        "INSERT INTO reply_authorizations (id, object_id, actor_id, instrument_uri, created_at)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (object_id, instrument_uri) DO NOTHING",
    )
    .bind(leave.id).bind(leave.object_id).bind(leave.actor_id).bind(&leave.instrument_uri)
    .bind(leave.created_at).execute(c).await.map(|_| ()))?;
    Ok(())
}
