//! The queues as an admin sees them: how much waits for which host, what is given up, and the
//! acts to try again, to give up and to put away.

use super::{Conn, Result, connection::on};
use crate::domain::Timestamp;

/// Which rows an act is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// The delivery, arrival or job of this id.
    Id(i64),
    /// Everything for (or from) a host. Jobs belong to none.
    Host(String),
    /// Everything that was given up.
    Dead,
}

/// What waits for one host.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Depth {
    pub host: String,
    pub pending: i64,
    /// Leased by a worker at this moment.
    pub in_flight: i64,
    pub next_at: Option<Timestamp>,
    pub dead: i64,
}

/// What waits for every host, the longest queue first.
pub async fn depths(conn: &mut Conn<'_>, now: Timestamp, limit: i64) -> Result<Vec<Depth>> {
    Ok(on!(conn, c => sqlx::query_as(
        "SELECT host, COUNT(*) FILTER (WHERE state = 'pending') AS pending,
                COUNT(*) FILTER (WHERE state = 'pending' AND lease_until > $1) AS in_flight,
                MIN(CASE WHEN state = 'pending' THEN next_at END) AS next_at,
                COUNT(*) FILTER (WHERE state = 'dead') AS dead
         FROM (SELECT host, state, lease_until, next_at FROM deliveries WHERE state = 'pending'
               UNION ALL
               SELECT host, state, lease_until, next_at FROM deliveries WHERE state = 'dead') q
         GROUP BY host ORDER BY 2 DESC, 5 DESC, host LIMIT $2",
    ).bind(now).bind(limit).fetch_all(c).await)?)
}

/// What waits for one host.
pub async fn depth_of(conn: &mut Conn<'_>, host: &str, now: Timestamp) -> Result<Depth> {
    let found: (i64, i64, Option<Timestamp>, i64) = on!(conn, c => sqlx::query_as(
        "SELECT (SELECT COUNT(*) FROM deliveries WHERE host = $1 AND state = 'pending'),
                (SELECT COUNT(*) FROM deliveries
                 WHERE host = $1 AND state = 'pending' AND lease_until > $2),
                (SELECT MIN(next_at) FROM deliveries WHERE host = $1 AND state = 'pending'),
                (SELECT COUNT(*) FROM deliveries WHERE host = $1 AND state = 'dead')",
    ).bind(host).bind(now).fetch_one(c).await)?;
    let (pending, in_flight, next_at, dead) = found;
    Ok(Depth { host: host.to_owned(), pending, in_flight, next_at, dead })
}

/// A job that was given up or waits.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Job {
    pub id: i64,
    pub kind: String,
    pub payload: String,
    pub state: String,
    pub attempts: i64,
    pub run_at: Timestamp,
    pub error: Option<String>,
}

/// Jobs in a state that are older than `before`, newest first, one more than `limit`.
pub async fn jobs(conn: &mut Conn<'_>, state: &str, before: i64, limit: i64) -> Result<Vec<Job>> {
    Ok(on!(conn, c => sqlx::query_as(
        "SELECT id, kind, payload, state, attempts, run_at, error FROM jobs
         WHERE state = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
    ).bind(state).bind(before).bind(limit + 1).fetch_all(c).await)?)
}

/// Makes deliveries due now: what waits, and what was given up, which begins anew. How many.
pub async fn retry_deliveries(conn: &mut Conn<'_>, which: &Which, now: Timestamp) -> Result<u64> {
    let changed = on!(conn, c => {
        let mut query = sqlx::QueryBuilder::new("UPDATE deliveries SET next_at = ");
        query.push_bind(now).push(", updated_at = ").push_bind(now);
        query.push(
            ", attempts = CASE WHEN state = 'pending' THEN attempts ELSE 0 END,
               lease_until = CASE WHEN state = 'pending' THEN lease_until ELSE 0 END,
               state = 'pending' WHERE ",
        );
        match which {
            Which::Id(id) => {
                query.push("state IN ('pending', 'dead', 'dismissed') AND id = ").push_bind(*id);
            }
            Which::Host(host) => {
                query.push("state IN ('pending', 'dead') AND host = ").push_bind(host);
            }
            Which::Dead => {
                query.push("state = 'dead'");
            }
        }
        query.build().execute(c).await.map(|r| r.rows_affected())
    })?;
    // A host that rests would hold them back.
    if let Which::Host(host) = which {
        on!(conn, c => sqlx::query("UPDATE hosts SET retry_at = 0 WHERE host = $1")
            .bind(host).execute(c).await.map(|_| ()))?;
    }
    Ok(changed)
}

/// Gives up deliveries that wait, with the reason. How many.
pub async fn drop_deliveries(
    conn: &mut Conn<'_>,
    which: &Which,
    reason: &str,
    now: Timestamp,
) -> Result<u64> {
    let (id, host) = parts(which);
    Ok(on!(conn, c => sqlx::query(
        "UPDATE deliveries SET state = 'dead', error = $3, lease_until = 0, updated_at = $4
         WHERE state = 'pending' AND (id = CAST($1 AS BIGINT) OR host = CAST($2 AS TEXT))",
    ).bind(id).bind(host).bind(reason).bind(now).execute(c).await.map(|r| r.rows_affected()))?)
}

