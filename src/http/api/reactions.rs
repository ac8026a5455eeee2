//! Endorsements and boosts of initiatives and comments. Each request says how it shall be, so
//! that sending it twice does no harm.

use super::Problem;
use super::parameters::Id;
use super::view::{CommentView, InitiativeView};
use crate::app::App;
use crate::domain::{ObjectId, Reaction, Viewer};
use crate::http::State;
use crate::http::extract::Writer;
use crate::services::{comments, initiatives, reactions};
use axum::Json;
use axum::extract::State as From;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(endorse_initiative, unendorse_initiative))
        .routes(routes!(boost_initiative, unboost_initiative))
        .routes(routes!(endorse_comment, unendorse_comment))
        .routes(routes!(boost_comment, unboost_comment))
}

async fn set(
    app: &App,
    who: &Viewer,
    id: ObjectId,
    reaction: Reaction,
    wanted: bool,
) -> Result<(), Problem> {
    if wanted {
        reactions::react(app, who, id, reaction).await?;
    } else {
        reactions::unreact(app, who, id, reaction).await?;
    }
    Ok(())
}

async fn on_initiative(
    app: &App,
    who: &Viewer,
    id: ObjectId,
    reaction: Reaction,
    wanted: bool,
) -> Result<Json<InitiativeView>, Problem> {
    initiatives::get(app, Some(who), id).await?;
    set(app, who, id, reaction, wanted).await?;
    Ok(Json(InitiativeView::brief(&initiatives::get(app, Some(who), id).await?)))
}

async fn on_comment(
    app: &App,
    who: &Viewer,
    id: ObjectId,
    reaction: Reaction,
    wanted: bool,
) -> Result<Json<CommentView>, Problem> {
    comments::get(app, id).await?;
    set(app, who, id, reaction, wanted).await?;
    Ok(Json(comments::get(app, id).await?.into()))
}

/// One handler: what it does, its method and path, on what, which reaction, given or taken back.
macro_rules! reaction {
    ($name:ident, $does:literal, $method:ident, $path:literal, $on:ident -> $view:ident, $reaction:ident, $wanted:literal) => {
        #[doc = $does]
        #[utoipa::path($method, path = $path, params(("id" = String, Path)), responses(
                    (status = 200, body = $view),
                    (status = "default", body = Problem, content_type = "application/problem+json"),
                ), security(("token" = ["write"])))]
        async fn $name(
            From(app): From<App>,
            Writer(who): Writer,
            Id(id): Id,
        ) -> Result<Json<$view>, Problem> {
            $on(&app, &who, id, Reaction::$reaction, $wanted).await
        }
    };
}

reaction!(endorse_initiative, "Endorses an initiative.",
    post, "/initiatives/{id}/endorsement", on_initiative -> InitiativeView, Like, true);
reaction!(unendorse_initiative, "Takes the endorsement of an initiative back.",
    delete, "/initiatives/{id}/endorsement", on_initiative -> InitiativeView, Like, false);
reaction!(boost_initiative, "Passes an initiative on to one's followers.",
    post, "/initiatives/{id}/boost", on_initiative -> InitiativeView, Boost, true);
reaction!(unboost_initiative, "Takes the boost of an initiative back.",
    delete, "/initiatives/{id}/boost", on_initiative -> InitiativeView, Boost, false);
reaction!(endorse_comment, "Endorses a comment.",
    post, "/comments/{id}/endorsement", on_comment -> CommentView, Like, true);
reaction!(unendorse_comment, "Takes the endorsement of a comment back.",
    delete, "/comments/{id}/endorsement", on_comment -> CommentView, Like, false);
reaction!(boost_comment, "Passes a comment on to one's followers.",
    post, "/comments/{id}/boost", on_comment -> CommentView, Boost, true);
reaction!(unboost_comment, "Takes the boost of a comment back.",
    delete, "/comments/{id}/boost", on_comment -> CommentView, Boost, false);
