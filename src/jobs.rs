//! Background work: what a request must not wait for.
//!
//! Three queues, all rows in the database, all leased: arrivals to apply (`receive`), activities
//! on their way (`deliver`), and everything else (`work`, with one file per kind of job; the most
//! frequent kind, `federate`, is done many at a time by `acts`). A job
//! holds ids only, may be done twice without harm, and says whether to try again.
//!
//! To add a kind of job: a file with `run`, a line in the table of `work.rs`, and the service
//! that enqueues it.

mod acts;
mod backfill;
mod backoff;
mod ballots;
mod bells;
mod deliver;
mod federate;
mod gone;
mod lifecycle;
mod mentions;
mod notes;
mod quote;
mod receive;
mod schedule;
mod thread;
mod work;

use crate::app::App;
use crate::services::queue::{self, Bell};
use std::time::Duration;
use tokio::sync::Notify;

/// Starts all workers; they end when the program stops.
pub fn start(app: &App) {
    let app = app.clone();
    app.shutdown.clone().spawn(async move {
        if let Err(error) = queue::release_leases_of_the_dead(&app).await {
            tracing::warn!(%error, "what a killed process held is free only when its leases end");
        }
        start_workers(&app);
    });
}

fn start_workers(app: &App) {
    app.shutdown.spawn(receive::run(app.clone()));
    app.shutdown.spawn(deliver::run(app.clone()));
    app.shutdown.spawn(acts::run(app.clone()));
    app.shutdown.spawn(work::run(app.clone()));
    app.shutdown.spawn(schedule::run(app.clone()));
    listen(app);
}

/// Passes the bells of other processes on to the workers of this one.
pub fn listen(app: &App) {
    app.shutdown.spawn(bells::listen(app.clone()));
}

/// For a process without workers: tells those of other processes when there is work.
pub fn ring_for_others(app: &App) {
    if app.db.is_postgres() {
        for bell in Bell::ALL {
            app.shutdown.spawn(bells::ring(app.clone(), bell));
        }
    }
}

/// Works off everything that is due now, until nothing is. For tests and the demonstration, which
/// want to see the end of it.
pub async fn drain(app: &App) -> anyhow::Result<()> {
    loop {
        let mut did = work::step(app).await?;
        did += receive::step(app).await?;
        did += deliver::step(app).await?;
        if did == 0 {
            return Ok(());
        }
    }
}

/// How long a worker sleeps when nothing woke it: work that fell due, or that another process
/// left, is found then.
const PATROL: Duration = Duration::from_millis(500);

/// Waits for the bell, for the next patrol, or for the end.
async fn rest(app: &App, bell: &Notify) {
    tokio::select! {
        () = bell.notified() => {}
        () = tokio::time::sleep(PATROL) => {}
        () = app.shutdown.begun() => {}
    }
}

/// Waits after the database failed, so that a lost database is not asked without pause.
async fn recover(app: &App, worker: &str, error: &(dyn std::fmt::Display + Sync)) {
    tracing::warn!(worker, %error, "the worker waits for the database");
    tokio::select! {
        () = tokio::time::sleep(Duration::from_secs(1)) => {}
        () = app.shutdown.begun() => {}
    }
}
