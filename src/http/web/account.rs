//! Signing in and out, registering, and setting up the instance.
//!
//! Forms here come from visitors without a session: their token is a cookie that the form
//! repeats.

use super::context::Ctx;
use super::form::{Field, Fields, Posted, Problems, SignedPost, problem, problems_of};
use super::{Error, NextPath, page};
use crate::domain::account::Password;
use crate::http;
use crate::http::extract::session::Cookie;
use crate::services::accounts::{self, NewSession, Registration};
use ::http::HeaderMap;
use askama::Template;
use axum::Router;
use axum::extract::{Path, State as Extract};
use axum::response::Response;
use axum::routing::{get, post};

pub(super) fn router() -> Router<http::State> {
    Router::new()
        .route("/sign-in", get(sign_in_form).post(sign_in))
        .route("/sign-out", post(sign_out))
        .route("/register", get(register_form).post(register))
        .route("/setup/{secret}", get(setup_form).post(setup))
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn<'a> {
    c: &'a Ctx,
    problems: Problems,
    fields: [Field; 2],
    next: &'a str,
    encoded_next: String,
}

/// Shows a form to somebody without a session, with the cookie that its token is compared to.
pub(super) fn with_token(state: &http::State, c: &Ctx, response: Response) -> Response {
    if c.session.is_some() {
        response
    } else {
        Cookie::Form.set(&state.app, &c.csrf, None, response)
    }
}

fn sign_in_page(
    state: &http::State,
    c: Ctx,
    login: &str,
    next: &NextPath,
    problems: Problems,
) -> Response {
    let c = &c.with_form_token();
    let fields = [
        Field::line("login", c.t("sign-in-login"))
            .autocomplete("username")
            .filled(login, &problems),
        Field::of_type("password", c.t("sign-in-password"), "password")
            .autocomplete("current-password")
            .filled("", &problems),
    ];
    let failed = !problems.is_empty();
    let (next, encoded_next) = (next.as_str(), next.encoded());
    let shown = page::form(failed, &SignIn { c, problems, fields, next, encoded_next });
    with_token(state, c, shown)
}

async fn sign_in_form(Extract(state): Extract<http::State>, c: Ctx) -> Response {
    let next = NextPath::parse(&c.query("next").unwrap_or_default());
    if c.session.is_some() {
        return page::see_other(next.as_str());
    }
    sign_in_page(&state, c, "", &next, Problems::new())
}

async fn sign_in(Extract(state): Extract<http::State>, form: Posted) -> Result<Response, Error> {
    let (login, next) = (form.fields.get("login"), NextPath::parse(form.fields.get("next")));
    let entered = accounts::sign_in(&state.app, login, form.fields.get("password")).await?;
    if let Some(session) = entered {
        return Ok(enter(&state, &session, next.as_str()));
    }
    let problems = problem(&form.c, "login", "sign-in");
    Ok(sign_in_page(&state, form.c, login, &next, problems))
}

/// Gives the browser its new session and goes on.
fn enter(state: &http::State, session: &NewSession, path: &str) -> Response {
    let onward = page::see_other(path);
    let onward = Cookie::Session.set(&state.app, &session.secret, Some(session.max_age), onward);
    Cookie::Form.clear(&state.app, onward)
}

async fn sign_out(
    Extract(state): Extract<http::State>,
    headers: HeaderMap,
    _form: SignedPost,
) -> Result<Response, Error> {
    if let Some(secret) = Cookie::Session.read(&state.app, &headers) {
        accounts::sign_out(&state.app, &secret).await?;
    }
    Ok(Cookie::Session.clear(&state.app, page::see_other("/")))
}

#[derive(Template)]
#[template(path = "register.html")]
struct Register<'a> {
    c: &'a Ctx,
    problems: Problems,
    fields: [Field; 4],
    next: &'a str,
    /// Whether this makes the first admin.
    setup: bool,
}

fn typed(c: &Ctx, fields: &Fields) -> Registration {
    Registration {
        handle: fields.get("handle").to_owned(),
        name: fields.get("name").to_owned(),
        email: fields.get("email").to_owned(),
        password: fields.get("password").to_owned(),
        language: c.lang.tag().to_owned(),
    }
}

fn register_page(
    state: &http::State,
    c: Ctx,
    form: &Registration,
    next: &NextPath,
    problems: Problems,
    setup: bool,
) -> Response {
    let c = &c.with_form_token();
    let password_hint = c.tn("register-password-hint", to_i64(*Password::LENGTH.start()));
    let fields = [
        Field::line("handle", c.t("register-handle"))
            .hint(c.tv("register-handle-hint", "host", &c.authority))
            .autocomplete("username")
            .limit(30)
            .filled(&form.handle, &problems),
        Field::line("name", c.t("register-name"))
            .hint(c.t("register-name-hint"))
            .autocomplete("name")
            .limit(60)
            .optional(c)
            .filled(&form.name, &problems),
        Field::of_type("email", c.t("register-email"), "email")
            .hint(c.t("register-email-hint"))
            .autocomplete("email")
            .filled(&form.email, &problems),
        Field::of_type("password", c.t("register-password"), "password")
            .hint(password_hint)
            .autocomplete("new-password")
            .filled("", &problems),
    ];
    let failed = !problems.is_empty();
    let next = next.as_str();
    with_token(state, c, page::form(failed, &Register { c, problems, fields, next, setup }))
}

fn to_i64(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

#[derive(Template)]
#[template(path = "closed.html")]
struct Closed<'a> {
    c: &'a Ctx,
}

async fn register_form(Extract(state): Extract<http::State>, c: Ctx) -> Response {
    let next = NextPath::parse(&c.query("next").unwrap_or_default());
    if c.session.is_some() {
        page::see_other(next.as_str())
    } else if c.registrations {
        register_page(&state, c, &Registration::default(), &next, Problems::new(), false)
    } else {
        page::ok(&Closed { c: &c })
    }
}

async fn register(Extract(state): Extract<http::State>, form: Posted) -> Result<Response, Error> {
    let filled = typed(&form.c, &form.fields);
    let next = NextPath::parse(form.fields.get("next"));
    match accounts::register(&state.app, &filled).await {
        Ok(viewer) => {
            let session = accounts::open(&state.app, viewer).await?;
            Ok(enter(&state, &session, next.as_str()))
        }
        Err(error) => {
            let problems = problems_of(&form.c, error)?;
            Ok(register_page(&state, form.c, &filled, &next, problems, false))
        }
    }
}

async fn setup_form(
    Extract(state): Extract<http::State>,
    Path(secret): Path<String>,
    c: Ctx,
) -> Result<Response, Error> {
    if !accounts::setup_link_is_good(&state.app, &secret).await? {
        return Err(Error::NotFound);
    }
    let next = NextPath::parse("/");
    Ok(register_page(&state, c, &Registration::default(), &next, Problems::new(), true))
}

async fn setup(
    Extract(state): Extract<http::State>,
    Path(secret): Path<String>,
    form: Posted,
) -> Result<Response, Error> {
    let filled = typed(&form.c, &form.fields);
    match accounts::create_first_admin(&state.app, &secret, &filled).await {
        Ok(viewer) => {
            let session = accounts::open(&state.app, viewer).await?;
            Ok(enter(&state, &session, "/admin"))
        }
        Err(error) => {
            let problems = problems_of(&form.c, error)?;
            Ok(register_page(&state, form.c, &filled, &NextPath::parse("/"), problems, true))
        }
    }
}
