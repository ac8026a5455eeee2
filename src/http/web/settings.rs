//! One's own affairs: the fields of one's page, aliases, moving, coming back, deleting the
//! account, and whom one blocks. What cannot be undone asks for the password again.

use super::context::Ctx;
use super::form::{Field, Problems, SignedPost, problem, problems_of};
use super::person::{actor_of, person_page};
use super::{Error, page};
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::{ActorId, Profile};
use crate::http;
use crate::http::extract::session::{Cookie, SignedIn};
use crate::services::{actors, blocks, moves, profiles, removal};
use askama::Template;
use axum::Router;
use axum::extract::{Path, State as Extract};
use axum::response::Response;
use axum::routing::{get, post};

pub(super) fn router() -> Router<http::State> {
    Router::new()
        .route("/settings/profile", get(profile).post(save_profile))
        .route("/settings/account", get(account))
        .route("/settings/aliases", post(save_aliases))
        .route("/settings/move", post(move_away))
        .route("/settings/return", post(come_back))
        .route("/settings/delete", post(delete))
        .route("/settings/blocks", get(blocked).post(block))
        .route("/settings/blocks/{id}", post(set_block))
}

#[derive(Template)]
#[template(path = "settings_profile.html")]
struct ProfilePage<'a> {
    c: &'a Ctx,
    problems: Problems,
    fields: Vec<Field>,
    saved: bool,
}

/// The names of the fields in the form, label and value in turn.
const FIELD_NAMES: [(&str, &str); Profile::MAX_FIELDS] = [
    ("label-1", "value-1"),
    ("label-2", "value-2"),
    ("label-3", "value-3"),
    ("label-4", "value-4"),
];

fn yes_or_no(c: &Ctx) -> Vec<(String, String)> {
    vec![("0".to_owned(), c.t("settings-no")), ("1".to_owned(), c.t("settings-yes"))]
}

fn profile_page(c: &Ctx, form: &profiles::Form, problems: Problems, saved: bool) -> Response {
    let mut fields = Vec::new();
    for (n, (label, value)) in FIELD_NAMES.into_iter().enumerate() {
        let typed = form.fields.get(n).cloned().unwrap_or_default();
        fields.push(
            Field::line(label, c.tn("settings-field-label", i64::try_from(n).unwrap_or(0) + 1))
                .limit(60)
                .optional(c)
                .filled(&typed.0, &problems),
        );
        fields.push(
            Field::line(value, c.tn("settings-field-value", i64::try_from(n).unwrap_or(0) + 1))
                .limit(200)
                .optional(c)
                .filled(&typed.1, &problems),
        );
    }
    for (name, label, hint, on) in [
        ("discoverable", "settings-discoverable", "settings-discoverable-hint", form.discoverable),
        ("indexable", "settings-indexable", "settings-indexable-hint", form.indexable),
    ] {
        let chosen = if on { "1" } else { "0" };
        let field = Field::choice(name, c.t(label), yes_or_no(c)).hint(c.t(hint));
        fields.push(field.filled(chosen, &problems));
    }
    page::form(!problems.is_empty(), &ProfilePage { c, problems, fields, saved })
}

async fn profile(
    Extract(state): Extract<http::State>,
    SignedIn(session): SignedIn,
    c: Ctx,
) -> Result<Response, Error> {
    let stored = profiles::of(&state.app, session.viewer.id).await?;
    let form = profiles::Form {
        fields: stored.fields.into_iter().map(|f| (f.name, f.value)).collect(),
        discoverable: stored.discoverable,
        indexable: stored.indexable,
    };
    Ok(profile_page(&c, &form, Problems::new(), c.query("saved").is_some()))
}

async fn save_profile(
    Extract(state): Extract<http::State>,
    form: SignedPost,
) -> Result<Response, Error> {
    let f = &form.fields;
    let typed = profiles::Form {
        fields: FIELD_NAMES.map(|(l, v)| (f.get(l).to_owned(), f.get(v).to_owned())).to_vec(),
        discoverable: f.get("discoverable") == "1",
        indexable: f.get("indexable") == "1",
    };
    match profiles::set_own(&state.app, &form.session.viewer, &typed).await {
        Ok(()) => Ok(page::see_other("/settings/profile?saved=1")),
        Err(error) => Ok(profile_page(&form.c, &typed, problems_of(&form.c, error)?, false)),
    }
}

#[derive(Template)]
#[template(path = "settings_account.html")]
struct AccountPage<'a> {
    c: &'a Ctx,
    problems: Problems,
    aliases: Field,
    target: Field,
    move_password: Field,
    return_password: Field,
    delete_password: Field,
    /// Where the account has moved to.
    moved_to: Option<String>,
    saved: bool,
}

/// What was typed into the forms of the page: aliases, target.
async fn account_page(
    state: &http::State,
    c: &Ctx,
    who: ActorId,
    typed: Option<(&str, &str)>,
    problems: Problems,
) -> Result<Response, Error> {
    let stored = profiles::of(&state.app, who).await?;
    let mut names = Vec::new();
    for uri in &stored.aliases {
        names.push(name_of(&state.app, uri).await?);
    }
    let (aliases, target) = match typed {
        Some((aliases, target)) => (aliases.to_owned(), target.to_owned()),
        None => (names.join("\n"), String::new()),
    };
    let moved_to = match &stored.moved_to {
        Some(uri) => Some(name_of(&state.app, uri).await?),
        None => None,
    };
    let password = |form: &str| {
        Field::of_type("password", c.t("settings-password"), "password")
            .within(form)
            .autocomplete("current-password")
            .filled("", &Problems::new())
    };
    let failed = !problems.is_empty();
    Ok(page::form(
        failed,
        &AccountPage {
            c,
            aliases: Field::lines("aliases", c.t("settings-aliases"), 3)
                .hint(c.t("settings-aliases-hint"))
                .optional(c)
                .filled(&aliases, &problems),
            target: Field::line("target", c.t("settings-move-target"))
                .hint(c.t("settings-move-target-hint"))
                .filled(&target, &problems),
            move_password: password("move"),
            return_password: password("return"),
            delete_password: password("delete"),
            moved_to,
            saved: c.query("saved").is_some(),
            problems,
        },
    ))
}

