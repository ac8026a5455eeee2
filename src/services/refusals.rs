//! Writing down what was refused at the door: many refusals in one transaction, never so many
//! that a flood fills the disk or keeps anybody waiting.
//!
//! What does not fit into the buffer is counted and dropped; what is above the limits of the
//! configuration is forgotten, the oldest first.

use super::{Result, Unit};
use crate::app::App;
use crate::domain::peerlog::{Check, Trace};
use crate::domain::{EventId, Timestamp};
use crate::storage;
use std::time::Duration;
use tokio::sync::mpsc;

/// Refusals that may wait to be written.
const QUEUE: usize = 512;
/// Refusals in one transaction.
const BATCH: usize = 128;
/// How long the writer waits for more: nobody reads the log so soon.
const GATHER: Duration = Duration::from_millis(200);
/// After how many written refusals the oldest are forgotten.
const PRUNE_EVERY: usize = 500;

/// A refusal that is to be written down. Texts are single lines without control characters.
#[derive(Clone, Debug)]
pub struct NewRefusal {
    /// The server of the actor, as far as it was named; nothing was proved.
    pub host: String,
    pub actor_uri: String,
    pub activity_uri: String,
    pub kind: String,
    pub status: u16,
    pub trace: Trace,
    pub reason: String,
    /// How long the body was.
    pub bytes: usize,
    /// The beginning of the body.
    pub body: Vec<u8>,
}

impl NewRefusal {
    /// Bytes of a refused body that are kept.
    pub const MAX_BODY: usize = 4_096;

    /// The name of the check that failed.
    pub fn failed(&self) -> &'static str {
        self.trace.last().map_or("", Check::as_str)
    }
}

/// The way to the writer. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Recorder {
    sender: mpsc::Sender<NewRefusal>,
}

impl Recorder {
    /// Starts the writer.
    pub fn start(app: &App) -> Self {
        let (sender, receiver) = mpsc::channel(QUEUE);
        app.shutdown.spawn(write(app.clone(), receiver));
        Self { sender }
    }

    /// Whether the buffer has room; if not, the refusal counts as dropped.
    pub fn has_room(&self) -> bool {
        let room = self.sender.capacity() > 0;
        if !room {
            metrics::counter!("federation_log_dropped_total").increment(1);
        }
        room
    }

    /// Has a refusal written.
    pub fn record(&self, refusal: NewRefusal) {
        if self.sender.try_send(refusal).is_err() {
            metrics::counter!("federation_log_dropped_total").increment(1);
        }
    }
}

async fn write(app: App, mut receiver: mpsc::Receiver<NewRefusal>) {
    let mut waiting = Vec::with_capacity(BATCH);
    let mut since_pruned = 0;
    while receiver.recv_many(&mut waiting, BATCH).await > 0 {
        if waiting.len() < BATCH && !app.shutdown.has_begun() {
            tokio::select! {
                () = tokio::time::sleep(GATHER) => {}
                () = app.shutdown.begun() => {}
            }
            while let Some(more) =
                (waiting.len() < BATCH).then(|| receiver.try_recv().ok()).flatten()
            {
                waiting.push(more);
            }
        }
        since_pruned += waiting.len();
        let prune = since_pruned >= PRUNE_EVERY;
        match store(&app, &waiting, prune).await {
            Ok(()) if prune => since_pruned = 0,
            Ok(()) => {}
            // A log that cannot be written must not make anything else wait.
            Err(error) => {
                let count = u64::try_from(waiting.len()).unwrap_or(0);
                metrics::counter!("federation_log_dropped_total").increment(count);
                tracing::warn!(%error, count, "refusals could not be written down");
            }
        }
        waiting.clear();
    }
}

/// Stores refusals; those by policy leave an audit row, too.
async fn store(app: &App, refusals: &[NewRefusal], prune: bool) -> Result<()> {
    let mut unit = Unit::begin(app).await?;
    let now = unit.now;
    let rows: Vec<_> = refusals.iter().map(|r| row(app.id::<EventId>().get(), r)).collect();
    storage::refusals::insert(&mut unit.conn(), &rows).await?;
    for refusal in refusals.iter().filter(|r| r.failed() == Check::Policy.as_str()) {
        super::audit::refused_in(
            &mut unit,
            "policy",
            &refusal.actor_uri,
            &refusal.activity_uri,
            &refusal.reason,
        )
        .await?;
    }
    if prune {
        prune_in(&mut unit, now).await?;
    }
    unit.commit().await
}

fn row(id: i64, refusal: &NewRefusal) -> storage::refusals::NewRow {
    storage::refusals::NewRow {
        id,
        host: refusal.host.clone(),
        actor_uri: refusal.actor_uri.clone(),
        activity_uri: refusal.activity_uri.clone(),
        kind: refusal.kind.clone(),
        status: i64::from(refusal.status),
        failed: refusal.failed(),
        passed: refusal.trace.bits(),
        reason: refusal.reason.clone(),
        bytes: i64::try_from(refusal.bytes).unwrap_or(i64::MAX),
        body: refusal.body.clone(),
    }
}

/// Forgets refusals that are too old or too many, with the audit rows they left.
pub(super) async fn prune_in(unit: &mut Unit<'_>, now: Timestamp) -> Result<()> {
    let config = &unit.app.config.federation;
    let before = now.plus_seconds(-i64::from(config.log_days) * 24 * 60 * 60);
    let most = i64::from(config.log_refusals);
    storage::refusals::prune(&mut unit.conn(), before, most).await?;
    storage::audit::prune(&mut unit.conn(), "policy", before, most).await?;
    Ok(())
}
