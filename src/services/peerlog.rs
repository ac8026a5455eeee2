//! The federation log: what came in, what went out, what was refused, and why.
//!
//! Nothing is written here that another row holds already: arrivals are rows of `inbox`, what was
//! sent is in `activities` and `deliveries`, and only what was refused at the door has rows of
//! its own (`services::refusals`). All ids are minted alike, so that the three are one list in the
//! order of time.

mod explain;
mod hosts;

pub use crate::storage::peerlog::Filter;
pub use explain::{Advice, Next};
pub use hosts::{HostView, host, hosts};

use super::{Result, Unit, refusals};
use crate::app::App;
use crate::domain::attempts::{self, Attempt};
use crate::domain::peerlog::{Check, Direction, Fate, Trace};
use crate::domain::{EventId, Page, PageRequest, Timestamp};
use crate::storage;
use crate::storage::peerlog::{Row, Table};

const DAY: i64 = 24 * 60 * 60;
/// Where it is kept until when the bodies of arrivals were let go of.
const BODIES: &str = "inbox_bodies_forgotten_before";

/// One line of the log.
#[derive(Clone, Debug)]
pub struct Entry {
    pub id: i64,
    pub at: Timestamp,
    pub direction: Direction,
    pub fate: Fate,
    pub host: String,
    pub actor_uri: String,
    pub activity_uri: String,
    /// The type of the activity; empty where only the body of an arrival knows it.
    pub kind: String,
    /// The status answered, by us or by the other server.
    pub status: Option<i64>,
    /// Why it was refused, given up, put off, or had no effect.
    pub reason: Option<String>,
    /// The check that a refused request failed.
    pub failed: Option<Check>,
}

/// Everything about one entry.
#[derive(Clone, Debug)]
pub struct Story {
    pub entry: Entry,
    /// Where it was sent; empty for what came in.
    pub inbox: String,
    /// Every check with whether it was passed; empty for what went out.
    pub checks: Vec<(Check, Option<bool>)>,
    /// How many attempts were made.
    pub attempts_made: i64,
    /// The failed ones that are remembered, oldest first.
    pub attempts: Vec<Attempt>,
    pub next: Next,
    pub advice: Advice,
    /// The activity, as far as it is kept.
    pub body: Option<String>,
    /// How long it was, in bytes.
    pub bytes: i64,
}

impl Entry {
    fn new(row: &Row, table: Table) -> Self {
        let direction = table.direction();
        Self {
            id: row.id,
            at: EventId::from(row.id).minted_at(),
            direction,
            fate: Fate::of_state(&row.state, direction, row.reason.as_deref()),
            host: row.host.clone(),
            actor_uri: row.actor_uri.clone(),
            activity_uri: row.activity_uri.clone(),
            kind: row.kind.clone(),
            status: row.status,
            reason: row.reason.clone(),
            failed: Check::parse(&row.failed),
        }
    }
}

/// A page of the log, newest first. A search that finds little ends after so many rows; the next
/// page goes on there.
pub async fn list(app: &App, filter: &Filter, page: PageRequest) -> Result<Page<Entry>> {
    let mut reader = app.db.read().await?;
    let narrow = filter.host.is_some() || filter.actor.is_some() || filter.fate.is_some();
    let mut floor = 0;
    // What was given up is found by an index of its own.
    if narrow && !matches!(filter.fate, Some(Fate::Dead)) {
        for table in Table::ALL {
            let below = page.upper_bound();
            floor = floor.max(storage::peerlog::floor(&mut reader.conn(), table, below).await?);
        }
    }
    let mut found = Vec::new();
    for table in Table::ALL {
        let rows = storage::peerlog::list(&mut reader.conn(), table, filter, page, floor).await?;
        for row in rows {
            let mut entry = Entry::new(&row, table);
            if entry.kind.is_empty() && table == Table::Arrivals {
                entry.kind = kind_of(&mut reader, row.id).await?;
            }
            found.push(entry);
        }
    }
    found.sort_by_key(|entry| std::cmp::Reverse(entry.id));
    let mut page = Page::from_overfetch(found, page.limit, |entry| entry.id);
    if page.next.is_none() && floor > 0 {
        page.next = Some(floor);
    }
    Ok(page)
}

