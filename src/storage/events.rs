//! The record of acts, from which activities are made.

use super::{Conn, Error, Result, connection::on, dialect::pieces};
use crate::domain::{Event, EventId, Timestamp};

/// Records acts.
pub async fn insert(
    conn: &mut Conn<'_>,
    events: &[(EventId, &Event)],
    at: Timestamp,
) -> Result<()> {
    let mut rows = Vec::with_capacity(events.len());
    for (id, event) in events {
        let payload = serde_json::to_string(event).map_err(|e| Error::Failed(e.to_string()))?;
        rows.push((*id, event.name(), payload));
    }
    for chunk in pieces(&rows) {
        on!(conn, c => {
            let mut query =
                sqlx::QueryBuilder::new("INSERT INTO events (id, kind, payload, created_at) ");
            query.push_values(chunk, |mut row, (id, kind, payload)| {
                row.push_bind(*id).push_bind(*kind).push_bind(payload).push_bind(at);
            });
            query.build().execute(c).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// The act of this id.
pub async fn by_id(conn: &mut Conn<'_>, id: EventId) -> Result<Option<Event>> {
    let payload: Option<String> = on!(conn, c => sqlx::query_scalar(
        "SELECT payload FROM events WHERE id = $1",
    ).bind(id).fetch_optional(c).await)?;
    payload
        .map(|text| {
            serde_json::from_str(&text).map_err(|e| Error::Corrupt(format!("events {id}: {e}")))
        })
        .transpose()
}

/// Notes that the activities of an act are stored; `false` when they were already.
pub async fn set_federated(conn: &mut Conn<'_>, id: EventId, at: Timestamp) -> Result<bool> {
    Ok(on!(conn, c => sqlx::query(
        "UPDATE events SET federated_at = $2 WHERE id = $1 AND federated_at IS NULL",
    ).bind(id).bind(at).execute(c).await.map(|r| r.rows_affected() == 1))?)
}
