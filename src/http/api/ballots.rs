//! Ballots: straw polls on initiatives. Opened, closed and removed by officials; voted on by
//! anybody with an account. Nothing of a ballot can be changed after it is opened.

use super::parameters::{Id, identifier_of};
use super::view::{ActorView, List};
use super::{PREFIX, Problem};
use crate::app::App;
use crate::domain::ballot::{Draft, Poll};
use crate::domain::urls::authority_of;
use crate::domain::{ObjectId, OptionId, Timestamp};
use crate::http::State;
use crate::http::extract::{Anyone, Json, Writer};
use crate::services::{self, ballots, initiatives};
use axum::extract::State as From;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(list, open))
        .routes(routes!(read, remove))
        .routes(routes!(close))
        .routes(routes!(vote))
}

/// Votes by where their voters are known. The kinds are never added together.
#[derive(Debug, Serialize, ToSchema)]
struct ByOrigin {
    fediverse: i64,
    registered: i64,
}

/// An option.
#[derive(Debug, Serialize, ToSchema)]
struct OptionView {
    id: String,
    name: String,
    /// Our own counts; absent while they are hidden, and for ballots of elsewhere.
    votes: Option<ByOrigin>,
    /// What the home of a ballot of elsewhere reports.
    #[serde(skip_serializing_if = "Option::is_none")]
    reported: Option<i64>,
}

/// Votes that do not count, by reason.
#[derive(Debug, Serialize, ToSchema)]
struct Verdicts {
    /// They came after the end, by our clock.
    late: i64,
    /// Further choices where one is allowed.
    second: i64,
    /// They name an option that is not there.
    refused: i64,
}

/// What the home of a ballot reports.
#[derive(Debug, Serialize, ToSchema)]
struct ReportedVoters {
    by: String,
    voters: Option<i64>,
    at: Option<String>,
}

/// A ballot.
#[derive(Debug, Serialize, ToSchema)]
struct BallotView {
    id: String,
    /// Its id on the wire.
    uri: String,
    /// Its page at its home.
    url: String,
    /// Whether this instance is its home.
    local: bool,
    initiative: String,
    /// `open`, `counting` (over, votes that came in time are still applied), `closed`, `removed`.
    state: &'static str,
    question: String,
    /// The whole text as clean HTML.
    html: String,
    language: String,
    multiple: bool,
    hide_tallies: bool,
    opened_at: String,
    /// The announced end.
    ends_at: String,
    closed_at: Option<String>,
    /// The body whose ballot it is.
    body: ActorView,
    options: Vec<OptionView>,
    /// Who has a vote that counts; absent while tallies are hidden, and for ballots of elsewhere.
    voters: Option<ByOrigin>,
    verdicts: Option<Verdicts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reported: Option<ReportedVoters>,
}

impl BallotView {
    fn new(poll: Poll, now: Timestamp) -> Self {
        let it = poll.ballot;
        let seen = it.local && it.shows_tallies();
        let votes = |fediverse, registered| seen.then_some(ByOrigin { fediverse, registered });
        let options = poll.options.into_iter().map(|o| OptionView {
            id: o.id.to_string(),
            name: o.name,
            votes: votes(o.fediverse, o.registered),
            reported: o.reported,
        });
        Self {
            id: it.id.to_string(),
            local: it.local,
            initiative: it.initiative_id.to_string(),
            state: it.state_at(now),
            options: options.collect(),
            voters: votes(it.fediverse, it.registered),
            verdicts: seen.then_some(Verdicts {
                late: it.late,
                second: it.second,
                refused: it.refused,
            }),
            reported: (!it.local).then(|| ReportedVoters {
                by: authority_of(&it.uri).unwrap_or_default(),
                voters: it.reported_voters,
                at: it.reported_at.map(Timestamp::to_rfc3339),
            }),
            body: ActorView {
                id: it.author_id.to_string(),
                address: format!("{}@{}", it.author_handle, it.author_host),
                uri: it.author_uri,
                url: it.author_url,
                handle: it.author_handle,
                name: it.author_name,
                local: it.local,
            },
            question: it.question,
            html: it.html,
            language: it.language,
            multiple: it.multiple,
            hide_tallies: it.hide_tallies,
            opened_at: it.opened_at.to_rfc3339(),
            ends_at: it.ends_at.to_rfc3339(),
            closed_at: it.closed_at.map(Timestamp::to_rfc3339),
            uri: it.uri,
            url: it.url,
        }
    }
}

/// A new ballot.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewBallot {
    /// One line, at most 150 characters.
    question: String,
    /// 2 to 20, each at most 50 characters, all different.
    options: Vec<String>,
    /// Whether several may be chosen.
    #[serde(default)]
    multiple: bool,
    /// Whether nobody sees tallies before the end.
    #[serde(default)]
    hide_tallies: bool,
    /// RFC 3339; an hour to 90 days ahead.
    ends_at: String,
    /// A language tag; without one, the initiative's.
    #[serde(default)]
    language: Option<String>,
}

/// A vote.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewVote {
    /// The ids of the options that are chosen.
    options: Vec<String>,
}

