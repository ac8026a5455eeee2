//! Signed activities about a thread, in the order in which they became known here.

use super::{Conn, Result, connection::on};
use crate::domain::{ActivityId, ActorId, ObjectId};

/// An activity to be kept.
#[derive(Clone, Copy, Debug)]
pub struct NewEntry<'a> {
    pub id: ActivityId,
    pub activity_uri: &'a str,
    /// `Create`, `Update` or `Delete`.
    pub kind: &'a str,
    /// What it is about; only if it is known here and its author is `actor`.
    pub object_uri: &'a str,
    pub actor: ActorId,
    /// Where the bytes are, if it was made here.
    pub made_here: Option<ActivityId>,
    /// The bytes, if it arrived.
    pub body: Option<&'a [u8]>,
}

/// Keeps an activity, once.
pub async fn insert(conn: &mut Conn<'_>, entry: NewEntry<'_>) -> Result<()> {
    on!(conn, c => sqlx::query(
        "INSERT INTO signed_record (id, root_id, object_id, activity_uri, kind, activity_id, body)
         SELECT $1, o.root_id, o.id, $2, $3, $4, $5 FROM objects o
         WHERE o.uri = $6 AND o.author_id = $7
         ON CONFLICT (activity_uri) DO NOTHING",
    )
    .bind(entry.id).bind(entry.activity_uri).bind(entry.kind).bind(entry.made_here)
    .bind(entry.body).bind(entry.object_uri).bind(entry.actor)
    .execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Forgets the words of what its author deleted; that it was there is still known.
pub async fn forget_words(conn: &mut Conn<'_>, object_uri: &str, author: ActorId) -> Result<()> {
    on!(conn, c => sqlx::query(
        "UPDATE signed_record SET body = NULL WHERE kind <> 'Delete' AND object_id IN (
             SELECT id FROM objects WHERE uri = $1 AND author_id = $2)",
    ).bind(object_uri).bind(author).execute(c).await.map(|_| ()))?;
    Ok(())
}

macro_rules! entries {
    ($what:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            $what,
            " FROM signed_record r JOIN objects o ON o.id = r.object_id
              LEFT JOIN activities a ON a.id = r.activity_id
              WHERE r.root_id = $1 AND (o.deleted_at IS NULL OR r.kind = 'Delete')
              AND (r.body IS NOT NULL OR a.body IS NOT NULL)",
            $rest
        )
    };
}

/// What is kept about a thread, oldest first. Of what was deleted only the deletion.
pub async fn page(
    conn: &mut Conn<'_>,
    root: ObjectId,
    after: i64,
    limit: i64,
) -> Result<Vec<(ActivityId, Vec<u8>)>> {
    Ok(on!(conn, c => sqlx::query_as(entries!(
        "r.id, COALESCE(r.body, a.body)", " AND r.id > $2 ORDER BY r.id LIMIT $3"
    )).bind(root).bind(after).bind(limit).fetch_all(c).await)?)
}

/// How much is kept about a thread.
pub async fn count(conn: &mut Conn<'_>, root: ObjectId) -> Result<i64> {
    Ok(on!(conn, c => sqlx::query_scalar(entries!("COUNT(*)", ""))
        .bind(root).fetch_one(c).await)?)
}
