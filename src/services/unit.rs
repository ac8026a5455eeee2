//! A unit of work: one transaction, and what must happen after it is committed.

use super::ballots::Votes;
use super::{Result, once};
use crate::app::App;
use crate::domain::{Event, EventId, JobId, ObjectId, Timestamp};
use crate::storage::{self, Conn, Tx};
use std::collections::BTreeMap;

/// One transaction. Dropping it rolls it back.
pub struct Unit<'a> {
    /// The program.
    pub app: &'a App,
    /// The moment at which everything in this unit happens.
    pub now: Timestamp,
    tx: Tx,
    wake_jobs: bool,
    wake_acts: bool,
    changed: Vec<ObjectId>,
    tallies: BTreeMap<ObjectId, Tallies>,
    without_effect: Option<&'static str>,
    votes: BTreeMap<ObjectId, Votes>,
    made: Option<ObjectId>,
}

/// By how much tallies change.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tallies {
    pub likes: i64,
    pub boosts: i64,
    pub replies: i64,
}

impl<'a> Unit<'a> {
    /// Begins a transaction.
    pub async fn begin(app: &'a App) -> Result<Self> {
        let tx = app.db.begin().await?;
        Ok(Self {
            app,
            now: app.now(),
            tx,
            wake_jobs: false,
            wake_acts: false,
            changed: Vec::new(),
            tallies: BTreeMap::new(),
            without_effect: None,
            votes: BTreeMap::new(),
            made: None,
        })
    }

    /// The connection, for storage functions.
    pub fn conn(&mut self) -> Conn<'_> {
        self.tx.conn()
    }

    /// Records an act and the job that turns it into activities.
    pub async fn record(&mut self, event: &Event) -> Result<()> {
        self.record_all(std::slice::from_ref(event)).await
    }

    /// As [`Unit::record`], for several acts at once.
    pub async fn record_all(&mut self, events: &[Event]) -> Result<()> {
        let now = self.now;
        let with_ids: Vec<(EventId, &Event)> = events.iter().map(|e| (self.app.id(), e)).collect();
        storage::events::insert(&mut self.tx.conn(), &with_ids, now).await?;
        let jobs: Vec<(JobId, String)> =
            with_ids.iter().map(|(id, _)| (self.app.id(), id.to_string())).collect();
        storage::jobs::insert_all(&mut self.tx.conn(), "federate", &jobs, now).await?;
        self.wake_acts |= !events.is_empty();
        Ok(())
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

    /// Notes that what is being applied changes nothing, and why: for the federation log.
    pub fn without_effect(&mut self, why: &'static str) {
        self.without_effect = Some(why);
    }

    /// Takes the last note of [`Unit::without_effect`].
    pub fn take_note(&mut self) -> Option<&'static str> {
        self.without_effect.take()
    }

    /// Whether a text from elsewhere is at least as new as the one that is here; notes that it came.
    pub async fn is_newest(&mut self, id: ObjectId, updated: Option<Timestamp>) -> Result<bool> {
        let Some(at) = updated else { return Ok(true) };
        Ok(storage::objects::take_version(&mut self.conn(), id, at).await?)
    }

    /// Notes that pages and documents of this object are stale after the commit.
    pub fn changed(&mut self, id: ObjectId) {
        if !self.changed.contains(&id) {
            self.changed.push(id);
        }
    }

    /// Changes the tallies of an object. Written at the commit, once per object however often it
    /// changed, and in the order of ids, so that two units never wait for each other crosswise.
    pub fn count(&mut self, id: ObjectId, by: Tallies) {
        let sum = self.tallies.entry(id).or_default();
        sum.likes += by.likes;
        sum.boosts += by.boosts;
        sum.replies += by.replies;
        self.changed(id);
    }

    /// Changes the tallies of a ballot, written at the commit like all others.
    pub fn count_votes(&mut self, ballot: ObjectId) -> &mut Votes {
        self.changed(ballot);
        self.votes.entry(ballot).or_default()
    }

    /// Notes what the request under way is about, so that its repetition makes nothing new; see
    /// [`super::once`].
    pub fn made(&mut self, id: ObjectId) {
        self.made = Some(id);
    }

    /// Makes everything durable, then wakes who waits for it.
    pub async fn commit(mut self) -> Result<()> {
        for (id, by) in std::mem::take(&mut self.tallies) {
            let (likes, boosts, replies) = (by.likes, by.boosts, by.replies);
            storage::objects::add_to_tallies(&mut self.conn(), id, likes, boosts, replies).await?;
        }
        for (ballot, votes) in std::mem::take(&mut self.votes) {
            votes.write(&mut self, ballot).await?;
        }
        if let Some((object, request)) = self.made.zip(once::under_way()) {
            let (account, now) = (request.account, self.now);
            let (key, digest) = (request.key.as_str(), request.digest.as_str());
            storage::idempotency::insert(&mut self.conn(), account, key, digest, object, now)
                .await?;
        }
        self.tx.commit().await?;
        for id in self.changed {
            self.app.caches.forget_rendered(id);
        }
        if self.wake_acts {
            self.app.wake.acts.notify_one();
        }
        if self.wake_jobs {
            self.app.wake.jobs.notify_one();
        }
        Ok(())
    }
}
