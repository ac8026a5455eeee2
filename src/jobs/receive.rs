//! Applying arrivals: many in one transaction, those that must ask another server on their own.
//!
//! One bad arrival never holds up another: what fails in a batch is tried alone, what waits for
//! a slow server waits in a task of its own.

use super::{backoff, recover, rest};
use crate::app::App;
use crate::domain::{Timestamp, attempts};
use crate::failpoint;
use crate::federation::receive::{self, Act, Note, apply_all};
use crate::federation::{self, Budget};
use crate::services::queue::{self, InboxRow};
use crate::services::{self, Unit};
use futures_util::FutureExt as _;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// How soon what a dead worker held is taken up again. An arrival that waits longer for slow servers
/// may be applied twice, which changes nothing.
const LEASE_SECONDS: i64 = 120;
/// Arrivals in one transaction.
const BATCH: i64 = 256;
/// Arrivals that wait for other servers at the same time.
const ASKING: usize = 32;
/// Further attempts at once after a conflict with a neighbour.
const AGAIN_AT_ONCE: usize = services::AGAIN;
/// Attempts before an arrival rests as dead.
const MAX_ATTEMPTS: i64 = 8;

pub(super) async fn run(app: App) {
    let asking = Arc::new(Semaphore::new(ASKING));
    while !app.shutdown.has_begun() {
        match batch(&app, &asking).await {
            Ok(0) => rest(&app, &app.wake.inbox).await,
            Ok(_) => {}
            Err(error) => recover(&app, "receive", &error).await,
        }
    }
}

/// Applies what is due, waiting for other servers; how many arrivals it took.
pub(super) async fn step(app: &App) -> anyhow::Result<usize> {
    let rows = queue::claim_inbox(app, LEASE_SECONDS, BATCH).await?;
    for row in &rows {
        alone(app, row).await?;
    }
    Ok(rows.len())
}

async fn batch(app: &App, asking: &Arc<Semaphore>) -> anyhow::Result<usize> {
    let rows = queue::claim_inbox(app, LEASE_SECONDS, BATCH).await?;
    let count = rows.len();
    let mut ready = Vec::with_capacity(count);
    for row in rows {
        let reading = async {
            failpoint::hit("arrival_in_batch", &row.activity_uri);
            prepare(app, &row, &Budget::nothing()).await
        };
        let prepared = AssertUnwindSafe(reading).catch_unwind().await;
        match prepared {
            Ok(Ok(act)) => ready.push((row, act)),
            // Anything but success is looked at alone, and there decided upon.
            Ok(Err(_)) | Err(_) => ask_alone(app, asking, row),
        }
    }
    if ready.is_empty() {
        return Ok(count);
    }
    let (rows, acts): (Vec<_>, Vec<_>) = ready.into_iter().unzip();
    let applied = AssertUnwindSafe(together(app, &rows, acts)).catch_unwind().await;
    if !matches!(applied, Ok(Ok(()))) {
        for row in rows {
            ask_alone(app, asking, row);
        }
    }
    Ok(count)
}

async fn together(app: &App, rows: &[InboxRow], acts: Vec<Act>) -> services::Result<()> {
    let mut unit = Unit::begin(app).await?;
    let notes = apply_all(acts, &mut unit).await?;
    let ended: Vec<_> = rows.iter().map(|row| row.id).zip(notes.iter().copied()).collect();
    queue::finish_inbox_in(&mut unit, &ended).await?;
    failpoint::hit("arrivals_before_commit", "");
    unit.commit().await?;
    failpoint::hit("arrivals_after_commit", "");
    count(&notes);
    Ok(())
}

/// Counts arrivals by what became of them.
fn count(notes: &[Note]) {
    let without = notes.iter().filter(|note| note.is_some()).count();
    for (result, many) in [("applied", notes.len() - without), ("no_effect", without)] {
        if many > 0 {
            let many = u64::try_from(many).unwrap_or(0);
            metrics::counter!("federation_arrivals_total", "result" => result).increment(many);
        }
    }
}

fn ask_alone(app: &App, asking: &Arc<Semaphore>, row: InboxRow) {
    let (task_app, asking) = (app.clone(), Arc::clone(asking));
    app.shutdown.spawn(async move {
        let Ok(_permit) = asking.acquire_owned().await else { return };
        if let Err(error) = alone(&task_app, &row).await {
            tracing::warn!(%error, "an arrival waits for the database");
        }
    });
}

