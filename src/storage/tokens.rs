//! Bearer tokens of the API. Only hashes are stored.

use super::{Conn, Result, connection::on};
use crate::domain::{ActorId, Timestamp, TokenId};

/// A token with the account it acts for.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct TokenRow {
    pub account_id: ActorId,
    /// Scope names, separated by spaces.
    pub scopes: String,
    pub handle: String,
    pub name: String,
    pub roles: String,
}

/// Stores a new token.
pub async fn insert(
    conn: &mut Conn<'_>,
    id: TokenId,
    hash: &str,
    account: ActorId,
    scopes: &str,
    now: Timestamp,
) -> Result<()> {
    on!(conn, c => sqlx::query(
        "INSERT INTO tokens (id, hash, account_id, scopes, created_at) VALUES ($1, $2, $3, $4, $5)",
    ).bind(id).bind(hash).bind(account).bind(scopes).bind(now).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// The token behind this hash, unless it was revoked or its account is gone.
pub async fn by_hash(conn: &mut Conn<'_>, hash: &str) -> Result<Option<TokenRow>> {
    Ok(on!(conn, c => sqlx::query_as(
        "SELECT t.account_id, t.scopes, a.handle, a.name, p.roles
         FROM tokens t JOIN accounts p ON p.id = t.account_id JOIN actors a ON a.id = p.id
         WHERE t.hash = $1 AND t.revoked_at IS NULL AND a.deleted_at IS NULL",
    ).bind(hash).fetch_optional(c).await)?)
}
