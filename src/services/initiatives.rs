//! Initiatives written here: drafted, published, revised, withdrawn, read.

mod group;
mod mirror;
mod text;

pub use crate::storage::initiatives::Filter;
pub use group::{follow_state, group_uri, known_group, of_group, open_group};
pub use mirror::{
    RemoteInitiative, hide_in, put_remote_in, refresh_reported, remove_remote_in,
    restore_remote_in, set_reported, update_remote_in,
};
pub(super) use text::digest as text_digest;
pub use text::render;

use super::assemblies::require_local;
use super::{Error, Result, Unit, mentions, moderation, moves, notes, once};
use crate::app::App;
use crate::domain::initiative::{Initiative, Revision};
use crate::domain::{
    ActorId, ActorKind, Event, InitiativeText, Invalid, ObjectId, Page, PageRequest, State, Viewer,
};
use crate::failpoint;
use crate::i18n::Lang;
use crate::storage::{self, objects::NewObject};
use crate::text::Links;

/// What its author fills in.
#[derive(Clone, Debug, Default)]
pub struct Form {
    pub title: String,
    pub problem: String,
    pub proposal: String,
    pub language: String,
    /// The handle of the assembly it is brought to.
    pub assembly: String,
    /// The handle of the body that must answer; without one, the assembly's.
    pub body: Option<String>,
}

impl Form {
    /// The texts, checked.
    pub fn text(&self) -> Result<InitiativeText> {
        InitiativeText::parse(&self.title, &self.problem, &self.proposal, &self.language)
            .map_err(Error::Invalid)
    }
}

/// Writes a draft, seen by its author only.
pub async fn draft(app: &App, who: &Viewer, form: &Form) -> Result<Initiative> {
    if let Some(id) = once::made_before() {
        return get(app, Some(who), id).await;
    }
    let text = form.text();
    let mut unit = Unit::begin(app).await?;
    moves::require_here_in(&mut unit, who.id).await?;
    let place = addressee(&mut unit, form).await;
    let (text, (assembly, body)) = both(text, place)?;
    let id: ObjectId = app.id();
    let uri = app.urls.initiative(id);
    let now = unit.now;
    let object = NewObject {
        id,
        uri: &uri,
        url: &uri,
        kind: "initiative",
        local: true,
        author: who.id,
        root: id,
        parent: None,
        language: &text.language,
        created_at: now,
        claimed_at: now,
    };
    storage::objects::insert(&mut unit.conn(), &object).await?;
    let search = text::search_text(&text);
    let conn = &mut unit.conn();
    storage::initiatives::insert(
        conn,
        id,
        assembly,
        body,
        State::Draft,
        &text.title,
        &search,
        None,
    )
    .await?;
    let links = Links { urls: &app.urls, people: &[] };
    let revision = text::revision(1, &text, &links, now);
    storage::initiatives::put_revision(&mut unit.conn(), id, &revision, false).await?;
    let made = require(&mut unit, id).await?;
    unit.made(id);
    unit.commit().await?;
    Ok(made)
}

/// Reports what is wrong with the texts and with the addressee together.
fn both<A, B>(a: Result<A>, b: Result<B>) -> Result<(A, B)> {
    match (a, b) {
        (Ok(a), Ok(b)) => Ok((a, b)),
        (Err(Error::Invalid(mut a)), Err(Error::Invalid(b))) => {
            a.extend(b);
            Err(Error::Invalid(a))
        }
        (Err(e), _) | (_, Err(e)) => Err(e),
    }
}

async fn addressee(unit: &mut Unit<'_>, form: &Form) -> Result<(ActorId, Option<ActorId>)> {
    if form.assembly.trim().is_empty() {
        return Err(Invalid::new("assembly", "required").into());
    }
    let assembly = require_local(unit, &form.assembly).await?;
    let body = match form.body.as_deref().map(str::trim).filter(|b| !b.is_empty()) {
        None => storage::assemblies::body_of(&mut unit.conn(), assembly.id).await?.flatten(),
        Some(handle) => {
            let found = storage::actors::local_by_handle(&mut unit.conn(), handle).await?;
            let found = found.filter(|a| a.kind == ActorKind::Body && a.deleted_at.is_none());
            Some(found.ok_or(Invalid::new("body", "not-found"))?.id)
        }
    };
    Ok((assembly.id, body))
}

