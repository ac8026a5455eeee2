//! A unit of work: one transaction, and what must happen after it is committed.

use super::Result;
use crate::app::App;
use crate::domain::{Event, EventId, JobId, ObjectId, Timestamp};
use crate::storage::{self, Conn, Tx};

/// One transaction. Dropping it rolls it back.
pub struct Unit<'a> {
    /// The program.
    pub app: &'a App,
    /// The moment at which everything in this unit happens.
    pub now: Timestamp,
    tx: Tx,
    wake_jobs: bool,
    changed: Vec<ObjectId>,
}

impl<'a> Unit<'a> {
    /// Begins a transaction.
    pub async fn begin(app: &'a App) -> Result<Self> {
        let tx = app.db.begin().await?;
        Ok(Self { app, now: app.now(), tx, wake_jobs: false, changed: Vec::new() })
    }

    /// The connection, for storage functions.
    pub fn conn(&mut self) -> Conn<'_> {
        self.tx.conn()
    }

    /// Records an act and the job that turns it into activities.
    pub async fn record(&mut self, event: &Event) -> Result<()> {
        let id: EventId = self.app.id();
        let now = self.now;
        storage::events::insert(&mut self.tx.conn(), id, event, now).await?;
        self.enqueue("federate", &id.to_string(), None, now).await
    }

    /// Enqueues background work; see `jobs/` for the kinds.
    pub async fn enqueue(
        &mut self,
        kind: &str,
        payload: &str,
        dedupe: Option<&str>,
        run_at: Timestamp,
    ) -> Result<()> {
        let id: JobId = self.app.id();
        let now = self.now;
        storage::jobs::insert(&mut self.tx.conn(), id, kind, payload, dedupe, run_at, now).await?;
        self.wake_jobs = true;
        Ok(())
    }

    /// Notes that pages and documents of this object are stale after the commit.
    pub fn changed(&mut self, id: ObjectId) {
        self.changed.push(id);
    }

    /// Makes everything durable, then wakes who waits for it.
    pub async fn commit(self) -> Result<()> {
        self.tx.commit().await?;
        for id in self.changed {
            self.app.caches.forget_rendered(id);
        }
        if self.wake_jobs {
            self.app.wake.jobs.notify_one();
        }
        Ok(())
    }
}
