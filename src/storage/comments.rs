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
             a.handle AS author_handle, COALESCE(a.acct_host, a.host) AS author_host,
             a.url AS author_url, a.local AS author_local, a.kind AS author_kind, o.removal, c.warning
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

/// The text of a comment from elsewhere: clean HTML, and what its reader is warned of.
#[derive(Clone, Copy, Debug)]
pub struct Arrived<'a> {
    pub id: ObjectId,
    pub html: &'a str,
    pub warning: Option<&'a str>,
}

/// Stores the texts of comments that came from elsewhere, many in one statement.
pub async fn insert_arrived(conn: &mut Conn<'_>, texts: &[Arrived<'_>]) -> Result<()> {
    for chunk in pieces(texts) {
        on!(conn, c => {
            let mut query = sqlx::QueryBuilder::new("INSERT INTO comments (id, html, source, warning) ");
            query.push_values(chunk, |mut row, one| {
                row.push_bind(one.id).push_bind(one.html).push_bind("").push_bind(one.warning);
            });
            query.build().execute(c).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// Replaces the text of a comment from elsewhere.
pub async fn set_arrived(conn: &mut Conn<'_>, text: Arrived<'_>) -> Result<()> {
    on!(conn, c => sqlx::query("UPDATE comments SET html = $2, warning = $3 WHERE id = $1")
        .bind(text.id).bind(text.html).bind(text.warning).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Replaces the text by one without a warning.
pub async fn set_text(conn: &mut Conn<'_>, id: ObjectId, html: &str, source: &str) -> Result<()> {
    on!(conn, c => sqlx::query(
        "UPDATE comments SET html = $2, source = $3, warning = NULL WHERE id = $1",
    ).bind(id).bind(html).bind(source).execute(c).await.map(|_| ()))?;
    Ok(())
}
