//! How each server we send to is doing.

use super::{Conn, Result, connection::on};
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
