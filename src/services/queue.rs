//! The three queues of background work as the workers see them: lease, end, put back.
//!
//! A lease runs out by itself, so what a dead worker held is taken up by another; whoever comes
//! late with a lost lease changes nothing.

use super::outbox::Made;
use super::{AGAIN, Error, Result, Unit};
use crate::app::App;
use crate::domain::{ActivityId, ActorId, InboxId, Timestamp};
use crate::failpoint;
use crate::storage;
use bytes::Bytes;
use std::collections::BTreeMap;
use std::sync::Arc;

pub use crate::storage::Bell;
pub use crate::storage::deliveries::{DeliveryRow, Outcome};
pub use crate::storage::inbox::InboxRow;
pub use crate::storage::jobs::{JobKinds, JobRow};

/// Leases due jobs of some kinds.
pub async fn claim_jobs(
    app: &App,
    kinds: JobKinds,
    lease_seconds: i64,
    limit: i64,
) -> Result<Vec<JobRow>> {
    let mut unit = Unit::begin(app).await?;
    let now = unit.now;
    let until = now.plus_seconds(lease_seconds);
    let rows = storage::jobs::claim(&mut unit.conn(), kinds, now, until, limit).await?;
    unit.commit().await?;
    Ok(rows)
}

/// Stores what many acts became and removes their jobs, all in one transaction.
pub async fn finish_acts(app: &App, jobs: &[JobRow], made: &[Made]) -> Result<()> {
    let mut outcome = try_finish_acts(app, jobs, made).await;
    for _ in 0..AGAIN {
        if !matches!(outcome, Err(Error::Again(_))) {
            break;
        }
        outcome = try_finish_acts(app, jobs, made).await;
    }
    outcome
}

async fn try_finish_acts(app: &App, jobs: &[JobRow], made: &[Made]) -> Result<()> {
    let mut unit = Unit::begin(app).await?;
    super::outbox::store_in(&mut unit, made).await?;
    storage::jobs::finish(&mut unit.conn(), jobs).await?;
    unit.commit().await?;
    // An act for nobody elsewhere wakes nobody.
    if made.iter().flat_map(|act| &act.activities).any(|one| !one.inboxes.is_empty()) {
        app.wake.deliveries.notify_one();
    }
    Ok(())
}

/// Prolongs the lease of a job under way; `false` when somebody else has it now.
pub async fn renew_job(app: &App, job: &mut JobRow, lease_seconds: i64) -> Result<bool> {
    let mut unit = Unit::begin(app).await?;
    let until = unit.now.plus_seconds(lease_seconds);
    let ours = storage::jobs::renew(&mut unit.conn(), job, until).await?;
    unit.commit().await?;
    if ours {
        job.lease_until = until;
    }
    Ok(ours)
}

/// Tells the workers of other processes that there is work.
pub async fn ring(app: &App, bell: Bell) -> Result<()> {
    Ok(storage::ring(&mut app.db.read().await?.conn(), bell).await?)
}

/// Removes a finished job.
pub async fn finish_job(app: &App, job: &JobRow) -> Result<()> {
    let mut unit = Unit::begin(app).await?;
    storage::jobs::finish(&mut unit.conn(), std::slice::from_ref(job)).await?;
    unit.commit().await
}

/// Puts a failed job back until `run_at`; without one it rests as dead, with the reason.
pub async fn fail_job(
    app: &App,
    job: &JobRow,
    run_at: Option<Timestamp>,
    error: &str,
) -> Result<()> {
    let mut unit = Unit::begin(app).await?;
    let state = if run_at.is_some() { "pending" } else { "dead" };
    let at = run_at.unwrap_or(unit.now);
    storage::jobs::fail(&mut unit.conn(), job, state, at, error).await?;
    unit.commit().await
}

/// Leases arrivals, in the order in which they came.
pub async fn claim_inbox(app: &App, lease_seconds: i64, limit: i64) -> Result<Vec<InboxRow>> {
    let mut unit = Unit::begin(app).await?;
    let now = unit.now;
    let until = now.plus_seconds(lease_seconds);
    let rows = storage::inbox::claim(&mut unit.conn(), now, until, limit).await?;
    unit.commit().await?;
    Ok(rows)
}

