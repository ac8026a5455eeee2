//! Moderating: the public record of an assembly with the forms of its moderators, and the page on
//! which they decide about one initiative or comment.

use super::context::Ctx;
use super::form::{Field, Problems, SignedPost, problem, problems_of};
use super::{Error, initiative_path, object_id, page};
use crate::domain::actor::Actor;
use crate::domain::moderation::{ModAct, Order, REASONS, reason_key};
use crate::domain::{ActorId, ActorKind, ObjectId, Timestamp};
use crate::federation::Budget;
use crate::federation::resolve::{Found, lookup};
use crate::http;
use crate::http::extract::session::SignedIn;
use crate::services::{actors, comments, initiatives, moderation};
use askama::Template;
use axum::Router;
use axum::extract::{Path, State as Extract};
use axum::response::Response;
use axum::routing::get;

/// Acts that the record shows.
const SHOWN: i64 = 100;
/// Longest ban that is not for ever, in days.
const MAX_DAYS: i64 = 3_650;

pub(super) fn router() -> Router<http::State> {
    Router::new()
        .route("/g/{handle}/moderation", get(show).post(about_person))
        .route("/p/{id}/moderate", get(decide).post(about_initiative))
        .route("/n/{id}/moderate", get(decide_comment).post(about_comment))
}

#[derive(Template)]
#[template(path = "moderation.html")]
struct Show<'a> {
    c: &'a Ctx,
    assembly: &'a Actor,
    problems: Problems,
    moderators: Vec<Actor>,
    bans: Vec<Excluded>,
    rows: Vec<Row>,
    /// For moderators: whom, why, for how long.
    fields: Option<[Field; 3]>,
    /// For those who run the instance: who becomes a moderator.
    may_appoint: bool,
}

/// Somebody who is excluded, in words.
struct Excluded {
    id: ActorId,
    address: String,
    reason: String,
    /// As clean HTML.
    until: Option<String>,
}

/// One act in words.
struct Row {
    what: String,
    name: String,
    path: String,
    moderator: String,
    reason: String,
    when: String,
}

async fn assembly_of(state: &http::State, handle: &str) -> Result<Actor, Error> {
    let found = actors::local_by_handle(&state.app, handle).await?;
    let found = found.filter(|a| a.kind == ActorKind::Assembly && a.deleted_at.is_none());
    found.ok_or(Error::NotFound)
}

/// A reason of ours in the reader's language, another server's as it is.
pub(super) fn reason_text(c: &Ctx, reason: &str) -> String {
    reason_key(reason).map_or_else(|| reason.to_owned(), |key| c.t(key))
}

fn reason_field(c: &Ctx, chosen: &str, problems: &Problems) -> Field {
    let options = REASONS.map(|code| (code.to_owned(), reason_text(c, code)));
    Field::choice("reason", c.t("moderation-reason"), options.to_vec()).filled(chosen, problems)
}

async fn shown(
    state: &http::State,
    c: &Ctx,
    assembly: &Actor,
    typed: [&str; 3],
    problems: Problems,
) -> Result<Response, Error> {
    let app = &state.app;
    let is_moderator = match c.viewer() {
        Some(viewer) => moderation::is_moderator(app, viewer, assembly.id).await?,
        None => false,
    };
    let [actor, reason, days] = typed;
    let fields = is_moderator.then(|| {
        [
            Field::line("actor", c.t("moderation-actor"))
                .hint(c.t("moderation-actor-hint"))
                .limit(300)
                .filled(actor, &problems),
            reason_field(c, reason, &problems),
            Field::line("days", c.t("moderation-days"))
                .hint(c.t("moderation-days-hint"))
                .limit(4)
                .optional(c)
                .filled(days, &problems),
        ]
    });
    let rows = moderation::record(app, assembly.id, SHOWN).await?.into_iter().map(|told| Row {
        what: c.t(told.act.act.text_key()),
        reason: if told.act.act.needs_reason() {
            reason_text(c, &told.act.reason)
        } else {
            String::new()
        },
        when: c.day(told.act.created_at),
        name: told.name,
        path: super::view::outward_or_own(&told.path),
        moderator: told.moderator,
    });
    let bans = moderation::bans(app, assembly.id).await?.into_iter().map(|ban| Excluded {
        id: ban.actor_id,
        address: format!("{}@{}", ban.actor_handle, ban.actor_host),
        reason: reason_text(c, &ban.reason),
        until: ban.until.map(|at| c.day(at)),
    });
    let failed = !problems.is_empty();
    Ok(page::form(
        failed,
        &Show {
            rows: rows.collect(),
            bans: bans.collect(),
            moderators: moderation::moderators(app, assembly.id).await?,
            may_appoint: is_moderator && c.viewer().is_some_and(moderation::may_appoint),
            assembly,
            fields,
            problems,
            c,
        },
    ))
}