async fn require(unit: &mut Unit<'_>, id: ObjectId) -> Result<Initiative> {
    storage::initiatives::by_id(&mut unit.conn(), id).await?.ok_or(Error::NotFound("initiative"))
}

/// Somebody else's draft is not even known to exist.
fn hide_draft(initiative: Initiative, who: Option<&Viewer>) -> Result<Initiative> {
    let visible = initiative.state.is_public() || who.is_some_and(|w| w.id == initiative.author_id);
    if visible { Ok(initiative) } else { Err(Error::NotFound("initiative")) }
}

/// Makes a draft public and announces it.
pub async fn publish(app: &App, who: &Viewer, id: ObjectId) -> Result<Initiative> {
    if let Some(id) = once::made_before() {
        return get(app, Some(who), id).await;
    }
    let mut unit = Unit::begin(app).await?;
    moves::require_here_in(&mut unit, who.id).await?;
    let initiative = hide_draft(require(&mut unit, id).await?, Some(who))?;
    let to = initiative.standing().publish(who)?;
    moderation::may_take_part_in(&mut unit, who.id, initiative.assembly_id, "assembly").await?;
    let now = unit.now;
    move_to(&mut unit, &initiative, to, Some(now)).await?;
    mentions::say_in(&mut unit, id, &Event::InitiativePublished { initiative: id }).await?;
    group::open_group_soon_in(&mut unit, id).await?;
    unit.made(id);
    failpoint::hit("publish_before_commit", &initiative.title);
    let published = finish(unit, id).await?;
    failpoint::hit("publish_after_commit", &published.title);
    Ok(published)
}

/// Gives the initiative a new text. A draft is overwritten; a public initiative gets a new
/// immutable revision, which is announced. The same text again changes nothing.
pub async fn revise(app: &App, who: &Viewer, id: ObjectId, form: &Form) -> Result<Initiative> {
    let text = form.text();
    let mut unit = Unit::begin(app).await?;
    moves::require_here_in(&mut unit, who.id).await?;
    let initiative = hide_draft(require(&mut unit, id).await?, Some(who))?;
    let state = initiative.standing().revise(who)?;
    let is_draft = state == State::Draft;
    let text = if is_draft {
        let place = addressee(&mut unit, form).await;
        let (text, (assembly, body)) = both(text, place)?;
        storage::initiatives::set_addressee(&mut unit.conn(), id, assembly, body).await?;
        text
    } else {
        text?
    };
    let number = if is_draft { initiative.revision } else { initiative.revision + 1 };
    let links = Links { urls: &app.urls, people: &[] };
    let revision = text::revision(number, &text, &links, unit.now);
    if revision.digest == initiative.digest {
        return finish(unit, id).await;
    }
    put_revision(&mut unit, id, &revision, &text, is_draft).await?;
    if !is_draft {
        mentions::say_in(&mut unit, id, &Event::InitiativeRevised { initiative: id }).await?;
        group::rename_group_in(&mut unit, id, &revision.title).await?;
        say_revised_in(&mut unit, &initiative, &revision).await?;
    }
    finish(unit, id).await
}

/// Some servers never show a changed text; all of them show a note.
async fn say_revised_in(
    unit: &mut Unit<'_>,
    initiative: &Initiative,
    revision: &Revision,
) -> Result<()> {
    let lang = Lang::parse(&revision.language).unwrap_or(Lang::En);
    let number = revision.number.to_string();
    let title = crate::text::escaped(&revision.title);
    let values = [("number", number.as_str().into()), ("title", title.into())];
    let text = format!("{}\n\n<{}>", lang.text_with("note-revised", &values), initiative.uri);
    notes::post_in(unit, initiative.id, &format!("revision:{number}"), &text).await?;
    Ok(())
}

