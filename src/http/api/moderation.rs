//! Moderating an assembly: its moderators, bans, and what was done; closing, pinning, removing.

use super::parameters::Id;
use super::view::{ActorView, List};
use super::{Problem, resolve};
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::moderation::{ModAct, Order};
use crate::domain::{ActorKind, ObjectId, Timestamp, Viewer};
use crate::http::State;
use crate::http::extract::{Json, Writer};
use crate::services::{comments, initiatives, moderation};
use axum::extract::{Path, State as From};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(pin, unpin))
        .routes(routes!(lock, unlock))
        .routes(routes!(remove_initiative))
        .routes(routes!(remove_comment))
        .routes(routes!(moderators, appoint))
        .routes(routes!(dismiss))
        .routes(routes!(bans, ban))
        .routes(routes!(unban))
        .routes(routes!(record))
}

/// Acts that the record gives.
const SHOWN: i64 = 100;

/// Why something is removed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Removal {
    /// `spam`, `insult`, `personal-data`, `illegal`, `off-topic` or `other`.
    reason: String,
}

/// Who becomes a moderator.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewModerator {
    /// A handle, an address `name@host`, or a link.
    actor: String,
}

/// Who may not take part.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewBan {
    /// A handle, an address `name@host`, or a link.
    actor: String,
    /// As for a removal.
    reason: String,
    /// RFC 3339; without it the ban has no end.
    #[serde(default)]
    until: Option<String>,
}

/// Somebody who may not take part.
#[derive(Debug, Serialize, ToSchema)]
struct BanView {
    id: String,
    uri: String,
    address: String,
    reason: String,
    until: Option<String>,
}

/// What a moderator did.
#[derive(Debug, Serialize, ToSchema)]
struct ActView {
    /// `pin`, `unpin`, `lock`, `unlock`, `remove`, `ban`, `unban`, `appoint` or `dismiss`.
    act: &'static str,
    /// The address of the moderator.
    moderator: String,
    /// The id on the wire of the text, or the address of the person.
    about: String,
    reason: String,
    until: Option<String>,
    /// The id of the activity that told it.
    activity: String,
    created_at: String,
}

async fn about_text(
    app: &App,
    who: &Viewer,
    act: ModAct,
    id: ObjectId,
    reason: &str,
) -> Result<StatusCode, Problem> {
    let root = match comments::object_by_id(app, id).await? {
        Some(object) if object.id != object.root_id => object.root_id,
        _ => id,
    };
    let initiative = initiatives::get(app, Some(who), root).await?;
    let order = Order::about_text(act, initiative.assembly_id, id, reason);
    moderation::act(app, who, &order).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// One handler about an initiative: what it does, its method and path, the act.
macro_rules! about_initiative {
    ($name:ident, $does:literal, $method:ident, $path:literal, $act:ident) => {
        #[doc = $does]
        #[utoipa::path($method, path = $path, params(("id" = String, Path)), responses(
                    (status = 204, description = "It is so now."),
                    (status = "default", body = Problem, content_type = "application/problem+json"),
                ), security(("token" = ["write"])))]
        async fn $name(
            From(app): From<App>,
            Writer(who): Writer,
            Id(id): Id,
        ) -> Result<StatusCode, Problem> {
            about_text(&app, &who, ModAct::$act, id, "").await
        }
    };
}

about_initiative!(
    pin,
    "Shows an initiative first in its assembly. For moderators.",
    post,
    "/initiatives/{id}/pin",
    Pin
);
about_initiative!(
    unpin,
    "Shows an initiative in its turn again. For moderators.",
    delete,
    "/initiatives/{id}/pin",
    Unpin
);
about_initiative!(
    lock,
    "Closes the thread of an initiative: no further replies count. For moderators.",
    post,
    "/initiatives/{id}/lock",
    Lock
);
about_initiative!(
    unlock,
    "Opens the thread of an initiative again. For moderators.",
    delete,
    "/initiatives/{id}/lock",
    Unlock
);

