//! Accounts: what only their owner and this instance know about a local person.

use super::{Conn, Result, connection::on};
use crate::domain::{ActorId, Timestamp};

/// What sign-in and sessions need of an account.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct AccountRow {
    pub id: ActorId,
    pub handle: String,
    pub name: String,
    pub email: String,
    pub password_hash: String,
    /// Role names, separated by spaces.
    pub roles: String,
    pub language: String,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT p.id, a.handle, a.name, p.email, p.password_hash, p.roles, p.language ",
            "FROM accounts p JOIN actors a ON a.id = p.id ",
            $rest
        )
    };
}

/// Stores a new account for the local person `id`.
pub async fn insert(
    conn: &mut Conn<'_>,
    id: ActorId,
    email: &str,
    password_hash: &str,
    roles: &str,
    language: &str,
    at: Timestamp,
) -> Result<()> {
    on!(conn, c => sqlx::query(
        "INSERT INTO accounts (id, email, password_hash, roles, language, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
    ).bind(id).bind(email).bind(password_hash).bind(roles).bind(language).bind(at)
    .execute(c).await.map(|_| ()))?;
    Ok(())
}

/// The account of this id.
pub async fn by_id(conn: &mut Conn<'_>, id: ActorId) -> Result<Option<AccountRow>> {
    Ok(on!(conn, c => sqlx::query_as(select!("WHERE p.id = $1 AND a.deleted_at IS NULL"))
        .bind(id).fetch_optional(c).await)?)
}

/// The account that signs in with this handle or e-mail address.
pub async fn by_login(conn: &mut Conn<'_>, login: &str) -> Result<Option<AccountRow>> {
    Ok(on!(conn, c => sqlx::query_as(select!(
        "WHERE (p.email = $1 OR a.handle = $1) AND a.local AND a.deleted_at IS NULL"
    )).bind(login).fetch_optional(c).await)?)
}

/// Whether an account has this e-mail address.
pub async fn email_taken(conn: &mut Conn<'_>, email: &str) -> Result<bool> {
    Ok(on!(conn, c => sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM accounts WHERE email = $1)",
    ).bind(email).fetch_one(c).await)?)
}

/// Whether anybody has this role.
pub async fn role_exists(conn: &mut Conn<'_>, role: &str) -> Result<bool> {
    let pattern = format!("% {role} %");
    Ok(on!(conn, c => sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM accounts WHERE ' ' || roles || ' ' LIKE $1)",
    ).bind(&pattern).fetch_one(c).await)?)
}

/// Replaces the roles.
pub async fn set_roles(conn: &mut Conn<'_>, id: ActorId, roles: &str) -> Result<()> {
    on!(conn, c => sqlx::query("UPDATE accounts SET roles = $2 WHERE id = $1")
        .bind(id).bind(roles).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Replaces the hash of the password.
pub async fn set_password_hash(conn: &mut Conn<'_>, id: ActorId, hash: &str) -> Result<()> {
    on!(conn, c => sqlx::query("UPDATE accounts SET password_hash = $2 WHERE id = $1")
        .bind(id).bind(hash).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Replaces the language in which its owner reads the pages.
pub async fn set_language(conn: &mut Conn<'_>, id: ActorId, language: &str) -> Result<()> {
    on!(conn, c => sqlx::query("UPDATE accounts SET language = $2 WHERE id = $1")
        .bind(id).bind(language).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Replaces what the owner says about themselves (Markdown).
pub async fn set_about(conn: &mut Conn<'_>, id: ActorId, about: &str) -> Result<()> {
    on!(conn, c => sqlx::query("UPDATE accounts SET about = $2 WHERE id = $1")
        .bind(id).bind(about).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// What the owner says about themselves (Markdown).
pub async fn about(conn: &mut Conn<'_>, id: ActorId) -> Result<Option<String>> {
    Ok(on!(conn, c => sqlx::query_scalar("SELECT about FROM accounts WHERE id = $1")
        .bind(id).fetch_optional(c).await)?)
}

/// Destroys what only its owner and this instance knew. The row stays, for what refers to it; its
/// address can be used for another account.
pub async fn destroy(conn: &mut Conn<'_>, id: ActorId) -> Result<()> {
    let nobody = format!("gone-{id}");
    on!(conn, c => sqlx::query(
        "UPDATE accounts SET email = $2, password_hash = '', roles = '', language = '', about = ''
         WHERE id = $1",
    ).bind(id).bind(&nobody).execute(c).await.map(|_| ()))?;
    for statement in
        ["DELETE FROM sessions WHERE account_id = $1", "DELETE FROM tokens WHERE account_id = $1"]
    {
        on!(conn, c => sqlx::query(statement).bind(id).execute(c).await.map(|_| ()))?;
    }
    Ok(())
}

/// How many accounts have this role.
pub async fn count_role(conn: &mut Conn<'_>, role: &str) -> Result<i64> {
    let pattern = format!("% {role} %");
    Ok(on!(conn, c => sqlx::query_scalar(
        "SELECT COUNT(*) FROM accounts WHERE ' ' || roles || ' ' LIKE $1",
    ).bind(&pattern).fetch_one(c).await)?)
}