async fn show(
    Extract(state): Extract<http::State>,
    Path(handle): Path<String>,
    c: Ctx,
) -> Result<Response, Error> {
    let assembly = assembly_of(&state, &handle).await?;
    shown(&state, &c, &assembly, ["", "", ""], Problems::new()).await
}

/// Whom a form means: the number of a person known here, or an address.
async fn person(state: &http::State, text: &str) -> Result<Option<ActorId>, Error> {
    if let Ok(id) = text.parse::<ActorId>() {
        return Ok(Some(id));
    }
    let text = text.trim();
    if !text.contains('@') || text.starts_with('@') && !text.trim_start_matches('@').contains('@') {
        let handle = text.trim_start_matches('@').to_lowercase();
        let found = actors::local_by_handle(&state.app, &handle).await?;
        if let Some(actor) = found {
            return Ok(Some(actor.id));
        }
    }
    match lookup(&state.app, &Budget::person(), text).await {
        Ok(Found::Actor(actor)) => Ok(Some(actor.id)),
        Err(crate::federation::Error::Service(error)) => Err(error.into()),
        _ => Ok(None),
    }
}

async fn about_person(
    Extract(state): Extract<http::State>,
    Path(handle): Path<String>,
    form: SignedPost,
) -> Result<Response, Error> {
    let assembly = assembly_of(&state, &handle).await?;
    let (app, viewer, f) = (&state.app, &form.session.viewer, &form.fields);
    if !moderation::is_moderator(app, viewer, assembly.id).await? {
        return Err(Error::Forbidden);
    }
    let typed = [f.get("actor"), f.get("reason"), f.get("days")];
    let act = match f.get("act") {
        "ban" => ModAct::Ban,
        "unban" => ModAct::Unban,
        "appoint" => ModAct::Appoint,
        "dismiss" => ModAct::Dismiss,
        _ => return Err(Error::BadRequest),
    };
    let until = match typed[2].trim() {
        "" => Ok(None),
        days => match days.parse::<i64>() {
            Ok(days) if (1..=MAX_DAYS).contains(&days) => {
                Ok(Some(app.now().plus_seconds(days * 24 * 60 * 60)))
            }
            _ => Err(()),
        },
    };
    let Ok(until) = until else {
        let problems = problem(&form.c, "days", "number");
        return shown(&state, &form.c, &assembly, typed, problems).await;
    };
    let Some(actor) = person(&state, typed[0]).await? else {
        let problems = problem(&form.c, "actor", "not-found");
        return shown(&state, &form.c, &assembly, typed, problems).await;
    };
    let order = Order {
        reason: typed[1].to_owned(),
        until: until.filter(|_: &Timestamp| act == ModAct::Ban),
        ..Order::about_person(act, assembly.id, actor)
    };
    match moderation::act(app, viewer, &order).await {
        Ok(()) => Ok(page::see_other(&format!("/g/{handle}/moderation"))),
        Err(error) => {
            let problems = problems_of(&form.c, error)?;
            shown(&state, &form.c, &assembly, typed, problems).await
        }
    }
}

#[derive(Template)]
#[template(path = "moderate.html")]
struct Decide<'a> {
    c: &'a Ctx,
    problems: Problems,
    /// The page of the text.
    path: String,
    title: String,
    language: String,
    excerpt: String,
    /// For an initiative: whether it is pinned, and whether its thread is closed.
    initiative: Option<(bool, bool)>,
    reason: Field,
}

/// A text that a moderator looks at.
struct Subject {
    assembly: ActorId,
    object: ObjectId,
    path: String,
    title: String,
    language: String,
    excerpt: String,
    initiative: Option<(bool, bool)>,
}

