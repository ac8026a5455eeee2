//! Taking part across servers, both ways: visitors who have an account elsewhere are sent to their
//! own server, and people of ours who come from elsewhere are shown what they came for.
//!
//! A visitor is sent only where the server that they named says (`federation::interaction`).

use super::context::Ctx;
use super::form::{Field, Posted, Problems, SignedPost, problem};
use super::view::actor_path;
use super::{Error, initiative_path, page};
use crate::domain::{ActorKind, ObjectId, Reaction};
use crate::federation::interaction::{self, Intent};
use crate::federation::resolve::{self, Found};
use crate::federation::{self, Budget};
use crate::http;
use crate::http::extract::session::{Cookie, SignedIn};
use crate::services::{actors, comments, follows, reactions};
use crate::text;
use askama::Template;
use axum::Router;
use axum::extract::State as Extract;
use axum::response::Response;
use axum::routing::get;

pub(super) fn router() -> Router<http::State> {
    Router::new()
        .route("/interact", get(ask).post(leave))
        .route("/authorize_interaction", get(arrive).post(act))
}

#[derive(Template)]
#[template(path = "interact.html")]
struct Ask<'a> {
    c: &'a Ctx,
    problems: Problems,
    server: Field,
    intent: Intent,
    intents: Vec<(&'static str, String)>,
    uri: &'a str,
    /// The page here of what it is about.
    path: String,
}

fn intent_text(c: &Ctx, intent: Intent) -> String {
    match intent {
        Intent::Follow => c.t("interact-follow"),
        Intent::Like => c.t("interact-like"),
        Intent::Announce => c.t("interact-boost"),
        Intent::Create => c.t("interact-reply"),
        Intent::Object => c.t("interact-object"),
    }
}

/// What may be done with a thing.
fn intents_of(c: &Ctx, is_actor: bool) -> Vec<(&'static str, String)> {
    let all: &[Intent] = if is_actor {
        &[Intent::Follow, Intent::Object]
    } else {
        &[Intent::Like, Intent::Announce, Intent::Create, Intent::Object]
    };
    all.iter().map(|i| (i.name(), intent_text(c, *i))).collect()
}

/// The page here of something known here, and whether it is an actor. Nobody is sent anywhere on
/// account of what is not.
async fn known(state: &http::State, c: &Ctx, uri: &str) -> Result<(String, bool), Error> {
    let app = &state.app;
    if let Some(object) = comments::object_by_uri(app, uri).await? {
        let public = object.state.is_public() && object.deleted_at.is_none();
        let path = if object.id == object.root_id {
            initiative_path(object.id)
        } else {
            format!("/n/{}", object.id)
        };
        return if public { Ok((path, false)) } else { Err(Error::Gone) };
    }
    let actor = actors::by_uri(app, uri).await?.filter(|a| a.deleted_at.is_none());
    let actor = actor.filter(|a| a.kind != ActorKind::Instance).ok_or(Error::NotFound)?;
    Ok((actor_path(c, &actor), true))
}

async fn ask(
    Extract(state): Extract<http::State>,
    headers: ::http::HeaderMap,
    c: Ctx,
) -> Result<Response, Error> {
    let uri = c.query("uri").unwrap_or_default();
    let remembered = Cookie::Server.read(&state.app, &headers).unwrap_or_default();
    let wanted = c.query("intent").unwrap_or_default();
    ask_page(&state, &c, &uri, &wanted, &remembered, Problems::new()).await
}

async fn ask_page(
    state: &http::State,
    c: &Ctx,
    uri: &str,
    intent: &str,
    typed: &str,
    problems: Problems,
) -> Result<Response, Error> {
    let c = &c.clone().with_form_token();
    let (path, is_actor) = known(state, c, uri).await?;
    let usual = if is_actor { Intent::Follow } else { Intent::Like };
    let server = Field::line("server", c.t("interact-server"))
        .hint(c.t("interact-server-hint"))
        .filled(typed, &problems);
    let failed = !problems.is_empty();
    let shown = Ask {
        c,
        problems,
        server,
        intent: Intent::parse(intent).unwrap_or(usual),
        intents: intents_of(c, is_actor),
        uri,
        path,
    };
    Ok(super::account::with_token(state, c, page::form(failed, &shown)))
}

async fn leave(Extract(state): Extract<http::State>, form: Posted) -> Result<Response, Error> {
    let fields = &form.fields;
    let (uri, intent, typed) = (fields.get("uri"), fields.get("intent"), fields.get("server"));
    known(&state, &form.c, uri).await?;
    let problems = match (interaction::server_of(typed), Intent::parse(intent)) {
        (Some(server), Some(_)) if server.host() == state.app.urls.authority() => {
            // Their server is this one.
            let target: String = url::form_urlencoded::byte_serialize(uri.as_bytes()).collect();
            let path = format!("/authorize_interaction?intent={intent}&uri={target}");
            return Ok(page::see_other(&path));
        }
        (Some(server), Some(intent)) => {
            let budget = Budget::person();
            match interaction::destination(&state.app, &budget, &server, intent, uri).await {
                Ok(url) => {
                    let gone = page::see_other(url.as_str());
                    return Ok(Cookie::Server.set(&state.app, server.host(), None, gone));
                }
                Err(federation::Error::Service(error)) => return Err(error.into()),
                Err(error) => {
                    tracing::info!(%error, "a visitor could not be sent to their server");
                    if error.is_passing() {
                        problem(&form.c, "server", "server-silent")
                    } else {
                        problem(&form.c, "server", "server-useless")
                    }
                }
            }
        }
        _ => problem(&form.c, "server", "server"),
    };
    ask_page(&state, &form.c, uri, intent, typed, problems).await
}

