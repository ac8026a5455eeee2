//! Rules about other servers.

use super::{Conn, Result, connection::on};
use crate::domain::Timestamp;
use crate::domain::policy::DomainPolicy;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT domain, severity, reject_media, reject_reports, obfuscate, public_comment, ",
            "private_comment, created_at, updated_at FROM domain_policies ",
            $rest
        )
    };
}

/// All rules, by domain.
pub async fn all(conn: &mut Conn<'_>) -> Result<Vec<DomainPolicy>> {
    Ok(on!(conn, c => sqlx::query_as(select!("ORDER BY domain")).fetch_all(c).await)?)
}

/// The rule for exactly this domain.
pub async fn by_domain(conn: &mut Conn<'_>, domain: &str) -> Result<Option<DomainPolicy>> {
    Ok(on!(conn, c => sqlx::query_as(select!("WHERE domain = $1"))
        .bind(domain).fetch_optional(c).await)?)
}

/// Stores a rule, or another one for the same domain; when it was first made stays.
pub async fn put(conn: &mut Conn<'_>, rule: &DomainPolicy) -> Result<()> {
    on!(conn, c => sqlx::query(
        "INSERT INTO domain_policies (domain, severity, reject_media, reject_reports, obfuscate,
             public_comment, private_comment, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (domain) DO UPDATE SET severity = excluded.severity,
             reject_media = excluded.reject_media, reject_reports = excluded.reject_reports,
             obfuscate = excluded.obfuscate, public_comment = excluded.public_comment,
             private_comment = excluded.private_comment, updated_at = excluded.updated_at",
    )
    .bind(&rule.domain).bind(rule.severity).bind(rule.reject_media).bind(rule.reject_reports)
    .bind(rule.obfuscate).bind(&rule.public_comment).bind(&rule.private_comment)
    .bind(rule.created_at).bind(rule.updated_at)
    .execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Removes the rule for a domain; `false` when there is none.
pub async fn delete(conn: &mut Conn<'_>, domain: &str) -> Result<bool> {
    Ok(on!(conn, c => sqlx::query("DELETE FROM domain_policies WHERE domain = $1")
        .bind(domain).execute(c).await.map(|r| r.rows_affected() == 1))?)
}

/// The value of a key of the instance, such as the version of the rules.
pub async fn instance_value(conn: &mut Conn<'_>, key: &str) -> Result<Option<String>> {
    Ok(on!(conn, c => sqlx::query_scalar("SELECT value FROM instance WHERE key = $1")
        .bind(key).fetch_optional(c).await)?)
}

/// Sets a key of the instance.
pub async fn set_instance_value(conn: &mut Conn<'_>, key: &str, value: &str) -> Result<()> {
    on!(conn, c => sqlx::query(
        "INSERT INTO instance (key, value) VALUES ($1, $2)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    ).bind(key).bind(value).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// The servers of which an actor is known here.
pub async fn known_hosts(conn: &mut Conn<'_>) -> Result<Vec<String>> {
    Ok(on!(conn, c => sqlx::query_scalar(
        "SELECT DISTINCT host FROM actors WHERE NOT local ORDER BY host",
    ).fetch_all(c).await)?)
}

/// The servers with which follows are frozen.
pub async fn frozen_hosts(conn: &mut Conn<'_>) -> Result<Vec<String>> {
    Ok(on!(conn, c => sqlx::query_scalar(
        "SELECT DISTINCT a.host FROM follows f
         JOIN actors a ON a.id = f.follower_id OR a.id = f.target_id
         WHERE f.state = 'frozen' AND NOT a.local",
    ).fetch_all(c).await)?)
}

/// The servers of which an actor is silenced.
pub async fn silenced_hosts(conn: &mut Conn<'_>) -> Result<Vec<String>> {
    Ok(on!(conn, c => sqlx::query_scalar("SELECT DISTINCT host FROM actors WHERE silenced")
        .fetch_all(c).await)?)
}

/// The servers to which something waits to be sent.
pub async fn hosts_waited_for(conn: &mut Conn<'_>) -> Result<Vec<String>> {
    Ok(on!(conn, c => sqlx::query_scalar(
        "SELECT DISTINCT host FROM deliveries WHERE state = 'pending'",
    ).fetch_all(c).await)?)
}

/// Freezes what is followed between here and a host: nothing is passed on either way until it is
/// thawed. Requests that wait for an answer end. How many follows froze.
pub async fn freeze_follows(conn: &mut Conn<'_>, host: &str) -> Result<u64> {
    on!(conn, c => sqlx::query(
        "DELETE FROM follows WHERE state = 'pending'
           AND (follower_id IN (SELECT id FROM actors WHERE host = $1 AND NOT local)
                OR target_id IN (SELECT id FROM actors WHERE host = $1 AND NOT local))",
    ).bind(host).execute(c).await.map(|_| ()))?;
    move_follows(conn, host, "accepted", "frozen").await
}

/// Lets frozen follows live again. How many.
pub async fn thaw_follows(conn: &mut Conn<'_>, host: &str) -> Result<u64> {
    move_follows(conn, host, "frozen", "accepted").await
}

async fn move_follows(conn: &mut Conn<'_>, host: &str, from: &str, to: &str) -> Result<u64> {
    Ok(on!(conn, c => sqlx::query(
        "UPDATE follows SET state = $3 WHERE state = $2
           AND (follower_id IN (SELECT id FROM actors WHERE host = $1 AND NOT local)
                OR target_id IN (SELECT id FROM actors WHERE host = $1 AND NOT local))",
    ).bind(host).bind(from).bind(to).execute(c).await.map(|r| r.rows_affected()))?)
}

/// How many follows between here and a host are frozen.
pub async fn count_frozen(conn: &mut Conn<'_>, host: &str) -> Result<i64> {
    Ok(on!(conn, c => sqlx::query_scalar(
        "SELECT COUNT(*) FROM follows f WHERE f.state = 'frozen' AND EXISTS (
             SELECT 1 FROM actors a WHERE a.id IN (f.follower_id, f.target_id)
               AND a.host = $1 AND NOT a.local)",
    ).bind(host).fetch_one(c).await)?)
}

/// Notes whether the actors of a host are silenced.
pub async fn set_silenced(conn: &mut Conn<'_>, host: &str, silenced: bool) -> Result<()> {
    on!(conn, c => sqlx::query(
        "UPDATE actors SET silenced = $2 WHERE host = $1 AND NOT local AND silenced <> $2",
    ).bind(host).bind(silenced).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Notes that one actor is silenced, when it is met for the first time.
pub async fn set_actor_silenced(
    conn: &mut Conn<'_>,
    id: crate::domain::ActorId,
    silenced: bool,
) -> Result<()> {
    on!(conn, c => sqlx::query("UPDATE actors SET silenced = $2 WHERE id = $1")
        .bind(id).bind(silenced).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Gives up everything that waits for a host, with the reason. How many.
pub async fn give_up_deliveries(
    conn: &mut Conn<'_>,
    host: &str,
    reason: &str,
    now: Timestamp,
) -> Result<u64> {
    Ok(on!(conn, c => sqlx::query(
        "UPDATE deliveries SET state = 'dead', error = $2, lease_until = 0, updated_at = $3
         WHERE host = $1 AND state = 'pending'",
    ).bind(host).bind(reason).bind(now).execute(c).await.map(|r| r.rows_affected()))?)
}