/// Removes an initiative with a reason; its place stays. For moderators.
#[utoipa::path(post, path = "/initiatives/{id}/removal", params(("id" = String, Path)),
    request_body = Removal, responses(
    (status = 204, description = "Only its place is left."),
    (status = "default", body = Problem, content_type = "application/problem+json"),
), security(("token" = ["write"])))]
async fn remove_initiative(
    From(app): From<App>,
    Writer(who): Writer,
    Id(id): Id,
    Json(removal): Json<Removal>,
) -> Result<StatusCode, Problem> {
    about_text(&app, &who, ModAct::Remove, id, &removal.reason).await
}

/// Removes a comment with a reason; its place stays. For moderators.
#[utoipa::path(post, path = "/comments/{id}/removal", params(("id" = String, Path)),
    request_body = Removal, responses(
    (status = 204, description = "Only its place is left."),
    (status = "default", body = Problem, content_type = "application/problem+json"),
), security(("token" = ["write"])))]
async fn remove_comment(
    From(app): From<App>,
    Writer(who): Writer,
    Id(id): Id,
    Json(removal): Json<Removal>,
) -> Result<StatusCode, Problem> {
    comments::get(&app, id).await?;
    about_text(&app, &who, ModAct::Remove, id, &removal.reason).await
}

async fn assembly(app: &App, handle: &str) -> Result<Actor, Problem> {
    let found = resolve::known(app, handle).await?;
    let found = found.filter(|a| a.kind == ActorKind::Assembly);
    found.ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, "assembly not found"))
}

/// Who moderates an assembly.
#[utoipa::path(get, path = "/assemblies/{handle}/moderators", params(("handle" = String, Path)),
    responses(
    (status = 200, body = List<ActorView>),
    (status = "default", body = Problem, content_type = "application/problem+json"),
))]
async fn moderators(
    From(app): From<App>,
    Path(handle): Path<String>,
) -> Result<axum::Json<List<ActorView>>, Problem> {
    let assembly = assembly(&app, &handle).await?;
    let found = moderation::moderators(&app, assembly.id).await?;
    Ok(axum::Json(List::whole(found.iter().map(ActorView::from).collect())))
}

/// Makes somebody a moderator of an assembly. For those who run the instance.
#[utoipa::path(post, path = "/assemblies/{handle}/moderators", params(("handle" = String, Path)),
    request_body = NewModerator, responses(
    (status = 204, description = "They are a moderator now."),
    (status = "default", body = Problem, content_type = "application/problem+json"),
), security(("token" = ["write"])))]
async fn appoint(
    From(app): From<App>,
    Writer(who): Writer,
    Path(handle): Path<String>,
    Json(new): Json<NewModerator>,
) -> Result<StatusCode, Problem> {
    let assembly = assembly(&app, &handle).await?;
    let actor = resolve::anywhere(&app, &new.actor).await?;
    let order = Order::about_person(ModAct::Appoint, assembly.id, actor.id);
    moderation::act(&app, &who, &order).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Both parts of the path of a person in an assembly.
#[derive(Debug, Deserialize)]
struct Member {
    handle: String,
    id: String,
}

async fn about_member(
    app: &App,
    who: &Viewer,
    act: ModAct,
    member: &Member,
) -> Result<StatusCode, Problem> {
    let assembly = assembly(app, &member.handle).await?;
    let missing = |_| Problem::new(StatusCode::NOT_FOUND, "there is nothing here");
    let actor: crate::domain::ActorId = member.id.parse().map_err(missing)?;
    moderation::act(app, who, &Order::about_person(act, assembly.id, actor)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends that somebody is a moderator. For those who run the instance, and for oneself.
#[utoipa::path(delete, path = "/assemblies/{handle}/moderators/{id}",
    params(("handle" = String, Path), ("id" = String, Path)), responses(
    (status = 204, description = "They are no moderator."),
    (status = "default", body = Problem, content_type = "application/problem+json"),
), security(("token" = ["write"])))]
async fn dismiss(
    From(app): From<App>,
    Writer(who): Writer,
    Path(member): Path<Member>,
) -> Result<StatusCode, Problem> {
    about_member(&app, &who, ModAct::Dismiss, &member).await
}

/// Who may not take part in an assembly.
#[utoipa::path(get, path = "/assemblies/{handle}/bans", params(("handle" = String, Path)),
    responses(
    (status = 200, body = List<BanView>),
    (status = "default", body = Problem, content_type = "application/problem+json"),
))]
async fn bans(
    From(app): From<App>,
    Path(handle): Path<String>,
) -> Result<axum::Json<List<BanView>>, Problem> {
    let assembly = assembly(&app, &handle).await?;
    let found = moderation::bans(&app, assembly.id).await?.into_iter().map(|ban| BanView {
        id: ban.actor_id.to_string(),
        uri: ban.actor_uri,
        address: format!("{}@{}", ban.actor_handle, ban.actor_host),
        reason: ban.reason,
        until: ban.until.map(Timestamp::to_rfc3339),
    });
    Ok(axum::Json(List::whole(found.collect())))
}

