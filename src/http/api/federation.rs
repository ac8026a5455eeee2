//! The federation log, the rules about other servers and the queues, for admins.

mod queues;
mod rules;
pub mod view;

use super::Problem;
use super::parameters::{Parameters, given, optional};
use crate::app::App;
use crate::domain::peerlog::{Direction, Fate};
use crate::domain::{PageRequest, Role, Timestamp, Viewer, host};
use crate::http::State;
use crate::http::extract::Reader;
use crate::services::peerlog::{self, Filter};
use axum::Json;
use axum::extract::{Path, State as From};
use http::StatusCode;
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use view::{HostJson, HostsJson, LogJson, StoriesJson};

pub(super) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(log))
        .routes(routes!(show))
        .routes(routes!(hosts))
        .routes(routes!(one_host))
        .merge(rules::routes())
        .merge(queues::routes())
}

fn require_admin(who: &Viewer) -> Result<(), Problem> {
    if who.is(Role::Admin) {
        return Ok(());
    }
    Err(Problem::new(StatusCode::FORBIDDEN, "this is for admins"))
}

/// What is looked for in the log.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Search {
    /// A host, with all below its name.
    host: Option<String>,
    /// The id of the acting actor.
    actor: Option<String>,
    /// The id of the activity.
    activity: Option<String>,
    /// `applied`, `no_effect`, `waiting`, `refused`, `delivered`, `dead` or `dismissed`.
    fate: Option<String>,
    /// `in` or `out`.
    direction: Option<String>,
    /// From this moment on (RFC 3339).
    since: Option<String>,
    /// Before this moment (RFC 3339).
    until: Option<String>,
    /// Only entries older than this id.
    before: Option<String>,
    /// How many, up to 100.
    limit: Option<i64>,
}

impl Search {
    fn filter(&self) -> Result<Filter, Problem> {
        let wrong = |field: &str| Problem::field(field, "value", format!("{field}: is not valid"));
        let moment = |field: &str, text: Option<&str>| {
            let read = |t| Timestamp::parse_rfc3339(t).ok_or_else(|| wrong(field));
            given(text).map(read).transpose()
        };
        let named = given(self.host.as_deref());
        Ok(Filter {
            host: named.map(|h| host::canonical(h).ok_or_else(|| wrong("host"))).transpose()?,
            actor: given(self.actor.as_deref()).map(str::to_owned),
            activity: given(self.activity.as_deref()).map(str::to_owned),
            fate: given(self.fate.as_deref())
                .map(|f| Fate::parse(f).ok_or_else(|| wrong("fate")))
                .transpose()?,
            direction: match given(self.direction.as_deref()) {
                None => None,
                Some("in") => Some(Direction::In),
                Some("out") => Some(Direction::Out),
                Some(_) => return Err(wrong("direction")),
            },
            since: moment("since", self.since.as_deref())?,
            until: moment("until", self.until.as_deref())?,
        })
    }
}

/// The federation log, newest first.
#[utoipa::path(get, path = "/admin/federation/log", params(Search), responses(
    (status = 200, body = LogJson),
    (status = "default", body = Problem, content_type = "application/problem+json"),
), security(("token" = ["read"])))]
async fn log(
    From(app): From<App>,
    Reader(holder): Reader,
    Parameters(search): Parameters<Search>,
) -> Result<Json<LogJson>, Problem> {
    require_admin(&holder.viewer)?;
    let before = optional("before", search.before.as_deref())?;
    let page = PageRequest::new(before, search.limit);
    Ok(Json(peerlog::list(&app, &search.filter()?, page).await?.into()))
}

/// Everything about an entry of the log: each check, each attempt, what happens next and what can
/// be done.
#[utoipa::path(get, path = "/admin/federation/log/{id}", params(("id" = String, Path)), responses(
    (status = 200, body = StoriesJson),
    (status = "default", body = Problem, content_type = "application/problem+json"),
), security(("token" = ["read"])))]
async fn show(
    From(app): From<App>,
    Reader(holder): Reader,
    Path(id): Path<String>,
) -> Result<Json<StoriesJson>, Problem> {
    require_admin(&holder.viewer)?;
    let found = peerlog::show(&app, &id).await?;
    if found.is_empty() {
        return Err(Problem::new(StatusCode::NOT_FOUND, "the log knows nothing of it"));
    }
    Ok(Json(found.into()))
}

/// Servers for which something waits, was given up, or that fail.
#[utoipa::path(get, path = "/admin/federation/hosts", responses(
    (status = 200, body = HostsJson),
    (status = "default", body = Problem, content_type = "application/problem+json"),
), security(("token" = ["read"])))]
async fn hosts(From(app): From<App>, Reader(holder): Reader) -> Result<Json<HostsJson>, Problem> {
    require_admin(&holder.viewer)?;
    Ok(Json(peerlog::hosts(&app, PageRequest::MAX).await?.into()))
}

/// How one server is doing.
#[utoipa::path(get, path = "/admin/federation/hosts/{host}", params(("host" = String, Path)), responses(
    (status = 200, body = HostJson),
    (status = "default", body = Problem, content_type = "application/problem+json"),
), security(("token" = ["read"])))]
async fn one_host(
    From(app): From<App>,
    Reader(holder): Reader,
    Path(name): Path<String>,
) -> Result<Json<HostJson>, Problem> {
    require_admin(&holder.viewer)?;
    Ok(Json(peerlog::host(&app, &name).await?.into()))
}
