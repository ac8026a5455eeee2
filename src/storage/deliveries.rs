//! Activities on their way: one row per activity and inbox, each pending, delivered or dead.

use super::{Conn, Result, connection::on, dialect::Sql, dialect::pieces};
use crate::domain::{ActivityId, ActorId, DeliveryId, Timestamp};

/// A leased delivery.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct DeliveryRow {
    pub id: DeliveryId,
    pub activity_id: ActivityId,
    pub host: String,
    pub inbox: String,
    pub attempts: i64,
    pub lease_until: Timestamp,
    /// The failed attempts so far; see `domain::attempts`.
    pub history: Option<String>,
}

/// What became of an attempt.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub id: DeliveryId,
    /// The lease under which it was tried; see [`DeliveryRow`].
    pub lease_until: Timestamp,
    /// `delivered`, `pending` or `dead`.
    pub state: &'static str,
    pub attempts: i64,
    pub next_at: Timestamp,
    /// The HTTP status, if there was an answer.
    pub status: Option<i64>,
    pub error: Option<String>,
    /// All failed attempts, this one included.
    pub history: Option<String>,
}

/// An activity to be brought to an inbox.
#[derive(Clone, Debug)]
pub struct NewDelivery<'a> {
    pub id: DeliveryId,
    pub activity: ActivityId,
    pub host: String,
    pub inbox: &'a str,
}