/// `@name@host` of a known actor, else its address.
async fn name_of(app: &App, uri: &str) -> Result<String, Error> {
    let known = actors::by_uri(app, uri).await?;
    Ok(known.map_or_else(|| uri.to_owned(), |a| format!("@{}", a.address())))
}

async fn account(
    Extract(state): Extract<http::State>,
    SignedIn(session): SignedIn,
    c: Ctx,
) -> Result<Response, Error> {
    account_page(&state, &c, session.viewer.id, None, Problems::new()).await
}

async fn save_aliases(
    Extract(state): Extract<http::State>,
    form: SignedPost,
) -> Result<Response, Error> {
    let (typed, who) = (form.fields.get("aliases"), &form.session.viewer);
    let mut uris = Vec::new();
    for line in typed.split_whitespace().take(2 * Profile::MAX_ALIASES) {
        let Some(actor) = actor_of(&state.app, line).await? else {
            let problems = problem(&form.c, "aliases", "not-found");
            return account_page(&state, &form.c, who.id, Some((typed, "")), problems).await;
        };
        uris.push(actor.uri);
    }
    match moves::set_aliases(&state.app, who, &uris).await {
        Ok(()) => Ok(page::see_other("/settings/account?saved=1")),
        Err(error) => {
            let problems = problems_of(&form.c, error)?;
            account_page(&state, &form.c, who.id, Some((typed, "")), problems).await
        }
    }
}

async fn move_away(
    Extract(state): Extract<http::State>,
    form: SignedPost,
) -> Result<Response, Error> {
    let (typed, who) = (form.fields.get("target"), &form.session.viewer);
    let problems = match super::person::fresh_actor_of(&state.app, typed).await? {
        None => problem(&form.c, "target", "not-found"),
        Some(target) => {
            let password = form.fields.get("password");
            match moves::move_away(&state.app, who, password, target.id).await {
                Ok(()) => return Ok(page::see_other("/settings/account?saved=1")),
                Err(error) => problems_of(&form.c, error)?,
            }
        }
    };
    account_page(&state, &form.c, who.id, Some(("", typed)), problems).await
}

async fn come_back(
    Extract(state): Extract<http::State>,
    form: SignedPost,
) -> Result<Response, Error> {
    let who = &form.session.viewer;
    match moves::come_back(&state.app, who, form.fields.get("password")).await {
        Ok(()) => Ok(page::see_other("/settings/account?saved=1")),
        Err(error) => {
            let problems = problems_of(&form.c, error)?;
            account_page(&state, &form.c, who.id, None, problems).await
        }
    }
}

async fn delete(Extract(state): Extract<http::State>, form: SignedPost) -> Result<Response, Error> {
    let who = &form.session.viewer;
    match removal::remove_own(&state.app, who, form.fields.get("password")).await {
        Ok(()) => Ok(Cookie::Session.clear(&state.app, page::see_other("/"))),
        Err(error) => {
            let problems = problems_of(&form.c, error)?;
            account_page(&state, &form.c, who.id, None, problems).await
        }
    }
}

#[derive(Template)]
#[template(path = "settings_blocks.html")]
struct Blocks<'a> {
    c: &'a Ctx,
    problems: Problems,
    field: Field,
    blocked: Vec<Actor>,
}

async fn blocks_page(
    state: &http::State,
    c: &Ctx,
    typed: &str,
    problems: Problems,
) -> Result<Response, Error> {
    let viewer = c.viewer().ok_or(Error::Forbidden)?;
    let blocked = blocks::list(&state.app, viewer).await?;
    let field = Field::line("actor", c.t("settings-block-actor"))
        .hint(c.t("settings-block-actor-hint"))
        .filled(typed, &problems);
    Ok(page::form(!problems.is_empty(), &Blocks { c, problems, field, blocked }))
}

async fn blocked(
    Extract(state): Extract<http::State>,
    _session: SignedIn,
    c: Ctx,
) -> Result<Response, Error> {
    blocks_page(&state, &c, "", Problems::new()).await
}

async fn block(Extract(state): Extract<http::State>, form: SignedPost) -> Result<Response, Error> {
    let typed = form.fields.get("actor");
    let Some(actor) = actor_of(&state.app, typed).await? else {
        let problems = problem(&form.c, "actor", "not-found");
        return blocks_page(&state, &form.c, typed, problems).await;
    };
    blocks::block(&state.app, &form.session.viewer, actor.id).await?;
    Ok(page::see_other("/settings/blocks"))
}

/// Blocks somebody, or takes that back, from their page or from the list.
async fn set_block(
    Extract(state): Extract<http::State>,
    Path(id): Path<String>,
    form: SignedPost,
) -> Result<Response, Error> {
    let id: ActorId = id.parse().map_err(|_| Error::NotFound)?;
    let actor = actors::by_id(&state.app, id).await?.ok_or(Error::NotFound)?;
    let who = &form.session.viewer;
    if form.fields.get("on") == "1" {
        blocks::block(&state.app, who, id).await?;
        return Ok(page::see_other(&person_page(&actor)));
    }
    blocks::unblock(&state.app, who, id).await?;
    Ok(page::see_other("/settings/blocks"))
}
