//! What an admin does with the queues: try again now, give up, put away what was read.
//!
//! Works on the database, so also from the shell while the server runs; the workers of this
//! process are woken, those of others look by themselves. Every act is written down.

use super::policies::By;
use super::{Result, Unit, audit};
use crate::app::App;
use crate::domain::{Page, PageRequest};
use crate::storage;

pub use crate::storage::letters::{Depth, Job, Which};

/// How many rows an act changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    pub deliveries: u64,
    pub arrivals: u64,
    pub jobs: u64,
}

impl Changed {
    /// All of them.
    pub fn total(&self) -> u64 {
        self.deliveries + self.arrivals + self.jobs
    }
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Make it due now; what was given up begins anew.
    Retry,
    /// Give up what waits.
    Drop,
    /// Put away what was given up.
    Dismiss,
}

impl Act {
    /// The name in the audit.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Retry => "queue_retry",
            Self::Drop => "queue_drop",
            Self::Dismiss => "queue_dismiss",
        }
    }
}

/// Does it, and writes down who did it and why.
pub async fn act(app: &App, by: By<'_>, act: Act, which: &Which) -> Result<Changed> {
    use storage::letters as rows;
    let mut unit = Unit::begin(app).await?;
    let now = unit.now;
    let reason = format!("dropped by an admin: {}", by.why);
    let mut conn = unit.conn();
    let changed = match act {
        Act::Retry => Changed {
            deliveries: rows::retry_deliveries(&mut conn, which, now).await?,
            arrivals: rows::retry_arrivals(&mut conn, which, now).await?,
            jobs: rows::retry_jobs(&mut conn, which, now).await?,
        },
        Act::Drop => Changed {
            deliveries: rows::drop_deliveries(&mut conn, which, &reason, now).await?,
            arrivals: rows::drop_arrivals(&mut conn, which, &reason).await?,
            jobs: rows::drop_jobs(&mut conn, which, &reason).await?,
        },
        Act::Dismiss => Changed {
            deliveries: rows::dismiss_deliveries(&mut conn, which, now).await?,
            arrivals: rows::dismiss_arrivals(&mut conn, which).await?,
            jobs: rows::dismiss_jobs(&mut conn, which).await?,
        },
    };
    if changed.total() > 0 {
        let about = match which {
            Which::Id(id) => id.to_string(),
            Which::Host(host) => host.clone(),
            Which::Dead => "all dead".to_owned(),
        };
        let what = format!("{} rows: {}", changed.total(), by.why);
        audit::refused_in(&mut unit, act.as_str(), by.who, &about, &what).await?;
    }
    unit.commit().await?;
    if act == Act::Retry {
        app.wake.deliveries.notify_one();
        app.wake.inbox.notify_one();
        app.wake.jobs.notify_one();
        app.wake.acts.notify_one();
    }
    Ok(changed)
}

/// What waits for which host, the longest queue first.
pub async fn depths(app: &App, limit: i64) -> Result<Vec<Depth>> {
    Ok(storage::letters::depths(&mut app.db.read().await?.conn(), app.now(), limit).await?)
}

/// Jobs that were given up, newest first.
pub async fn dead_jobs(app: &App, page: PageRequest) -> Result<Page<Job>> {
    let mut reader = app.db.read().await?;
    let found =
        storage::letters::jobs(&mut reader.conn(), "dead", page.upper_bound(), page.limit).await?;
    Ok(Page::from_overfetch(found, page.limit, |job| job.id))
}
