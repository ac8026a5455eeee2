//! The queue of background work.

use super::{Conn, Result, connection::on, dialect::Sql, dialect::pieces};
use crate::domain::{JobId, Timestamp};

/// A leased job.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct JobRow {
    pub id: JobId,
    pub kind: String,
    pub payload: String,
    pub attempts: i64,
    pub lease_until: Timestamp,
}

/// Enqueues a job; with `dedupe`, only if no job with the same word is waiting.
pub async fn insert(
    conn: &mut Conn<'_>,
    id: JobId,
    kind: &str,
    payload: &str,
    dedupe: Option<&str>,
    run_at: Timestamp,
    now: Timestamp,
) -> Result<()> {
    on!(conn, c => sqlx::query(
        "INSERT INTO jobs (id, kind, payload, dedupe, state, attempts, run_at, lease_until, created_at)
         VALUES ($1, $2, $3, $4, 'pending', 0, $5, 0, $6)
         ON CONFLICT (dedupe) WHERE state = 'pending' DO NOTHING",
    ).bind(id).bind(kind).bind(payload).bind(dedupe).bind(run_at).bind(now)
    .execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Enqueues jobs of one kind, due at once, many in one statement.
pub async fn insert_all(
    conn: &mut Conn<'_>,
    kind: &'static str,
    jobs: &[(JobId, String)],
    now: Timestamp,
) -> Result<()> {
    for chunk in pieces(jobs) {
        on!(conn, c => {
            let mut query = sqlx::QueryBuilder::new(
                "INSERT INTO jobs (id, kind, payload, state, attempts, run_at, lease_until, \
                 created_at) ",
            );
            query.push_values(chunk, |mut row, (id, payload)| {
                row.push_bind(*id).push_bind(kind).push_bind(payload).push_bind("pending")
                    .push_bind(0_i64).push_bind(now).push_bind(0_i64).push_bind(now);
            });
            query.build().execute(c).await.map(|_| ())
        })?;
    }
    Ok(())
}

const CLAIM: Sql = Sql {
    sqlite: "UPDATE jobs SET lease_until = $2, attempts = attempts + 1
         WHERE id IN (SELECT id FROM jobs WHERE state = 'pending' AND run_at <= $1
                      AND lease_until <= $1 AND (kind = 'federate') = $4 ORDER BY run_at, id LIMIT $3)
         RETURNING id, kind, payload, attempts, lease_until",
    postgres: "UPDATE jobs SET lease_until = $2, attempts = attempts + 1
         WHERE id IN (SELECT id FROM jobs WHERE state = 'pending' AND run_at <= $1
                      AND lease_until <= $1 AND (kind = 'federate') = $4 ORDER BY run_at, id LIMIT $3 FOR UPDATE SKIP LOCKED)
         RETURNING id, kind, payload, attempts, lease_until",
};

/// Which jobs a worker takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobKinds {
    /// Acts to turn into activities.
    Federate,
    /// All others.
    Others,
}

/// Leases up to `limit` due jobs until `lease_until`, oldest first.
pub async fn claim(
    conn: &mut Conn<'_>,
    kinds: JobKinds,
    now: Timestamp,
    lease_until: Timestamp,
    limit: i64,
) -> Result<Vec<JobRow>> {
    let sql = CLAIM.text(conn);
    let mut rows: Vec<JobRow> = on!(conn, c => sqlx::query_as(sql)
        .bind(now).bind(lease_until).bind(limit).bind(kinds == JobKinds::Federate)
        .fetch_all(c).await)?;
    rows.sort_by_key(|row| row.id);
    Ok(rows)
}

/// Removes finished jobs whose lease is still ours; how many were.
pub async fn finish(conn: &mut Conn<'_>, jobs: &[JobRow]) -> Result<u64> {
    let mut ours = 0;
    // What was leased together has one lease.
    for leased in jobs.chunk_by(|a, b| a.lease_until == b.lease_until) {
        let Some(lease_until) = leased.first().map(|job| job.lease_until) else { continue };
        for chunk in pieces(leased) {
            ours += on!(conn, c => {
                let mut query = sqlx::QueryBuilder::new("DELETE FROM jobs WHERE id IN (");
                let mut list = query.separated(", ");
                for job in chunk {
                    list.push_bind(job.id);
                }
                query.push(") AND lease_until = ").push_bind(lease_until);
                query.build().execute(c).await.map(|r| r.rows_affected())
            })?;
        }
    }
    Ok(ours)
}

/// Prolongs a lease that is still ours; `false` when it is not.
pub async fn renew(conn: &mut Conn<'_>, job: &JobRow, until: Timestamp) -> Result<bool> {
    Ok(on!(conn, c => sqlx::query(
        "UPDATE jobs SET lease_until = $3 WHERE id = $1 AND lease_until = $2",
    ).bind(job.id).bind(job.lease_until).bind(until).execute(c).await
    .map(|r| r.rows_affected() == 1))?)
}

/// Puts a failed job back until `run_at`, or to rest as `dead`, if the lease is still ours.
pub async fn fail(
    conn: &mut Conn<'_>,
    job: &JobRow,
    state: &str,
    run_at: Timestamp,
    error: &str,
) -> Result<()> {
    on!(conn, c => sqlx::query(
        "UPDATE jobs SET state = $3, run_at = $4, error = $5, lease_until = 0
         WHERE id = $1 AND lease_until = $2",
    ).bind(job.id).bind(job.lease_until).bind(state).bind(run_at).bind(error)
    .execute(c).await.map(|_| ()))?;
    Ok(())
}

/// How many jobs wait to be done, and how many are dead. What waits for its hour, such as the
/// end of a ballot, is not late and not counted.
pub async fn counts(conn: &mut Conn<'_>) -> Result<(i64, i64)> {
    Ok(on!(conn, c => sqlx::query_as(
        "SELECT (SELECT COUNT(*) FROM jobs WHERE state = 'pending'
                    AND kind NOT IN ('close_ballot', 'push_tallies')),
                (SELECT COUNT(*) FROM jobs WHERE state = 'dead')",
    ).fetch_one(c).await)?)
}

/// Ends every lease of every queue: only for a database that no other process works on.
pub async fn release_all_leases(conn: &mut Conn<'_>) -> Result<()> {
    for statement in [
        "UPDATE jobs SET lease_until = 0 WHERE state = 'pending' AND lease_until > 0",
        "UPDATE inbox SET lease_until = 0 WHERE state = 'pending' AND lease_until > 0",
        "UPDATE deliveries SET lease_until = 0 WHERE state = 'pending' AND lease_until > 0",
    ] {
        on!(conn, c => sqlx::query(statement).execute(c).await.map(|_| ()))?;
    }
    Ok(())
}