/// Queues activities for inboxes. What is for a host that rests waits as long as the host does,
/// behind what waits already. Repeating it changes nothing.
pub async fn insert(conn: &mut Conn<'_>, rows: &[NewDelivery<'_>], now: Timestamp) -> Result<()> {
    for chunk in pieces(rows) {
        on!(conn, c => {
            let mut query = sqlx::QueryBuilder::new("WITH v (id, activity_id, host, inbox) AS (");
            query.push_values(chunk, |mut row, it| {
                row.push_bind(it.id).push_bind(it.activity).push_bind(&it.host)
                    .push_bind(it.inbox);
            });
            query.push(
                ") INSERT INTO deliveries (id, activity_id, host, inbox, state, attempts, next_at, \
                 lease_until, updated_at) SELECT v.id, v.activity_id, v.host, v.inbox, \
                 'pending', 0, \
                 COALESCE((SELECT h.retry_at FROM hosts h WHERE h.host = v.host AND h.retry_at > ",
            );
            query.push_bind(now).push("), ").push_bind(now).push("), 0, ").push_bind(now);
            // SQLite takes what follows a table for a join condition without the WHERE.
            query.push(" FROM v WHERE true ON CONFLICT (activity_id, inbox) DO NOTHING");
            query.build().execute(c).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// The end of the claim.
const CLAIM_LOCK: Sql = Sql { sqlite: "", postgres: " FOR UPDATE SKIP LOCKED" };

/// Leases up to `limit` due deliveries to hosts that are not among `busy_hosts`, oldest first.
pub async fn claim(
    conn: &mut Conn<'_>,
    now: Timestamp,
    lease_until: Timestamp,
    limit: i64,
    busy_hosts: &[String],
) -> Result<Vec<DeliveryRow>> {
    let lock = CLAIM_LOCK.text(conn);
    let mut rows: Vec<DeliveryRow> = on!(conn, c => {
        let mut query = sqlx::QueryBuilder::new("UPDATE deliveries SET lease_until = ");
        query.push_bind(lease_until);
        query.push(
            " WHERE id IN (SELECT id FROM deliveries WHERE state = 'pending' AND next_at <= ",
        );
        query.push_bind(now).push(" AND lease_until <= ").push_bind(now);
        if !busy_hosts.is_empty() {
            query.push(" AND host NOT IN (");
            let mut list = query.separated(", ");
            for host in busy_hosts {
                list.push_bind(host);
            }
            query.push(")");
        }
        query.push(" ORDER BY next_at, id LIMIT ").push_bind(limit).push(lock);
        query.push(") RETURNING id, activity_id, host, inbox, attempts, lease_until, history");
        query.build_query_as::<DeliveryRow>().fetch_all(c).await
    })?;
    rows.sort_by_key(|row| row.id);
    Ok(rows)
}

/// Puts off everything that waits for a host that is down, so that what is due is only what can
/// be tried.
pub async fn put_off(conn: &mut Conn<'_>, host: &str, until: Timestamp) -> Result<()> {
    on!(conn, c => sqlx::query(
        "UPDATE deliveries SET next_at = $2 WHERE host = $1 AND state = 'pending' AND next_at < $2",
    ).bind(host).bind(until).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Gives up everything that has waited for a host since before a moment, with the reason; how much
/// that was. Only one of many is tried each time, so that attempts say nothing about the others.
pub async fn give_up(
    conn: &mut Conn<'_>,
    host: &str,
    since_before: Timestamp,
    reason: &str,
    now: Timestamp,
) -> Result<u64> {
    Ok(on!(conn, c => sqlx::query(
        "UPDATE deliveries SET state = 'dead', error = $3, lease_until = 0, updated_at = $4
         WHERE host = $1 AND state = 'pending' AND id < $2",
    ).bind(host).bind(DeliveryId::first_at(since_before)).bind(reason).bind(now)
    .execute(c).await.map(|r| r.rows_affected()))?)
}

/// Makes everything due that waits for a host that is well again.
pub async fn bring_forward(conn: &mut Conn<'_>, host: &str, now: Timestamp) -> Result<()> {
    on!(conn, c => sqlx::query(
        "UPDATE deliveries SET next_at = $2 WHERE host = $1 AND state = 'pending' AND next_at > $2",
    ).bind(host).bind(now).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Marks successful deliveries, many at once, whoever has the lease now: it did arrive.
pub async fn set_delivered(conn: &mut Conn<'_>, ids: &[DeliveryId], now: Timestamp) -> Result<()> {
    for chunk in pieces(ids) {
        on!(conn, c => {
            let mut query = sqlx::QueryBuilder::new(
                "UPDATE deliveries SET state = 'delivered', attempts = attempts + 1, error = NULL, \
                 updated_at = ",
            );
            query.push_bind(now);
            query.push(" WHERE id IN (");
            let mut list = query.separated(", ");
            for id in chunk {
                list.push_bind(*id);
            }
            query.push(")");
            query.build().execute(c).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// Records a failed attempt: when to try again, or why never. What another worker delivered, or
/// leased, in the meantime is that one's affair.
pub async fn set_outcome(conn: &mut Conn<'_>, outcome: &Outcome, now: Timestamp) -> Result<()> {
    on!(conn, c => sqlx::query(
        "UPDATE deliveries SET state = $2, attempts = $3, next_at = $4, status = $5, error = $6,
             lease_until = 0, updated_at = $7, history = $9
         WHERE id = $1 AND state = 'pending' AND lease_until = $8",
    )
    .bind(outcome.id).bind(outcome.state).bind(outcome.attempts).bind(outcome.next_at)
    .bind(outcome.status).bind(outcome.error.as_deref()).bind(now).bind(outcome.lease_until)
    .bind(outcome.history.as_deref())
    .execute(c).await.map(|_| ()))?;
    Ok(())
}

/// How many wait, how many are dead.
pub async fn counts(conn: &mut Conn<'_>) -> Result<(i64, i64)> {
    Ok(on!(conn, c => sqlx::query_as(
        "SELECT (SELECT COUNT(*) FROM deliveries WHERE state = 'pending'),
                (SELECT COUNT(*) FROM deliveries WHERE state = 'dead')",
    ).fetch_one(c).await)?)
}

/// The oldest delivery that could have been tried and was not: whether the queue is stuck.
pub async fn oldest_due(conn: &mut Conn<'_>, now: Timestamp) -> Result<Option<Timestamp>> {
    Ok(on!(conn, c => sqlx::query_scalar(
        "SELECT MIN(next_at) FROM deliveries
         WHERE state = 'pending' AND next_at <= $1 AND lease_until <= $1",
    ).bind(now).fetch_one(c).await)?)
}

/// Removes rows that ended before `before`, a batch at a time. Their ids are as old as they are,
/// so that only what is old is looked at.
pub async fn prune(conn: &mut Conn<'_>, before: Timestamp, limit: i64) -> Result<u64> {
    let first_kept = DeliveryId::first_at(before);
    Ok(on!(conn, c => sqlx::query(
        "DELETE FROM deliveries WHERE id IN (
             SELECT id FROM deliveries WHERE id < $1 AND state <> 'pending' AND updated_at < $2
             ORDER BY id LIMIT $3)",
    ).bind(first_kept).bind(before).bind(limit).execute(c).await.map(|r| r.rows_affected()))?)
}

/// Whether anything that an actor said is still on its way.
pub async fn any_pending_of(conn: &mut Conn<'_>, actor: ActorId) -> Result<bool> {
    Ok(on!(conn, c => sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM deliveries d JOIN activities a ON a.id = d.activity_id
         WHERE d.state = 'pending' AND a.actor_id = $1)",
    ).bind(actor).fetch_one(c).await)?)
}

/// Gives up what an actor said before it went and that is still on its way: it must not arrive
/// after the farewell.
pub async fn give_up_of(conn: &mut Conn<'_>, actor: ActorId, at: Timestamp) -> Result<()> {
    on!(conn, c => sqlx::query(
        "UPDATE deliveries SET state = 'dead', error = 'its author is gone', updated_at = $2
         WHERE state = 'pending' AND activity_id IN (
             SELECT id FROM activities WHERE actor_id = $1 AND kind <> 'Delete')",
    ).bind(actor).bind(at).execute(c).await.map(|_| ()))?;
    Ok(())
}
