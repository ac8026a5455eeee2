//! The page of an initiative with its comments, and its revisions.

mod answer;
mod follow;
mod rows;

pub(super) use answer::Answer;

use super::ballot::Shown;
use super::context::Ctx;
use super::interact::interact_path;
use super::moderation::reason_text;
use super::view::{assembly_path, origin, outward, person_path, state_text};
use super::{Error, object_id, page};
use crate::app::Caches;
use crate::domain::ballot::{Poll, opener, speaks_for_bodies};
use crate::domain::initiative::{Initiative, Revision};
use crate::domain::{ObjectId, State, Timestamp};
use crate::federation::interaction::Intent;
use crate::http;
use crate::services::{ballots, comments, initiatives, moderation, quotes, reactions, walks};
use crate::{i18n::Lang, text};
use askama::Template;
use axum::Router;
use axum::extract::{Path, State as Extract};
use axum::response::Response;
use axum::routing::get;
use http::State as HttpState;
use rows::{Labels, Row};

/// Comments on one page.
const PAGE: i64 = 500;

pub(super) fn router() -> Router<HttpState> {
    Router::new()
        .route("/p/{id}", get(show))
        .merge(follow::router())
        .route("/p/{id}/revisions", get(revisions))
        .route("/p/{id}/revisions/{number}", get(revision))
}

#[derive(Template)]
#[template(path = "initiative.html")]
#[expect(clippy::struct_excessive_bools, reason = "what the page offers, one by one")]
struct Show<'a> {
    c: &'a Ctx,
    i: &'a Initiative,
    state_text: String,
    origin: Option<String>,
    home: String,
    author_path: String,
    assembly_path: String,
    /// Days, as clean HTML.
    published: String,
    edited: Option<String>,
    html: String,
    description: String,
    locale: String,
    /// When it was published and changed, for previews elsewhere.
    times: [Option<String>; 2],
    interact: String,
    tallies: [String; 3],
    /// Whether the visitor endorsed and boosted it, where they can.
    reacted: Option<(bool, bool)>,
    /// Its followable actor, where it has one.
    group: Option<follow::Offer>,
    /// Why the moderators removed it.
    removal: Option<String>,
    can_moderate: bool,
    is_author: bool,
    labels: Labels,
    rows: Vec<Row<'a>>,
    /// The tags that close the thread after its last comment.
    closing: &'static str,
    earlier: bool,
    later: Option<ObjectId>,
    /// What became of the wish to have the thread read at its home.
    reading: Option<String>,
    answer: Option<Answer>,
    ballots: Vec<Shown>,
    /// Whether the visitor may open a ballot on it.
    may_open_ballot: bool,
}

async fn show(
    Extract(state): Extract<HttpState>,
    Path(id): Path<String>,
    headers: ::http::HeaderMap,
    c: Ctx,
) -> Result<Response, Error> {
    let id = object_id(&id)?;
    let anonymous = c.session.is_none() && !c.path.contains('?');
    let key = Caches::rendered_key(id, if c.lang == Lang::En { "html-en" } else { "html-ru" });
    if anonymous && let Some(kept) = state.app.caches.rendered.get(&key) {
        return Ok(page::rendered(&kept, &headers));
    }
    let shown = Loaded::read(&state, &c, id).await?;
    let answer = shown.answer(&state, &c).await?;
    if anonymous && shown.initiative.deleted_at.is_none() {
        let made = page::render(&shown.page(&c, answer))?;
        state.app.caches.rendered.insert(key, made.clone());
        return Ok(page::rendered(&made, &headers));
    }
    Ok(shown.respond(&c, answer))
}

/// Everything the page shows.
pub(super) struct Loaded {
    initiative: Initiative,
    comments: Vec<crate::domain::comment::Comment>,
    quotes: Vec<crate::domain::quote::Quote>,
    reacted: Option<(bool, bool)>,
    group: Option<follow::Offer>,
    can_moderate: bool,
    after: Option<ObjectId>,
    ballots: Vec<Poll>,
    now: Timestamp,
}

