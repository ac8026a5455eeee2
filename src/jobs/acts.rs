//! Turning acts into activities, many in one transaction: a commit costs the same for one act as
//! for a hundred, and after a wave of answers an assembly has a hundred to pass on.
//!
//! Acts that cannot be turned are looked at alone by `work`, which decides whether to try again.

use super::federate::{self, Audiences};
use super::{recover, rest, work};
use crate::app::App;
use crate::domain::EventId;
use crate::services;
use crate::services::queue::{self, JobKinds};
use futures_util::FutureExt as _;
use std::panic::AssertUnwindSafe;

/// Acts in one transaction.
const BATCH: i64 = 128;

pub(super) async fn run(app: App) {
    while !app.shutdown.has_begun() {
        match batch(&app).await {
            Ok(0) => rest(&app, &app.wake.acts).await,
            Ok(_) => {}
            Err(error) => recover(&app, "acts", &error).await,
        }
    }
}

/// Turns one act.
pub(super) async fn one(app: &App, payload: &str) -> Result<(), work::Failure> {
    let event = event_of(payload).ok_or_else(|| work::Failure::Fail("no event".to_owned()))?;
    let Some(act) = services::outbox::events(app, &[event]).await?.remove(&event) else {
        return Ok(());
    };
    let made = federate::prepare(app, &mut Audiences::default(), event, act?).await?;
    Ok(services::outbox::store(app, &[made]).await?)
}

fn event_of(payload: &str) -> Option<EventId> {
    payload.parse().ok()
}

/// Turns what is due; how many acts it took.
async fn batch(app: &App) -> anyhow::Result<usize> {
    let jobs = queue::claim_jobs(app, JobKinds::Federate, work::LEASE_SECONDS, BATCH).await?;
    let count = jobs.len();
    let mut ready = Vec::with_capacity(count);
    let mut made = Vec::with_capacity(count);
    let events: Vec<EventId> = jobs.iter().filter_map(|job| event_of(&job.payload)).collect();
    let mut acts = services::outbox::events(app, &events).await?;
    let mut audiences = Audiences::default();
    for job in jobs {
        let known = event_of(&job.payload).and_then(|event| acts.remove_entry(&event));
        let Some((event, Ok(act))) = known else {
            work::one(app, job).await?;
            continue;
        };
        let making = federate::prepare(app, &mut audiences, event, act);
        match AssertUnwindSafe(making).catch_unwind().await {
            Ok(Ok(done)) => {
                made.push(done);
                ready.push(job);
            }
            Ok(Err(_)) | Err(_) => work::one(app, job).await?,
        }
    }
    if !ready.is_empty() && queue::finish_acts(app, &ready, &made).await.is_err() {
        for job in ready {
            work::one(app, job).await?;
        }
    }
    Ok(count)
}
