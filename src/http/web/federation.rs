//! Pages for admins about other servers: the log, the queues, the rules.
//!
//! Plain lists and forms; filters are part of the address and stay while one pages.

mod policies;
mod words;

use super::context::Ctx;
use super::form::SignedPost;
use super::{Error, page};
use crate::domain::peerlog::{Direction, Fate, one_line};
use crate::domain::{ActorKind, PageRequest, Role, Timestamp, Viewer, host};
use crate::http;
use crate::http::extract::session::SignedIn;
use crate::services::letters::{self, Act, Job, Which};
use crate::services::peerlog::{self, Entry, Filter, HostView, Next, Story};
use crate::services::policies::By;
use askama::Template;
use axum::Router;
use axum::extract::{Path, State as Extract};
use axum::response::Response;
use axum::routing::{get, post};

pub(super) fn router() -> Router<http::State> {
    Router::new()
        .route("/admin/federation", get(overview))
        .route("/admin/federation/log", get(log))
        .route("/admin/federation/log/{id}", get(show))
        .route("/admin/federation/queue", post(act))
        .merge(policies::router())
}

/// Characters of an activity that a page shows.
const MAX_BODY: usize = 20_000;

fn require_admin(viewer: &Viewer) -> Result<(), Error> {
    if viewer.is(Role::Admin) { Ok(()) } else { Err(Error::Forbidden) }
}

/// The id of an admin's actor, as the audit names who did something.
fn actor_of(state: &http::State, viewer: &Viewer) -> String {
    state.app.urls.actor(ActorKind::Person, &viewer.handle)
}

#[derive(Template)]
#[template(path = "admin_federation.html")]
struct Overview<'a> {
    c: &'a Ctx,
    hosts: Vec<HostView>,
    /// The one asked for, if one was.
    asked: Option<HostView>,
    jobs: Vec<Job>,
}

impl Overview<'_> {
    /// The rule that holds for a server.
    fn policy(&self, view: &HostView) -> String {
        self.c.t(words::severity(view.standing.severity))
    }
}

async fn overview(
    Extract(state): Extract<http::State>,
    SignedIn(session): SignedIn,
    c: Ctx,
) -> Result<Response, Error> {
    require_admin(&session.viewer)?;
    let name = c.query("host").and_then(|name| host::canonical(&name));
    let asked = match name {
        Some(name) => Some(peerlog::host(&state.app, &name).await?),
        None => None,
    };
    let hosts = peerlog::hosts(&state.app, PageRequest::MAX).await?;
    let jobs = letters::dead_jobs(&state.app, PageRequest::first()).await?.items;
    Ok(page::ok(&Overview { c: &c, hosts, asked, jobs }))
}

/// A line of the log, ready to be shown.
struct Line {
    entry: Entry,
    fate: String,
    check: Option<String>,
}

#[derive(Template)]
#[template(path = "admin_log.html")]
struct Log<'a> {
    c: &'a Ctx,
    host: String,
    actor: String,
    activity: String,
    fates: Vec<(&'static str, String, bool)>,
    directions: Vec<(&'static str, String, bool)>,
    lines: Vec<Line>,
    next: Option<String>,
}

fn line(c: &Ctx, entry: Entry) -> Line {
    let fate = c.t(words::fate(entry.fate));
    let check = entry.failed.map(|check| c.t(words::check(check)));
    Line { entry, fate, check }
}

async fn log(
    Extract(state): Extract<http::State>,
    SignedIn(session): SignedIn,
    c: Ctx,
) -> Result<Response, Error> {
    require_admin(&session.viewer)?;
    let given = |name: &str| c.query(name).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty());
    let direction = match given("direction").as_deref() {
        Some("in") => Some(Direction::In),
        Some("out") => Some(Direction::Out),
        _ => None,
    };
    let filter = Filter {
        host: given("host").and_then(|name| host::canonical(&name)),
        actor: given("actor"),
        activity: given("activity"),
        fate: given("fate").and_then(|name| Fate::parse(&name)),
        direction,
        ..Filter::default()
    };
    let found =
        peerlog::list(&state.app, &filter, PageRequest::new(c.query_number("before"), None))
            .await?;
    let next = found.next.map(|id| next_path(&filter, id));
    let fates = Fate::ALL
        .iter()
        .map(|fate| (fate.as_str(), c.t(words::fate(*fate)), filter.fate == Some(*fate)))
        .collect();
    let directions = [Direction::In, Direction::Out]
        .iter()
        .map(|way| (way.as_str(), c.t(words::direction(*way)), direction == Some(*way)))
        .collect();
    let lines = found.items.into_iter().map(|entry| line(&c, entry)).collect();
    Ok(page::ok(&Log {
        host: filter.host.unwrap_or_default(),
        actor: filter.actor.unwrap_or_default(),
        activity: filter.activity.unwrap_or_default(),
        fates,
        directions,
        lines,
        next,
        c: &c,
    }))
}

