//! Sessions of browsers, and the link that sets up the first admin.

use super::{roles_from_text, viewer};
use crate::app::App;
use crate::crypto;
use crate::domain::account::Password;
use crate::domain::{Timestamp, Viewer};
use crate::i18n::Lang;
use crate::services::{Error, Result, Unit};
use crate::storage;

const DAY: i64 = 24 * 60 * 60;
/// A session ends after this long without use.
const IDLE_SECONDS: i64 = 7 * DAY;
/// A session ends after this long in any case.
const LIFE_SECONDS: i64 = 30 * DAY;
/// Use is noted at most this often, so that reading pages does not write.
const TOUCH_SECONDS: i64 = 60 * 60;
/// A setup link works this long.
const LINK_SECONDS: i64 = DAY;
const SETUP: &str = "setup";

/// A session that was just opened.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// What the browser keeps. Only its digest is stored here.
    pub secret: String,
    pub viewer: Viewer,
    /// Seconds until it ends in any case.
    pub max_age: i64,
}

/// A session in use.
#[derive(Clone, Debug)]
pub struct Session {
    pub viewer: Viewer,
    /// What forms must carry.
    pub csrf: String,
    /// The language its owner chose.
    pub language: Lang,
}

/// A hash that no password has: compared with when there is no such account, so that the time
/// taken does not tell.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$\
                      Hm3cP4m0xkmdzXlEmpPvGQ5Ibv0k2mLjLbWJpgfQ2zE";

/// Signs in with a handle or an e-mail address. `None` when they do not fit; nothing says which.
pub async fn sign_in(app: &App, login: &str, password: &str) -> Result<Option<NewSession>> {
    let login = login.trim().trim_start_matches('@').to_lowercase();
    let row = storage::accounts::by_login(&mut app.db.read().await?.conn(), &login).await?;
    let hash = row.as_ref().map_or_else(|| NOBODY.to_owned(), |r| r.password_hash.clone());
    let password = Password::typed(password);
    let fits = app.calculate(move || crypto::verify_password(&password, &hash)).await;
    match row {
        Some(row) if fits == Some(true) => open(app, viewer(&row)).await.map(Some),
        _ => Ok(None),
    }
}

/// Opens a session for somebody whose identity is certain.
pub async fn open(app: &App, viewer: Viewer) -> Result<NewSession> {
    let secret = crypto::random_secret();
    let csrf = crypto::random_secret();
    let mut unit = Unit::begin(app).await?;
    let now = unit.now;
    let expires = now.plus_seconds(LIFE_SECONDS);
    let hash = crypto::sha256_hex(secret.as_bytes());
    storage::sessions::insert(&mut unit.conn(), &hash, viewer.id, &csrf, now, expires).await?;
    unit.commit().await?;
    Ok(NewSession { secret, viewer, max_age: LIFE_SECONDS })
}

fn idle_since(now: Timestamp) -> Timestamp {
    now.plus_seconds(-IDLE_SECONDS)
}

/// The session behind a browser's secret, if it is still good.
pub async fn session(app: &App, secret: &str) -> Result<Option<Session>> {
    let hash = crypto::sha256_hex(secret.as_bytes());
    let now = app.now();
    let row =
        storage::sessions::by_hash(&mut app.db.read().await?.conn(), &hash, now, idle_since(now))
            .await?;
    let Some(row) = row else { return Ok(None) };
    if now.plus_seconds(-TOUCH_SECONDS) > row.seen_at {
        let mut unit = Unit::begin(app).await?;
        storage::sessions::touch(&mut unit.conn(), &hash, now).await?;
        unit.commit().await?;
    }
    Ok(Some(Session {
        viewer: Viewer {
            id: row.account_id,
            handle: row.handle,
            name: row.name,
            roles: roles_from_text(&row.roles),
        },
        csrf: row.csrf,
        language: Lang::parse(&row.language).unwrap_or(Lang::En),
    }))
}

/// Ends a session.
pub async fn sign_out(app: &App, secret: &str) -> Result<()> {
    let mut unit = Unit::begin(app).await?;
    let hash = crypto::sha256_hex(secret.as_bytes());
    storage::sessions::delete(&mut unit.conn(), &hash).await?;
    unit.commit().await
}

/// Removes sessions that have ended.
pub async fn sweep(app: &App) -> Result<()> {
    let mut unit = Unit::begin(app).await?;
    let now = unit.now;
    storage::sessions::delete_expired(&mut unit.conn(), now, idle_since(now)).await?;
    unit.commit().await
}

/// Makes the link with which the first admin sets up the instance; its secret part.
pub async fn make_setup_link(app: &App) -> Result<String> {
    let secret = crypto::random_secret();
    let hash = crypto::sha256_hex(secret.as_bytes());
    let mut unit = Unit::begin(app).await?;
    let now = unit.now;
    let expires = now.plus_seconds(LINK_SECONDS);
    storage::sessions::insert_link(&mut unit.conn(), &hash, SETUP, now, expires).await?;
    unit.commit().await?;
    Ok(secret)
}

/// Whether a setup link can still be used.
pub async fn setup_link_is_good(app: &App, secret: &str) -> Result<bool> {
    let hash = crypto::sha256_hex(secret.as_bytes());
    let mut reader = app.db.read().await?;
    Ok(storage::sessions::link_is_good(&mut reader.conn(), &hash, SETUP, app.now()).await?)
}

/// Uses a setup link up.
pub(super) async fn use_setup_link_in(unit: &mut Unit<'_>, secret: &str) -> Result<()> {
    let hash = crypto::sha256_hex(secret.as_bytes());
    let now = unit.now;
    if storage::sessions::use_link(&mut unit.conn(), &hash, SETUP, now).await? {
        Ok(())
    } else {
        Err(Error::NotFound("link"))
    }
}
