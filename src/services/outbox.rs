//! What local actors did, as activities: stored once, in the bytes that are sent and served.

use super::{Error, Result, Unit};
use crate::app::App;
use crate::domain::urls::authority_of;
use crate::domain::{ActivityId, ActorId, Event, EventId, Page};
use crate::failpoint;
use crate::storage;
use crate::storage::activities::NewActivity;
use crate::storage::deliveries::NewDelivery;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

pub use crate::storage::activities::ActivityRow;

/// An activity ready to be stored and sent.
#[derive(Clone, Debug)]
pub struct Outgoing {
    pub id: ActivityId,
    pub uri: String,
    pub actor: ActorId,
    pub kind: &'static str,
    /// Whether anybody may read it, in the outbox and under its id.
    pub listed: bool,
    pub body: Vec<u8>,
    /// The inboxes it goes to, each once.
    pub inboxes: Vec<String>,
}

/// The acts of these ids, as far as they are there. One that cannot be read harms no other.
pub async fn events(app: &App, ids: &[EventId]) -> Result<BTreeMap<EventId, Result<Event>>> {
    let found = storage::events::by_ids(&mut app.db.read().await?.conn(), ids).await?;
    Ok(found.into_iter().map(|(id, act)| (id, act.map_err(Error::from))).collect())
}

impl Outgoing {
    fn row(&self, event: EventId) -> NewActivity<'_> {
        let Self { id, actor, kind, listed, .. } = *self;
        NewActivity { id, uri: &self.uri, actor, kind, event, listed, body: &self.body }
    }
}

/// The activities that an act became.
#[derive(Clone, Debug)]
pub struct Made {
    pub event: EventId,
    pub activities: Vec<Outgoing>,
}

/// Stores the activities that acts became, with a delivery for each inbox, in one transaction.
/// Doing it again for the same act changes nothing.
pub async fn store(app: &App, made: &[Made]) -> Result<()> {
    let mut unit = Unit::begin(app).await?;
    store_in(&mut unit, made).await?;
    unit.commit().await?;
    app.wake.deliveries.notify_one();
    Ok(())
}

/// As [`store`], in a unit that does more.
pub(super) async fn store_in(unit: &mut Unit<'_>, made: &[Made]) -> Result<()> {
    let app = unit.app;
    let now = unit.now;
    let events: Vec<EventId> = made.iter().map(|act| act.event).collect();
    let new = storage::events::set_federated(&mut unit.conn(), &events, now).await?;
    let made: Vec<&Made> = made.iter().filter(|act| new.contains(&act.event)).collect();
    let rows: Vec<NewActivity<'_>> =
        made.iter().flat_map(|act| act.activities.iter().map(|it| it.row(act.event))).collect();
    storage::activities::insert(&mut unit.conn(), &rows, now).await?;
    failpoint::hit("acts_between", "");
    let activities = || made.iter().flat_map(|act| &act.activities);
    let deliveries: Vec<NewDelivery<'_>> = activities()
        .flat_map(|it| it.inboxes.iter().map(|inbox| (it.id, inbox.as_str())))
        .filter(|(_, inbox)| !app.urls.is_local(inbox))
        .filter_map(|(activity, inbox)| {
            Some(NewDelivery { id: app.id(), activity, host: authority_of(inbox)?, inbox })
        })
        .collect();
    storage::deliveries::insert(&mut unit.conn(), &deliveries, now).await?;
    for activity in activities() {
        super::record::keep_own_in(unit, activity).await?;
    }
    Ok(())
}

/// A local assembly passes an activity on, if anybody elsewhere follows it. Who begins to follow
/// later reads the thread.
pub async fn relay_in(unit: &mut Unit<'_>, assembly: ActorId, raw: String) -> Result<()> {
    relay_all_in(unit, vec![(assembly, raw)]).await
}

/// As [`relay_in`], for activities that came together.
pub async fn relay_all_in(unit: &mut Unit<'_>, passed_on: Vec<(ActorId, String)>) -> Result<()> {
    let mut followed = BTreeMap::new();
    let mut events = Vec::new();
    for (assembly, raw) in passed_on {
        if let Entry::Vacant(unknown) = followed.entry(assembly) {
            let conn = &mut unit.conn();
            unknown.insert(storage::follows::has_remote_followers(conn, assembly).await?);
        }
        if followed.get(&assembly) == Some(&true) {
            events.push(Event::Relayed { assembly, raw });
        }
    }
    unit.record_all(&events).await
}

/// The activity of this id.
pub async fn by_id(app: &App, id: ActivityId) -> Result<Option<ActivityRow>> {
    Ok(storage::activities::by_id(&mut app.db.read().await?.conn(), id).await?)
}

/// What an actor did in public, newest first, older than `before`.
pub async fn page(app: &App, actor: ActorId, before: i64, limit: i64) -> Result<Page<ActivityRow>> {
    let rows =
        storage::activities::outbox(&mut app.db.read().await?.conn(), actor, before, limit).await?;
    Ok(Page::from_overfetch(rows, limit, |row| row.id.get()))
}

/// How much an actor did in public.
pub async fn count(app: &App, actor: ActorId) -> Result<i64> {
    Ok(storage::activities::count_outbox(&mut app.db.read().await?.conn(), actor).await?)
}

/// The inboxes of those who follow an actor from elsewhere, each server once.
pub async fn inboxes_of_followers(app: &App, actor: ActorId) -> Result<Vec<String>> {
    let mut reader = app.db.read().await?;
    Ok(storage::follows::inboxes_of_followers(&mut reader.conn(), actor).await?)
}
