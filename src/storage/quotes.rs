//! Quotes, and the leave that authors here gave for them.

use super::{Conn, Result, connection::on};
use crate::domain::quote::{Quote, QuoteAuthorization, QuoteState};
use crate::domain::{ActorId, ObjectId, QuoteId, Timestamp};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT q.object_id, q.target_uri, q.request_uri, q.authorization_uri, q.state ",
            "FROM quotes q ",
            $rest
        )
    };
}

/// What this text quotes.
pub async fn of_object(conn: &mut Conn<'_>, object: ObjectId) -> Result<Option<Quote>> {
    Ok(on!(conn, c => sqlx::query_as(select!("WHERE q.object_id = $1"))
        .bind(object).fetch_optional(c).await)?)
}

/// What the texts of a thread quote, from one of them to another, both included.
pub async fn of_root(
    conn: &mut Conn<'_>,
    root: ObjectId,
    first: ObjectId,
    last: ObjectId,
) -> Result<Vec<Quote>> {
    Ok(on!(conn, c => sqlx::query_as(select!(
        "JOIN objects o ON o.id = q.object_id
         WHERE o.root_id = $1 AND o.id BETWEEN $2 AND $3 ORDER BY q.object_id"
    )).bind(root).bind(first).bind(last).fetch_all(c).await)?)
}

/// The quote for which leave was asked with this activity.
pub async fn by_request(conn: &mut Conn<'_>, request: &str) -> Result<Option<Quote>> {
    Ok(on!(conn, c => sqlx::query_as(select!("WHERE q.request_uri = $1"))
        .bind(request).fetch_optional(c).await)?)
}

/// The quotes that rest on this authorization.
pub async fn by_authorization(conn: &mut Conn<'_>, uri: &str) -> Result<Vec<Quote>> {
    Ok(on!(conn, c => sqlx::query_as(select!("WHERE q.authorization_uri = $1"))
        .bind(uri).fetch_all(c).await)?)
}

/// Keeps what a text quotes, or how that stands now.
pub async fn put(conn: &mut Conn<'_>, quote: &Quote, now: Timestamp) -> Result<()> {
    on!(conn, c => sqlx::query(
        "INSERT INTO quotes (object_id, target_uri, request_uri, authorization_uri, state,
             created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $6)
         ON CONFLICT (object_id) DO UPDATE SET request_uri = excluded.request_uri,
             authorization_uri = excluded.authorization_uri, state = excluded.state,
             updated_at = excluded.updated_at",
    )
    .bind(quote.object_id).bind(&quote.target_uri).bind(&quote.request_uri)
    .bind(&quote.authorization_uri).bind(quote.state).bind(now)
    .execute(c).await.map(|_| ()))?;
    Ok(())
}

/// The text quotes nothing any more.
pub async fn delete(conn: &mut Conn<'_>, object: ObjectId) -> Result<()> {
    on!(conn, c => sqlx::query("DELETE FROM quotes WHERE object_id = $1")
        .bind(object).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Sets how a quote stands.
pub async fn set_state(
    conn: &mut Conn<'_>,
    object: ObjectId,
    state: QuoteState,
    now: Timestamp,
) -> Result<()> {
    on!(conn, c => sqlx::query("UPDATE quotes SET state = $2, updated_at = $3 WHERE object_id = $1")
        .bind(object).bind(state).bind(now).execute(c).await.map(|_| ()))?;
    Ok(())
}

macro_rules! leave {
    ($rest:literal) => {
        concat!(
            "SELECT a.id, a.object_id, a.actor_id, a.instrument_uri, a.created_at, a.revoked_at ",
            "FROM quote_authorizations a ",
            $rest
        )
    };
}

/// The authorization of this id.
pub async fn authorization(conn: &mut Conn<'_>, id: QuoteId) -> Result<Option<QuoteAuthorization>> {
    Ok(on!(conn, c => sqlx::query_as(leave!("WHERE a.id = $1")).bind(id).fetch_optional(c).await)?)
}

/// The authorization for quoting an object with this text, revoked or not.
pub async fn authorization_for(
    conn: &mut Conn<'_>,
    object: ObjectId,
    instrument: &str,
) -> Result<Option<QuoteAuthorization>> {
    Ok(on!(conn, c => sqlx::query_as(leave!("WHERE a.object_id = $1 AND a.instrument_uri = $2"))
        .bind(object).bind(instrument).fetch_optional(c).await)?)
}

/// The authorizations that stand for what somebody wrote, newest first.
pub async fn given_by(
    conn: &mut Conn<'_>,
    author: ActorId,
    limit: i64,
) -> Result<Vec<QuoteAuthorization>> {
    Ok(on!(conn, c => sqlx::query_as(leave!(
        "JOIN objects o ON o.id = a.object_id
         WHERE o.author_id = $1 AND a.revoked_at IS NULL ORDER BY a.id DESC LIMIT $2"
    )).bind(author).bind(limit).fetch_all(c).await)?)
}

/// Gives leave, unless it was given for the same text before.
pub async fn authorize(
    conn: &mut Conn<'_>,
    id: QuoteId,
    object: ObjectId,
    actor: ActorId,
    instrument: &str,
    now: Timestamp,
) -> Result<()> {
    on!(conn, c => sqlx::query(
        "INSERT INTO quote_authorizations (id, object_id, actor_id, instrument_uri, created_at)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (object_id, instrument_uri) DO NOTHING",
    ).bind(id).bind(object).bind(actor).bind(instrument).bind(now)
    .execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Takes leave back; `false` when that was done before.
pub async fn revoke(conn: &mut Conn<'_>, id: QuoteId, now: Timestamp) -> Result<bool> {
    Ok(on!(conn, c => sqlx::query(
        "UPDATE quote_authorizations SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL",
    ).bind(id).bind(now).execute(c).await.map(|r| r.rows_affected() == 1))?)
}