/// The ballots of an initiative, oldest first.
#[utoipa::path(get, path = "/initiatives/{id}/ballots", params(("id" = String, Path)), responses(
    (status = 200, body = List<BallotView>),
    (status = "default", body = Problem, content_type = "application/problem+json"),
))]
async fn list(
    From(app): From<App>,
    Anyone(who): Anyone,
    Id(id): Id,
) -> Result<axum::Json<List<BallotView>>, Problem> {
    initiatives::get(&app, who.as_ref(), id).await?;
    let now = app.now();
    let found = ballots::of_initiative(&app, id).await?;
    let views = found.into_iter().map(|poll| BallotView::new(poll, now)).collect();
    Ok(axum::Json(List::whole(views)))
}

/// Opens a ballot on an initiative, in the name of the body that it addresses.
#[utoipa::path(post, path = "/initiatives/{id}/ballots", params(("id" = String, Path)),
    request_body = NewBallot, responses(
    (status = 201, body = BallotView, headers(("Location" = String))),
    (status = "default", body = Problem, content_type = "application/problem+json"),
), security(("token" = ["write"])))]
async fn open(
    From(app): From<App>,
    Writer(who): Writer,
    Id(id): Id,
    Json(new): Json<NewBallot>,
) -> Result<Response, Problem> {
    let about = initiatives::get(&app, Some(&who), id).await?;
    let ends_at = Timestamp::parse_rfc3339(&new.ends_at)
        .ok_or_else(|| Problem::field("ends_at", "time", "ends_at: is not a moment (RFC 3339)"))?;
    let draft = Draft {
        question: new.question,
        options: new.options,
        multiple: new.multiple,
        hide_tallies: new.hide_tallies,
        ends_at,
        language: new.language.unwrap_or(about.language),
    };
    let made = ballots::open(&app, Some(&who), id, &draft).await?;
    let location = format!("{PREFIX}/ballots/{}", made.ballot.id);
    let view = axum::Json(BallotView::new(made, app.now()));
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], view).into_response())
}

/// A ballot; also a removed one.
#[utoipa::path(get, path = "/ballots/{id}", params(("id" = String, Path)), responses(
    (status = 200, body = BallotView),
    (status = "default", body = Problem, content_type = "application/problem+json"),
))]
async fn read(From(app): From<App>, Id(id): Id) -> Result<axum::Json<BallotView>, Problem> {
    let poll = ballots::get(&app, id).await?;
    ballots::refresh(&app, &poll.ballot).await?;
    Ok(axum::Json(BallotView::new(poll, app.now())))
}

/// Ends a ballot now.
#[utoipa::path(post, path = "/ballots/{id}/close", params(("id" = String, Path)), responses(
    (status = 200, body = BallotView),
    (status = "default", body = Problem, content_type = "application/problem+json"),
), security(("token" = ["write"])))]
async fn close(
    From(app): From<App>,
    Writer(who): Writer,
    Id(id): Id,
) -> Result<axum::Json<BallotView>, Problem> {
    let poll = ballots::close(&app, Some(&who), id).await;
    match poll {
        Ok(poll) => Ok(axum::Json(BallotView::new(poll, app.now()))),
        Err(error) => Err(with_state(&app, id, error).await),
    }
}

/// Removes a ballot; a tombstone stays.
#[utoipa::path(delete, path = "/ballots/{id}", params(("id" = String, Path)), responses(
    (status = 204, description = "It is removed."),
    (status = "default", body = Problem, content_type = "application/problem+json"),
), security(("token" = ["write"])))]
async fn remove(
    From(app): From<App>,
    Writer(who): Writer,
    Id(id): Id,
) -> Result<StatusCode, Problem> {
    ballots::remove(&app, Some(&who), id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Votes. A vote cannot be taken back; the same vote again changes nothing. On a ballot of
/// elsewhere it is sent, with one's name, to its home.
#[utoipa::path(post, path = "/ballots/{id}/votes", params(("id" = String, Path)),
    request_body = NewVote, responses(
    (status = 200, body = BallotView),
    (status = "default", body = Problem, content_type = "application/problem+json"),
), security(("token" = ["write"])))]
async fn vote(
    From(app): From<App>,
    Writer(who): Writer,
    Id(id): Id,
    Json(new): Json<NewVote>,
) -> Result<axum::Json<BallotView>, Problem> {
    let chosen: Result<Vec<OptionId>, Problem> =
        new.options.iter().map(|text| Ok(identifier_of("options", text)?.into())).collect();
    match ballots::vote(&app, &who, id, &chosen?).await {
        Ok(poll) => Ok(axum::Json(BallotView::new(poll, app.now()))),
        Err(error) => Err(with_state(&app, id, error).await),
    }
}

/// What is not possible now comes with the state that makes it so.
async fn with_state(app: &App, id: ObjectId, error: services::Error) -> Problem {
    let conflict = matches!(error, services::Error::Conflict(_));
    let problem = Problem::from(error);
    match ballots::get(app, id).await {
        Ok(poll) if conflict => problem.in_state(poll.ballot.state_at(app.now())),
        _ => problem,
    }
}
