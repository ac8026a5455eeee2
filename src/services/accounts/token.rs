//! Bearer tokens of the API.

use super::roles_from_text;
use crate::app::App;
use crate::crypto;
use crate::domain::{Scope, TokenId, Viewer};
use crate::services::{Error, Result, Unit};
use crate::storage;

/// Who acts by a token, and what they may do with it.
#[derive(Clone, Debug)]
pub struct TokenHolder {
    pub viewer: Viewer,
    pub scopes: Vec<Scope>,
}

/// Makes a token for an account. The token itself is shown once and stored nowhere.
pub async fn create_token(app: &App, handle: &str, scopes: &[Scope]) -> Result<String> {
    let token = crypto::random_secret();
    let mut unit = Unit::begin(app).await?;
    let row = storage::accounts::by_login(&mut unit.conn(), handle).await?;
    let row = row.ok_or(Error::NotFound("account"))?;
    let words = scopes.iter().map(|s| s.as_str()).collect::<Vec<_>>().join(" ");
    let id: TokenId = app.id();
    let hash = crypto::sha256_hex(token.as_bytes());
    let now = unit.now;
    storage::tokens::insert(&mut unit.conn(), id, &hash, row.id, &words, now).await?;
    unit.commit().await?;
    Ok(token)
}

/// Who a token belongs to.
pub async fn by_token(app: &App, token: &str) -> Result<Option<TokenHolder>> {
    let hash = crypto::sha256_hex(token.as_bytes());
    let row = storage::tokens::by_hash(&mut app.db.read().await?.conn(), &hash).await?;
    Ok(row.map(|row| TokenHolder {
        viewer: Viewer {
            id: row.account_id,
            handle: row.handle,
            name: row.name,
            roles: roles_from_text(&row.roles),
        },
        scopes: row.scopes.split_whitespace().filter_map(Scope::parse).collect(),
    }))
}