/// The next page, with the same filters.
fn next_path(filter: &Filter, before: i64) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in [
        ("host", filter.host.as_deref()),
        ("actor", filter.actor.as_deref()),
        ("activity", filter.activity.as_deref()),
        ("fate", filter.fate.map(Fate::as_str)),
        ("direction", filter.direction.map(Direction::as_str)),
    ] {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    query.append_pair("before", &before.to_string());
    format!("/admin/federation/log?{}", query.finish())
}

/// An entry with everything about it, ready to be shown.
struct Told {
    line: Line,
    checks: Vec<(String, String)>,
    /// When (clean HTML), status, error.
    attempts: Vec<(String, Option<u16>, String)>,
    story: Story,
    next: String,
    /// Clean HTML.
    next_at: Option<String>,
    advice: String,
    body: Option<String>,
    can_act: bool,
}

#[derive(Template)]
#[template(path = "admin_story.html")]
struct Show<'a> {
    c: &'a Ctx,
    stories: Vec<Told>,
}

async fn show(
    Extract(state): Extract<http::State>,
    SignedIn(session): SignedIn,
    Path(id): Path<String>,
    c: Ctx,
) -> Result<Response, Error> {
    require_admin(&session.viewer)?;
    let found = peerlog::show(&state.app, &id).await?;
    if found.is_empty() {
        return Err(Error::NotFound);
    }
    let stories = found.into_iter().map(|story| told(&c, story)).collect();
    Ok(page::ok(&Show { c: &c, stories }))
}

fn told(c: &Ctx, story: Story) -> Told {
    let checks = story
        .checks
        .iter()
        .map(|(check, passed)| (c.t(words::check(*check)), c.t(words::result(*passed))))
        .collect();
    let attempts = story.attempts.iter().map(|attempt| {
        let when = c.moment(Timestamp::from_millis(attempt.at));
        (when, attempt.status, attempt.error.clone())
    });
    Told {
        attempts: attempts.collect(),
        line: line(c, story.entry.clone()),
        checks,
        next: c.t(words::next(story.next)),
        next_at: match story.next {
            Next::Attempt(at) => Some(c.moment(at)),
            _ => None,
        },
        advice: c.t(words::advice(story.advice)),
        body: story.body.as_deref().map(|body| one_line(body, MAX_BODY)),
        // What is over, and what was refused at the door, is not in a queue.
        can_act: story.entry.direction != Direction::Refused
            && matches!(story.entry.fate, Fate::Waiting | Fate::Refused | Fate::Dead),
        story,
    }
}

/// Retry, drop or dismiss, for a number, a host, or everything that was given up.
async fn act(Extract(state): Extract<http::State>, form: SignedPost) -> Result<Response, Error> {
    require_admin(&form.session.viewer)?;
    let f = &form.fields;
    let act = match f.get("act") {
        "retry" => Act::Retry,
        "drop" => Act::Drop,
        "dismiss" => Act::Dismiss,
        _ => return Err(Error::BadRequest),
    };
    let (which, back) = match (f.get("id"), f.get("host")) {
        ("", "") => (Which::Dead, "/admin/federation".to_owned()),
        ("", name) => {
            let name = host::canonical(name).ok_or(Error::BadRequest)?;
            let back = format!("/admin/federation?host={name}");
            (Which::Host(name), back)
        }
        (id, _) => {
            let id: i64 = id.parse().map_err(|_| Error::BadRequest)?;
            let back = match f.get("job") {
                "" => format!("/admin/federation/log/{id}"),
                _ => "/admin/federation".to_owned(),
            };
            (Which::Id(id), back)
        }
    };
    let who = actor_of(&state, &form.session.viewer);
    letters::act(&state.app, By { who: &who, why: f.get("why") }, act, &which).await?;
    Ok(page::see_other(&back))
}