impl Subject {
    async fn initiative(state: &http::State, id: ObjectId) -> Result<Self, Error> {
        let i = initiatives::get(&state.app, None, id).await?;
        if i.deleted_at.is_some() {
            return Err(Error::Gone);
        }
        let pins = moderation::pins(&state.app, i.assembly_id).await?;
        let pinned = pins.iter().any(|(pinned, _, _)| *pinned == id);
        Ok(Self {
            assembly: i.assembly_id,
            object: id,
            path: initiative_path(id),
            title: i.title,
            language: i.language,
            excerpt: crate::text::excerpt(&crate::text::plain(&i.html), 300),
            initiative: Some((pinned, i.locked_at.is_some())),
        })
    }

    async fn comment(state: &http::State, id: ObjectId) -> Result<Self, Error> {
        let comment = comments::get(&state.app, id).await?;
        if comment.deleted_at.is_some() {
            return Err(Error::Gone);
        }
        let root = initiatives::get(&state.app, None, comment.root_id).await?;
        Ok(Self {
            assembly: root.assembly_id,
            object: id,
            path: format!("/n/{id}"),
            title: format!("@{}@{}", comment.author_handle, comment.author_host),
            language: comment.language,
            excerpt: crate::text::excerpt(&crate::text::plain(&comment.html), 300),
            initiative: None,
        })
    }

    fn page(self, c: &Ctx, problems: Problems) -> Response {
        let reason = reason_field(c, "", &problems);
        let failed = !problems.is_empty();
        let Self { path, title, language, excerpt, initiative, .. } = self;
        let shown = Decide { c, problems, path, title, language, excerpt, initiative, reason };
        page::form(failed, &shown)
    }

    async fn decided(
        self,
        state: &http::State,
        form: &SignedPost,
        back: &str,
    ) -> Result<Response, Error> {
        let viewer = &form.session.viewer;
        if !moderation::is_moderator(&state.app, viewer, self.assembly).await? {
            return Err(Error::Forbidden);
        }
        let act = match (form.fields.get("act"), self.initiative.is_some()) {
            ("pin", true) => ModAct::Pin,
            ("unpin", true) => ModAct::Unpin,
            ("lock", true) => ModAct::Lock,
            ("unlock", true) => ModAct::Unlock,
            ("remove", _) => ModAct::Remove,
            _ => return Err(Error::BadRequest),
        };
        let reason = form.fields.get("reason");
        let order = Order::about_text(act, self.assembly, self.object, reason);
        match moderation::act(&state.app, viewer, &order).await {
            Ok(()) => Ok(page::see_other(back)),
            Err(error) => {
                let problems = problems_of(&form.c, error)?;
                Ok(self.page(&form.c, problems))
            }
        }
    }
}

async fn decide(
    Extract(state): Extract<http::State>,
    Path(id): Path<String>,
    SignedIn(session): SignedIn,
    c: Ctx,
) -> Result<Response, Error> {
    let subject = Subject::initiative(&state, object_id(&id)?).await?;
    if !moderation::is_moderator(&state.app, &session.viewer, subject.assembly).await? {
        return Err(Error::Forbidden);
    }
    Ok(subject.page(&c, Problems::new()))
}

async fn about_initiative(
    Extract(state): Extract<http::State>,
    Path(id): Path<String>,
    form: SignedPost,
) -> Result<Response, Error> {
    let id = object_id(&id)?;
    let subject = Subject::initiative(&state, id).await?;
    subject.decided(&state, &form, &initiative_path(id)).await
}

async fn decide_comment(
    Extract(state): Extract<http::State>,
    Path(id): Path<String>,
    SignedIn(session): SignedIn,
    c: Ctx,
) -> Result<Response, Error> {
    let subject = Subject::comment(&state, object_id(&id)?).await?;
    if !moderation::is_moderator(&state.app, &session.viewer, subject.assembly).await? {
        return Err(Error::Forbidden);
    }
    Ok(subject.page(&c, Problems::new()))
}

async fn about_comment(
    Extract(state): Extract<http::State>,
    Path(id): Path<String>,
    form: SignedPost,
) -> Result<Response, Error> {
    let id = object_id(&id)?;
    let root = comments::get(&state.app, id).await?.root_id;
    let subject = Subject::comment(&state, id).await?;
    subject.decided(&state, &form, &format!("{}#c{id}", initiative_path(root))).await
}
