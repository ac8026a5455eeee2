//! Requests that were refused at the door.

use super::{Conn, Result, connection::on, dialect::pieces};
use crate::domain::{EventId, Timestamp};

/// A refusal that is to be stored.
#[derive(Clone, Debug)]
pub struct NewRow {
    pub id: i64,
    pub host: String,
    pub actor_uri: String,
    pub activity_uri: String,
    pub kind: String,
    pub status: i64,
    /// The check that failed.
    pub failed: &'static str,
    /// The checks passed, as bits.
    pub passed: i64,
    pub reason: String,
    pub bytes: i64,
    pub body: Vec<u8>,
}

/// Stores refusals.
pub async fn insert(conn: &mut Conn<'_>, rows: &[NewRow]) -> Result<()> {
    for chunk in pieces(rows) {
        on!(conn, c => {
            let mut query = sqlx::QueryBuilder::new(
                "INSERT INTO refusals (id, host, actor_uri, activity_uri, kind, status, failed, \
                 passed, reason, bytes, body) ",
            );
            query.push_values(chunk, |mut row, one| {
                row.push_bind(one.id).push_bind(&one.host).push_bind(&one.actor_uri)
                    .push_bind(&one.activity_uri).push_bind(&one.kind).push_bind(one.status)
                    .push_bind(one.failed).push_bind(one.passed).push_bind(&one.reason)
                    .push_bind(one.bytes).push_bind(&one.body);
            });
            query.build().execute(c).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// Forgets what is older than `before`, and what is above the newest `most`.
pub async fn prune(conn: &mut Conn<'_>, before: Timestamp, most: i64) -> Result<()> {
    on!(conn, c => sqlx::query(
        "DELETE FROM refusals WHERE id < $1 OR id <= (
             SELECT id FROM refusals ORDER BY id DESC LIMIT 1 OFFSET $2)",
    ).bind(EventId::first_at(before)).bind(most).execute(c).await.map(|_| ()))?;
    Ok(())
}
