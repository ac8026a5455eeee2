//! The page for those who run the instance: bodies and assemblies.

use super::context::Ctx;
use super::form::{Field, Problems, SignedPost, problems_of};
use super::{Error, page};
use crate::domain::actor::Actor;
use crate::domain::{ActorKind, Role, Viewer};
use crate::http;
use crate::http::extract::session::SignedIn;
use crate::services::{actors, assemblies};
use askama::Template;
use axum::Router;
use axum::extract::State as Extract;
use axum::response::Response;
use axum::routing::{get, post};

pub(super) fn router() -> Router<http::State> {
    Router::new()
        .route("/admin", get(show))
        .route("/admin/bodies", post(create_body))
        .route("/admin/assemblies", post(create_assembly))
}

#[derive(Template)]
#[template(path = "admin.html")]
struct Admin<'a> {
    c: &'a Ctx,
    problems: Problems,
    body_fields: [Field; 2],
    assembly_fields: [Field; 3],
    bodies: Vec<Actor>,
    boards: Vec<Actor>,
}

/// What was typed into one of the two forms: handle, name, body.
#[derive(Default)]
struct Typed<'a>(&'a str, &'a str, &'a str);

fn require_admin(viewer: &Viewer) -> Result<(), Error> {
    if viewer.is(Role::Admin) { Ok(()) } else { Err(Error::Forbidden) }
}

async fn admin_page(
    state: &http::State,
    c: &Ctx,
    typed: (Typed<'_>, Typed<'_>),
    problems: (Problems, Problems),
) -> Result<Response, Error> {
    let bodies = actors::list_local(&state.app, ActorKind::Body).await?;
    let boards = assemblies::list_local(&state.app).await?;
    let (of_body, of_board) = (typed.0, typed.1);
    let none = (String::new(), c.t("admin-assembly-no-body"));
    let options = bodies.iter().map(|a| (a.handle.clone(), a.name.clone()));
    let options = std::iter::once(none).chain(options).collect();
    let [body_handle, body_name] = named(c, "body", &of_body, &problems.0);
    let [board_handle, board_name] = named(c, "assembly", &of_board, &problems.1);
    let assembly_fields = [
        board_handle,
        board_name,
        Field::choice("body", c.t("admin-assembly-body"), options)
            .within("assembly")
            .hint(c.t("admin-assembly-body-hint"))
            .optional(c)
            .filled(of_board.2, &problems.1),
    ];
    let anchored = |list: Problems, form: &str| {
        list.into_iter().map(move |p| p.within(form)).collect::<Problems>()
    };
    let mut all = anchored(problems.0, "body");
    all.extend(anchored(problems.1, "assembly"));
    let failed = !all.is_empty();
    let body_fields = [body_handle, body_name];
    let shown = Admin { c, problems: all, body_fields, assembly_fields, bodies, boards };
    Ok(page::form(failed, &shown))
}

fn named(c: &Ctx, form: &'static str, typed: &Typed<'_>, problems: &Problems) -> [Field; 2] {
    [
        Field::line("handle", c.t("admin-handle"))
            .within(form)
            .hint(c.tv("admin-handle-hint", "host", &c.authority))
            .limit(30)
            .filled(typed.0, problems),
        Field::line("name", c.t("admin-name")).within(form).limit(100).filled(typed.1, problems),
    ]
}

async fn show(
    Extract(state): Extract<http::State>,
    SignedIn(session): SignedIn,
    c: Ctx,
) -> Result<Response, Error> {
    require_admin(&session.viewer)?;
    admin_page(&state, &c, Default::default(), Default::default()).await
}

async fn create_body(
    Extract(state): Extract<http::State>,
    form: SignedPost,
) -> Result<Response, Error> {
    require_admin(&form.session.viewer)?;
    let (handle, name) = (form.fields.get("handle"), form.fields.get("name"));
    match actors::create_body(&state.app, handle, name).await {
        Ok(_) => Ok(page::see_other("/admin")),
        Err(error) => {
            let problems = problems_of(&form.c, error)?;
            let typed = (Typed(handle, name, ""), Typed::default());
            admin_page(&state, &form.c, typed, (problems, Problems::new())).await
        }
    }
}

async fn create_assembly(
    Extract(state): Extract<http::State>,
    form: SignedPost,
) -> Result<Response, Error> {
    require_admin(&form.session.viewer)?;
    let f = &form.fields;
    let (handle, name, body) = (f.get("handle"), f.get("name"), f.get("body"));
    let chosen = Some(body).filter(|b| !b.is_empty());
    match assemblies::create(&state.app, handle, name, chosen).await {
        Ok(_) => Ok(page::see_other("/admin")),
        Err(error) => {
            let problems = problems_of(&form.c, error)?;
            let typed = (Typed::default(), Typed(handle, name, body));
            admin_page(&state, &form.c, typed, (Problems::new(), problems)).await
        }
    }
}
