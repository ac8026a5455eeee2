//! Comments.

use super::{Conn, Result, connection::on, dialect::pieces};
use crate::domain::ObjectId;
use crate::domain::comment::Comment;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT o.id, o.uri, o.url, o.local, o.root_id, o.parent_id, o.language, o.created_at,
             o.claimed_at, o.edited_at, o.deleted_at, o.likes, o.boosts, o.replies, c.html,
             c.source, a.id AS author_id, a.uri AS author_uri, a.name AS author_name,
             a.handle AS author_handle, a.host AS author_host, a.url AS author_url,
             a.local AS author_local, a.kind AS author_kind, o.removal
             FROM comments c JOIN objects o ON o.id = c.id JOIN actors a ON a.id = o.author_id ",
            $rest
        )
    };
}

/// The comment of this id.
pub async fn by_id(conn: &mut Conn<'_>, id: ObjectId) -> Result<Option<Comment>> {
    Ok(on!(conn, c => sqlx::query_as(select!("WHERE o.id = $1")).bind(id).fetch_optional(c).await)?)
}

/// The comments of an initiative in the order in which they came, tombstones included.
pub async fn of_root(
    conn: &mut Conn<'_>,
    root: ObjectId,
    after: ObjectId,
    limit: i64,
) -> Result<Vec<Comment>> {
    Ok(on!(conn, c => sqlx::query_as(select!(
        "WHERE o.root_id = $1 AND o.id > $2 ORDER BY o.id LIMIT $3"
    )).bind(root).bind(after).bind(limit).fetch_all(c).await)?)
}

/// Stores the text of a new comment; its object is stored beside it.
pub async fn insert(conn: &mut Conn<'_>, id: ObjectId, html: &str, source: &str) -> Result<()> {
    on!(conn, c => sqlx::query("INSERT INTO comments (id, html, source) VALUES ($1, $2, $3)")
        .bind(id).bind(html).bind(source).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Stores the texts of comments that came from elsewhere, many in one statement.
pub async fn insert_arrived(conn: &mut Conn<'_>, texts: &[(ObjectId, &str)]) -> Result<()> {
    for chunk in pieces(texts) {
        on!(conn, c => {
            let mut query = sqlx::QueryBuilder::new("INSERT INTO comments (id, html, source) ");
            query.push_values(chunk, |mut row, (id, html)| {
                row.push_bind(*id).push_bind(*html).push_bind("");
            });
            query.build().execute(c).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// Replaces the text.
pub async fn set_text(conn: &mut Conn<'_>, id: ObjectId, html: &str, source: &str) -> Result<()> {
    on!(conn, c => sqlx::query("UPDATE comments SET html = $2, source = $3 WHERE id = $1")
        .bind(id).bind(html).bind(source).execute(c).await.map(|_| ()))?;
    Ok(())
}
