//! Reports to the moderators.

use super::{Conn, Result, connection::on};
use crate::domain::report::Report;
use crate::domain::{ActorId, ReportId, Timestamp};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT r.id, r.reporter_id, a.uri AS reporter_uri, a.handle AS reporter_handle,
             COALESCE(a.acct_host, a.host) AS reporter_host, a.local AS reporter_local, r.activity_uri, r.object_uris,
             r.content, r.created_at, r.state, r.note, r.resolved_at, r.forwarded_at
             FROM reports r JOIN actors a ON a.id = r.reporter_id ",
            $rest
        )
    };
}

/// Keeps a report; the same one again changes nothing. Whether it is new.
pub async fn insert(
    conn: &mut Conn<'_>,
    id: ReportId,
    reporter: ActorId,
    activity_uri: &str,
    object_uris: &str,
    content: &str,
    at: Timestamp,
) -> Result<bool> {
    Ok(on!(conn, c => sqlx::query(
        "INSERT INTO reports (id, reporter_id, activity_uri, object_uris, content, created_at)
         SELECT $1, $2, $3, $4, $5, $6
         WHERE NOT EXISTS (SELECT 1 FROM reports r WHERE r.state = 'open' AND r.reporter_id = $2
                           AND r.object_uris = $4 AND r.content = $5)
         ON CONFLICT (activity_uri) DO NOTHING",
    ).bind(id).bind(reporter).bind(activity_uri).bind(object_uris).bind(content).bind(at)
    .execute(c).await.map(|r| r.rows_affected() == 1))?)
}

/// The report of this id.
pub async fn by_id(conn: &mut Conn<'_>, id: ReportId) -> Result<Option<Report>> {
    Ok(on!(conn, c => sqlx::query_as(select!("WHERE r.id = $1")).bind(id).fetch_optional(c).await)?)
}

/// Reports of a state, or all, newest first, older than `before`; one more than `limit`.
pub async fn list(
    conn: &mut Conn<'_>,
    state: Option<&str>,
    before: i64,
    limit: i64,
) -> Result<Vec<Report>> {
    Ok(on!(conn, c => sqlx::query_as(select!(
        "WHERE (CAST($1 AS TEXT) IS NULL OR r.state = $1) AND r.id < $2
         ORDER BY r.id DESC LIMIT $3"
    )).bind(state).bind(before).bind(limit + 1).fetch_all(c).await)?)
}

/// Closes an open report; `false` when it was closed already.
pub async fn resolve(
    conn: &mut Conn<'_>,
    id: ReportId,
    by: ActorId,
    note: &str,
    at: Timestamp,
) -> Result<bool> {
    Ok(on!(conn, c => sqlx::query(
        "UPDATE reports SET state = 'resolved', note = $3, resolved_by = $2, resolved_at = $4
         WHERE id = $1 AND state = 'open'",
    ).bind(id).bind(by).bind(note).bind(at).execute(c).await.map(|r| r.rows_affected() == 1))?)
}

/// Notes that the home was told; `false` when it was already.
pub async fn set_forwarded(conn: &mut Conn<'_>, id: ReportId, at: Timestamp) -> Result<bool> {
    Ok(on!(conn, c => sqlx::query(
        "UPDATE reports SET forwarded_at = $2 WHERE id = $1 AND forwarded_at IS NULL",
    ).bind(id).bind(at).execute(c).await.map(|r| r.rows_affected() == 1))?)
}