#[derive(Template)]
#[template(path = "interact_here.html")]
struct Here<'a> {
    c: &'a Ctx,
    /// What it is, in short.
    title: String,
    excerpt: String,
    by: String,
    path: String,
    reply_path: Option<String>,
    uri: &'a str,
    /// The act that the other server proposed comes first.
    acts: Vec<(&'static str, String)>,
}

/// Somebody of ours was sent here by another server; who is not signed in does that first.
async fn arrive(
    Extract(state): Extract<http::State>,
    SignedIn(_session): SignedIn,
    c: Ctx,
) -> Result<Response, Error> {
    let named = ["uri", "object", "acct", "inReplyTo"].into_iter().find_map(|name| c.query(name));
    let uri = named.unwrap_or_default();
    let uri = uri.strip_prefix("web+ap://").map_or(uri.clone(), |rest| format!("https://{rest}"));
    let Some(found) = look_up(&state, &uri).await? else { return Err(Error::NotFound) };
    let mut acts = intents_of(&c, matches!(found, Found::Actor(_)));
    acts.retain(|(name, _)| !matches!(*name, "Create" | "Object"));
    if let Some(wanted) = c.query("intent") {
        acts.sort_by_key(|(name, _)| *name != wanted);
    }
    let shown = match &found {
        Found::Actor(actor) => Here {
            title: actor.name.clone(),
            excerpt: text::excerpt(&text::plain(&actor.summary), 300),
            by: format!("@{}", actor.address()),
            path: actor_path(&c, actor),
            reply_path: None,
            uri: &actor.uri,
            acts,
            c: &c,
        },
        // A ballot has a page where one votes: there is nothing to choose between.
        Found::Ballot(id) => return Ok(page::see_other(&format!("/q/{id}"))),
        Found::Initiative(i) => Here {
            title: i.title.clone(),
            excerpt: text::excerpt(&text::plain(&i.html), 300),
            by: format!("@{}@{}", i.author_handle, i.author_host),
            path: initiative_path(i.id),
            reply_path: Some(format!("{}#answer", initiative_path(i.id))),
            uri: &i.uri,
            acts,
            c: &c,
        },
        Found::Comment { id, initiative } => {
            let comment = comments::get(&state.app, *id).await?;
            let shown = Here {
                title: c.tv("comment-title", "name", &comment.author_name),
                excerpt: text::excerpt(&text::plain(comment.teaser()), 300),
                by: format!("@{}@{}", comment.author_handle, comment.author_host),
                path: format!("/n/{id}"),
                reply_path: Some(format!("{}?reply={id}#answer", initiative_path(*initiative))),
                uri: &comment.uri,
                acts,
                c: &c,
            };
            return Ok(page::ok(&shown));
        }
    };
    Ok(page::ok(&shown))
}

async fn look_up(state: &http::State, uri: &str) -> Result<Option<Found>, Error> {
    if !resolve::is_reference(uri) {
        return Ok(None);
    }
    match resolve::lookup(&state.app, &Budget::person(), uri).await {
        Ok(found) => Ok(Some(found)),
        Err(federation::Error::Service(error)) => Err(error.into()),
        Err(error) => {
            tracing::info!(%error, "what somebody came for was not found");
            Ok(None)
        }
    }
}

/// Does what was offered, with what is known by then.
async fn act(Extract(state): Extract<http::State>, form: SignedPost) -> Result<Response, Error> {
    let (app, viewer) = (&state.app, &form.session.viewer);
    let uri = form.fields.get("uri");
    let (path, is_actor) = known(&state, &form.c, uri).await?;
    match (Intent::parse(form.fields.get("intent")), is_actor) {
        (Some(Intent::Follow), true) => {
            let actor = actors::by_uri(app, uri).await?.ok_or(Error::NotFound)?;
            follows::follow(app, viewer, actor.id).await?;
        }
        (Some(intent @ (Intent::Like | Intent::Announce)), false) => {
            let object = comments::object_by_uri(app, uri).await?;
            let id: ObjectId = object.ok_or(Error::NotFound)?.id;
            let like = intent == Intent::Like;
            let reaction = if like { Reaction::Like } else { Reaction::Boost };
            reactions::react(app, viewer, id, reaction).await?;
        }
        _ => return Err(Error::BadRequest),
    }
    // The page of somebody elsewhere is elsewhere; then the way back is ours.
    Ok(page::see_other(if path.starts_with('/') { &path } else { "/" }))
}

/// The link to the form, for pages of things that can be taken part in.
pub(super) fn interact_path(uri: &str, intent: Intent) -> String {
    let target: String = url::form_urlencoded::byte_serialize(uri.as_bytes()).collect();
    format!("/interact?intent={}&uri={target}", intent.name())
}
