//! Reporting something, and what those who look after the instance do about it: the list of
//! reports, the deletion of accounts, what a body shows of itself.

use super::context::Ctx;
use super::form::{Field, Problems, SignedPost, problem, problems_of};
use super::person::person_page;
use super::{Error, page};
use crate::domain::{ActorKind, Profile, ReportId, Role, Viewer};
use crate::http;
use crate::http::extract::session::SignedIn;
use crate::services::reports::{Case, Target};
use crate::services::{actors, profiles, removal, reports};
use askama::Template;
use axum::Router;
use axum::extract::{Path, State as Extract};
use axum::response::Response;
use axum::routing::{get, post};

pub(super) fn router() -> Router<http::State> {
    Router::new()
        .route("/report", get(report_form).post(report))
        .route("/admin/reports", get(list))
        .route("/admin/reports/{id}/resolve", post(resolve))
        .route("/admin/reports/{id}/forward", post(forward))
        .route("/admin/accounts", get(accounts).post(remove))
        .route("/admin/boards/{handle}", get(board).post(save_board))
}

/// Where something is reported.
pub(super) fn report_path(uri: &str) -> String {
    let uri: String = url::form_urlencoded::byte_serialize(uri.as_bytes()).collect();
    format!("/report?object={uri}")
}

fn require(viewer: &Viewer, roles: &[Role]) -> Result<(), Error> {
    if roles.iter().any(|role| viewer.is(*role)) { Ok(()) } else { Err(Error::Forbidden) }
}

#[derive(Template)]
#[template(path = "report.html")]
struct ReportForm<'a> {
    c: &'a Ctx,
    problems: Problems,
    uri: &'a str,
    target: Target,
    reason: Field,
    sent: bool,
}

async fn report_page(
    state: &http::State,
    c: &Ctx,
    uri: &str,
    typed: &str,
    problems: Problems,
) -> Result<Response, Error> {
    let target = reports::find_target(&state.app, uri).await?.ok_or(Error::NotFound)?;
    let reason = Field::lines("reason", c.t("report-reason"), 5)
        .hint(c.t("report-reason-hint"))
        .limit(5_000)
        .filled(typed, &problems);
    let sent = c.query("sent").is_some();
    let failed = !problems.is_empty();
    Ok(page::form(failed, &ReportForm { c, problems, uri, target, reason, sent }))
}

async fn report_form(
    Extract(state): Extract<http::State>,
    _session: SignedIn,
    c: Ctx,
) -> Result<Response, Error> {
    let uri = c.query("object").unwrap_or_default();
    report_page(&state, &c, &uri, "", Problems::new()).await
}

async fn report(Extract(state): Extract<http::State>, form: SignedPost) -> Result<Response, Error> {
    let (uri, reason) = (form.fields.get("object"), form.fields.get("reason"));
    match reports::file(&state.app, &form.session.viewer, &[uri.to_owned()], reason).await {
        Ok(()) => Ok(page::see_other(&format!("{}&sent=1", report_path(uri)))),
        Err(error) => {
            let problems = problems_of(&form.c, error)?;
            report_page(&state, &form.c, uri, reason, problems).await
        }
    }
}

#[derive(Template)]
#[template(path = "admin_reports.html")]
struct Reports<'a> {
    c: &'a Ctx,
    cases: Vec<Case>,
    all: bool,
    next: Option<i64>,
}

impl Reports<'_> {
    /// The page here of something reported.
    #[expect(clippy::unused_self, reason = "templates reach everything through this")]
    fn path(&self, target: &Target) -> String {
        target.path.clone().unwrap_or_else(|| person_page(&target.actor))
    }
}

async fn list(
    Extract(state): Extract<http::State>,
    SignedIn(session): SignedIn,
    c: Ctx,
) -> Result<Response, Error> {
    require(&session.viewer, &[Role::Admin, Role::Moderator])?;
    let all = c.query("all").is_some();
    let wanted = if all { None } else { Some("open") };
    let before = c.query_number("before");
    let found = reports::list(&state.app, Some(&session.viewer), wanted, before, 20).await?;
    Ok(page::ok(&Reports { c: &c, cases: found.items, all, next: found.next }))
}

fn report_id(text: &str) -> Result<ReportId, Error> {
    text.parse().map_err(|_| Error::NotFound)
}

async fn resolve(
    Extract(state): Extract<http::State>,
    Path(id): Path<String>,
    form: SignedPost,
) -> Result<Response, Error> {
    let note = form.fields.get("note");
    reports::resolve(&state.app, &form.session.viewer, report_id(&id)?, note).await?;
    Ok(page::see_other("/admin/reports"))
}

async fn forward(
    Extract(state): Extract<http::State>,
    Path(id): Path<String>,
    form: SignedPost,
) -> Result<Response, Error> {
    reports::forward(&state.app, &form.session.viewer, report_id(&id)?).await?;
    Ok(page::see_other("/admin/reports"))
}

