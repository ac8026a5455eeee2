//! Storing what arrives: many arrivals in one transaction, each answered after the commit.
//!
//! A commit costs a flush of the disk, whether it holds one row or a hundred. So arrivals that
//! wait at the same time share one.

use super::refusals::{NewRefusal, Recorder};
use super::{AGAIN, Error, Result, Unit};
use crate::app::App;
use crate::domain::{ActorId, InboxId};
use crate::failpoint;
use crate::storage;
use crate::storage::inbox::NewItem;
use bytes::Bytes;
use tokio::sync::{mpsc, oneshot};

/// Arrivals that may wait before the senders are told to come back.
const QUEUE: usize = 4_096;
/// Arrivals in one transaction.
const BATCH: usize = 512;

type Answer = oneshot::Sender<std::result::Result<(), ()>>;
type Waiting = (NewItem, Answer);

/// The way to the writer. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Intake {
    app: App,
    sender: mpsc::Sender<Waiting>,
    refusals: Recorder,
}

impl Intake {
    /// Starts the writer.
    pub fn start(app: &App) -> Self {
        let (sender, receiver) = mpsc::channel(QUEUE);
        app.shutdown.spawn(write(app.clone(), receiver));
        Self { app: app.clone(), sender, refusals: Recorder::start(app) }
    }

    /// Whether another refusal would be written down; if not, it need not be described.
    pub fn has_room_for_refusal(&self) -> bool {
        self.refusals.has_room()
    }

    /// Has a refusal written to the federation log, soon and together with others; nobody waits
    /// for it.
    pub fn refuse(&self, refusal: NewRefusal) {
        self.refusals.record(refusal);
    }

    /// Stores an authenticated activity; returns after the commit. The same id from the same
    /// actor again is success and changes nothing.
    pub async fn store(&self, actor: ActorId, activity_uri: String, body: Bytes) -> Result<()> {
        self.put(actor, activity_uri, body, false).await
    }

    /// As [`Intake::store`], of what `sender` passes on without being its actor.
    pub async fn store_forwarded(
        &self,
        sender: ActorId,
        activity_uri: String,
        body: Bytes,
    ) -> Result<()> {
        self.put(sender, activity_uri, body, true).await
    }

    async fn put(
        &self,
        actor: ActorId,
        activity_uri: String,
        body: Bytes,
        forwarded: bool,
    ) -> Result<()> {
        let item = NewItem { id: self.app.id::<InboxId>(), actor, activity_uri, body, forwarded };
        let (done, stored) = oneshot::channel();
        self.sender
            .try_send((item, done))
            .map_err(|_| Error::Unavailable("the intake is full".to_owned()))?;
        match stored.await {
            Ok(Ok(())) => Ok(()),
            _ => Err(Error::Unavailable("the activity could not be stored".to_owned())),
        }
    }
}

/// Stores the parts of an arrival as arrivals of their own, each with its id and text. Who applies
/// the whole finds them at the next look.
pub async fn take_apart_in(
    unit: &mut Unit<'_>,
    sender: ActorId,
    parts: Vec<(String, String)>,
) -> Result<()> {
    let app = unit.app;
    let part = |(activity_uri, body): (String, String)| {
        let (id, body) = (app.id::<InboxId>(), Bytes::from(body));
        NewItem { id, actor: sender, activity_uri, body, forwarded: false }
    };
    let items: Vec<NewItem> = parts.into_iter().map(part).collect();
    let now = unit.now;
    storage::inbox::insert(&mut unit.conn(), &items, now).await?;
    Ok(())
}

async fn write(app: App, mut receiver: mpsc::Receiver<Waiting>) {
    let mut waiting: Vec<Waiting> = Vec::with_capacity(BATCH);
    while receiver.recv_many(&mut waiting, BATCH).await > 0 {
        let (items, answers): (Vec<_>, Vec<_>) = waiting.drain(..).unzip();
        match store_batch(&app, &items).await {
            Err(error) if items.len() > 1 && !is_passing(&error) => {
                // One of them cannot be stored; the others must not suffer for it.
                for (item, answer) in items.iter().zip(answers) {
                    let outcome = store_batch(&app, std::slice::from_ref(item)).await;
                    settle(&app, 1, &outcome, [answer]);
                }
            }
            outcome => settle(&app, items.len(), &outcome, answers),
        }
    }
}

/// Whether the fault lies with the database, so that trying one by one would not help.
fn is_passing(error: &storage::Error) -> bool {
    matches!(error, storage::Error::Unavailable(_))
}

/// Tells the senders, and the workers if something is new.
fn settle(
    app: &App,
    count: usize,
    outcome: &storage::Result<u64>,
    answers: impl IntoIterator<Item = Answer>,
) {
    match outcome {
        Ok(new) if *new > 0 => app.wake.inbox.notify_one(),
        Ok(_) => {}
        Err(error) => tracing::warn!(%error, count, "arrivals could not be stored"),
    }
    for answer in answers {
        // A sender that went away does not need the answer.
        let _ = answer.send(outcome.as_ref().map(|_| ()).map_err(|_| ()));
    }
}

/// Several processes may be storing the same arrivals in different order.
async fn store_batch(app: &App, items: &[NewItem]) -> storage::Result<u64> {
    let mut outcome = try_store(app, items).await;
    for _ in 0..AGAIN {
        if !matches!(outcome, Err(storage::Error::Again(_))) {
            break;
        }
        outcome = try_store(app, items).await;
    }
    outcome
}

async fn try_store(app: &App, items: &[NewItem]) -> storage::Result<u64> {
    let mut tx = app.db.begin().await?;
    let new = storage::inbox::insert(&mut tx.conn(), items, app.now()).await?;
    failpoint::hit("intake_before_commit", "");
    tx.commit().await?;
    failpoint::hit("intake_after_commit", "");
    Ok(new)
}
