//! The record of acts, from which activities are made.

use super::{Conn, Error, Result, connection::on, dialect::pieces};
use crate::domain::{Event, EventId, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

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

/// The acts of these ids, as far as they are there. One that cannot be read is an error of its own.
pub async fn by_ids(
    conn: &mut Conn<'_>,
    ids: &[EventId],
) -> Result<BTreeMap<EventId, Result<Event>>> {
    let mut found = BTreeMap::new();
    for chunk in pieces(ids) {
        let rows: Vec<(EventId, String)> = on!(conn, c => {
            let mut query =
                sqlx::QueryBuilder::new("SELECT id, payload FROM events WHERE id IN (");
            let mut list = query.separated(", ");
            for id in chunk {
                list.push_bind(*id);
            }
            query.push(")");
            query.build_query_as().fetch_all(c).await
        })?;
        for (id, text) in rows {
            let act = serde_json::from_str(&text);
            let act = act.map_err(|e| Error::Corrupt(format!("events {id}: {e}")));
            found.insert(id, act);
        }
    }
    Ok(found)
}

/// Notes that the activities of acts are stored; which were not so before.
pub async fn set_federated(
    conn: &mut Conn<'_>,
    ids: &[EventId],
    at: Timestamp,
) -> Result<BTreeSet<EventId>> {
    let mut new = BTreeSet::new();
    for chunk in pieces(ids) {
        let rows: Vec<EventId> = on!(conn, c => {
            let mut query = sqlx::QueryBuilder::new("UPDATE events SET federated_at = ");
            query.push_bind(at).push(" WHERE federated_at IS NULL AND id IN (");
            let mut list = query.separated(", ");
            for id in chunk {
                list.push_bind(*id);
            }
            query.push(") RETURNING id");
            query.build_query_scalar().fetch_all(c).await
        })?;
        new.extend(rows);
    }
    Ok(new)
}
