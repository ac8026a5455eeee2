//! What every page knows: the visitor, their language, where they are, what forms must carry.
//!
//! Templates get it as `c` and take every visible word from it. Must not fetch anything but the
//! session.
//!
//! To add something that every page shows: a field here, and its use in `base.html`.

use super::{
    assets,
    form::{Problem, label_key},
};
use crate::app::App;
use crate::crypto;
use crate::domain::policy::PolicyTable;
use crate::domain::{Invalid, Role, Timestamp, Viewer};
use crate::http::State;
use crate::http::extract::session::{Cookie, MaybeViewer};
use crate::http::web::Error;
use crate::i18n::{Lang, dates};
use crate::services::accounts::{self, Session};
use axum::extract::FromRequestParts;
use fluent_bundle::FluentValue;
use http::request::Parts;
use http::{HeaderMap, Uri, header};
use std::borrow::Borrow;
use std::sync::Arc;

/// The surroundings of one page.
#[derive(Clone, Debug)]
pub(super) struct Ctx {
    pub(super) lang: Lang,
    pub(super) session: Option<Session>,
    /// Path and query of this page, for coming back to it.
    pub(super) path: String,
    /// The name of the instance.
    pub(super) site: String,
    /// Scheme and host of the instance.
    pub(super) base: String,
    /// Host of the instance, as in addresses.
    pub(super) authority: String,
    /// Whether anybody may register.
    pub(super) registrations: bool,
    /// The rules about other servers.
    pub(super) policies: Arc<PolicyTable>,
    /// The token that forms carry.
    pub(super) csrf: String,
}

impl FromRequestParts<State> for Ctx {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Error> {
        let MaybeViewer(session) = MaybeViewer::from_request_parts(parts, state).await?;
        Ok(Self::new(&state.app, &parts.uri, &parts.headers, session))
    }
}

impl Ctx {
    fn new(app: &App, uri: &Uri, headers: &HeaderMap, session: Option<Session>) -> Self {
        let csrf = match &session {
            Some(session) => session.csrf.clone(),
            None => Cookie::Form.read(app, headers).unwrap_or_default(),
        };
        Self {
            lang: language(app, headers, session.as_ref()),
            session,
            path: uri.path_and_query().map_or("/", |p| p.as_str()).to_owned(),
            site: app.config.instance.name.clone(),
            base: app.urls.base().to_owned(),
            authority: app.urls.authority().to_owned(),
            registrations: app.config.instance.registrations,
            policies: app.policies.table(),
            csrf,
        }
    }

    /// The surroundings of an error page, which must not fail itself.
    pub(super) async fn for_error(
        app: &App,
        uri: &Uri,
        headers: &HeaderMap,
        database: bool,
    ) -> Self {
        let secret = Cookie::Session.read(app, headers).filter(|_| database);
        let session = match secret {
            Some(secret) => accounts::session(app, &secret).await.ok().flatten(),
            None => None,
        };
        Self::new(app, uri, headers, session)
    }

    /// A token for the forms of a visitor without a session, if they have none yet.
    pub(super) fn with_form_token(mut self) -> Self {
        if self.csrf.is_empty() {
            self.csrf = crypto::random_secret();
        }
        self
    }

