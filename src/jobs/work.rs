//! The worker of ordinary jobs.

use super::{
    acts, backfill, backoff, ballots, gone, lifecycle, mentions, notes, quote, recover, rest,
    thread,
};
use crate::app::App;
use crate::failpoint;
use crate::services::queue::{self, JobKinds, JobRow};
use futures_util::FutureExt as _;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// A worker that does not prolong a lease in this time is taken to be dead.
pub(super) const LEASE_SECONDS: i64 = 120;
/// How often the lease of a job under way is prolonged.
const RENEW: Duration = Duration::from_secs(40);
/// Jobs at once.
const AT_ONCE: usize = 16;
/// Jobs leased at once.
const BATCH: i64 = 8;
/// Attempts before a job rests as dead.
const MAX_ATTEMPTS: i64 = 10;

/// How a job ended.
pub(super) enum Failure {
    /// Worth another attempt.
    Retry(String),
    /// A portion is done, and another is due at once. As many as there are attempts.
    Again,
    /// It can never succeed.
    Fail(String),
}

impl From<crate::services::Error> for Failure {
    fn from(error: crate::services::Error) -> Self {
        Self::Retry(error.to_string())
    }
}

impl From<crate::federation::Error> for Failure {
    fn from(error: crate::federation::Error) -> Self {
        use crate::federation::Error;
        match error {
            Error::Invalid(_) | Error::Gone | Error::Forbidden(_) | Error::Spent => {
                Self::Fail(error.to_string())
            }
            other => Self::Retry(other.to_string()),
        }
    }
}

/// The table of jobs.
async fn perform(app: &App, job: &JobRow) -> Result<(), Failure> {
    failpoint::hit("job", &job.payload);
    match job.kind.as_str() {
        "federate" => acts::one(app, &job.payload).await,
        "backfill" => backfill::run(app, &job.payload).await,
        "close_ballot" => ballots::close(app, &job.payload).await,
        "confirm_gone" => gone::run(app, &job.payload).await,
        "push_tallies" => ballots::push(app, &job.payload).await,
        "refresh_ballot" => ballots::refresh(app, &job.payload).await,
        "open_group" => notes::open_group(app, &job.payload).await,
        "official_note" => notes::publish(app, &job.payload).await,
        "read_thread" => thread::run(app, &job.payload).await,
        "verify_quote" => quote::run(app, &job.payload).await,
        "refresh_tallies" => backfill::refresh_tallies(app, &job.payload).await,
        "announce_profile" => lifecycle::announce_profile(app, &job.payload).await,
        "carry_followers" => lifecycle::carry_followers(app, &job.payload).await,
        "erase" => lifecycle::erase(app, &job.payload).await,
        "destroy_keys" => lifecycle::destroy_keys(app, &job.payload).await,
        "resolve_mentions" => mentions::run(app, &job.payload).await,
        other => Err(Failure::Fail(format!("there is no job called {other}"))),
    }
}

pub(super) async fn run(app: App) {
    let slots = Arc::new(Semaphore::new(AT_ONCE));
    while !app.shutdown.has_begun() {
        // A slow job holds its slot and nobody else's.
        let Ok(free) = Arc::clone(&slots).acquire_owned().await else { return };
        drop(free);
        let limit = i64::try_from(slots.available_permits()).unwrap_or(1).min(BATCH);
        match queue::claim_jobs(&app, JobKinds::Others, LEASE_SECONDS, limit).await {
            Ok(jobs) if jobs.is_empty() => rest(&app, &app.wake.jobs).await,
            Ok(jobs) => {
                for job in jobs {
                    let (app, slots) = (app.clone(), Arc::clone(&slots));
                    app.shutdown.clone().spawn(async move {
                        let Ok(_slot) = slots.acquire_owned().await else { return };
                        if let Err(error) = one(&app, job).await {
                            tracing::warn!(%error, "a job waits for the database");
                        }
                    });
                }
            }
            Err(error) => recover(&app, "jobs", &error).await,
        }
    }
}

/// Does what is due, up to a batch; how many jobs it took.
pub(super) async fn step(app: &App) -> anyhow::Result<usize> {
    let mut jobs = queue::claim_jobs(app, JobKinds::Federate, LEASE_SECONDS, BATCH).await?;
    jobs.extend(queue::claim_jobs(app, JobKinds::Others, LEASE_SECONDS, BATCH).await?);
    let count = jobs.len();
    let ended = futures_util::future::join_all(jobs.into_iter().map(|job| one(app, job))).await;
    for outcome in ended {
        outcome?;
    }
    Ok(count)
}

/// Does a job and prolongs its lease meanwhile; `None` when the lease was lost all the same.
async fn held(app: &App, job: &mut JobRow) -> Option<std::thread::Result<Result<(), Failure>>> {
    let todo = job.clone();
    let mut work = Box::pin(AssertUnwindSafe(perform(app, &todo)).catch_unwind());
    loop {
        tokio::select! {
            outcome = &mut work => return Some(outcome),
            () = tokio::time::sleep(RENEW) => {}
        }
        match queue::renew_job(app, job, LEASE_SECONDS).await {
            Ok(true) => {}
            Ok(false) => {
                tracing::warn!(job.kind, "a job is somebody else's now and is broken off");
                return None;
            }
            Err(error) => tracing::warn!(%error, job.kind, "a lease could not be prolonged"),
        }
    }
}

/// Does one job and writes down how it ended.
pub(super) async fn one(app: &App, mut job: JobRow) -> anyhow::Result<()> {
    let outcome = if job.attempts > MAX_ATTEMPTS {
        // It was leased again and again and nobody lived to say how it ended.
        Ok(Err(Failure::Fail("given up: whoever did it never came to an end".to_owned())))
    } else {
        match Box::pin(held(app, &mut job)).await {
            Some(outcome) => outcome,
            None => return Ok(()),
        }
    };
    let outcome = outcome.unwrap_or_else(|_| {
        metrics::counter!("panics_total", "where" => "job").increment(1);
        Err(Failure::Retry("the job panicked".to_owned()))
    });
    match outcome {
        Err(Failure::Again) if job.attempts < MAX_ATTEMPTS => {
            queue::fail_job(app, &job, Some(app.now()), "").await?;
            app.wake.jobs.notify_one();
        }
        Ok(()) | Err(Failure::Again) => queue::finish_job(app, &job).await?,
        Err(Failure::Retry(error)) if job.attempts < MAX_ATTEMPTS => {
            tracing::info!(job.kind, job.attempts, %error, "a job is tried again later");
            let again = backoff::next(app.now(), job.attempts);
            queue::fail_job(app, &job, Some(again), &error).await?;
        }
        Err(Failure::Retry(error) | Failure::Fail(error)) => {
            tracing::warn!(job.kind, job.attempts, %error, "a job is given up");
            metrics::counter!("jobs_dead_total").increment(1);
            queue::fail_job(app, &job, None, &error).await?;
        }
    }
    Ok(())
}
