//! How much one cause may make us ask of other servers: so many requests, and so much time for all
//! of them together.
//!
//! Everything that asks another server takes a [`Budget`] from its caller, and all requests go
//! through [`Budget::ask`]. A budget is given, never looked up: who reads a function sees who pays.
//!
//! To add a cause: a constructor here with its figures and its reason.

use super::{Error, limits, policy};
use crate::app::App;
use crate::domain::host;
use crate::domain::urls::authority_of;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use url::Url;

/// Requests that one arriving activity may cause.
pub const PER_ARRIVAL: u32 = 20;
/// How long one arriving activity may keep us asking.
const ARRIVAL: Duration = Duration::from_secs(20);
/// Requests of one portion of a walk through a thread or an assembly.
pub const PER_PORTION: u32 = 120;
/// How long a portion of a walk lasts at most; shorter than the lease of its job.
const PORTION: Duration = Duration::from_mins(1);
/// Requests that a walk has under way at one host at a time, over all walks.
const AT_ONE_HOST: usize = 2;

/// What is left. Shared by everything that happens for one cause.
#[derive(Debug)]
pub struct Budget {
    requests: AtomicU32,
    /// `None` when nothing may be asked at all.
    until: Option<Instant>,
    /// Whether it waits for its turn at each host.
    patient: bool,
    /// The registered domain because of which it is asked.
    cause: Option<String>,
}

/// Leave for one request.
#[derive(Debug)]
pub struct Leave {
    /// The time that is left for it.
    pub time: Duration,
    _turn: Option<OwnedSemaphorePermit>,
}

impl Budget {
    /// Nothing may be asked: what would need another server fails with [`Error::NeedsNetwork`].
    pub const fn nothing() -> Self {
        Self { requests: AtomicU32::new(0), until: None, patient: false, cause: None }
    }

    /// For what an activity that arrived needs, or its signature (DOS-09 to DOS-11).
    pub fn arrival() -> Self {
        Self::of(PER_ARRIVAL, ARRIVAL, false)
    }

    /// For what somebody with an account here looks for, and waits for.
    pub fn person() -> Self {
        Self::of(PER_ARRIVAL, ARRIVAL, false)
    }

    /// For a short question of a job: whether an actor is gone, what a home counts.
    pub fn question() -> Self {
        Self::of(4, ARRIVAL, false)
    }

    /// For one portion of a walk.
    pub fn portion() -> Self {
        Self::of(PER_PORTION, PORTION, true)
    }

    fn of(requests: u32, time: Duration, patient: bool) -> Self {
        Self {
            requests: AtomicU32::new(requests),
            until: Some(Instant::now() + time),
            patient,
            cause: None,
        }
    }

    /// The same, where what is asked also counts against whoever sent this.
    #[must_use]
    pub fn because_of(mut self, uri: &str) -> Self {
        self.cause = host::of_uri(uri).map(|host| host::registrable(&host).to_owned());
        self
    }

    /// Whether nothing may be asked.
    pub fn is_nothing(&self) -> bool {
        self.until.is_none()
    }

    /// How many requests are left.
    pub fn left(&self) -> u32 {
        self.requests.load(Ordering::Relaxed)
    }

    /// What it means that nothing is left: a job goes on with the next portion; who waits, waits for
    /// servers that were too slow this time, or asked for too much.
    pub(super) fn over(&self) -> Error {
        if self.patient || self.left() == 0 {
            return Error::Spent;
        }
        Error::Unreachable("other servers did not answer in the time there was".to_owned())
    }

    /// Takes one request to `url` out of the budget. Fails with [`Error::NeedsNetwork`] when there
    /// was none to begin with, with [`Error::Spent`] when it is used up.
    pub async fn ask(&self, app: &App, url: &Url) -> Result<Leave, Error> {
        let until = self.until.ok_or(Error::NeedsNetwork)?;
        policy::may_ask(app, url.as_str())?;
        limits::fetch(app, self.cause.as_deref(), url.as_str())?;
        let taken =
            self.requests.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1));
        let time = until.saturating_duration_since(Instant::now());
        if taken.is_err() || time.is_zero() {
            metrics::counter!("federation_budgets_spent_total").increment(1);
            return Err(self.over());
        }
        let turn = if self.patient { turn_at(app, url).await } else { None };
        Ok(Leave { time, _turn: turn })
    }
}

/// Waits for a turn at a host.
async fn turn_at(app: &App, url: &Url) -> Option<OwnedSemaphorePermit> {
    let host = authority_of(url.as_str())?;
    let turns = app.caches.turns.get_with(host, || Arc::new(Semaphore::new(AT_ONE_HOST)));
    turns.acquire_owned().await.ok()
}