/// Marks arrivals as applied, in the unit that applied them, with the reason of those that had no
/// effect. A conflict when somebody else applied one of them meanwhile: the unit must not be
/// committed.
pub async fn finish_inbox_in(
    unit: &mut Unit<'_>,
    ended: &[(InboxId, Option<&'static str>)],
) -> Result<()> {
    // A batch has few reasons, mostly none.
    let mut by_reason: BTreeMap<Option<&str>, Vec<InboxId>> = BTreeMap::new();
    for (id, note) in ended {
        by_reason.entry(*note).or_default().push(*id);
    }
    let mut ours = 0;
    for (note, ids) in by_reason {
        ours += storage::inbox::set_done(&mut unit.conn(), &ids, note).await?;
    }
    if usize::try_from(ours).is_ok_and(|ours| ours == ended.len()) {
        return Ok(());
    }
    Err(Error::Conflict("somebody else applied it"))
}

/// Whether an arrival still waits.
pub async fn still_waits(app: &App, id: InboxId) -> Result<bool> {
    Ok(storage::inbox::waits(&mut app.db.read().await?.conn(), id).await?)
}

/// Puts an arrival back until `next_at`; without one it rests in `state` (`refused` or `dead`),
/// with the reason and the attempts so far.
pub async fn fail_inbox(
    app: &App,
    row: &InboxRow,
    next_at: Option<Timestamp>,
    state: &'static str,
    error: &str,
    history: &str,
) -> Result<()> {
    let mut unit = Unit::begin(app).await?;
    let state = if next_at.is_some() { "pending" } else { state };
    let at = next_at.unwrap_or(unit.now);
    storage::inbox::set_failed(&mut unit.conn(), row, state, at, error, history).await?;
    unit.commit().await
}

/// Leases due deliveries, leaving out the hosts named.
pub async fn claim_deliveries(
    app: &App,
    lease_seconds: i64,
    limit: i64,
    busy_hosts: &[String],
) -> Result<Vec<DeliveryRow>> {
    let mut unit = Unit::begin(app).await?;
    let now = unit.now;
    let until = now.plus_seconds(lease_seconds);
    let rows = storage::deliveries::claim(&mut unit.conn(), now, until, limit, busy_hosts).await?;
    unit.commit().await?;
    Ok(rows)
}

/// How a host is doing after some attempts.
#[derive(Clone, Debug)]
pub enum HostNews {
    /// It is well again after failures.
    Well(String),
    /// It was well all along.
    Seen(String),
    Down {
        host: String,
        retry_at: Timestamp,
        /// What waits since before this is given up.
        give_up_before: Timestamp,
        error: String,
    },
}

/// Records what became of deliveries, many in one transaction.
pub async fn record_deliveries(
    app: &App,
    delivered: &[crate::domain::DeliveryId],
    failed: &[Outcome],
    hosts: &[HostNews],
) -> Result<()> {
    let mut outcome = try_record(app, delivered, failed, hosts).await;
    for _ in 0..AGAIN {
        if !matches!(outcome, Err(Error::Again(_))) {
            break;
        }
        outcome = try_record(app, delivered, failed, hosts).await;
    }
    outcome
}

async fn try_record(
    app: &App,
    delivered: &[crate::domain::DeliveryId],
    failed: &[Outcome],
    hosts: &[HostNews],
) -> Result<()> {
    let mut unit = Unit::begin(app).await?;
    let now = unit.now;
    storage::deliveries::set_delivered(&mut unit.conn(), delivered, now).await?;
    for outcome in failed {
        storage::deliveries::set_outcome(&mut unit.conn(), outcome, now).await?;
    }
    let seen: Vec<String> = hosts
        .iter()
        .filter_map(|news| if let HostNews::Seen(host) = news { Some(host.clone()) } else { None })
        .collect();
    storage::hosts::set_seen(&mut unit.conn(), &seen, now).await?;
    let mut given_up = 0;
    for news in hosts {
        match news {
            HostNews::Seen(_) => {}
            HostNews::Well(host) => {
                storage::hosts::set_ok(&mut unit.conn(), host, now).await?;
                storage::deliveries::bring_forward(&mut unit.conn(), host, now).await?;
            }
            HostNews::Down { host, retry_at, give_up_before, error } => {
                storage::hosts::set_failed(&mut unit.conn(), host, *retry_at, error).await?;
                let reason = format!("given up after a week: {error}");
                let conn = &mut unit.conn();
                given_up +=
                    storage::deliveries::give_up(conn, host, *give_up_before, &reason, now).await?;
                storage::deliveries::put_off(&mut unit.conn(), host, *retry_at).await?;
            }
        }
    }
    failpoint::hit("delivery_results_before_commit", "");
    unit.commit().await?;
    if given_up > 0 {
        metrics::counter!("federation_dead_total", "reason" => "week").increment(given_up);
    }
    Ok(())
}

/// An inbox answered that nobody lives there: whether its actors are gone is asked later.
pub async fn ask_whether_gone(app: &App, inbox: &str) -> Result<()> {
    let mut unit = Unit::begin(app).await?;
    let now = unit.now;
    let dedupe = format!("confirm_gone {inbox}");
    unit.enqueue("confirm_gone", inbox, Some(&dedupe), now).await?;
    unit.commit().await
}

/// What is sent in a delivery: signer, bytes, and their SHA-256 in base64. Kept in memory while
/// one activity goes to many inboxes.
pub async fn outgoing(
    app: &App,
    activity: ActivityId,
) -> Result<Option<Arc<(ActorId, Bytes, String)>>> {
    if let Some(known) = app.caches.outgoing.get(&activity) {
        return Ok(Some(known));
    }
    let Some(row) = super::outbox::by_id(app, activity).await? else { return Ok(None) };
    let digest = crate::crypto::sha256_base64(&row.body);
    let made = Arc::new((row.actor_id, Bytes::from(row.body), digest));
    app.caches.outgoing.insert(activity, Arc::clone(&made));
    Ok(Some(made))
}

/// Hosts that failed lately, with the number of failures in a row.
pub async fn failing_hosts(app: &App) -> Result<Vec<(String, i64)>> {
    let rows = storage::hosts::failing(&mut app.db.read().await?.conn()).await?;
    Ok(rows.into_iter().map(|r| (r.host, r.failures)).collect())
}

/// Forgets what ended long ago, a batch at a time. How much was forgotten.
pub async fn prune(app: &App, delivered_before: Timestamp, seen_before: Timestamp) -> Result<u64> {
    const BATCH: i64 = 1_000;
    let mut unit = Unit::begin(app).await?;
    let deliveries = storage::deliveries::prune(&mut unit.conn(), delivered_before, BATCH).await?;
    let arrivals = storage::inbox::prune(&mut unit.conn(), seen_before, BATCH).await?;
    unit.commit().await?;
    Ok(deliveries + arrivals)
}

/// Forgets the keys of requests from before `before`.
pub async fn forget_requests(app: &App, before: Timestamp) -> Result<()> {
    let mut unit = Unit::begin(app).await?;
    storage::idempotency::prune(&mut unit.conn(), before).await?;
    unit.commit().await
}

/// Remote actors that have this inbox, own or shared.
pub async fn actors_of_inbox(app: &App, inbox: &str) -> Result<Vec<crate::domain::actor::Actor>> {
    Ok(storage::actors::by_inbox(&mut app.db.read().await?.conn(), inbox).await?)
}

/// At the start: what a killed process held is free again at once. Only on SQLite, where nobody
/// else can be working; on PostgreSQL the leases run out by themselves.
pub async fn release_leases_of_the_dead(app: &App) -> Result<()> {
    if app.db.engine() != storage::Engine::Sqlite {
        return Ok(());
    }
    let mut unit = Unit::begin(app).await?;
    storage::jobs::release_all_leases(&mut unit.conn()).await?;
    unit.commit().await
}
