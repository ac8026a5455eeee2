//! Accounts, sessions and tokens: who somebody is on this instance.

mod session;
mod token;

pub use session::{
    NewSession, Session, make_setup_link, open, session, setup_link_is_good, sign_in, sign_out,
    sweep,
};
pub use token::{TokenHolder, by_token, create_token};

use super::actors::{PreparedKey, create_local_in};
use super::{Error, Result, Unit};
use crate::app::App;
use crate::crypto;
use crate::domain::account::Password;
use crate::domain::actor::Actor;
use crate::domain::{ActorKind, Email, Handle, Invalid, Role, Viewer};
use crate::i18n::Lang;
use crate::storage::{self, accounts::AccountRow};

/// What somebody fills in to get an account.
#[derive(Clone, Debug, Default)]
pub struct Registration {
    pub handle: String,
    /// The name to show; empty means the handle.
    pub name: String,
    pub email: String,
    pub password: String,
    /// The language in which to show pages: `en` or `ru`.
    pub language: String,
}

struct Checked {
    handle: Handle,
    name: String,
    email: Email,
    password: Password,
    language: Lang,
}

impl Registration {
    fn check(&self) -> Result<Checked> {
        let handle = Handle::parse_for_person("handle", &self.handle);
        let email = Email::parse(&self.email);
        let password = Password::parse_new(
            &self.password,
            handle.as_ref().map_or("", Handle::as_str),
            email.as_ref().map_or("", Email::as_str),
        );
        let name = match self.name.trim() {
            "" => Ok(self.handle.trim().to_owned()),
            name => crate::domain::invalid::bounded("name", name, 60),
        };
        match (handle, name, email, password) {
            (Ok(handle), Ok(name), Ok(email), Ok(password)) => Ok(Checked {
                handle,
                name: without_badges(&name),
                email,
                password,
                language: Lang::parse(&self.language).unwrap_or(Lang::En),
            }),
            (handle, name, email, password) => Err(Error::Invalid(
                [handle.err(), name.err(), email.err(), password.err()]
                    .into_iter()
                    .flatten()
                    .collect(),
            )),
        }
    }
}

/// Check marks and invisible characters in names look like a confirmation that nobody gave.
fn without_badges(name: &str) -> String {
    let kept: String = name
        .chars()
        .filter(|c| {
            !matches!(*c,
                '\u{2705}' | '\u{2611}' | '\u{2713}' | '\u{2714}' | '\u{1f5f8}'
                | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}')
                && !c.is_control()
        })
        .collect();
    kept.trim().to_owned()
}

/// Registers somebody, if registrations are open.
pub async fn register(app: &App, form: &Registration) -> Result<Viewer> {
    if !app.config.instance.registrations {
        return Err(Error::Forbidden("registrations are closed"));
    }
    create(app, form, &[]).await.map(|(viewer, _)| viewer)
}

/// Makes an account with roles. For the shell and for the first admin.
pub async fn create(app: &App, form: &Registration, roles: &[Role]) -> Result<(Viewer, Actor)> {
    let checked = form.check()?;
    let (hash, key) = secrets(app, &checked.password).await?;
    let mut unit = Unit::begin(app).await?;
    let made = insert(&mut unit, &checked, &hash, key, roles).await?;
    unit.commit().await?;
    Ok(made)
}

/// Uses up a setup link and makes the first admin.
pub async fn create_first_admin(app: &App, secret: &str, form: &Registration) -> Result<Viewer> {
    let checked = form.check()?;
    if !setup_link_is_good(app, secret).await? {
        return Err(Error::NotFound("link"));
    }
    let (hash, key) = secrets(app, &checked.password).await?;
    let mut unit = Unit::begin(app).await?;
    session::use_setup_link_in(&mut unit, secret).await?;
    let (viewer, _) = insert(&mut unit, &checked, &hash, key, &[Role::Admin]).await?;
    unit.commit().await?;
    Ok(viewer)
}

/// The slow parts, before the transaction begins.
async fn secrets(app: &App, password: &Password) -> Result<(String, PreparedKey)> {
    let (cost, password) = (app.password_cost(), password.clone());
    let hash = app
        .calculate(move || crypto::hash_password(&password, cost))
        .await
        .flatten()
        .ok_or_else(|| Error::Internal("cannot hash a password".to_owned()))?;
    Ok((hash, PreparedKey::new(app).await?))
}