impl Loaded {
    /// Reads it, if the visitor may see it.
    pub(super) async fn read(state: &HttpState, c: &Ctx, id: ObjectId) -> Result<Self, Error> {
        let (app, viewer) = (&state.app, c.viewer());
        let initiative = initiatives::get(app, viewer, id).await?;
        initiatives::refresh_reported(app, &initiative).await?;
        if viewer.is_some() {
            walks::look(app, &initiative).await?;
        }
        let after = c.query_number("after").map(ObjectId::from);
        let comments = comments::of_initiative(app, id, after, PAGE + 1).await?;
        let quotes = quotes::of_texts(app, id, &comments).await?;
        let reacted = match viewer.filter(|_| initiative.standing().is_open()) {
            Some(viewer) => Some(reactions::of_viewer(app, viewer, id).await?),
            None => None,
        };
        let ballots = ballots::of_initiative(app, id).await?;
        for poll in &ballots {
            ballots::refresh(app, &poll.ballot).await?;
        }
        let group = follow::Offer::read(app, c, &initiative).await?;
        let can_moderate = match viewer.filter(|_| initiative.assembly_local) {
            Some(viewer) => moderation::is_moderator(app, viewer, initiative.assembly_id).await?,
            None => false,
        };
        let now = app.now();
        Ok(Self { initiative, comments, quotes, reacted, group, can_moderate, after, ballots, now })
    }

    /// The form for an answer, for who can answer here.
    async fn answer(&self, state: &HttpState, c: &Ctx) -> Result<Option<Answer>, Error> {
        let open = self.initiative.standing().is_open() && self.initiative.locked_at.is_none();
        if c.session.is_none() || !open {
            return Ok(None);
        }
        let reply = c.query_number("reply").map(ObjectId::from);
        Answer::empty(state, c, self.initiative.id, reply).await.map(Some)
    }

    /// The page with this form; 410 for what was withdrawn, 422 for a form that was refused.
    pub(super) fn respond(&self, c: &Ctx, answer: Option<Answer>) -> Response {
        let status = if self.initiative.deleted_at.is_some() {
            ::http::StatusCode::GONE
        } else if answer.as_ref().is_some_and(|a| !a.problems.is_empty()) {
            ::http::StatusCode::UNPROCESSABLE_ENTITY
        } else {
            ::http::StatusCode::OK
        };
        page::with_status(status, &self.page(c, answer))
    }

    fn page<'a>(&'a self, c: &'a Ctx, answer: Option<Answer>) -> Show<'a> {
        let i = &self.initiative;
        let limit = usize::try_from(PAGE).unwrap_or(usize::MAX);
        let more = self.comments.len() > limit;
        let comments = self.comments.get(..limit).unwrap_or(&self.comments);
        let polls: Vec<ObjectId> = self.ballots.iter().map(|poll| poll.ballot.id).collect();
        let rows = rows::build(c, i.id, comments, &polls, &self.quotes);
        let official = c.viewer().is_some_and(speaks_for_bodies);
        Show {
            state_text: state_text(c, i.state),
            origin: origin(i),
            home: outward(&i.url),
            author_path: person_path(c, &i.author_handle, &i.author_host, &i.author_url),
            assembly_path: assembly_path(i),
            published: c.day(i.published_at.unwrap_or(i.created_at)),
            edited: i.edited_at.map(|at| c.day(at)),
            html: with_headings(i),
            locale: locale(&i.language),
            times: [
                i.published_at.map(Timestamp::to_rfc3339),
                i.edited_at.map(Timestamp::to_rfc3339),
            ],
            interact: interact_path(&i.uri, Intent::Like),
            description: text::excerpt(&text::plain(&i.html), 200),
            tallies: tallies(c, i),
            reacted: self.reacted,
            group: self.group.clone(),
            removal: i.removal.as_deref().map(|why| reason_text(c, why)),
            can_moderate: self.can_moderate,
            is_author: i.local && c.viewer().is_some_and(|v| v.id == i.author_id),
            labels: Labels::new(
                c,
                i.standing().is_open() && i.locked_at.is_none(),
                self.can_moderate,
            ),
            closing: rows::closing(&rows),
            rows,
            earlier: self.after.is_some(),
            later: if more { comments.last().map(|x| x.id) } else { None },
            reading: match c.query("thread").as_deref() {
                Some("begun") => Some(c.t("thread-begun")),
                Some("lately") => Some(c.t("thread-lately")),
                _ => None,
            },
            answer,
            ballots: self.ballots.iter().map(|poll| Shown::new(c, poll, self.now)).collect(),
            may_open_ballot: official && opener(i).is_ok(),
            c,
            i,
        }
    }
}