/// Bans somebody from an assembly. For moderators.
#[utoipa::path(post, path = "/assemblies/{handle}/bans", params(("handle" = String, Path)),
    request_body = NewBan, responses(
    (status = 204, description = "They may not take part."),
    (status = "default", body = Problem, content_type = "application/problem+json"),
), security(("token" = ["write"])))]
async fn ban(
    From(app): From<App>,
    Writer(who): Writer,
    Path(handle): Path<String>,
    Json(new): Json<NewBan>,
) -> Result<StatusCode, Problem> {
    let assembly = assembly(&app, &handle).await?;
    let wrong =
        || Problem::field("until", "time", "until: is not a moment like 2026-12-31T00:00:00Z");
    let until = match new.until.as_deref() {
        None => None,
        Some(text) => Some(Timestamp::parse_rfc3339(text).ok_or_else(wrong)?),
    };
    let actor = resolve::anywhere(&app, &new.actor).await?;
    let person = Order::about_person(ModAct::Ban, assembly.id, actor.id);
    let order = Order { reason: new.reason, until, ..person };
    moderation::act(&app, &who, &order).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends a ban. For moderators.
#[utoipa::path(delete, path = "/assemblies/{handle}/bans/{id}",
    params(("handle" = String, Path), ("id" = String, Path)), responses(
    (status = 204, description = "They may take part."),
    (status = "default", body = Problem, content_type = "application/problem+json"),
), security(("token" = ["write"])))]
async fn unban(
    From(app): From<App>,
    Writer(who): Writer,
    Path(member): Path<Member>,
) -> Result<StatusCode, Problem> {
    about_member(&app, &who, ModAct::Unban, &member).await
}

/// What the moderators of an assembly did, newest first.
#[utoipa::path(get, path = "/assemblies/{handle}/moderation", params(("handle" = String, Path)),
    responses(
    (status = 200, body = List<ActView>),
    (status = "default", body = Problem, content_type = "application/problem+json"),
))]
async fn record(
    From(app): From<App>,
    Path(handle): Path<String>,
) -> Result<axum::Json<List<ActView>>, Problem> {
    let assembly = assembly(&app, &handle).await?;
    let told = moderation::record(&app, assembly.id, SHOWN).await?.into_iter().map(|it| ActView {
        act: it.act.act.as_str(),
        moderator: it.moderator,
        about: it.name,
        reason: it.act.reason,
        until: it.act.until.map(Timestamp::to_rfc3339),
        activity: it.act.activity_uri,
        created_at: it.act.created_at.to_rfc3339(),
    });
    Ok(axum::Json(List::whole(told.collect())))
}