/// Puts away deliveries that were given up: they are no longer listed among the dead. How many.
pub async fn dismiss_deliveries(conn: &mut Conn<'_>, which: &Which, now: Timestamp) -> Result<u64> {
    let (id, host) = parts(which);
    Ok(on!(conn, c => sqlx::query(
        "UPDATE deliveries SET state = 'dismissed', updated_at = $4
         WHERE state = 'dead' AND ($3 OR id = CAST($1 AS BIGINT) OR host = CAST($2 AS TEXT))",
    ).bind(id).bind(host).bind(*which == Which::Dead).bind(now)
    .execute(c).await.map(|r| r.rows_affected()))?)
}

/// Has arrivals applied again whose bodies are still here: what waits, what was refused and what
/// was given up. How many.
pub async fn retry_arrivals(conn: &mut Conn<'_>, which: &Which, now: Timestamp) -> Result<u64> {
    let (id, host) = parts(which);
    Ok(on!(conn, c => sqlx::query(
        "UPDATE inbox SET state = 'pending', next_at = $4, attempts = 0, lease_until = 0
         WHERE body IS NOT NULL AND (
             (state = 'dead' AND ($3 OR actor_id IN (SELECT id FROM actors WHERE host = CAST($2 AS TEXT))))
             OR (id = CAST($1 AS BIGINT) AND state IN ('dead', 'refused', 'dismissed'))
             OR (id = CAST($1 AS BIGINT) AND state = 'pending' AND lease_until <= $4))",
    ).bind(id).bind(host).bind(*which == Which::Dead).bind(now)
    .execute(c).await.map(|r| r.rows_affected()))?)
}

/// Gives up arrivals that wait, with the reason. How many.
pub async fn drop_arrivals(conn: &mut Conn<'_>, which: &Which, reason: &str) -> Result<u64> {
    let (id, host) = parts(which);
    Ok(on!(conn, c => sqlx::query(
        "UPDATE inbox SET state = 'dead', error = $3, lease_until = 0
         WHERE state = 'pending' AND (id = CAST($1 AS BIGINT)
             OR actor_id IN (SELECT id FROM actors WHERE host = CAST($2 AS TEXT)))",
    ).bind(id).bind(host).bind(reason).execute(c).await.map(|r| r.rows_affected()))?)
}

/// Puts away arrivals that were given up. Their ids stay, so that a repetition is recognised. How
/// many.
pub async fn dismiss_arrivals(conn: &mut Conn<'_>, which: &Which) -> Result<u64> {
    let (id, host) = parts(which);
    Ok(on!(conn, c => sqlx::query(
        "UPDATE inbox SET state = 'dismissed' WHERE state = 'dead' AND ($3
             OR id = CAST($1 AS BIGINT)
             OR actor_id IN (SELECT id FROM actors WHERE host = CAST($2 AS TEXT)))",
    ).bind(id).bind(host).bind(*which == Which::Dead)
    .execute(c).await.map(|r| r.rows_affected()))?)
}

/// Makes jobs due now; what was given up begins anew, unless the same job waits already. How many.
pub async fn retry_jobs(conn: &mut Conn<'_>, which: &Which, now: Timestamp) -> Result<u64> {
    let (id, _) = parts(which);
    Ok(on!(conn, c => sqlx::query(
        "UPDATE jobs SET state = 'pending', run_at = $3, attempts = 0, lease_until = 0
         WHERE (($2 AND state = 'dead') OR id = CAST($1 AS BIGINT)) AND lease_until <= $3
           AND (state = 'pending' OR dedupe IS NULL OR id = (
               SELECT MAX(d.id) FROM jobs d WHERE d.dedupe = jobs.dedupe AND d.state = 'dead'
                 AND NOT EXISTS (SELECT 1 FROM jobs w
                                 WHERE w.dedupe = d.dedupe AND w.state = 'pending')))",
    ).bind(id).bind(*which == Which::Dead).bind(now)
    .execute(c).await.map(|r| r.rows_affected()))?)
}

/// Gives up a job that waits, with the reason. How many.
pub async fn drop_jobs(conn: &mut Conn<'_>, which: &Which, reason: &str) -> Result<u64> {
    let (id, _) = parts(which);
    Ok(on!(conn, c => sqlx::query(
        "UPDATE jobs SET state = 'dead', error = $2, lease_until = 0
         WHERE state = 'pending' AND id = CAST($1 AS BIGINT)",
    ).bind(id).bind(reason).execute(c).await.map(|r| r.rows_affected()))?)
}

/// Removes jobs that were given up. How many.
pub async fn dismiss_jobs(conn: &mut Conn<'_>, which: &Which) -> Result<u64> {
    let (id, _) = parts(which);
    Ok(on!(conn, c => sqlx::query(
        "DELETE FROM jobs WHERE state = 'dead' AND ($2 OR id = CAST($1 AS BIGINT))",
    ).bind(id).bind(*which == Which::Dead).execute(c).await.map(|r| r.rows_affected()))?)
}

fn parts(which: &Which) -> (Option<i64>, Option<&str>) {
    match which {
        Which::Id(id) => (Some(*id), None),
        Which::Host(host) => (None, Some(host)),
        Which::Dead => (None, None),
    }
}
