//! Rules about other servers.

use super::require_admin;
use super::view::PolicyJson;
use crate::app::App;
use crate::domain::policy::Severity;
use crate::http::State;
use crate::http::api::Problem;
use crate::http::extract::{Json, Reader, Writer};
use crate::services::policies::{self, By, Form};
use axum::extract::{Path, State as From};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(set)).routes(routes!(unset))
}

/// All rules.
#[derive(Debug, Serialize, ToSchema)]
struct PoliciesJson {
    /// `open` or `allow_list`.
    mode: &'static str,
    items: Vec<PolicyJson>,
}

/// A rule as an admin states it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewPolicy {
    /// `accept`, `silence` or `reject`.
    severity: String,
    #[serde(default)]
    reject_media: bool,
    #[serde(default)]
    reject_reports: bool,
    #[serde(default)]
    obfuscate: bool,
    #[serde(default)]
    public_comment: String,
    #[serde(default)]
    private_comment: String,
    /// Why, for the audit.
    why: String,
}

/// Why a rule is taken back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Reason {
    why: String,
}

/// The rules about other servers, by domain.
#[utoipa::path(get, path = "/admin/federation/policies", responses(
    (status = 200, body = PoliciesJson),
    (status = "default", body = Problem, content_type = "application/problem+json"),
), security(("token" = ["read"])))]
async fn list(
    From(app): From<App>,
    Reader(holder): Reader,
) -> Result<axum::Json<PoliciesJson>, Problem> {
    require_admin(&holder.viewer)?;
    let items = policies::list(&app).await?.into_iter().map(Into::into).collect();
    let mode = app.config.federation.mode.as_str();
    Ok(axum::Json(PoliciesJson { mode, items }))
}

/// States a rule for a domain and all below it.
#[utoipa::path(put, path = "/admin/federation/policies/{domain}", params(("domain" = String, Path)),
    request_body = NewPolicy, responses(
    (status = 200, body = PolicyJson),
    (status = "default", body = Problem, content_type = "application/problem+json"),
), security(("token" = ["write"])))]
async fn set(
    From(app): From<App>,
    Writer(who): Writer,
    Path(domain): Path<String>,
    Json(new): Json<NewPolicy>,
) -> Result<axum::Json<PolicyJson>, Problem> {
    require_admin(&who)?;
    let severity = Severity::parse(&new.severity).ok_or_else(|| {
        Problem::field("severity", "value", "severity: must be accept, silence or reject")
    })?;
    let form = Form {
        severity,
        reject_media: new.reject_media,
        reject_reports: new.reject_reports,
        obfuscate: new.obfuscate,
        public_comment: new.public_comment,
        private_comment: new.private_comment,
    };
    let uri = app.urls.actor(crate::domain::ActorKind::Person, &who.handle);
    let by = By { who: &uri, why: &new.why };
    Ok(axum::Json(policies::set(&app, by, &domain, &form).await?.into()))
}

/// Takes a rule back.
#[utoipa::path(delete, path = "/admin/federation/policies/{domain}",
    params(("domain" = String, Path)), request_body = Reason, responses(
    (status = 204, description = "There is no such rule any more."),
    (status = "default", body = Problem, content_type = "application/problem+json"),
), security(("token" = ["write"])))]
async fn unset(
    From(app): From<App>,
    Writer(who): Writer,
    Path(domain): Path<String>,
    Json(reason): Json<Reason>,
) -> Result<StatusCode, Problem> {
    require_admin(&who)?;
    let uri = app.urls.actor(crate::domain::ActorKind::Person, &who.handle);
    policies::unset(&app, By { who: &uri, why: &reason.why }, &domain).await?;
    Ok(StatusCode::NO_CONTENT)
}
