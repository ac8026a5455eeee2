//! What initiatives and comments have in common: address, author, place in a thread, tallies.

use super::{Conn, Result, connection::on, dialect::pieces};
use crate::domain::{ActorId, ObjectId, State, Timestamp};

/// A new row. Initiatives are their own root and have no parent.
#[derive(Clone, Debug)]
pub struct NewObject<'a> {
    pub id: ObjectId,
    pub uri: &'a str,
    pub url: &'a str,
    /// `initiative` or `comment`.
    pub kind: &'static str,
    pub local: bool,
    pub author: ActorId,
    pub root: ObjectId,
    pub parent: Option<ObjectId>,
    pub language: &'a str,
    pub created_at: Timestamp,
    pub claimed_at: Timestamp,
}

/// What is needed to decide what may be done with an object.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ObjectRow {
    pub id: ObjectId,
    pub uri: String,
    pub kind: String,
    pub local: bool,
    pub author_id: ActorId,
    pub root_id: ObjectId,
    pub deleted_at: Option<Timestamp>,
    /// The state of the initiative at the root.
    pub state: State,
    pub assembly_id: ActorId,
    pub assembly_local: bool,
    /// The followable actor of the initiative at the root, where that is mirrored.
    pub group_uri: Option<String>,
    /// When the moderators closed the thread.
    pub locked_at: Option<Timestamp>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT o.id, o.uri, o.kind, o.local, o.author_id, o.root_id, o.deleted_at, i.state, ",
            "i.assembly_id, g.local AS assembly_local, i.group_uri, i.locked_at FROM objects o ",
            "JOIN initiatives i ON i.id = o.root_id JOIN actors g ON g.id = i.assembly_id ",
            $rest
        )
    };
}

/// The object of this id.
pub async fn by_id(conn: &mut Conn<'_>, id: ObjectId) -> Result<Option<ObjectRow>> {
    Ok(on!(conn, c => sqlx::query_as(select!("WHERE o.id = $1")).bind(id).fetch_optional(c).await)?)
}

/// The object with this id on the wire.
pub async fn by_uri(conn: &mut Conn<'_>, uri: &str) -> Result<Option<ObjectRow>> {
    Ok(
        on!(conn, c => sqlx::query_as(select!("WHERE o.uri = $1")).bind(uri).fetch_optional(c).await)?,
    )
}

/// Stores a new object.
pub async fn insert(conn: &mut Conn<'_>, new: &NewObject<'_>) -> Result<()> {
    on!(conn, c => sqlx::query(
        "INSERT INTO objects (id, uri, url, kind, local, author_id, root_id, parent_id, language,
             created_at, claimed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(new.id).bind(new.uri).bind(new.url).bind(new.kind).bind(new.local).bind(new.author)
    .bind(new.root).bind(new.parent).bind(new.language).bind(new.created_at).bind(new.claimed_at)
    .execute(c).await.map(|_| ()))?;
    Ok(())
}

/// The objects with these ids on the wire, as far as they are known.
pub async fn by_uris(conn: &mut Conn<'_>, uris: &[&str]) -> Result<Vec<ObjectRow>> {
    let mut found = Vec::with_capacity(uris.len());
    for chunk in pieces(uris) {
        found.extend(on!(conn, c => {
            let mut query = sqlx::QueryBuilder::new(select!("WHERE o.uri IN ("));
            let mut list = query.separated(", ");
            for uri in chunk {
                list.push_bind(*uri);
            }
            query.push(")");
            query.build_query_as::<ObjectRow>().fetch_all(c).await
        })?);
    }
    Ok(found)
}

/// Stores new objects that came from elsewhere, each with a parent, many in one statement; not
/// those whose id on the wire is known or whose author has ended them before they came. The ids
/// of those that were stored.
pub async fn insert_arrived(conn: &mut Conn<'_>, new: &[NewObject<'_>]) -> Result<Vec<ObjectId>> {
    let mut stored = Vec::with_capacity(new.len());
    for chunk in pieces(new) {
        stored.extend(on!(conn, c => {
            let mut query = sqlx::QueryBuilder::new(
                "WITH v (id, uri, url, kind, local, author_id, root_id, parent_id, language,
                     created_at, claimed_at) AS (",
            );
            query.push_values(chunk, |mut row, one| {
                row.push_bind(one.id).push_bind(one.uri).push_bind(one.url).push_bind(one.kind)
                    .push_bind(one.local).push_bind(one.author).push_bind(one.root)
                    .push_bind(one.parent).push_bind(one.language).push_bind(one.created_at)
                    .push_bind(one.claimed_at);
            });
            query.push(
                ") INSERT INTO objects (id, uri, url, kind, local, author_id, root_id, parent_id,
                     language, created_at, claimed_at)
                 SELECT * FROM v WHERE NOT EXISTS
                     (SELECT 1 FROM dead_uris d WHERE d.uri = v.uri AND d.actor_id = v.author_id)
                 AND NOT EXISTS
                     (SELECT 1 FROM bans b JOIN initiatives i ON i.assembly_id = b.assembly_id
                      WHERE b.actor_id = v.author_id AND i.id = v.root_id
                        AND (b.until IS NULL OR b.until > v.created_at))
                 ON CONFLICT (uri) DO NOTHING RETURNING id",
            );
            query.build_query_scalar::<ObjectId>().fetch_all(c).await
        })?);
    }
    Ok(stored)
}