/// The type of an arrived activity, as long as its body is kept.
async fn kind_of(reader: &mut storage::Reader, id: i64) -> Result<String> {
    let body = storage::peerlog::body(&mut reader.conn(), Table::Arrivals, id).await?;
    let value = body
        .and_then(|(bytes, _)| serde_json::from_slice::<serde_json::Value>(&bytes?).ok())
        .unwrap_or_default();
    let kind = value.get("type").and_then(serde_json::Value::as_str).unwrap_or_default();
    Ok(crate::domain::peerlog::one_line(kind, 50))
}

/// Everything about an entry, found by its number, or about all entries of an activity, found by
/// its id on the wire. Newest first; empty when the log knows nothing of it.
pub async fn show(app: &App, reference: &str) -> Result<Vec<Story>> {
    let mut reader = app.db.read().await?;
    let mut wanted: Vec<(Table, i64)> = Vec::new();
    for table in Table::ALL {
        if let Ok(id) = reference.parse::<i64>() {
            wanted.push((table, id));
        } else {
            let ids = storage::peerlog::of_activity(&mut reader.conn(), table, reference).await?;
            wanted.extend(ids.into_iter().map(|id| (table, id)));
        }
    }
    let mut stories = Vec::new();
    for (table, id) in wanted {
        if let Some(row) = storage::peerlog::by_id(&mut reader.conn(), table, id).await? {
            let body = storage::peerlog::body(&mut reader.conn(), table, id).await?;
            stories.push(tell(&row, table, body.unwrap_or_default(), app.now()));
        }
    }
    stories.sort_by_key(|story| std::cmp::Reverse(story.entry.id));
    Ok(stories)
}

fn tell(row: &Row, table: Table, body: (Option<Vec<u8>>, i64), now: Timestamp) -> Story {
    let mut entry = Entry::new(row, table);
    let (bytes, length) = body;
    let body = bytes.map(|b| String::from_utf8_lossy(&b).into_owned());
    if entry.kind.is_empty() {
        let value = body.as_deref().and_then(|b| serde_json::from_str(b).ok());
        let value: serde_json::Value = value.unwrap_or_default();
        let kind = value.get("type").and_then(serde_json::Value::as_str).unwrap_or_default();
        entry.kind = crate::domain::peerlog::one_line(kind, 50);
    }
    let checks = match table {
        // What was taken passed all of them.
        Table::Arrivals => Check::ALL.iter().map(|check| (*check, Some(true))).collect(),
        Table::Refusals => Trace::from_stored(row.passed, &row.failed).table().collect(),
        Table::Deliveries => Vec::new(),
    };
    Story {
        inbox: row.inbox.clone(),
        checks,
        attempts_made: row.attempts,
        attempts: attempts::read(row.history.as_deref()),
        next: explain::next(row, entry.direction, entry.fate, now),
        advice: explain::advice(row, entry.direction, entry.fate),
        body,
        bytes: length,
        entry,
    }
}

/// Forgets what is older than the log is kept for, and hosts that nothing is known of any more.
pub async fn sweep(app: &App) -> Result<()> {
    let mut unit = Unit::begin(app).await?;
    let now = unit.now;
    let before = now.plus_seconds(-i64::from(app.config.federation.log_days) * DAY);
    let from = storage::policies::instance_value(&mut unit.conn(), BODIES).await?;
    let from = Timestamp::from_millis(from.and_then(|f| f.parse().ok()).unwrap_or(0));
    storage::inbox::forget_bodies(&mut unit.conn(), from, before).await?;
    let done = before.millis().to_string();
    storage::policies::set_instance_value(&mut unit.conn(), BODIES, &done).await?;
    refusals::prune_in(&mut unit, now).await?;
    hosts::prune_in(&mut unit, now).await?;
    unit.commit().await
}
