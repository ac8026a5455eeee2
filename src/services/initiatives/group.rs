//! The followable actor of an initiative: a `Group` of its own, for people who want the news of
//! this initiative and not of the whole assembly.
//!
//! It is made after the initiative is published, by a job, since its key takes a tenth of a second
//! to make; of initiatives that were public before, when somebody first asks for it.

use super::{ActorKind, Event, Result, Unit, Viewer};
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::initiative::{Initiative, State};
use crate::domain::{ObjectId, handle};
use crate::i18n::Lang;
use crate::services::actors::{PreparedKey, create_local_in};
use crate::storage;
use crate::text;

/// The actor of an initiative at home here, made if it does not exist yet. `None` for what is at
/// home elsewhere, not public, or was taken back before it had one.
pub async fn open_group(app: &App, id: ObjectId) -> Result<Option<Actor>> {
    let handle = handle::of_initiative(id);
    let mut reader = app.db.read().await?;
    let known = storage::actors::local_by_handle(&mut reader.conn(), &handle).await?;
    if known.is_some() {
        return Ok(known.filter(|actor| actor.kind == ActorKind::Initiative));
    }
    let initiative = storage::initiatives::by_id(&mut reader.conn(), id).await?;
    drop(reader);
    let Some(initiative) = initiative.filter(|i| i.local && i.state == State::Discussion) else {
        return Ok(None);
    };
    let key = PreparedKey::new(app).await?;
    let mut unit = Unit::begin(app).await?;
    let (name, summary) = (name_of(&initiative.title), summary_of(&initiative));
    let made =
        create_local_in(&mut unit, ActorKind::Initiative, &handle, &name, &summary, key).await;
    match made {
        Ok(actor) => {
            unit.record(&Event::GroupOpened { initiative: id }).await?;
            unit.commit().await?;
            Ok(Some(actor))
        }
        // Somebody else asked in the same moment.
        Err(error) => {
            drop(unit);
            let mut reader = app.db.read().await?;
            let known = storage::actors::local_by_handle(&mut reader.conn(), &handle).await?;
            known.map_or(Err(error), |actor| Ok(Some(actor)))
        }
    }
}

fn name_of(title: &str) -> String {
    text::excerpt(title, 100)
}

fn summary_of(initiative: &Initiative) -> String {
    let lang = Lang::parse(&initiative.language).unwrap_or(Lang::En);
    let uri = &initiative.uri;
    format!("<p>{} <a href=\"{uri}\">{uri}</a></p>", lang.text("group-summary"))
}

/// Has the actor of a published initiative made soon.
pub(super) async fn open_group_soon_in(unit: &mut Unit<'_>, id: ObjectId) -> Result<()> {
    let now = unit.now;
    unit.enqueue("open_group", &id.to_string(), None, now).await
}

/// A new revision may have another title, which is the actor's name.
pub(super) async fn rename_group_in(unit: &mut Unit<'_>, id: ObjectId, title: &str) -> Result<()> {
    let handle = handle::of_initiative(id);
    let known = storage::actors::local_by_handle(&mut unit.conn(), &handle).await?;
    let name = name_of(title);
    if let Some(actor) = known.filter(|a| a.kind == ActorKind::Initiative && a.name != name) {
        let now = unit.now;
        storage::actors::set_profile(&mut unit.conn(), actor.id, &name, &actor.summary, now)
            .await?;
        unit.record(&Event::ActorChanged { actor: actor.id }).await?;
    }
    Ok(())
}

/// The address of the actor of an initiative, here or elsewhere; none, where its home offers none.
pub fn group_uri(app: &App, initiative: &Initiative) -> Option<String> {
    if initiative.local {
        initiative.state.is_public().then(|| app.urls.initiative_actor(initiative.id))
    } else {
        initiative.group_uri.clone()
    }
}

/// The actor of an initiative as far as it is known here: of one elsewhere only after somebody
/// asked its home for it.
pub async fn known_group(app: &App, initiative: &Initiative) -> Result<Option<Actor>> {
    match group_uri(app, initiative) {
        Some(uri) => Ok(storage::actors::by_uri(&mut app.db.read().await?.conn(), &uri).await?),
        None => Ok(None),
    }
}

/// How somebody's follow of an initiative stands: `pending`, `accepted`, `rejected`, or none.
pub async fn follow_state(
    app: &App,
    who: &Viewer,
    initiative: &Initiative,
) -> Result<Option<String>> {
    match known_group(app, initiative).await? {
        Some(group) => crate::services::follows::state(app, who, group.id).await,
        None => Ok(None),
    }
}

/// The mirrored initiatives whose actor has this address.
pub async fn of_group(app: &App, uri: &str) -> Result<Vec<ObjectId>> {
    Ok(storage::initiatives::of_group(&mut app.db.read().await?.conn(), uri).await?)
}
