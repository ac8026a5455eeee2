//! Activities made here, kept in the bytes that are sent and served.

use super::{Conn, Result, connection::on, dialect::pieces};
use crate::domain::{ActivityId, ActorId, EventId, Timestamp};

/// An activity as stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ActivityRow {
    pub id: ActivityId,
    pub uri: String,
    pub actor_id: ActorId,
    pub kind: String,
    /// Whether it appears in the outbox: public creations and announcements.
    pub listed: bool,
    pub body: Vec<u8>,
}

/// An activity to be stored.
#[derive(Clone, Copy, Debug)]
pub struct NewActivity<'a> {
    pub id: ActivityId,
    pub uri: &'a str,
    pub actor: ActorId,
    pub kind: &'a str,
    /// The act that it tells of.
    pub event: EventId,
    pub listed: bool,
    pub body: &'a [u8],
}

/// Stores activities.
pub async fn insert(
    conn: &mut Conn<'_>,
    activities: &[NewActivity<'_>],
    at: Timestamp,
) -> Result<()> {
    for chunk in pieces(activities) {
        on!(conn, c => {
            let mut query = sqlx::QueryBuilder::new(
                "INSERT INTO activities (id, uri, actor_id, kind, event_id, listed, body, \
                 created_at) ",
            );
            query.push_values(chunk, |mut row, it| {
                row.push_bind(it.id).push_bind(it.uri).push_bind(it.actor).push_bind(it.kind)
                    .push_bind(it.event).push_bind(it.listed).push_bind(it.body).push_bind(at);
            });
            query.build().execute(c).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// The activity of this id.
pub async fn by_id(conn: &mut Conn<'_>, id: ActivityId) -> Result<Option<ActivityRow>> {
    Ok(on!(conn, c => sqlx::query_as(
        "SELECT id, uri, actor_id, kind, listed, body FROM activities WHERE id = $1",
    ).bind(id).fetch_optional(c).await)?)
}

/// What an actor did in public, newest first; one more than `limit`.
pub async fn outbox(
    conn: &mut Conn<'_>,
    actor: ActorId,
    before: i64,
    limit: i64,
) -> Result<Vec<ActivityRow>> {
    Ok(on!(conn, c => sqlx::query_as(
        "SELECT id, uri, actor_id, kind, listed, body FROM activities
         WHERE actor_id = $1 AND listed AND id < $2 ORDER BY id DESC LIMIT $3",
    ).bind(actor).bind(before).bind(limit + 1).fetch_all(c).await)?)
}

/// How many public activities an actor has.
pub async fn count_outbox(conn: &mut Conn<'_>, actor: ActorId) -> Result<i64> {
    Ok(on!(conn, c => sqlx::query_scalar(
        "SELECT COUNT(*) FROM activities WHERE actor_id = $1 AND listed",
    ).bind(actor).fetch_one(c).await)?)
}

/// Public activities of an actor that still have their text, oldest first, up to `limit`.
pub async fn listed_of(
    conn: &mut Conn<'_>,
    actor: ActorId,
    limit: i64,
) -> Result<Vec<(ActivityId, Option<i64>)>> {
    Ok(on!(conn, c => sqlx::query_as(
        "SELECT id, event_id FROM activities WHERE actor_id = $1 AND listed
         ORDER BY id LIMIT $2",
    ).bind(actor).bind(limit).fetch_all(c).await)?)
}

/// Empties an activity and those that the same act became besides it (an assembly passes on whole
/// what it announces), and gives up what of them is still on its way. They were minted together,
/// so that they are found near it.
pub async fn empty(
    conn: &mut Conn<'_>,
    id: ActivityId,
    event: Option<i64>,
    at: Timestamp,
) -> Result<()> {
    // Five minutes, in the layout of ids.
    let until = id.get() + (300_000 << 16);
    for statement in [
        "UPDATE deliveries SET state = 'dead', error = 'its author is gone', updated_at = $4
         WHERE state = 'pending' AND activity_id IN (
             SELECT id FROM activities WHERE id = $1 OR (id > $1 AND id < $2 AND event_id = $3))",
        // The time is bound for both.
        "UPDATE activities SET listed = FALSE, body = ''
         WHERE (id = $1 OR (id > $1 AND id < $2 AND event_id = $3)) AND $4 > 0",
    ] {
        on!(conn, c => sqlx::query(statement).bind(id).bind(until).bind(event).bind(at)
            .execute(c).await.map(|_| ()))?;
    }
    Ok(())
}
