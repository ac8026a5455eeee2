//! Hashtags and names in texts written here: they become links, and those who are named are told.
//!
//! Nobody waits for a foreign server while writing. A text that names somebody not known here is
//! stored with the name as words; a job asks the name's home, turns it into a link, and only then
//! records the act that tells others of the text.

use super::{Result, Unit};
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::{ActorId, ActorKind, Address, Event, InitiativeText, ObjectId};
use crate::storage::{self, tags::MentionRow};
use crate::text::{self, Links, Named};

/// A text was written or changed: renders it with its links, keeps its hashtags and names, and
/// records the act, at once or when everybody named has been looked for.
pub(super) async fn say_in(unit: &mut Unit<'_>, object: ObjectId, event: &Event) -> Result<()> {
    if waits_in(unit, object).await? {
        // What came before was not told yet, and its names may be other ones now.
        if let Some(earlier) = creation_of(event) {
            unit.record(&earlier).await?;
        }
    }
    let found = words_in(unit, object).await?;
    let mut rows = Vec::with_capacity(found.mentions.len());
    for address in &found.mentions {
        rows.push(look_in(unit, address).await?);
    }
    storage::tags::put(&mut unit.conn(), object, &found.tags).await?;
    storage::tags::put_mentions(&mut unit.conn(), object, &rows).await?;
    show_in(unit, object, &rows).await?;
    if rows.iter().any(|row| row.state == "pending") {
        let payload = serde_json::json!({ "object": object, "event": event }).to_string();
        let now = unit.now;
        return unit.enqueue("resolve_mentions", &payload, None, now).await;
    }
    unit.record(event).await
}

async fn waits_in(unit: &mut Unit<'_>, object: ObjectId) -> Result<bool> {
    let rows = storage::tags::mentions(&mut unit.conn(), object).await?;
    Ok(rows.iter().any(|row| row.state == "pending"))
}

/// The act without which a change means nothing to others.
fn creation_of(change: &Event) -> Option<Event> {
    match change {
        Event::CommentEdited { comment } => Some(Event::CommentPosted { comment: *comment }),
        Event::InitiativeRevised { initiative } => {
            Some(Event::InitiativePublished { initiative: *initiative })
        }
        _ => None,
    }
}

/// The hashtags and names in a text that is stored.
async fn words_in(unit: &mut Unit<'_>, object: ObjectId) -> Result<text::Found> {
    if let Some(comment) = storage::comments::by_id(&mut unit.conn(), object).await? {
        return Ok(text::found(&comment.source));
    }
    let initiative = storage::initiatives::by_id(&mut unit.conn(), object).await?;
    let whole = initiative.map(|i| format!("{}\n\n{}", i.problem, i.proposal));
    Ok(text::found(&whole.unwrap_or_default()))
}

async fn look_in(unit: &mut Unit<'_>, address: &Address) -> Result<MentionRow> {
    let here = address.host() == unit.app.urls.authority();
    let actor = if here {
        let handle = address.name().to_lowercase();
        storage::actors::local_by_handle(&mut unit.conn(), &handle).await?
    } else {
        storage::actors::by_address(&mut unit.conn(), address.name(), address.host()).await?
    };
    let actor = actor.filter(|a| a.deleted_at.is_none() && a.kind != ActorKind::Instance);
    let state = match (&actor, here) {
        (Some(_), _) => "known",
        (None, true) => "unknown",
        (None, false) => "pending",
    };
    let actor_id = actor.map(|a| a.id);
    Ok(MentionRow { address: address.to_string(), actor_id, state: state.to_owned() })
}

/// Renders a text with what is known of those it names.
async fn show_in(unit: &mut Unit<'_>, object: ObjectId, rows: &[MentionRow]) -> Result<()> {
    let mut people = Vec::new();
    for row in rows {
        let Some(id) = row.actor_id else { continue };
        let actor = storage::actors::by_id(&mut unit.conn(), id).await?;
        if let (Some(actor), Some(address)) = (actor, Address::parse(&row.address)) {
            people.push(Named { address, url: actor.url });
        }
    }
    let links = Links { urls: &unit.app.urls, people: &people };
    if let Some(comment) = storage::comments::by_id(&mut unit.conn(), object).await? {
        if comment.deleted_at.is_none() {
            let html = text::to_linked_html(&comment.source, &links);
            let source = &comment.source;
            storage::comments::set_text(&mut unit.conn(), object, &html, source).await?;
            unit.changed(comment.root_id);
        }
    } else if let Some(i) = storage::initiatives::by_id(&mut unit.conn(), object).await?
        && i.deleted_at.is_none()
    {
        let words = InitiativeText {
            title: i.title,
            problem: i.problem,
            proposal: i.proposal,
            language: i.language,
        };
        let html = super::initiatives::render(&words, &links);
        storage::initiatives::set_html(&mut unit.conn(), object, i.revision, &html).await?;
    }
    unit.changed(object);
    Ok(())
}

/// Whom a text names and nobody has been asked about yet.
pub async fn pending(app: &App, object: ObjectId) -> Result<Vec<Address>> {
    let rows = storage::tags::mentions(&mut app.db.read().await?.conn(), object).await?;
    let waiting = rows.iter().filter(|row| row.state == "pending");
    Ok(waiting.filter_map(|row| Address::parse(&row.address)).collect())
}

/// Everybody named was looked for: links those who were found, and records the act. Doing it
/// again changes nothing.
pub async fn settle(
    app: &App,
    object: ObjectId,
    found: &[(Address, Option<ActorId>)],
    event: &Event,
) -> Result<()> {
    let mut unit = Unit::begin(app).await?;
    let mut rows = storage::tags::mentions(&mut unit.conn(), object).await?;
    if rows.iter().all(|row| row.state != "pending") {
        return Ok(());
    }
    for row in rows.iter_mut().filter(|row| row.state == "pending") {
        let answer = found.iter().find(|(address, _)| address.to_string() == row.address);
        row.actor_id = answer.and_then(|(_, id)| *id);
        let state = if row.actor_id.is_some() { "known" } else { "unknown" };
        state.clone_into(&mut row.state);
    }
    storage::tags::put_mentions(&mut unit.conn(), object, &rows).await?;
    show_in(&mut unit, object, &rows).await?;
    unit.record(event).await?;
    unit.commit().await
}

/// Whom a text names, as far as they are known and still there.
pub async fn of(app: &App, object: ObjectId) -> Result<Vec<Actor>> {
    let mut reader = app.db.read().await?;
    let mut found = Vec::new();
    for row in storage::tags::mentions(&mut reader.conn(), object).await? {
        let Some(id) = row.actor_id else { continue };
        let actor = storage::actors::by_id(&mut reader.conn(), id).await?;
        found.extend(actor.filter(|a| a.deleted_at.is_none()));
    }
    Ok(found)
}