async fn insert(
    unit: &mut Unit<'_>,
    checked: &Checked,
    hash: &str,
    key: PreparedKey,
    roles: &[Role],
) -> Result<(Viewer, Actor)> {
    if storage::accounts::email_taken(&mut unit.conn(), checked.email.as_str()).await? {
        return Err(Invalid::new("email", "taken").into());
    }
    let name = if checked.name.is_empty() { checked.handle.as_str() } else { &checked.name };
    let actor =
        create_local_in(unit, ActorKind::Person, checked.handle.as_str(), name, "", key).await?;
    let now = unit.now;
    storage::accounts::insert(
        &mut unit.conn(),
        actor.id,
        checked.email.as_str(),
        hash,
        &roles_to_text(roles),
        checked.language.tag(),
        now,
    )
    .await?;
    let viewer = Viewer {
        id: actor.id,
        handle: actor.handle.clone(),
        name: actor.name.clone(),
        roles: roles.to_vec(),
    };
    Ok((viewer, actor))
}

fn roles_to_text(roles: &[Role]) -> String {
    let mut roles = roles.to_vec();
    roles.sort_unstable();
    roles.dedup();
    roles.iter().map(|r| r.as_str()).collect::<Vec<_>>().join(" ")
}

fn roles_from_text(text: &str) -> Vec<Role> {
    text.split_whitespace().filter_map(Role::parse).collect()
}

fn viewer(row: &AccountRow) -> Viewer {
    Viewer {
        id: row.id,
        handle: row.handle.clone(),
        name: row.name.clone(),
        roles: roles_from_text(&row.roles),
    }
}

/// The account of this handle.
pub async fn by_handle(app: &App, handle: &str) -> Result<Option<Viewer>> {
    let row = storage::accounts::by_login(&mut app.db.read().await?.conn(), handle).await?;
    Ok(row.as_ref().map(viewer))
}

/// Whether anybody administers this instance yet.
pub async fn admin_exists(app: &App) -> Result<bool> {
    let mut reader = app.db.read().await?;
    Ok(storage::accounts::role_exists(&mut reader.conn(), Role::Admin.as_str()).await?)
}

/// Gives an account exactly these roles.
pub async fn set_roles(app: &App, handle: &str, roles: &[Role]) -> Result<()> {
    let mut unit = Unit::begin(app).await?;
    let row = storage::accounts::by_login(&mut unit.conn(), handle).await?;
    let row = row.ok_or(Error::NotFound("account"))?;
    storage::accounts::set_roles(&mut unit.conn(), row.id, &roles_to_text(roles)).await?;
    unit.commit().await
}

/// Changes one's name, the words about oneself (Markdown) and the language of one's pages.
pub async fn set_profile(
    app: &App,
    who: &Viewer,
    name: &str,
    about: &str,
    language: &str,
) -> Result<()> {
    let name = crate::domain::invalid::bounded("name", name, 60)?;
    let name = without_badges(&name);
    if name.is_empty() {
        return Err(Invalid::new("name", "required").into());
    }
    if about.chars().count() > 500 {
        return Err(Invalid::limit("about", "too-long", 500).into());
    }
    let language = Lang::parse(language).ok_or(Invalid::new("language", "language"))?;
    let mut unit = Unit::begin(app).await?;
    let now = unit.now;
    let about = crate::domain::invalid::without_controls(about);
    let summary = crate::text::to_html(&about);
    storage::actors::set_profile(&mut unit.conn(), who.id, &name, &summary, now).await?;
    storage::accounts::set_about(&mut unit.conn(), who.id, &about).await?;
    storage::accounts::set_language(&mut unit.conn(), who.id, language.tag()).await?;
    super::profiles::announce_later_in(&mut unit, who.id).await?;
    unit.commit().await?;
    app.caches.forget_actor(&who.handle);
    Ok(())
}

/// Asks once more for one's password, before what cannot be undone.
pub async fn confirm(app: &App, who: &Viewer, password: &str) -> Result<()> {
    let row = storage::accounts::by_id(&mut app.db.read().await?.conn(), who.id).await?;
    let hash = row.ok_or(Error::NotFound("account"))?.password_hash;
    let password = Password::typed(password);
    let fits = app.calculate(move || crypto::verify_password(&password, &hash)).await;
    if fits == Some(true) { Ok(()) } else { Err(Invalid::new("password", "wrong").into()) }
}

/// Changes only the language of one's pages.
pub async fn set_language(app: &App, who: &Viewer, language: Lang) -> Result<()> {
    let mut unit = Unit::begin(app).await?;
    storage::accounts::set_language(&mut unit.conn(), who.id, language.tag()).await?;
    unit.commit().await
}

/// What somebody says about themselves, as they typed it.
pub async fn about(app: &App, who: &Viewer) -> Result<String> {
    let found = storage::accounts::about(&mut app.db.read().await?.conn(), who.id).await?;
    Ok(found.unwrap_or_default())
}
