//! How each server we send to is doing.

use super::{Conn, Result, connection::on, dialect::pieces};
use crate::domain::Timestamp;

/// The state of one host.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct HostRow {
    pub host: String,
    /// Failures in a row.
    pub failures: i64,
    /// Not before this moment.
    pub retry_at: Timestamp,
    pub last_ok: Option<Timestamp>,
    pub last_error: Option<String>,
}

/// The host of this name, if anything was ever recorded.
pub async fn by_name(conn: &mut Conn<'_>, host: &str) -> Result<Option<HostRow>> {
    Ok(on!(conn, c => sqlx::query_as(
        "SELECT host, failures, retry_at, last_ok, last_error FROM hosts WHERE host = $1",
    ).bind(host).fetch_optional(c).await)?)
}

/// Records that a host answered well after failures.
pub async fn set_ok(conn: &mut Conn<'_>, host: &str, now: Timestamp) -> Result<()> {
    on!(conn, c => sqlx::query(
        "INSERT INTO hosts (host, failures, retry_at, last_ok) VALUES ($1, 0, 0, $2)
         ON CONFLICT (host) DO UPDATE SET failures = 0, retry_at = 0, last_ok = excluded.last_ok",
    ).bind(host).bind(now).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Records a failure and until when the host is left alone.
pub async fn set_failed(
    conn: &mut Conn<'_>,
    host: &str,
    retry_at: Timestamp,
    error: &str,
) -> Result<()> {
    on!(conn, c => sqlx::query(
        "INSERT INTO hosts (host, failures, retry_at, last_error) VALUES ($1, 1, $2, $3)
         ON CONFLICT (host) DO UPDATE SET failures = hosts.failures + 1,
             retry_at = excluded.retry_at, last_error = excluded.last_error",
    ).bind(host).bind(retry_at).bind(error).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Hosts with most failures first.
pub async fn failing_most(conn: &mut Conn<'_>, limit: i64) -> Result<Vec<HostRow>> {
    Ok(on!(conn, c => sqlx::query_as(
        "SELECT host, failures, retry_at, last_ok, last_error FROM hosts WHERE failures > 0
         ORDER BY failures DESC, host LIMIT $1",
    ).bind(limit).fetch_all(c).await)?)
}

/// How many actors of a host are known here.
pub async fn count_actors(conn: &mut Conn<'_>, host: &str) -> Result<i64> {
    Ok(on!(conn, c => sqlx::query_scalar(
        "SELECT COUNT(*) FROM actors WHERE host = $1 AND NOT local AND deleted_at IS NULL",
    ).bind(host).fetch_one(c).await)?)
}

/// Notes that hosts answered well, many at once; to be called rarely for each.
pub async fn set_seen(conn: &mut Conn<'_>, hosts: &[String], now: Timestamp) -> Result<()> {
    for chunk in pieces(hosts) {
        on!(conn, c => {
            let mut query = sqlx::QueryBuilder::new(
                "INSERT INTO hosts (host, failures, retry_at, last_ok) ",
            );
            query.push_values(chunk, |mut row, host| {
                row.push_bind(host).push_bind(0_i64).push_bind(0_i64).push_bind(now);
            });
            query.push(" ON CONFLICT (host) DO UPDATE SET last_ok = excluded.last_ok");
            query.build().execute(c).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// Forgets hosts that were last well before `before` and for which nothing waits, and the failing
/// ones above `most`, those that rest longest first.
pub async fn prune(conn: &mut Conn<'_>, before: Timestamp, most: i64) -> Result<()> {
    on!(conn, c => sqlx::query(
        "DELETE FROM hosts WHERE COALESCE(last_ok, 0) < $1 AND retry_at < $1
           AND NOT EXISTS (SELECT 1 FROM deliveries d
                           WHERE d.host = hosts.host AND d.state = 'pending')",
    ).bind(before).execute(c).await.map(|_| ()))?;
    on!(conn, c => sqlx::query(
        "DELETE FROM hosts WHERE host IN (
             SELECT host FROM hosts WHERE failures > 0 AND last_ok IS NULL
             ORDER BY retry_at, host LIMIT 100000 OFFSET $1)",
    ).bind(most).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Hosts with failures, for the start of the program.
pub async fn failing(conn: &mut Conn<'_>) -> Result<Vec<HostRow>> {
    Ok(on!(conn, c => sqlx::query_as(
        "SELECT host, failures, retry_at, last_ok, last_error FROM hosts WHERE failures > 0",
    ).fetch_all(c).await)?)
}

/// The form of signatures that a host was seen to take, by name.
pub async fn signature_scheme(conn: &mut Conn<'_>, host: &str) -> Result<Option<String>> {
    let row: Option<(Option<String>,)> = on!(conn, c => sqlx::query_as(
        "SELECT signature_scheme FROM hosts WHERE host = $1",
    ).bind(host).fetch_optional(c).await)?;
    Ok(row.and_then(|(name,)| name))
}

/// Records the form of signatures that a host takes.
pub async fn set_signature_scheme(conn: &mut Conn<'_>, host: &str, name: &str) -> Result<()> {
    on!(conn, c => sqlx::query(
        "INSERT INTO hosts (host, failures, retry_at, signature_scheme) VALUES ($1, 0, 0, $2)
         ON CONFLICT (host) DO UPDATE SET signature_scheme = excluded.signature_scheme",
    ).bind(host).bind(name).execute(c).await.map(|_| ()))?;
    Ok(())
}