async fn put_revision(
    unit: &mut Unit<'_>,
    id: ObjectId,
    revision: &Revision,
    text: &InitiativeText,
    is_draft: bool,
) -> Result<()> {
    let now = unit.now;
    storage::initiatives::put_revision(&mut unit.conn(), id, revision, is_draft).await?;
    let search = text::search_text(text);
    storage::initiatives::set_revision(
        &mut unit.conn(),
        id,
        revision.number,
        &revision.title,
        &search,
    )
    .await?;
    if is_draft {
        storage::objects::set_language(&mut unit.conn(), id, &text.language).await?;
    } else {
        storage::objects::set_edited(&mut unit.conn(), id, &text.language, now).await?;
    }
    Ok(())
}

/// Takes the initiative back. A draft vanishes; a public one leaves a tombstone, which is
/// announced.
pub async fn withdraw(app: &App, who: &Viewer, id: ObjectId) -> Result<Option<Initiative>> {
    let mut unit = Unit::begin(app).await?;
    let initiative = hide_draft(require(&mut unit, id).await?, Some(who))?;
    let to = initiative.standing().withdraw(who)?;
    if initiative.state == State::Draft {
        storage::initiatives::delete_draft(&mut unit.conn(), id).await?;
        unit.commit().await?;
        return Ok(None);
    }
    move_to(&mut unit, &initiative, to, None).await?;
    let now = unit.now;
    storage::objects::set_deleted(&mut unit.conn(), id, now).await?;
    storage::initiatives::clear_texts(&mut unit.conn(), id).await?;
    storage::tags::put(&mut unit.conn(), id, &[]).await?;
    super::ballots::close_all_in(&mut unit, id).await?;
    unit.record(&Event::InitiativeWithdrawn { initiative: id }).await?;
    let title = [("title", crate::text::escaped(&initiative.title).into())];
    let text = notes::language_of(&initiative).text_with("note-withdrawn", &title);
    notes::post_in(&mut unit, id, "withdrawn", &text).await?;
    finish(unit, id).await.map(Some)
}

async fn move_to(
    unit: &mut Unit<'_>,
    initiative: &Initiative,
    to: State,
    published_at: Option<crate::domain::Timestamp>,
) -> Result<()> {
    let (id, from) = (initiative.id, initiative.state);
    let moved =
        storage::initiatives::set_state(&mut unit.conn(), id, from, to, published_at).await?;
    if moved { Ok(()) } else { Err(Error::Conflict("somebody else changed it at the same time")) }
}

async fn finish(mut unit: Unit<'_>, id: ObjectId) -> Result<Initiative> {
    let initiative = require(&mut unit, id).await?;
    unit.changed(id);
    unit.commit().await?;
    Ok(initiative)
}

/// The initiative of this id, if `who` may see it. A withdrawn one is returned: its state says so.
pub async fn get(app: &App, who: Option<&Viewer>, id: ObjectId) -> Result<Initiative> {
    let found = storage::initiatives::by_id(&mut app.db.read().await?.conn(), id).await?;
    hide_draft(found.ok_or(Error::NotFound("initiative"))?, who)
}

/// The initiative with this id on the wire, if it is known here and public.
pub async fn by_uri(app: &App, uri: &str) -> Result<Option<Initiative>> {
    let found = storage::initiatives::by_uri(&mut app.db.read().await?.conn(), uri).await?;
    Ok(found.filter(|i| i.state.is_public()))
}

/// Initiatives, newest first, without their texts. Drafts only of `who`.
pub async fn list(
    app: &App,
    who: Option<&Viewer>,
    mut filter: Filter,
    page: PageRequest,
) -> Result<Page<Initiative>> {
    filter.drafts_of = who.map(|w| w.id);
    filter.text = filter.text.map(|t| crate::text::fold(&t));
    let rows = storage::initiatives::list(&mut app.db.read().await?.conn(), &filter, page).await?;
    Ok(Page::from_overfetch(rows, page.limit, |i| i.id.get()))
}

/// All revisions, oldest first, for who may see the initiative.
pub async fn revisions(app: &App, who: Option<&Viewer>, id: ObjectId) -> Result<Vec<Revision>> {
    get(app, who, id).await?;
    Ok(storage::initiatives::revisions(&mut app.db.read().await?.conn(), id).await?)
}
