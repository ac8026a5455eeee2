//! The home page, and the pages that only inform: about, privacy, how to follow; the language.

use super::context::Ctx;
use super::form::Preference;
use super::view::Cards;
use super::{Error, NextPath, page};
use crate::app::{SOFTWARE, VERSION};
use crate::domain::actor::Actor;
use crate::domain::policy::Severity;
use crate::domain::{PageRequest, State, host};
use crate::http;
use crate::http::extract::session::Cookie;
use crate::i18n::Lang;
use crate::services::{accounts, assemblies, initiatives, instance, policies};
use askama::Template;
use axum::Router;
use axum::extract::State as Extract;
use axum::response::Response;
use axum::routing::{get, post};

pub(super) fn router() -> Router<http::State> {
    Router::new()
        .route("/", get(home))
        .route("/about", get(about))
        .route("/privacy", get(privacy))
        .route("/follow", get(follow))
        .route("/language", post(language))
}

#[derive(Template)]
#[template(path = "home.html")]
struct Home<'a> {
    c: &'a Ctx,
    description: &'a str,
    cards: Cards,
    local: Vec<Actor>,
    mirrored: Vec<Actor>,
}

async fn home(Extract(state): Extract<http::State>, c: Ctx) -> Result<Response, Error> {
    let app = &state.app;
    let filter = initiatives::Filter { state: Some(State::Discussion), ..Default::default() };
    let request = PageRequest::new(c.query_number("before"), None);
    let found = initiatives::list(app, None, filter, request).await?;
    Ok(page::ok(&Home {
        description: &app.config.instance.description,
        cards: Cards::new(&c, &found, "/"),
        local: assemblies::list_local(app).await?,
        mirrored: assemblies::list_mirrored(app).await?,
        c: &c,
    }))
}

#[derive(Template)]
#[template(path = "about.html")]
struct About<'a> {
    c: &'a Ctx,
    description: &'a str,
    contact: &'a str,
    contact_link: Option<String>,
    figures: instance::Figures,
    software: String,
    source: &'a str,
    /// Rules about other servers, if they are public: name, severity, comment.
    rules: Vec<(String, String, String)>,
}

async fn about(Extract(state): Extract<http::State>, c: Ctx) -> Result<Response, Error> {
    let instance = &state.app.config.instance;
    Ok(page::ok(&About {
        description: &instance.description,
        contact: &instance.contact,
        contact_link: contact_link(&instance.contact),
        figures: instance::figures(&state.app).await?,
        software: format!("{SOFTWARE} {VERSION}"),
        source: &instance.source,
        rules: published_rules(&state, &c).await?,
        c: &c,
    }))
}

/// The rules that silence or reject, if the admins want them to be read by everybody.
async fn published_rules(
    state: &http::State,
    c: &Ctx,
) -> Result<Vec<(String, String, String)>, Error> {
    if !state.app.config.federation.publish_policies {
        return Ok(Vec::new());
    }
    let rules = policies::list(&state.app).await?.into_iter();
    let shown = rules.filter(|rule| rule.severity != Severity::Accept).map(|rule| {
        let hidden = rule.obfuscate.then(|| host::obfuscated(&rule.domain));
        let severity = match rule.severity {
            Severity::Reject => c.t("policy-reject"),
            Severity::Accept | Severity::Silence => c.t("policy-silence"),
        };
        (hidden.unwrap_or(rule.domain), severity, rule.public_comment)
    });
    Ok(shown.collect())
}

/// What a click on the contact opens.
fn contact_link(contact: &str) -> Option<String> {
    if contact.starts_with("https://") || contact.starts_with("http://") {
        Some(contact.to_owned())
    } else if contact.contains('@') && !contact.contains(char::is_whitespace) {
        Some(format!("mailto:{contact}"))
    } else {
        None
    }
}

#[derive(Template)]
#[template(path = "privacy.html")]
struct Privacy<'a> {
    c: &'a Ctx,
}

async fn privacy(c: Ctx) -> Response {
    page::ok(&Privacy { c: &c })
}

#[derive(Template)]
#[template(path = "follow.html")]
struct Follow<'a> {
    c: &'a Ctx,
}

async fn follow(c: Ctx) -> Response {
    page::ok(&Follow { c: &c })
}

async fn language(
    Extract(state): Extract<http::State>,
    form: Preference,
) -> Result<Response, Error> {
    let lang = Lang::parse(form.fields.get("language")).ok_or(Error::BadRequest)?;
    if let Some(viewer) = form.c.viewer() {
        accounts::set_language(&state.app, viewer, lang).await?;
    }
    let back = page::see_other(NextPath::parse(form.fields.get("next")).as_str());
    Ok(Cookie::Language.set(&state.app, lang.tag(), None, back))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contacts_become_links_where_they_can() {
        assert_eq!(contact_link("a@b.example").as_deref(), Some("mailto:a@b.example"));
        assert_eq!(contact_link("https://b.example/").as_deref(), Some("https://b.example/"));
        for text in ["", "ask the clerk", "javascript:alert(1)", "write to a@b"] {
            assert_eq!(contact_link(text), None, "{text}");
        }
    }
}