async fn alone(app: &App, row: &InboxRow) -> anyhow::Result<()> {
    if row.attempts > MAX_ATTEMPTS {
        // It was leased again and again and nobody lived to say how it ended.
        let text = "given up: whoever applied it never came to an end";
        return give_up(app, row, text).await;
    }
    let mut outcome = AssertUnwindSafe(try_alone(app, row)).catch_unwind().await;
    for _ in 0..AGAIN_AT_ONCE {
        // Another arrival brought the same thing in the same moment (two answers to a comment that
        // was not here, each with that comment): read again, it is here now. Or another transaction
        // was in the way.
        use services::Error::{Again, Conflict};
        if !matches!(outcome, Ok(Err(federation::Error::Service(Conflict(_) | Again(_))))) {
            break;
        }
        outcome = AssertUnwindSafe(try_alone(app, row)).catch_unwind().await;
    }
    let error = match outcome {
        Ok(Ok(())) => return Ok(()),
        // Another worker was faster, after this one had waited longer than its lease.
        Ok(Err(_)) if !queue::still_waits(app, row.id).await? => return Ok(()),
        Ok(Err(error)) => error,
        Err(_) => {
            metrics::counter!("panics_total", "where" => "receive").increment(1);
            federation::Error::Unreachable("applying it panicked".to_owned())
        }
    };
    let text = error.to_string();
    match error {
        federation::Error::Service(services::Error::Forbidden(reason)) => {
            services::audit::refused(app, "forbidden", "", &row.activity_uri, reason).await?;
            fail(app, row, None, "refused", &text).await?;
        }
        federation::Error::Invalid(_)
        | federation::Error::Gone
        | federation::Error::Spent
        | federation::Error::Forbidden(_) => {
            services::audit::refused(app, "unusable", "", &row.activity_uri, &text).await?;
            fail(app, row, None, "refused", &text).await?;
        }
        _ if row.attempts < MAX_ATTEMPTS => {
            let again = backoff::next(app.now(), row.attempts);
            fail(app, row, Some(again), "pending", &text).await?;
        }
        _ => give_up(app, row, &text).await?,
    }
    Ok(())
}

/// Writes down a failed attempt: when the next one is, or that there is none.
async fn fail(
    app: &App,
    row: &InboxRow,
    next_at: Option<Timestamp>,
    state: &'static str,
    error: &str,
) -> anyhow::Result<()> {
    if state != "pending" {
        metrics::counter!("federation_arrivals_total", "result" => state).increment(1);
    }
    let history = attempts::add(row.history.as_deref(), app.now(), None, error);
    queue::fail_inbox(app, row, next_at, state, error, &history).await?;
    Ok(())
}

async fn give_up(app: &App, row: &InboxRow, reason: &str) -> anyhow::Result<()> {
    tracing::warn!(activity = row.activity_uri, error = reason, "an arrival is given up");
    metrics::counter!("arrivals_dead_total").increment(1);
    fail(app, row, None, "dead", reason).await
}

async fn prepare(app: &App, row: &InboxRow, budget: &Budget) -> Result<Act, federation::Error> {
    let (sender, body, at) = (row.actor_id, row.body.as_slice(), row.received_at);
    if row.forwarded {
        receive::prepare_forwarded(app, sender, body, at, budget).await
    } else {
        receive::prepare(app, sender, body, at, budget).await
    }
}

/// Because of whom other servers are asked: the id of an activity is of its sender's server, unless
/// somebody passed it on.
async fn cause_of(app: &App, row: &InboxRow) -> services::Result<String> {
    if row.forwarded
        && let Some(sender) = services::actors::by_id(app, row.actor_id).await?
    {
        return Ok(sender.uri);
    }
    Ok(row.activity_uri.clone())
}

async fn try_alone(app: &App, row: &InboxRow) -> Result<(), federation::Error> {
    failpoint::hit("arrival_alone", &row.activity_uri);
    let cause = cause_of(app, row).await?;
    let act = prepare(app, row, &Budget::arrival().because_of(&cause)).await?;
    let mut unit = Unit::begin(app).await?;
    let note = act.apply_noting(&mut unit).await?;
    queue::finish_inbox_in(&mut unit, &[(row.id, note)]).await?;
    unit.commit().await?;
    count(&[note]);
    Ok(())
}
