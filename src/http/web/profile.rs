//! The page of a person or a body, and the settings of one's own.

use super::context::Ctx;
use super::form::{Field, Problems, SignedPost, problems_of};
use super::person::moved_to;
use super::reports::report_path;
use super::view::{Cards, actor_path, language_field};
use super::{Error, page};
use crate::domain::actor::Actor;
use crate::domain::{ActorKind, PageRequest};
use crate::federation::build::value_html;
use crate::http;
use crate::http::extract::session::SignedIn;
use crate::services::{accounts, actors, blocks, follows, initiatives, profiles};

use askama::Template;
use axum::Router;
use axum::extract::{Path, State as Extract};
use axum::response::Response;
use axum::routing::get;

pub(super) fn router() -> Router<http::State> {
    Router::new().route("/u/{handle}", get(show)).route("/settings", get(settings).post(save))
}

#[derive(Template)]
#[template(path = "profile.html")]
struct Show<'a> {
    c: &'a Ctx,
    actor: &'a Actor,
    is_body: bool,
    own: bool,
    followers: i64,
    cards: Cards,
    /// Labels, and values as clean HTML.
    fields: Vec<(String, String)>,
    moved: Option<(String, String)>,
    /// Whether the visitor blocks them.
    blocked: bool,
    report_path: String,
}

async fn show(
    Extract(state): Extract<http::State>,
    Path(handle): Path<String>,
    c: Ctx,
) -> Result<Response, Error> {
    let app = &state.app;
    let actor = actors::local_by_handle(app, &handle).await?.ok_or(Error::NotFound)?;
    let is_body = match actor.kind {
        ActorKind::Person => false,
        ActorKind::Body => true,
        _ => return Err(Error::NotFound),
    };
    if actor.deleted_at.is_some() {
        return Err(Error::Gone);
    }
    let (author, body) = if is_body { (None, Some(actor.id)) } else { (Some(actor.id), None) };
    let filter = initiatives::Filter { author, body, ..Default::default() };
    let request = PageRequest::new(c.query_number("before"), None);
    let found = initiatives::list(app, None, filter, request).await?;
    let (followers, _) = follows::counts(app, actor.id).await?;
    let profile = profiles::of(app, actor.id).await?;
    let fields = profile.fields.iter().map(|f| (f.name.clone(), value_html(f))).collect();
    let blocked = match c.viewer() {
        Some(viewer) => blocks::is_blocked(app, viewer, actor.id).await?,
        None => false,
    };
    Ok(page::ok(&Show {
        fields,
        moved: moved_to(app, &profile).await?,
        blocked,
        report_path: report_path(&actor.uri),
        is_body,
        own: c.viewer().is_some_and(|v| v.id == actor.id),
        followers,
        cards: Cards::new(&c, &found, &actor_path(&c, &actor)),
        actor: &actor,
        c: &c,
    }))
}

#[derive(Template)]
#[template(path = "settings.html")]
struct Settings<'a> {
    c: &'a Ctx,
    problems: Problems,
    fields: [Field; 3],
    saved: bool,
}

fn settings_page(c: &Ctx, values: [&str; 3], problems: Problems, saved: bool) -> Response {
    let [name, about, language] = values;
    let fields = [
        Field::line("name", c.t("settings-name"))
            .hint(c.t("settings-name-hint"))
            .autocomplete("name")
            .limit(60)
            .filled(name, &problems),
        Field::lines("about", c.t("settings-about"), 5)
            .hint(c.t("settings-about-hint"))
            .limit(500)
            .optional(c)
            .filled(about, &problems),
        language_field(c.t("settings-language"), language, &problems),
    ];
    page::form(!problems.is_empty(), &Settings { c, problems, fields, saved })
}

async fn settings(
    Extract(state): Extract<http::State>,
    SignedIn(session): SignedIn,
    c: Ctx,
) -> Result<Response, Error> {
    let actor = actors::by_id(&state.app, session.viewer.id).await?.ok_or(Error::NotFound)?;
    let about = accounts::about(&state.app, &session.viewer).await?;
    let saved = c.query("saved").is_some();
    Ok(settings_page(&c, [&actor.name, &about, c.lang.tag()], Problems::new(), saved))
}

async fn save(Extract(state): Extract<http::State>, form: SignedPost) -> Result<Response, Error> {
    let f = &form.fields;
    let values = [f.get("name"), f.get("about"), f.get("language")];
    let [name, about, language] = values;
    let viewer = &form.session.viewer;
    match accounts::set_profile(&state.app, viewer, name, about, language).await {
        Ok(()) => Ok(page::see_other("/settings?saved=1")),
        Err(error) => Ok(settings_page(&form.c, values, problems_of(&form.c, error)?, false)),
    }
}
