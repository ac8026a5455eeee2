//! Initiatives and their revisions.

use super::{Conn, Result, connection::on};
use crate::domain::initiative::{Initiative, Revision};
use crate::domain::{ActorId, ObjectId, PageRequest, State, Timestamp};

macro_rules! select {
    ($texts:literal, $rest:literal) => {
        concat!(
            "SELECT o.id, o.uri, o.url, o.local, i.state, o.language, i.revision, i.title, ",
            $texts,
            " r.digest, o.created_at, i.published_at, o.edited_at, o.deleted_at, o.likes, o.boosts,
             o.replies, i.reported_likes, i.reported_boosts, i.reported_at,
             a.id AS author_id, a.uri AS author_uri, a.name AS author_name,
             a.handle AS author_handle, COALESCE(a.acct_host, a.host) AS author_host, a.url AS author_url,
             g.id AS assembly_id, g.uri AS assembly_uri, g.name AS assembly_name,
             g.handle AS assembly_handle, COALESCE(g.acct_host, g.host) AS assembly_host, g.local AS assembly_local,
             b.id AS body_id, b.name AS body_name, b.handle AS body_handle,
             i.group_uri, i.locked_at, o.removal
             FROM initiatives i
             JOIN objects o ON o.id = i.id
             JOIN revisions r ON r.initiative_id = i.id AND r.number = i.revision
             JOIN actors a ON a.id = o.author_id
             JOIN actors g ON g.id = i.assembly_id
             LEFT JOIN actors b ON b.id = i.body_id ",
            $rest
        )
    };
}
macro_rules! whole {
    ($rest:literal) => {
        select!("r.problem, r.proposal, r.html,", $rest)
    };
}
macro_rules! brief {
    ($rest:literal) => {
        select!("'' AS problem, '' AS proposal, '' AS html,", $rest)
    };
}

/// Which initiatives a list shows. `None` does not restrict.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub assembly: Option<ActorId>,
    pub author: Option<ActorId>,
    pub body: Option<ActorId>,
    pub state: Option<State>,
    /// Home here (`true`) or elsewhere (`false`).
    pub local: Option<bool>,
    /// A lower-case text that title, problem or proposal contain.
    pub text: Option<String>,
    /// A hashtag that it carries, in its one spelling.
    pub tag: Option<String>,
    /// Drafts are listed only for the author asked for here.
    pub drafts_of: Option<ActorId>,
}

/// The initiative of this id, with its texts.
pub async fn by_id(conn: &mut Conn<'_>, id: ObjectId) -> Result<Option<Initiative>> {
    Ok(on!(conn, c => sqlx::query_as(whole!("WHERE i.id = $1")).bind(id).fetch_optional(c).await)?)
}

/// The initiative with this id on the wire, with its texts.
pub async fn by_uri(conn: &mut Conn<'_>, uri: &str) -> Result<Option<Initiative>> {
    Ok(
        on!(conn, c => sqlx::query_as(whole!("WHERE o.uri = $1")).bind(uri).fetch_optional(c).await)?,
    )
}

/// One more than `page.limit` initiatives, newest first, without their texts.
pub async fn list(
    conn: &mut Conn<'_>,
    filter: &Filter,
    page: PageRequest,
) -> Result<Vec<Initiative>> {
    let pattern = filter.text.as_deref().map(like_pattern);
    Ok(on!(conn, c => sqlx::query_as(brief!(
        "WHERE i.id < $1
           AND (CAST($2 AS BIGINT) IS NULL OR i.assembly_id = $2)
           AND (CAST($3 AS BIGINT) IS NULL OR o.author_id = $3)
           AND (CAST($4 AS BIGINT) IS NULL OR i.body_id = $4)
           AND (CAST($5 AS TEXT) IS NULL OR i.state = $5)
           AND (CAST($6 AS BOOLEAN) IS NULL OR o.local = $6)
           AND (CAST($7 AS TEXT) IS NULL OR i.search LIKE $7 ESCAPE '!')
           AND (i.state <> 'draft' OR o.author_id = CAST($8 AS BIGINT))
           AND (NOT (a.silenced OR g.silenced) OR CAST($2 AS BIGINT) IS NOT NULL
                OR CAST($3 AS BIGINT) IS NOT NULL
                OR EXISTS (SELECT 1 FROM follows f
                           WHERE f.follower_id = CAST($8 AS BIGINT)
                             AND f.target_id IN (o.author_id, i.assembly_id)))
           AND (CAST($10 AS TEXT) IS NULL
                OR EXISTS (SELECT 1 FROM tags t WHERE t.name = $10 AND t.object_id = i.id))
         ORDER BY i.id DESC LIMIT $9"
    ))
    .bind(page.upper_bound()).bind(filter.assembly).bind(filter.author).bind(filter.body)
    .bind(filter.state).bind(filter.local).bind(pattern).bind(filter.drafts_of)
    .bind(page.limit + 1).bind(&filter.tag)
    .fetch_all(c).await)?)
}