#[derive(Template)]
#[template(path = "admin_accounts.html")]
struct Accounts<'a> {
    c: &'a Ctx,
    problems: Problems,
    fields: [Field; 2],
    done: bool,
}

fn accounts_page(c: &Ctx, handle: &str, reason: &str, problems: Problems) -> Response {
    let fields = [
        Field::line("handle", c.t("admin-account-handle")).limit(30).filled(handle, &problems),
        Field::lines("reason", c.t("admin-account-reason"), 3)
            .hint(c.t("admin-account-reason-hint"))
            .limit(1_000)
            .filled(reason, &problems),
    ];
    let done = c.query("done").is_some();
    page::form(!problems.is_empty(), &Accounts { c, problems, fields, done })
}

async fn accounts(SignedIn(session): SignedIn, c: Ctx) -> Result<Response, Error> {
    require(&session.viewer, &[Role::Admin])?;
    Ok(accounts_page(&c, "", "", Problems::new()))
}

async fn remove(Extract(state): Extract<http::State>, form: SignedPost) -> Result<Response, Error> {
    let viewer = &form.session.viewer;
    require(viewer, &[Role::Admin])?;
    let (handle, reason) = (form.fields.get("handle"), form.fields.get("reason"));
    match removal::remove_account(&state.app, Some(viewer), handle, reason).await {
        Ok(()) => Ok(page::see_other("/admin/accounts?done=1")),
        Err(error) => Ok(accounts_page(&form.c, handle, reason, problems_of(&form.c, error)?)),
    }
}

#[derive(Template)]
#[template(path = "admin_board.html")]
struct Board<'a> {
    c: &'a Ctx,
    problems: Problems,
    handle: &'a str,
    name: String,
    fields: Vec<Field>,
}

/// The labels are fixed for what a body is looked for: its official site comes first.
fn board_fields(c: &Ctx, typed: &[String; 3], problems: &Problems) -> Vec<Field> {
    let [label, site, domains] = typed;
    vec![
        Field::line("label", c.t("admin-board-label")).limit(60).filled(label, problems),
        Field::line("site", c.t("admin-board-site"))
            .hint(c.t("admin-board-site-hint"))
            .limit(200)
            .optional(c)
            .filled(site, problems),
        Field::lines("domains", c.t("admin-board-domains"), 3)
            .hint(c.t("admin-board-domains-hint"))
            .optional(c)
            .filled(domains, problems),
    ]
}

async fn board_page(
    state: &http::State,
    c: &Ctx,
    handle: &str,
    typed: Option<[String; 3]>,
    problems: Problems,
) -> Result<Response, Error> {
    let actor = actors::local_by_handle(&state.app, handle).await?;
    let boards = [ActorKind::Body, ActorKind::Assembly];
    let actor = actor.filter(|a| boards.contains(&a.kind)).ok_or(Error::NotFound)?;
    let stored: Profile = profiles::of(&state.app, actor.id).await?;
    let site = stored.fields.into_iter().next().map(|f| (f.name, f.value));
    let (label, site) = site.unwrap_or_else(|| (c.t("admin-board-label-default"), String::new()));
    let typed = typed.unwrap_or_else(|| [label, site, stored.domains.join("\n")]);
    let fields = board_fields(c, &typed, &problems);
    let failed = !problems.is_empty();
    Ok(page::form(failed, &Board { c, problems, handle, name: actor.name, fields }))
}

async fn board(
    Extract(state): Extract<http::State>,
    Path(handle): Path<String>,
    SignedIn(session): SignedIn,
    c: Ctx,
) -> Result<Response, Error> {
    require(&session.viewer, &[Role::Admin])?;
    board_page(&state, &c, &handle, None, Problems::new()).await
}

async fn save_board(
    Extract(state): Extract<http::State>,
    Path(handle): Path<String>,
    form: SignedPost,
) -> Result<Response, Error> {
    let viewer = &form.session.viewer;
    require(viewer, &[Role::Admin])?;
    let typed = ["label", "site", "domains"].map(|name| form.fields.get(name).to_owned());
    let [label, site, domains] = &typed;
    let fields: Vec<_> =
        (!site.trim().is_empty()).then(|| (label.clone(), site.clone())).into_iter().collect();
    let domains: Vec<String> = domains.split_whitespace().map(str::to_owned).collect();
    match profiles::set_of_board(&state.app, Some(viewer), &handle, &fields, &domains).await {
        Ok(()) => Ok(page::see_other("/admin")),
        Err(error) => {
            let problems = match problems_of(&form.c, error)? {
                list if list.is_empty() => problem(&form.c, "site", "required"),
                list => list,
            };
            board_page(&state, &form.c, &handle, Some(typed), problems).await
        }
    }
}
