//! Reports: from people here and from other servers, to the moderators, and on to the home of what
//! they are about.

use super::{Error, Result, Unit};
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::report::{MAX_TARGETS, Report, parse_note, parse_reason};
use crate::domain::{ActivityId, ActorId, Event, Invalid, Page, ReportId, Role, Viewer};
use crate::storage;

/// Keeps a report from elsewhere. The same one again changes nothing.
pub async fn receive_in(
    unit: &mut Unit<'_>,
    reporter: ActorId,
    activity_uri: &str,
    objects: &[String],
    content: &str,
) -> Result<bool> {
    let id: ReportId = unit.app.id();
    let now = unit.now;
    let list = serde_json::Value::from(objects.to_vec()).to_string();
    let conn = &mut unit.conn();
    Ok(storage::reports::insert(conn, id, reporter, activity_uri, &list, content, now).await?)
}

/// Somebody here reports actors or texts, here or elsewhere, by their ids on the wire. The same
/// again, while it is open, changes nothing.
pub async fn file(app: &App, who: &Viewer, objects: &[String], reason: &str) -> Result<()> {
    let reason = parse_reason(reason)?;
    let mut objects = objects.to_vec();
    objects.sort();
    objects.dedup();
    if objects.len() > MAX_TARGETS {
        return Err(Invalid::limit("objects", "too-many", MAX_TARGETS).into());
    }
    let mut unit = Unit::begin(app).await?;
    let mut known = !objects.is_empty();
    for uri in &objects {
        known &= target_in(&mut unit, uri).await?.is_some();
    }
    if !known {
        return Err(Invalid::new("objects", "not-found").into());
    }
    // The id of its own is that of the Flag, should it ever be sent on.
    let activity: ActivityId = app.id();
    receive_in(&mut unit, who.id, &app.urls.activity(activity), &objects, &reason).await?;
    unit.commit().await
}

/// Something that was reported, as it is known here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its id on the wire.
    pub uri: String,
    /// Its path here, where it has a page.
    pub path: Option<String>,
    /// The actor itself, or who wrote the text.
    pub actor: Actor,
    /// Whether it is the actor itself.
    pub is_actor: bool,
}

async fn target_in(unit: &mut Unit<'_>, uri: &str) -> Result<Option<Target>> {
    let mut conn = unit.conn();
    target(&mut conn, uri).await
}

async fn target(conn: &mut storage::Conn<'_>, uri: &str) -> Result<Option<Target>> {
    if let Some(actor) = storage::actors::by_uri(conn, uri).await? {
        let uri = actor.uri.clone();
        return Ok(Some(Target { uri, path: None, actor, is_actor: true }));
    }
    let Some(object) = storage::objects::by_uri(conn, uri).await? else { return Ok(None) };
    if !object.state.is_public() {
        return Ok(None);
    }
    let actor = storage::actors::by_id(conn, object.author_id).await?;
    let kind = if object.kind == "initiative" { 'p' } else { 'n' };
    let path = Some(format!("/{kind}/{}", object.id));
    Ok(actor.map(|actor| Target { uri: object.uri, path, actor, is_actor: false }))
}

/// What the object of this id on the wire is, if it can be reported.
pub async fn find_target(app: &App, uri: &str) -> Result<Option<Target>> {
    target(&mut app.db.read().await?.conn(), uri).await
}

/// A report with what it is about.
#[derive(Clone, Debug)]
pub struct Case {
    pub report: Report,
    /// What of it is known here.
    pub targets: Vec<Target>,
}

impl Case {
    /// The actor elsewhere whose home can be told, if it is about one.
    pub fn remote(&self) -> Option<&Actor> {
        self.targets.iter().map(|t| &t.actor).find(|a| !a.local)
    }
}

fn require_moderator(who: Option<&Viewer>) -> Result<()> {
    if who.is_some_and(|w| !w.is(Role::Admin) && !w.is(Role::Moderator)) {
        return Err(Error::Forbidden("only moderators may do this"));
    }
    Ok(())
}

/// Reports of a state (`open`, `resolved`), or all, newest first. For a moderator, or the shell.
pub async fn list(
    app: &App,
    who: Option<&Viewer>,
    state: Option<&str>,
    before: Option<i64>,
    limit: i64,
) -> Result<Page<Case>> {
    require_moderator(who)?;
    let mut reader = app.db.read().await?;
    let before = before.unwrap_or(i64::MAX);
    let rows = storage::reports::list(&mut reader.conn(), state, before, limit).await?;
    let page = Page::from_overfetch(rows, limit, |r| r.id.get());
    let mut items = Vec::with_capacity(page.items.len());
    for report in page.items {
        items.push(case(&mut reader.conn(), report).await?);
    }
    Ok(Page { items, next: page.next })
}

async fn case(conn: &mut storage::Conn<'_>, report: Report) -> Result<Case> {
    let mut targets = Vec::new();
    for uri in report.objects() {
        targets.extend(target(conn, &uri).await?);
    }
    Ok(Case { report, targets })
}

/// One report with what it is about. For the program itself.
pub async fn get(app: &App, id: ReportId) -> Result<Option<Case>> {
    let mut reader = app.db.read().await?;
    match storage::reports::by_id(&mut reader.conn(), id).await? {
        Some(report) => Ok(Some(case(&mut reader.conn(), report).await?)),
        None => Ok(None),
    }
}

/// Closes a report with a note. One that is closed stays as it is.
pub async fn resolve(app: &App, who: &Viewer, id: ReportId, note: &str) -> Result<Case> {
    require_moderator(Some(who))?;
    let note = parse_note(note)?;
    let mut unit = Unit::begin(app).await?;
    let now = unit.now;
    if storage::reports::by_id(&mut unit.conn(), id).await?.is_none() {
        return Err(Error::NotFound("report"));
    }
    storage::reports::resolve(&mut unit.conn(), id, who.id, &note, now).await?;
    unit.commit().await?;
    get(app, id).await?.ok_or(Error::NotFound("report"))
}

/// Tells the home of what a report is about, in the name of the instance. Once.
pub async fn forward(app: &App, who: &Viewer, id: ReportId) -> Result<Case> {
    require_moderator(Some(who))?;
    let found = get(app, id).await?.ok_or(Error::NotFound("report"))?;
    if found.remote().is_none() {
        return Err(Error::Conflict("it is about nobody elsewhere"));
    }
    let mut unit = Unit::begin(app).await?;
    let now = unit.now;
    if storage::reports::set_forwarded(&mut unit.conn(), id, now).await? {
        unit.record(&Event::ReportForwarded { report: id }).await?;
    }
    unit.commit().await?;
    get(app, id).await?.ok_or(Error::NotFound("report"))
}
