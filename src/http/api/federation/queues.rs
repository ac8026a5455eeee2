//! Acts on what waits and on what was given up.

use super::require_admin;
use super::view::ChangedJson;
use crate::app::App;
use crate::domain::host;
use crate::http::State;
use crate::http::api::Problem;
use crate::http::api::parameters::identifier_of;
use crate::http::extract::{Json, Writer};
use crate::services::letters::{self, Act, Which};
use crate::services::policies::By;
use axum::extract::State as From;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new().routes(routes!(act))
}

/// What to do with which rows: exactly one of `id`, `host` and `all_dead`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewAct {
    /// `retry`, `drop` or `dismiss`.
    act: String,
    /// A delivery, an arrival or a job.
    #[serde(default)]
    id: Option<String>,
    /// Everything for or from this host.
    #[serde(default)]
    host: Option<String>,
    /// Everything that was given up.
    #[serde(default)]
    all_dead: bool,
    /// Why, for the audit.
    why: String,
}

/// Tries again now, gives up, or puts away what was given up.
#[utoipa::path(post, path = "/admin/federation/queue", request_body = NewAct, responses(
    (status = 200, body = ChangedJson),
    (status = "default", body = Problem, content_type = "application/problem+json"),
), security(("token" = ["write"])))]
async fn act(
    From(app): From<App>,
    Writer(who): Writer,
    Json(new): Json<NewAct>,
) -> Result<axum::Json<ChangedJson>, Problem> {
    require_admin(&who)?;
    let act = match new.act.as_str() {
        "retry" => Act::Retry,
        "drop" => Act::Drop,
        "dismiss" => Act::Dismiss,
        _ => {
            let detail = "act: must be retry, drop or dismiss";
            return Err(Problem::field("act", "value", detail));
        }
    };
    let which = match (&new.id, &new.host, new.all_dead) {
        (Some(id), None, false) => Which::Id(identifier_of("id", id)?),
        (None, Some(name), false) => Which::Host(
            host::canonical(name)
                .ok_or_else(|| Problem::field("host", "value", "host: is not a server"))?,
        ),
        (None, None, true) => Which::Dead,
        _ => {
            let detail = "id: give exactly one of id, host and all_dead";
            return Err(Problem::field("id", "required", detail));
        }
    };
    let uri = app.urls.actor(crate::domain::ActorKind::Person, &who.handle);
    let by = By { who: &uri, why: &new.why };
    Ok(axum::Json(letters::act(&app, by, act, &which).await?.into()))
}
