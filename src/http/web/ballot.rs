//! The page of a ballot with its form for a vote; opening, closing and removing one.

mod shown;

pub(super) use shown::Shown;

use super::context::Ctx;
use super::form::{Field, Fields, Problems, SignedPost, problems_of};
use super::view::{language_field, outward, person_path};
use super::{Error, initiative_path, object_id, page};
use crate::domain::ballot::{Draft, Poll, Question, speaks_for_bodies};
use crate::domain::initiative::Initiative;
use crate::domain::{ObjectId, OptionId};
use crate::http;
use crate::http::extract::session::SignedIn;
use crate::services::{ballots, initiatives};
use askama::Template;
use axum::Router;
use axum::extract::{Path, State as Extract};
use axum::response::Response;
use axum::routing::{get, post};

pub(super) fn router() -> Router<http::State> {
    Router::new()
        .route("/q/{id}", get(show))
        .route("/q/{id}/vote", post(vote))
        .route("/q/{id}/close", post(close))
        .route("/q/{id}/remove", get(confirm).post(remove))
        .route("/p/{id}/ballots", post(open))
        .route("/p/{id}/ballots/new", get(blank))
}

fn ballot_path(id: ObjectId) -> String {
    format!("/q/{id}")
}

#[derive(Template)]
#[template(path = "ballot.html")]
#[expect(clippy::struct_excessive_bools, reason = "each is a question that the template asks")]
struct Show<'a> {
    c: &'a Ctx,
    i: &'a Initiative,
    b: Shown,
    problems: Problems,
    uri: &'a str,
    home: String,
    local: bool,
    author: &'a str,
    author_path: String,
    multiple: bool,
    is_open: bool,
    official: bool,
    can_vote: bool,
    ask_to_sign_in: bool,
    choices: Vec<(OptionId, &'a str)>,
    /// Where a vote is counted, if that is not here.
    elsewhere: Option<String>,
    /// What the visitor chose before.
    voted: Option<String>,
    /// How many votes do not count, by reason.
    verdicts: Option<[String; 3]>,
}

async fn show(
    Extract(state): Extract<http::State>,
    Path(id): Path<String>,
    c: Ctx,
) -> Result<Response, Error> {
    shown(&state, &c, object_id(&id)?, Problems::new()).await
}

async fn shown(
    state: &http::State,
    c: &Ctx,
    id: ObjectId,
    problems: Problems,
) -> Result<Response, Error> {
    let (app, now) = (&state.app, state.app.now());
    let poll = ballots::get(app, id).await?;
    let ballot = &poll.ballot;
    if ballot.deleted_at.is_some() {
        return Err(Error::Gone);
    }
    ballots::refresh(app, ballot).await?;
    let i = initiatives::get(app, c.viewer(), ballot.initiative_id).await?;
    let is_open = ballot.is_open_at(now) && i.standing().is_open();
    let before = match c.viewer() {
        Some(viewer) => ballots::choices_of(app, viewer, id).await?,
        None => Vec::new(),
    };
    let names = |chosen: &[OptionId]| {
        let of = poll.options.iter().filter(|o| chosen.contains(&o.id));
        of.map(|o| o.name.as_str()).collect::<Vec<_>>().join(", ")
    };
    let left = poll.options.iter().filter(|o| !before.contains(&o.id));
    let choices: Vec<_> = left.map(|o| (o.id, o.name.as_str())).collect();
    let may_go_on = before.is_empty() || (ballot.multiple && !choices.is_empty());
    let (handle, host, url) = (&ballot.author_handle, &ballot.author_host, &ballot.author_url);
    let failed = !problems.is_empty();
    let uncounted = ballot.late + ballot.second + ballot.refused;
    let page = Show {
        b: Shown::new(c, &poll, now),
        i: &i,
        problems,
        uri: &ballot.uri,
        home: outward(&ballot.url),
        local: ballot.local,
        author: &ballot.author_name,
        author_path: person_path(c, handle, host, url),
        multiple: ballot.multiple,
        is_open,
        official: ballot.local && c.viewer().is_some_and(speaks_for_bodies),
        can_vote: is_open && may_go_on && c.session.is_some(),
        ask_to_sign_in: is_open && c.session.is_none(),
        choices,
        elsewhere: (!ballot.local).then(|| c.tv("ballot-vote-elsewhere", "host", host)),
        voted: (!before.is_empty()).then(|| names(&before)),
        verdicts: (ballot.local && ballot.shows_tallies() && uncounted > 0).then(|| {
            [
                c.tn("ballot-late", ballot.late),
                c.tn("ballot-second", ballot.second),
                c.tn("ballot-refused", ballot.refused),
            ]
        }),
        c,
    };
    Ok(page::form(failed, &page))
}

async fn vote(
    Extract(state): Extract<http::State>,
    Path(id): Path<String>,
    post: SignedPost,
) -> Result<Response, Error> {
    let id = object_id(&id)?;
    let given = post.fields.all("options");
    let chosen: Vec<OptionId> = given.iter().filter_map(|text| text.parse().ok()).collect();
    match ballots::vote(&state.app, &post.session.viewer, id, &chosen).await {
        Ok(_) => Ok(page::see_other(&ballot_path(id))),
        Err(error) => shown(&state, &post.c, id, problems_of(&post.c, error)?).await,
    }
}