fn like_pattern(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

/// Stores a new initiative. Its object and its first revision are stored beside it.
#[expect(clippy::too_many_arguments, reason = "one per column")]
pub async fn insert(
    conn: &mut Conn<'_>,
    id: ObjectId,
    assembly: ActorId,
    body: Option<ActorId>,
    state: State,
    title: &str,
    search: &str,
    published_at: Option<Timestamp>,
) -> Result<()> {
    on!(conn, c => sqlx::query(
        "INSERT INTO initiatives (id, assembly_id, body_id, state, revision, title, search, published_at)
         VALUES ($1, $2, $3, $4, 1, $5, $6, $7)",
    ).bind(id).bind(assembly).bind(body).bind(state).bind(title).bind(search).bind(published_at)
    .execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Adds a revision, or replaces the text of one that was never public (a draft's).
pub async fn put_revision(
    conn: &mut Conn<'_>,
    id: ObjectId,
    revision: &Revision,
    replace_draft: bool,
) -> Result<()> {
    if replace_draft {
        on!(conn, c => sqlx::query("DELETE FROM revisions WHERE initiative_id = $1 AND number = $2")
            .bind(id).bind(revision.number).execute(c).await.map(|_| ()))?;
    }
    on!(conn, c => sqlx::query(
        "INSERT INTO revisions (initiative_id, number, title, problem, proposal, language, html,
             digest, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(id).bind(revision.number).bind(&revision.title).bind(&revision.problem)
    .bind(&revision.proposal).bind(&revision.language).bind(&revision.html).bind(&revision.digest)
    .bind(revision.created_at)
    .execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Replaces how a revision is shown: who is named in it is known by now. The words stay.
pub async fn set_html(conn: &mut Conn<'_>, id: ObjectId, number: i64, html: &str) -> Result<()> {
    on!(conn, c => sqlx::query(
        "UPDATE revisions SET html = $3 WHERE initiative_id = $1 AND number = $2",
    ).bind(id).bind(number).bind(html).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Makes a revision the present text.
pub async fn set_revision(
    conn: &mut Conn<'_>,
    id: ObjectId,
    number: i64,
    title: &str,
    search: &str,
) -> Result<()> {
    on!(conn, c => sqlx::query(
        "UPDATE initiatives SET revision = $2, title = $3, search = $4 WHERE id = $1",
    ).bind(id).bind(number).bind(title).bind(search).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Changes whom a draft is for.
pub async fn set_addressee(
    conn: &mut Conn<'_>,
    id: ObjectId,
    assembly: ActorId,
    body: Option<ActorId>,
) -> Result<()> {
    on!(conn, c => sqlx::query(
        "UPDATE initiatives SET assembly_id = $2, body_id = $3 WHERE id = $1 AND state = 'draft'",
    ).bind(id).bind(assembly).bind(body).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Moves the initiative to a state, if it is still in the one that was decided on.
pub async fn set_state(
    conn: &mut Conn<'_>,
    id: ObjectId,
    from: State,
    to: State,
    published_at: Option<Timestamp>,
) -> Result<bool> {
    Ok(on!(conn, c => sqlx::query(
        "UPDATE initiatives SET state = $3, published_at = COALESCE(published_at, $4)
         WHERE id = $1 AND state = $2",
    ).bind(id).bind(from).bind(to).bind(published_at)
    .execute(c).await.map(|r| r.rows_affected() == 1))?)
}

/// Empties the texts of a withdrawn initiative; numbers, times and digests stay.
pub async fn clear_texts(conn: &mut Conn<'_>, id: ObjectId) -> Result<()> {
    on!(conn, c => sqlx::query(
        "UPDATE revisions SET problem = '', proposal = '', html = '' WHERE initiative_id = $1",
    ).bind(id).execute(c).await.map(|_| ()))?;
    on!(conn, c => sqlx::query("UPDATE initiatives SET search = '' WHERE id = $1")
        .bind(id).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Removes a draft that was never public, without trace.
pub async fn delete_draft(conn: &mut Conn<'_>, id: ObjectId) -> Result<()> {
    for statement in [
        "DELETE FROM revisions WHERE initiative_id = $1",
        "DELETE FROM initiatives WHERE id = $1 AND state = 'draft'",
        "DELETE FROM objects WHERE id = $1",
    ] {
        on!(conn, c => sqlx::query(statement).bind(id).execute(c).await.map(|_| ()))?;
    }
    Ok(())
}

/// All revisions, oldest first.
pub async fn revisions(conn: &mut Conn<'_>, id: ObjectId) -> Result<Vec<Revision>> {
    Ok(on!(conn, c => sqlx::query_as(
        "SELECT number, title, problem, proposal, language, html, digest, created_at
         FROM revisions WHERE initiative_id = $1 ORDER BY number",
    ).bind(id).fetch_all(c).await)?)
}

/// Keeps the address of the followable actor of a mirrored initiative.
pub async fn set_group(conn: &mut Conn<'_>, id: ObjectId, uri: &str) -> Result<()> {
    on!(conn, c => sqlx::query("UPDATE initiatives SET group_uri = $2 WHERE id = $1")
        .bind(id).bind(uri).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// The mirrored initiatives whose followable actor has this address: one, if their home is honest.
pub async fn of_group(conn: &mut Conn<'_>, uri: &str) -> Result<Vec<ObjectId>> {
    Ok(on!(conn, c => sqlx::query_scalar(
        "SELECT id FROM initiatives WHERE group_uri = $1 ORDER BY id LIMIT 10",
    ).bind(uri).fetch_all(c).await)?)
}

/// Keeps what the home of a mirrored initiative says of its tallies.
pub async fn set_reported(
    conn: &mut Conn<'_>,
    id: ObjectId,
    likes: Option<i64>,
    boosts: Option<i64>,
    at: Timestamp,
) -> Result<()> {
    on!(conn, c => sqlx::query(
        "UPDATE initiatives SET reported_likes = $2, reported_boosts = $3, reported_at = $4
         WHERE id = $1",
    ).bind(id).bind(likes).bind(boosts).bind(at).execute(c).await.map(|_| ()))?;
    Ok(())
}
