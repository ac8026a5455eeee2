//! Activities as they arrived. A row here is what a 202 promises.

use super::{Conn, Result, connection::on, dialect::Sql, dialect::pieces};
use crate::domain::{ActorId, InboxId, Timestamp};

/// An arrived activity that is to be stored.
#[derive(Clone, Debug)]
pub struct NewItem {
    pub id: InboxId,
    pub actor: ActorId,
    pub activity_uri: String,
    pub body: bytes::Bytes,
    /// Whether somebody else than its actor sent it, so that its words are not believed.
    pub forwarded: bool,
}

/// A leased activity.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct InboxRow {
    pub id: InboxId,
    pub actor_id: ActorId,
    pub activity_uri: String,
    pub body: Vec<u8>,
    /// Whether `actor_id` is not its actor, but who passed it on.
    pub forwarded: bool,
    pub attempts: i64,
    pub received_at: Timestamp,
    /// The failed attempts so far; see `domain::attempts`.
    pub history: Option<String>,
    /// Until when it is ours; whoever leases it later has another value here.
    pub lease_until: Timestamp,
}

/// Stores arrivals; what the same actor sent before under the same id is passed over. How many
/// were new.
pub async fn insert(conn: &mut Conn<'_>, items: &[NewItem], now: Timestamp) -> Result<u64> {
    let mut new = 0;
    for chunk in pieces(items) {
        new += on!(conn, c => {
            let mut query = sqlx::QueryBuilder::new(
                "INSERT INTO inbox (id, actor_id, activity_uri, body, state, attempts, next_at, \
                 lease_until, received_at, forwarded) ",
            );
            query.push_values(chunk, |mut row, item| {
                row.push_bind(item.id).push_bind(item.actor).push_bind(&item.activity_uri)
                    .push_bind(&item.body[..]).push_bind("pending").push_bind(0_i64)
                    .push_bind(now).push_bind(0_i64).push_bind(now).push_bind(item.forwarded);
            });
            query.push(" ON CONFLICT (activity_uri, actor_id) DO NOTHING");
            query.build().execute(c).await.map(|r| r.rows_affected())
        })?;
    }
    Ok(new)
}

/// Whether arrivals from before this moment wait to be applied.
pub async fn has_waiting_before(conn: &mut Conn<'_>, moment: Timestamp) -> Result<bool> {
    Ok(on!(conn, c => sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM inbox WHERE state = 'pending' AND received_at < $1)",
    ).bind(moment).fetch_one(c).await)?)
}

const CLAIM: Sql = Sql {
    sqlite: "UPDATE inbox SET lease_until = $2, attempts = attempts + 1
         WHERE id IN (SELECT id FROM inbox WHERE state = 'pending' AND next_at <= $1
                      AND lease_until <= $1 ORDER BY next_at, id LIMIT $3)
         RETURNING id, actor_id, activity_uri, body, forwarded, attempts, received_at, lease_until,
                   history",
    postgres: "UPDATE inbox SET lease_until = $2, attempts = attempts + 1
         WHERE id IN (SELECT id FROM inbox WHERE state = 'pending' AND next_at <= $1
                      AND lease_until <= $1 ORDER BY next_at, id LIMIT $3 FOR UPDATE SKIP LOCKED)
         RETURNING id, actor_id, activity_uri, body, forwarded, attempts, received_at, lease_until,
                   history",
};

/// Leases up to `limit` arrivals, in the order in which they came.
pub async fn claim(
    conn: &mut Conn<'_>,
    now: Timestamp,
    lease_until: Timestamp,
    limit: i64,
) -> Result<Vec<InboxRow>> {
    let sql = CLAIM.text(conn);
    let mut rows: Vec<InboxRow> = on!(conn, c => sqlx::query_as(sql)
        .bind(now).bind(lease_until).bind(limit).fetch_all(c).await)?;
    rows.sort_by_key(|row| row.id);
    Ok(rows)
}

/// Marks arrivals as applied, with the reason where they had no effect. Their bodies stay for the
/// log; see [`forget_bodies`]. How many still waited: with fewer than `ids`, somebody else applied
/// the rest.
pub async fn set_done(conn: &mut Conn<'_>, ids: &[InboxId], note: Option<&str>) -> Result<u64> {
    let mut ended = 0;
    for chunk in pieces(ids) {
        ended += on!(conn, c => {
            let mut query = sqlx::QueryBuilder::new("UPDATE inbox SET state = 'done', error = ");
            query.push_bind(note).push(" WHERE id IN (");
            let mut list = query.separated(", ");
            for id in chunk {
                list.push_bind(*id);
            }
            query.push(") AND state = 'pending'");
            query.build().execute(c).await.map(|r| r.rows_affected())
        })?;
    }
    Ok(ended)
}

/// Whether an arrival still waits.
pub async fn waits(conn: &mut Conn<'_>, id: InboxId) -> Result<bool> {
    Ok(on!(conn, c => sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM inbox WHERE id = $1 AND state = 'pending')",
    ).bind(id).fetch_one(c).await)?)
}

/// Lets go of the bodies of what arrived from `from` until before `before` and waits no more; the
/// ids stay, so that a repetition is recognised.
pub async fn forget_bodies(conn: &mut Conn<'_>, from: Timestamp, before: Timestamp) -> Result<u64> {
    Ok(on!(conn, c => sqlx::query(
        "UPDATE inbox SET body = NULL
         WHERE id >= $1 AND id < $2 AND body IS NOT NULL AND state <> 'pending'",
    ).bind(InboxId::first_at(from)).bind(InboxId::first_at(before))
    .execute(c).await.map(|r| r.rows_affected()))?)
}

/// Puts an arrival back until `next_at`, or to rest as `refused` or `dead` with the reason; one
/// that ended in the meantime, or that somebody else leased, stays as it is.
pub async fn set_failed(
    conn: &mut Conn<'_>,
    row: &InboxRow,
    state: &str,
    next_at: Timestamp,
    error: &str,
    history: &str,
) -> Result<()> {
    on!(conn, c => sqlx::query(
        "UPDATE inbox SET state = $2, next_at = $3, error = $4, history = $6, lease_until = 0
         WHERE id = $1 AND state = 'pending' AND lease_until = $5",
    ).bind(row.id).bind(state).bind(next_at).bind(error).bind(row.lease_until).bind(history)
    .execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Whether an activity with this id came from this actor (and is not forgotten yet).
pub async fn has_come(conn: &mut Conn<'_>, actor: ActorId, activity_uri: &str) -> Result<bool> {
    Ok(on!(conn, c => sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM inbox WHERE activity_uri = $1 AND actor_id = $2)",
    ).bind(activity_uri).bind(actor).fetch_one(c).await)?)
}

/// How many wait, how many ended without taking effect.
pub async fn counts(conn: &mut Conn<'_>) -> Result<(i64, i64)> {
    Ok(on!(conn, c => sqlx::query_as(
        "SELECT (SELECT COUNT(*) FROM inbox WHERE state = 'pending'),
                (SELECT COUNT(*) FROM inbox WHERE state = 'dead')",
    ).fetch_one(c).await)?)
}

/// Forgets what arrived before `before` and waits no more, a batch at a time.
pub async fn prune(conn: &mut Conn<'_>, before: Timestamp, limit: i64) -> Result<u64> {
    Ok(on!(conn, c => sqlx::query(
        "DELETE FROM inbox WHERE id IN (
             SELECT id FROM inbox WHERE id < $1 AND state <> 'pending' ORDER BY id LIMIT $2)",
    ).bind(InboxId::first_at(before)).bind(limit).execute(c).await.map(|r| r.rows_affected()))?)
}