async fn close(
    Extract(state): Extract<http::State>,
    Path(id): Path<String>,
    post: SignedPost,
) -> Result<Response, Error> {
    let id = object_id(&id)?;
    ballots::close(&state.app, Some(&post.session.viewer), id).await?;
    Ok(page::see_other(&ballot_path(id)))
}

#[derive(Template)]
#[template(path = "ballot_remove.html")]
struct Remove<'a> {
    c: &'a Ctx,
    id: ObjectId,
    question: &'a str,
}

async fn confirm(
    Extract(state): Extract<http::State>,
    Path(id): Path<String>,
    SignedIn(session): SignedIn,
    c: Ctx,
) -> Result<Response, Error> {
    let Poll { ballot, .. } = ballots::get(&state.app, object_id(&id)?).await?;
    if !ballot.local || !speaks_for_bodies(&session.viewer) {
        return Err(Error::Forbidden);
    }
    if ballot.deleted_at.is_some() {
        return Err(Error::Gone);
    }
    Ok(page::ok(&Remove { c: &c, id: ballot.id, question: &ballot.question }))
}

async fn remove(
    Extract(state): Extract<http::State>,
    Path(id): Path<String>,
    post: SignedPost,
) -> Result<Response, Error> {
    let id = object_id(&id)?;
    let about = ballots::get(&state.app, id).await?.ballot.initiative_id;
    ballots::remove(&state.app, Some(&post.session.viewer), id).await?;
    Ok(page::see_other(&initiative_path(about)))
}

#[derive(Template)]
#[template(path = "ballot_new.html")]
struct New<'a> {
    c: &'a Ctx,
    i: &'a Initiative,
    problems: Problems,
    fields: [Field; 6],
}

/// How long a ballot is open, in hours.
const LENGTHS: [i64; 8] = [1, 6, 24, 72, 168, 336, 720, 2_160];

fn new_page(c: &Ctx, i: &Initiative, typed: &Fields, problems: Problems) -> Response {
    let length = |hours: i64| match hours {
        n if n < 24 => c.tn("ballot-length-hours", n),
        n => c.tn("ballot-length-days", n / 24),
    };
    let lengths = LENGTHS.map(|hours| (hours.to_string(), length(hours))).to_vec();
    let kinds = [("one", c.t("ballot-one")), ("several", c.t("ballot-several"))];
    let shows = [("shown", c.t("ballot-tallies-shown")), ("hidden", c.t("ballot-tallies-hidden"))];
    let pairs = |of: [(&str, String); 2]| of.map(|(v, text)| (v.to_owned(), text)).to_vec();
    let chosen = |name: &str, default: &str| match typed.get(name) {
        "" => default.to_owned(),
        text => text.to_owned(),
    };
    let fields = [
        Field::line("question", c.t("ballot-question"))
            .hint(c.t("ballot-question-hint"))
            .limit(Question::MAX_QUESTION)
            .filled(typed.get("question"), &problems),
        Field::lines("options", c.t("ballot-options"), 5)
            .hint(c.t("ballot-options-hint"))
            .filled(typed.get("options"), &problems),
        Field::choice("choices", c.t("ballot-choices"), pairs(kinds))
            .filled(&chosen("choices", "one"), &problems),
        Field::choice("ends_at", c.t("ballot-length"), lengths)
            .filled(&chosen("ends_at", "168"), &problems),
        Field::choice("tallies", c.t("ballot-tallies"), pairs(shows))
            .filled(&chosen("tallies", "shown"), &problems),
        language_field(c.t("language-of-text"), &chosen("language", &i.language), &problems),
    ];
    page::form(!problems.is_empty(), &New { c, i, problems, fields })
}

async fn blank(
    Extract(state): Extract<http::State>,
    Path(id): Path<String>,
    SignedIn(session): SignedIn,
    c: Ctx,
) -> Result<Response, Error> {
    let i = initiatives::get(&state.app, Some(&session.viewer), object_id(&id)?).await?;
    if !speaks_for_bodies(&session.viewer) {
        return Err(Error::Forbidden);
    }
    crate::domain::ballot::opener(&i).map_err(crate::services::Error::from)?;
    Ok(new_page(&c, &i, &Fields::default(), Problems::new()))
}

async fn open(
    Extract(state): Extract<http::State>,
    Path(id): Path<String>,
    post: SignedPost,
) -> Result<Response, Error> {
    let (c, viewer, typed) = (&post.c, &post.session.viewer, &post.fields);
    let i = initiatives::get(&state.app, Some(viewer), object_id(&id)?).await?;
    let hours: i64 = typed.get("ends_at").parse().unwrap_or(0);
    let draft = Draft {
        question: typed.get("question").to_owned(),
        options: typed.get("options").lines().map(str::to_owned).collect(),
        multiple: typed.get("choices") == "several",
        hide_tallies: typed.get("tallies") == "hidden",
        // A second more, since parts of one are cut off.
        ends_at: state
            .app
            .now()
            .plus_seconds(hours.clamp(0, 10_000) * 3_600 + i64::from(hours == 1)),
        language: typed.get("language").to_owned(),
    };
    match ballots::open(&state.app, Some(viewer), i.id, &draft).await {
        Ok(made) => Ok(page::see_other(&ballot_path(made.ballot.id))),
        Err(error) => Ok(new_page(c, &i, typed, problems_of(c, error)?)),
    }
}
