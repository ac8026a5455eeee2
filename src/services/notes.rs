//! Official notes: what the office says about an initiative in its thread — a new revision, a
//! withdrawal, the opening of a vote, a result. People who follow the initiative or the assembly
//! see them as news; some servers show changes in no other form.
//!
//! The office is the body that must answer, else the one that answers for the assembly, else the
//! instance's own.
//!
//! To say something else: [`post_in`] in the unit of the act, with a reason of its own. What is
//! said is written there and then; the comment and its activities follow, even if the process
//! dies in between.

use super::{Result, Unit, actors, comments, initiatives};
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::initiative::Initiative;
use crate::domain::{Event, ObjectId};
use crate::i18n::Lang;
use crate::storage::{self, objects::NewObject};
use crate::text;

/// Has the office say `text` (Markdown, in the language of the initiative) about an initiative at
/// home here. `reason` tells the notes of one initiative apart (`revision:3`, `ballot:77:opened`):
/// what was said once is not said again. The id of the comment that it becomes.
pub async fn post_in(
    unit: &mut Unit<'_>,
    initiative: ObjectId,
    reason: &str,
    text: &str,
) -> Result<ObjectId> {
    let id: ObjectId = unit.app.id();
    let now = unit.now;
    let known = storage::notes::insert(&mut unit.conn(), id, initiative, reason, text, now).await?;
    if let Some(known) = known {
        return Ok(known);
    }
    unit.enqueue("official_note", &id.to_string(), None, now).await?;
    Ok(id)
}

/// The language in which notes about an initiative are written.
pub fn language_of(initiative: &Initiative) -> Lang {
    Lang::parse(&initiative.language).unwrap_or(Lang::En)
}

/// Turns a note into a comment by the office. Once more changes nothing.
pub async fn publish(app: &App, id: ObjectId) -> Result<()> {
    let mut reader = app.db.read().await?;
    let Some(note) = storage::notes::by_id(&mut reader.conn(), id).await? else { return Ok(()) };
    let root = storage::initiatives::by_id(&mut reader.conn(), note.initiative_id).await?;
    drop(reader);
    let Some(root) = root.filter(|i| i.local && i.state.is_public()) else { return Ok(()) };
    let office = office(app, &root).await?;
    // By now, so that the note finds those who follow the initiative.
    initiatives::open_group(app, root.id).await?;
    let uri = app.urls.comment(id);
    let mut unit = Unit::begin(app).await?;
    let now = unit.now;
    let language = language_of(&root);
    let new = NewObject {
        id,
        uri: &uri,
        url: &uri,
        kind: "comment",
        local: true,
        author: office.id,
        root: root.id,
        parent: Some(root.id),
        language: language.tag(),
        created_at: now,
        claimed_at: now,
    };
    if comments::insert_once(&mut unit, &new, &text::to_html(&note.text), &note.text).await? {
        unit.record(&Event::OfficialNote { note: id }).await?;
    }
    unit.commit().await
}

/// Who speaks about an initiative.
async fn office(app: &App, initiative: &Initiative) -> Result<Actor> {
    let mut reader = app.db.read().await?;
    let assembly = initiative.assembly_id;
    let of_assembly = storage::assemblies::body_of(&mut reader.conn(), assembly).await?;
    for body in [initiative.body_id, of_assembly.flatten()].into_iter().flatten() {
        let body = storage::actors::by_id(&mut reader.conn(), body).await?;
        if let Some(body) = body.filter(|b| b.local && b.deleted_at.is_none()) {
            return Ok(body);
        }
    }
    drop(reader);
    actors::ensure_office(app).await
}
