//! Activities on their way: one row per activity and inbox, each pending, delivered or dead.

use super::{Conn, Result, connection::on, dialect::Sql, dialect::pieces};
use crate::domain::{ActivityId, DeliveryId, Timestamp};

/// A leased delivery.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct DeliveryRow {
    pub id: DeliveryId,
    pub activity_id: ActivityId,
    pub host: String,
    pub inbox: String,
    pub attempts: i64,
    pub lease_until: Timestamp,
}

/// What became of an attempt.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub id: DeliveryId,
    /// `delivered`, `pending` or `dead`.
    pub state: &'static str,
    pub attempts: i64,
    pub next_at: Timestamp,
    /// The HTTP status, if there was an answer.
    pub status: Option<i64>,
    pub error: Option<String>,
}

/// Queues one activity for many inboxes (`id`, host, inbox). Repeating it changes nothing.
pub async fn insert(
    conn: &mut Conn<'_>,
    activity: ActivityId,
    rows: &[(DeliveryId, String, String)],
    now: Timestamp,
) -> Result<()> {
    for chunk in pieces(rows) {
        on!(conn, c => {
            let mut query = sqlx::QueryBuilder::new(
                "INSERT INTO deliveries (id, activity_id, host, inbox, state, attempts, next_at, \
                 lease_until, updated_at) ",
            );
            query.push_values(chunk, |mut row, (id, host, inbox)| {
                row.push_bind(*id).push_bind(activity).push_bind(host).push_bind(inbox)
                    .push_bind("pending").push_bind(0_i64).push_bind(now).push_bind(0_i64)
                    .push_bind(now);
            });
            query.push(" ON CONFLICT (activity_id, inbox) DO NOTHING");
            query.build().execute(c).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// The head and the tail of the claim; between them stand the hosts that are left out.
const CLAIM_HEAD: &str = "WHERE d.state = 'pending' AND d.next_at <= ";
const CLAIM_LOCK: Sql = Sql { sqlite: "", postgres: " FOR UPDATE OF d SKIP LOCKED" };

/// Leases up to `limit` due deliveries to hosts that are neither resting nor among
/// `busy_hosts`, oldest first.
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
            " WHERE id IN (SELECT d.id FROM deliveries d LEFT JOIN hosts h ON h.host = d.host ",
        );
        query.push(CLAIM_HEAD).push_bind(now);
        query.push(" AND d.lease_until <= ").push_bind(now);
        query.push(" AND COALESCE(h.retry_at, 0) <= ").push_bind(now);
        if !busy_hosts.is_empty() {
            query.push(" AND d.host NOT IN (");
            let mut list = query.separated(", ");
            for host in busy_hosts {
                list.push_bind(host);
            }
            query.push(")");
        }
        query.push(" ORDER BY d.next_at, d.id LIMIT ").push_bind(limit);
        query.push(lock);
        query.push(") RETURNING id, activity_id, host, inbox, attempts, lease_until");
        query.build_query_as::<DeliveryRow>().fetch_all(c).await
    })?;
    rows.sort_by_key(|row| row.id);
    Ok(rows)
}

/// Gives leases back unused, for work that could not start.
pub async fn release(conn: &mut Conn<'_>, ids: &[DeliveryId]) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    on!(conn, c => {
        let mut query = sqlx::QueryBuilder::new("UPDATE deliveries SET lease_until = 0 WHERE id IN (");
        let mut list = query.separated(", ");
        for id in ids {
            list.push_bind(*id);
        }
        query.push(")");
        query.build().execute(c).await.map(|_| ())
    })?;
    Ok(())
}

/// Marks successful deliveries, many at once.
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

/// Records a failed attempt: when to try again, or why never. What another worker delivered in
/// the meantime stays delivered.
pub async fn set_outcome(conn: &mut Conn<'_>, outcome: &Outcome, now: Timestamp) -> Result<()> {
    on!(conn, c => sqlx::query(
        "UPDATE deliveries SET state = $2, attempts = $3, next_at = $4, status = $5, error = $6,
             lease_until = 0, updated_at = $7 WHERE id = $1 AND state = 'pending'",
    )
    .bind(outcome.id).bind(outcome.state).bind(outcome.attempts).bind(outcome.next_at)
    .bind(outcome.status).bind(outcome.error.as_deref()).bind(now)
    .execute(c).await.map(|_| ()))?;
    Ok(())
}

/// When the next delivery falls due, host rests included.
pub async fn next_due(conn: &mut Conn<'_>, now: Timestamp) -> Result<Option<Timestamp>> {
    // The soonest row by its own time; a resting host can only make it later.
    Ok(on!(conn, c => sqlx::query_scalar(
        "SELECT d.due FROM (
             SELECT CASE WHEN COALESCE(h.retry_at, 0) > d.next_at THEN h.retry_at ELSE d.next_at END AS due
             FROM deliveries d LEFT JOIN hosts h ON h.host = d.host
             WHERE d.state = 'pending' AND d.lease_until <= $1
             ORDER BY d.next_at, d.id LIMIT 200) d ORDER BY d.due LIMIT 1",
    ).bind(now).fetch_optional(c).await)?)
}

/// How many are pending, delivered and dead.
pub async fn counts(conn: &mut Conn<'_>) -> Result<(i64, i64, i64)> {
    Ok(on!(conn, c => sqlx::query_as(
        "SELECT COUNT(*) FILTER (WHERE state = 'pending'),
                COUNT(*) FILTER (WHERE state = 'delivered'),
                COUNT(*) FILTER (WHERE state = 'dead') FROM deliveries",
    ).fetch_one(c).await)?)
}

/// The oldest delivery that could have been tried and was not: whether the queue is stuck.
pub async fn oldest_due(conn: &mut Conn<'_>, now: Timestamp) -> Result<Option<Timestamp>> {
    Ok(on!(conn, c => sqlx::query_scalar(
        "SELECT MIN(d.next_at) FROM deliveries d LEFT JOIN hosts h ON h.host = d.host
         WHERE d.state = 'pending' AND d.next_at <= $1 AND d.lease_until <= $1
           AND COALESCE(h.retry_at, 0) <= $1",
    ).bind(now).fetch_one(c).await)?)
}

/// Removes delivered and dead rows that ended before `before`, a batch at a time.
pub async fn prune(conn: &mut Conn<'_>, before: Timestamp, limit: i64) -> Result<u64> {
    Ok(on!(conn, c => sqlx::query(
        "DELETE FROM deliveries WHERE id IN (
             SELECT id FROM deliveries WHERE state <> 'pending' AND updated_at < $1 LIMIT $2)",
    ).bind(before).bind(limit).execute(c).await.map(|r| r.rows_affected()))?)
}