/// A language as OpenGraph writes it, with the country that most of its readers expect.
fn locale(language: &str) -> String {
    match language {
        "en" => "en_US".to_owned(),
        "ru" => "ru_RU".to_owned(),
        other => other.replace('-', "_"),
    }
}

/// The text with real headings: what leaves the instance has bold lines in their place, since
/// other servers drop headings.
fn with_headings(i: &Initiative) -> String {
    let mut html = i.html.clone();
    if i.local {
        let lang = Lang::parse(&i.language).unwrap_or(Lang::En);
        for key in ["article-problem", "article-proposal"] {
            let name = lang.text(key);
            let bold = format!("<p><strong>{name}</strong></p>");
            html = html.replacen(&bold, &format!("<h2>{name}</h2>"), 1);
        }
    }
    html
}

/// Endorsements, boosts, comments. Of what is at home elsewhere only its home knows the first two.
fn tallies(c: &Ctx, i: &Initiative) -> [String; 3] {
    let told = |ours: i64, reported: Option<i64>, key: &str, unknown: &str| match reported {
        _ if i.local => c.tn(key, ours),
        Some(n) => format!("{}, {}", c.tn(key, n), c.tv("reported-by", "host", &i.assembly_host)),
        None => c.tv(unknown, "host", &i.assembly_host),
    };
    [
        told(i.likes, i.reported_likes, "tally-endorsements", "endorsements-unreported"),
        told(i.boosts, i.reported_boosts, "tally-boosts", "boosts-unreported"),
        c.tn(if i.local { "tally-comments" } else { "tally-comments-here" }, i.replies),
    ]
}

#[derive(Template)]
#[template(path = "revisions.html")]
struct Revisions<'a> {
    c: &'a Ctx,
    i: &'a Initiative,
    list: Vec<Revision>,
}

async fn revisions(
    Extract(state): Extract<HttpState>,
    Path(id): Path<String>,
    c: Ctx,
) -> Result<Response, Error> {
    let id = object_id(&id)?;
    let i = initiatives::get(&state.app, c.viewer(), id).await?;
    let mut list = initiatives::revisions(&state.app, c.viewer(), id).await?;
    list.reverse();
    Ok(page::ok(&Revisions { c: &c, i: &i, list }))
}

#[derive(Template)]
#[template(path = "revision.html")]
struct OneRevision<'a> {
    c: &'a Ctx,
    i: &'a Initiative,
    revision: &'a Revision,
    removed: bool,
}

async fn revision(
    Extract(state): Extract<HttpState>,
    Path((id, number)): Path<(String, String)>,
    c: Ctx,
) -> Result<Response, Error> {
    let id = object_id(&id)?;
    let number: i64 = number.parse().map_err(|_| Error::NotFound)?;
    let i = initiatives::get(&state.app, c.viewer(), id).await?;
    let all = initiatives::revisions(&state.app, c.viewer(), id).await?;
    let revision = all.iter().find(|r| r.number == number).ok_or(Error::NotFound)?;
    let removed = i.deleted_at.is_some();
    Ok(page::ok(&OneRevision { c: &c, i: &i, revision, removed }))
}