/// Notes when its home says that a text was written; `false` when the present one is newer.
pub async fn take_version(conn: &mut Conn<'_>, id: ObjectId, at: Timestamp) -> Result<bool> {
    Ok(on!(conn, c => sqlx::query(
        "UPDATE objects SET version_at = $2
         WHERE id = $1 AND (version_at IS NULL OR version_at <= $2)",
    ).bind(id).bind(at).execute(c).await.map(|r| r.rows_affected() == 1))?)
}

/// Notes an edit.
pub async fn set_edited(
    conn: &mut Conn<'_>,
    id: ObjectId,
    language: &str,
    at: Timestamp,
) -> Result<()> {
    on!(conn, c => sqlx::query("UPDATE objects SET edited_at = $3, language = $2 WHERE id = $1")
        .bind(id).bind(language).bind(at).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Sets the language of a text that was never public.
pub async fn set_language(conn: &mut Conn<'_>, id: ObjectId, language: &str) -> Result<()> {
    on!(conn, c => sqlx::query("UPDATE objects SET language = $2 WHERE id = $1")
        .bind(id).bind(language).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Turns an object into a tombstone; `false` when it was one already.
pub async fn set_deleted(conn: &mut Conn<'_>, id: ObjectId, at: Timestamp) -> Result<bool> {
    Ok(on!(conn, c => sqlx::query(
        "UPDATE objects SET deleted_at = $2 WHERE id = $1 AND deleted_at IS NULL",
    ).bind(id).bind(at).execute(c).await.map(|r| r.rows_affected() == 1))?)
}

/// Makes a tombstone an object again; `false` when it was none.
pub async fn set_standing(conn: &mut Conn<'_>, id: ObjectId) -> Result<bool> {
    Ok(on!(conn, c => sqlx::query(
        "UPDATE objects SET deleted_at = NULL, removal = NULL
         WHERE id = $1 AND deleted_at IS NOT NULL",
    ).bind(id).execute(c).await.map(|r| r.rows_affected() == 1))?)
}

/// Changes the tallies by so much, either way.
pub async fn add_to_tallies(
    conn: &mut Conn<'_>,
    id: ObjectId,
    likes: i64,
    boosts: i64,
    replies: i64,
) -> Result<()> {
    on!(conn, c => sqlx::query(
        "UPDATE objects SET likes = likes + $2, boosts = boosts + $3, replies = replies + $4
         WHERE id = $1",
    ).bind(id).bind(likes).bind(boosts).bind(replies).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// The direct answers to an object that still stand, those of this server or those from elsewhere,
/// oldest first: their ids on the wire.
pub async fn reply_uris(
    conn: &mut Conn<'_>,
    parent: ObjectId,
    local: bool,
    after: ObjectId,
    limit: i64,
) -> Result<Vec<(ObjectId, String)>> {
    Ok(on!(conn, c => sqlx::query_as(
        "SELECT id, uri FROM objects
         WHERE parent_id = $1 AND local = $2 AND id > $3 AND deleted_at IS NULL
         ORDER BY id LIMIT $4",
    ).bind(parent).bind(local).bind(after).bind(limit).fetch_all(c).await)?)
}

/// The whole thread below a root, oldest first, the root included: ids on the wire.
pub async fn thread_uris(
    conn: &mut Conn<'_>,
    root: ObjectId,
    after: ObjectId,
    limit: i64,
) -> Result<Vec<(ObjectId, String)>> {
    Ok(on!(conn, c => sqlx::query_as(
        "SELECT id, uri FROM objects WHERE root_id = $1 AND id > $2 AND deleted_at IS NULL
         ORDER BY id LIMIT $3",
    ).bind(root).bind(after).bind(limit).fetch_all(c).await)?)
}

/// The page of the object with this id on the wire.
pub async fn page_of(conn: &mut Conn<'_>, uri: &str) -> Result<Option<String>> {
    Ok(on!(conn, c => sqlx::query_scalar("SELECT url FROM objects WHERE uri = $1")
        .bind(uri).fetch_optional(c).await)?)
}

/// How many local initiatives and comments are public, for NodeInfo.
pub async fn count_local(conn: &mut Conn<'_>) -> Result<(i64, i64)> {
    Ok(on!(conn, c => sqlx::query_as(
        "SELECT (SELECT COUNT(*) FROM objects o JOIN initiatives i ON i.id = o.id
                 WHERE o.local AND o.deleted_at IS NULL AND i.published_at IS NOT NULL),
                (SELECT COUNT(*) FROM objects WHERE local AND kind = 'comment' AND deleted_at IS NULL)",
    ).fetch_one(c).await)?)
}

/// What an actor wrote and still stands, up to `limit`: for the deletion of the actor.
pub async fn standing_of(
    conn: &mut Conn<'_>,
    author: ActorId,
    limit: i64,
) -> Result<Vec<ObjectId>> {
    Ok(on!(conn, c => sqlx::query_scalar(
        "SELECT id FROM objects WHERE author_id = $1 AND deleted_at IS NULL ORDER BY id LIMIT $2",
    ).bind(author).bind(limit).fetch_all(c).await)?)
}
