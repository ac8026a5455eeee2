//! Hashtags of public texts, and whom texts written here name.

use super::{Conn, Result, connection::on, dialect::pieces};
use crate::domain::comment::Comment;
use crate::domain::{ActorId, ObjectId};

/// Replaces the hashtags of an object.
pub async fn put(conn: &mut Conn<'_>, object: ObjectId, names: &[String]) -> Result<()> {
    on!(conn, c => sqlx::query("DELETE FROM tags WHERE object_id = $1")
        .bind(object).execute(c).await.map(|_| ()))?;
    add(conn, object, names).await
}

/// Gives an object that has none its hashtags.
pub async fn add(conn: &mut Conn<'_>, object: ObjectId, names: &[String]) -> Result<()> {
    for chunk in pieces(names) {
        on!(conn, c => {
            let mut query = sqlx::QueryBuilder::new("INSERT INTO tags (name, object_id) ");
            query.push_values(chunk, |mut row, name| {
                row.push_bind(name).push_bind(object);
            });
            query.push(" ON CONFLICT (name, object_id) DO NOTHING");
            query.build().execute(c).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// The comments with a hashtag that still stand, newest first, older than `before`.
pub async fn comments(
    conn: &mut Conn<'_>,
    name: &str,
    before: i64,
    limit: i64,
) -> Result<Vec<Comment>> {
    let ids: Vec<ObjectId> = on!(conn, c => sqlx::query_scalar(
        "SELECT t.object_id FROM tags t JOIN objects o ON o.id = t.object_id
         JOIN initiatives i ON i.id = o.root_id
         WHERE t.name = $1 AND t.object_id < $2 AND o.kind = 'comment' AND o.deleted_at IS NULL
           AND i.state = 'discussion'
         ORDER BY t.object_id DESC LIMIT $3",
    ).bind(name).bind(before).bind(limit + 1).fetch_all(c).await)?;
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.extend(super::comments::by_id(conn, id).await?);
    }
    Ok(found)
}

/// Somebody whom a text names.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct MentionRow {
    /// `name@host`, as written.
    pub address: String,
    pub actor_id: Option<ActorId>,
    /// `pending` until their home was asked, then `known` or `unknown`.
    pub state: String,
}

/// Replaces whom a text names.
pub async fn put_mentions(
    conn: &mut Conn<'_>,
    object: ObjectId,
    rows: &[MentionRow],
) -> Result<()> {
    on!(conn, c => sqlx::query("DELETE FROM mentions WHERE object_id = $1")
        .bind(object).execute(c).await.map(|_| ()))?;
    for row in rows {
        on!(conn, c => sqlx::query(
            "INSERT INTO mentions (object_id, address, actor_id, state) VALUES ($1, $2, $3, $4)
             ON CONFLICT (object_id, address) DO NOTHING",
        ).bind(object).bind(&row.address).bind(row.actor_id).bind(&row.state)
        .execute(c).await.map(|_| ()))?;
    }
    Ok(())
}

/// Whom a text names.
pub async fn mentions(conn: &mut Conn<'_>, object: ObjectId) -> Result<Vec<MentionRow>> {
    Ok(on!(conn, c => sqlx::query_as(
        "SELECT address, actor_id, state FROM mentions WHERE object_id = $1 ORDER BY address",
    ).bind(object).fetch_all(c).await)?)
}