    /// The value of a parameter of this page's address.
    pub(super) fn query(&self, name: &str) -> Option<String> {
        let (_, query) = self.path.split_once('?')?;
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// The same, as a number; what is none counts as absent.
    pub(super) fn query_number(&self, name: &str) -> Option<i64> {
        self.query(name)?.parse().ok()
    }

    /// Who is signed in.
    pub(super) fn viewer(&self) -> Option<&Viewer> {
        self.session.as_ref().map(|s| &s.viewer)
    }

    /// Whether an admin is looking.
    pub(super) fn is_admin(&self) -> bool {
        self.viewer().is_some_and(|v| v.is(Role::Admin))
    }

    /// The text of a key.
    pub(super) fn t(&self, key: &str) -> String {
        self.lang.text(key)
    }

    /// The text of a key that speaks of a number, `$n`.
    pub(super) fn tn(&self, key: &str, n: impl Borrow<i64>) -> String {
        self.lang.text_with(key, &[("n", FluentValue::from(*n.borrow()))])
    }

    /// The text of a key with one value, `$name`.
    pub(super) fn tv(&self, key: &str, name: &str, value: &str) -> String {
        self.lang.text_with(key, &[(name, FluentValue::from(value))])
    }

    /// How a follow stands, in words.
    pub(super) fn follow_state(&self, state: &str) -> Option<String> {
        match state {
            "pending" => Some(self.t("follow-state-pending")),
            "accepted" => Some(self.t("follow-state-accepted")),
            "rejected" => Some(self.t("follow-state-rejected")),
            _ => None,
        }
    }

    /// A day as people write it, inside `<time>`. Clean HTML.
    pub(super) fn day(&self, at: impl Borrow<Timestamp>) -> String {
        let at = *at.borrow();
        format!("<time datetime=\"{}\">{}</time>", at.to_rfc3339(), dates::day(self.lang, at))
    }

    /// A moment as people write it, inside `<time>`. Clean HTML.
    pub(super) fn moment(&self, at: impl Borrow<Timestamp>) -> String {
        let at = *at.borrow();
        format!("<time datetime=\"{}\">{}</time>", at.to_rfc3339(), dates::moment(self.lang, at))
    }

    /// The same in as few bytes as possible, for pages with hundreds of them.
    pub(super) fn short_moment(&self, at: Timestamp) -> String {
        let machine = at.to_rfc3339();
        let minutes = machine.get(..16).unwrap_or_default();
        format!("<time datetime={minutes}Z>{}</time>", dates::short_moment(self.lang, at))
    }

    /// What is wrong with a field, in the visitor's language.
    pub(super) fn problem(&self, invalid: &Invalid) -> Problem {
        let limit = invalid.limit.and_then(|n| i64::try_from(n).ok()).unwrap_or(0);
        Problem {
            field: invalid.field.to_owned(),
            label: label_key(invalid.field).map(|key| self.t(key)),
            text: self.tn(&format!("error-{}", invalid.code), limit),
        }
    }

    /// Where the style sheet is.
    #[expect(clippy::unused_self, reason = "templates reach everything through this")]
    pub(super) fn style(&self) -> &'static str {
        assets::style_path()
    }

    /// This page, percent-encoded, for the link to the sign-in page.
    pub(super) fn encoded_path(&self) -> String {
        super::NextPath::parse(&self.path).encoded()
    }

    /// The other languages, with their own names.
    pub(super) fn other_languages(&self) -> Vec<(&'static str, String)> {
        let others = Lang::ALL.into_iter().filter(|lang| *lang != self.lang);
        others.map(|lang| (lang.tag(), lang.text("language-name"))).collect()
    }

    #[cfg(test)]
    pub(super) fn for_test(lang: Lang) -> Self {
        Self {
            lang,
            session: None,
            path: "/".to_owned(),
            site: "Test town".to_owned(),
            base: "https://veche.example".to_owned(),
            authority: "veche.example".to_owned(),
            registrations: true,
            policies: Arc::default(),
            csrf: String::new(),
        }
    }
}

/// The language of a page: the account's, then the one chosen here, then the browser's, then the
/// instance's.
fn language(app: &App, headers: &HeaderMap, session: Option<&Session>) -> Lang {
    let accepted = || {
        let value = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
        Lang::negotiate(value)
    };
    session
        .map(|s| s.language)
        .or_else(|| Cookie::Language.read(app, headers).and_then(|tag| Lang::parse(&tag)))
        .or_else(accepted)
        .or_else(|| Lang::parse(&app.config.instance.language))
        .unwrap_or(Lang::En)
}
