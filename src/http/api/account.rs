//! One's own account: its page, its aliases, moving, coming back, deleting it.

use super::{Problem, resolve};
use crate::app::App;
use crate::domain::profile::Field;
use crate::domain::{ActorKind, Profile, Viewer};
use crate::federation::{Budget, actors as remote_actors};
use crate::http::State;
use crate::http::extract::{Json, Reader, Writer};
use crate::services::{moves, profiles, removal};
use axum::extract::State as From;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(profile, set_profile))
        .routes(routes!(set_aliases))
        .routes(routes!(move_away))
        .routes(routes!(come_back))
        .routes(routes!(delete))
}

/// A labelled line of a profile.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FieldView {
    name: String,
    /// Plain text, or a web address.
    value: String,
}

/// What one's page and one's document say.
#[derive(Debug, Serialize, ToSchema)]
struct ProfileView {
    fields: Vec<FieldView>,
    /// Whether directories may list the account.
    discoverable: bool,
    /// Whether searches may find what it wrote.
    indexable: bool,
    /// Ids on the wire of one's other accounts.
    aliases: Vec<String>,
    /// The id on the wire of the account one has moved to.
    moved_to: Option<String>,
}

impl std::convert::From<Profile> for ProfileView {
    fn from(it: Profile) -> Self {
        let view = |Field { name, value }| FieldView { name, value };
        Self {
            fields: it.fields.into_iter().map(view).collect(),
            discoverable: it.discoverable,
            indexable: it.indexable,
            aliases: it.aliases,
            moved_to: it.moved_to,
        }
    }
}

async fn shown(app: &App, who: &Viewer) -> Result<axum::Json<ProfileView>, Problem> {
    Ok(axum::Json(profiles::of(app, who.id).await?.into()))
}

/// What one's page says.
#[utoipa::path(get, path = "/me/profile", responses(
    (status = 200, body = ProfileView),
    (status = "default", body = Problem, content_type = "application/problem+json"),
), security(("token" = ["read"])))]
async fn profile(
    From(app): From<App>,
    Reader(holder): Reader,
) -> Result<axum::Json<ProfileView>, Problem> {
    shown(&app, &holder.viewer).await
}

/// What one's page shall say.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewProfile {
    /// Up to four.
    fields: Vec<FieldView>,
    discoverable: bool,
    indexable: bool,
}

/// Changes one's page.
#[utoipa::path(put, path = "/me/profile", request_body = NewProfile, responses(
    (status = 200, body = ProfileView),
    (status = "default", body = Problem, content_type = "application/problem+json"),
), security(("token" = ["write"])))]
async fn set_profile(
    From(app): From<App>,
    Writer(who): Writer,
    Json(new): Json<NewProfile>,
) -> Result<axum::Json<ProfileView>, Problem> {
    let form = profiles::Form {
        fields: new.fields.into_iter().map(|f| (f.name, f.value)).collect(),
        discoverable: new.discoverable,
        indexable: new.indexable,
    };
    profiles::set_own(&app, &who, &form).await?;
    shown(&app, &who).await
}

/// One's other accounts.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewAliases {
    /// Addresses `name@host` or links, up to twenty.
    accounts: Vec<String>,
}

/// Says which accounts elsewhere are one's own too.
#[utoipa::path(put, path = "/me/aliases", request_body = NewAliases, responses(
    (status = 200, body = ProfileView),
    (status = "default", body = Problem, content_type = "application/problem+json"),
), security(("token" = ["write"])))]
async fn set_aliases(
    From(app): From<App>,
    Writer(who): Writer,
    Json(new): Json<NewAliases>,
) -> Result<axum::Json<ProfileView>, Problem> {
    let mut uris = Vec::new();
    for account in new.accounts.iter().take(2 * Profile::MAX_ALIASES) {
        uris.push(resolve::anywhere(&app, account).await?.uri);
    }
    moves::set_aliases(&app, &who, &uris).await?;
    shown(&app, &who).await
}

/// Where to move to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewMove {
    /// An address `name@host` or a link. It must name this account as another one of its own.
    target: String,
    /// One's password, once more.
    password: String,
}

/// Moves away: followers are taken along, the account can be read and does nothing more.
#[utoipa::path(post, path = "/me/move", request_body = NewMove, responses(
    (status = 200, body = ProfileView),
    (status = "default", body = Problem, content_type = "application/problem+json"),
), security(("token" = ["write"])))]
async fn move_away(
    From(app): From<App>,
    Writer(who): Writer,
    Json(new): Json<NewMove>,
) -> Result<axum::Json<ProfileView>, Problem> {
    let mut target = resolve::anywhere(&app, &new.target).await?;
    if !target.local && target.kind == ActorKind::Person {
        // What it says of itself now counts, not what it said when it was read last.
        if let Ok(fresh) = remote_actors::refresh(&app, &Budget::person(), &target.uri).await {
            target = fresh;
        }
    }
    moves::move_away(&app, &who, &new.password, target.id).await?;
    shown(&app, &who).await
}

/// One's password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Confirmation {
    /// One's password, once more.
    password: String,
}

/// Comes back after a move.
#[utoipa::path(post, path = "/me/return", request_body = Confirmation, responses(
    (status = 200, body = ProfileView),
    (status = "default", body = Problem, content_type = "application/problem+json"),
), security(("token" = ["write"])))]
async fn come_back(
    From(app): From<App>,
    Writer(who): Writer,
    Json(sure): Json<Confirmation>,
) -> Result<axum::Json<ProfileView>, Problem> {
    moves::come_back(&app, &who, &sure.password).await?;
    shown(&app, &who).await
}

/// Deletes one's account for good.
#[utoipa::path(post, path = "/me/delete", request_body = Confirmation, responses(
    (status = 204, description = "The account is gone, and this token with it."),
    (status = "default", body = Problem, content_type = "application/problem+json"),
), security(("token" = ["write"])))]
async fn delete(
    From(app): From<App>,
    Writer(who): Writer,
    Json(sure): Json<Confirmation>,
) -> Result<StatusCode, Problem> {
    removal::remove_own(&app, &who, &sure.password).await?;
    Ok(StatusCode::NO_CONTENT)
}
