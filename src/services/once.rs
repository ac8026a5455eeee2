//! Requests that a client repeats because it did not hear the answer: one effect, one answer.
//!
//! The key of the request under way is known to everything that runs inside [`within`]. A use case
//! that makes something says so with [`Unit::made`](super::Unit::made), and the key is written in
//! the same transaction: whoever is killed between the commit and the answer leaves the key behind.
//! The repetition finds it, and the use case gives what was made instead of making it again.
//!
//! To make a use case safe to repeat: begin it with [`made_before`], end it with `unit.made(id)`.
//! What changes nothing when it is done twice (following, endorsing) needs neither.

use super::Result;
use crate::app::App;
use crate::domain::{ActorId, ObjectId};
use crate::storage::idempotency;

/// The request that is under way.
#[derive(Clone, Debug)]
pub struct Request {
    pub account: ActorId,
    /// What the client calls it.
    pub key: String,
    /// SHA-256 of method, path and body.
    pub digest: String,
    /// What the same request made before.
    pub made: Option<ObjectId>,
}

/// An answer as it was given.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub location: Option<String>,
    pub body: Vec<u8>,
}

/// What is known of a request.
#[derive(Debug)]
pub enum Known {
    /// Nothing: it is the first of its key.
    New,
    /// The key was used for something else.
    Other,
    /// It took effect, and nobody was told.
    Made(ObjectId),
    /// It was answered.
    Answered(Answer),
}

tokio::task_local! {
    static UNDER_WAY: Request;
}

/// Looks a key up.
pub async fn look(app: &App, request: &Request) -> Result<Known> {
    let mut reader = app.db.read().await?;
    let found = idempotency::find(&mut reader.conn(), request.account, &request.key).await?;
    let Some(row) = found else { return Ok(Known::New) };
    if row.digest != request.digest {
        return Ok(Known::Other);
    }
    let status = row.status.and_then(|status| u16::try_from(status).ok());
    Ok(match (status, row.object_id) {
        (Some(status), _) => {
            let body = row.body.unwrap_or_default();
            Known::Answered(Answer { status, location: row.location, body })
        }
        (None, Some(object)) => Known::Made(object),
        (None, None) => Known::New,
    })
}

/// Runs what belongs to a request.
pub async fn within<T>(request: Request, work: impl Future<Output = T>) -> T {
    UNDER_WAY.scope(request, work).await
}

/// Keeps the answer of a request.
pub async fn keep(app: &App, request: &Request, answer: &Answer) -> Result<()> {
    let mut unit = super::Unit::begin(app).await?;
    let now = unit.now;
    idempotency::set_answer(
        &mut unit.conn(),
        request.account,
        &request.key,
        &request.digest,
        i64::from(answer.status),
        answer.location.as_deref(),
        &answer.body,
        now,
    )
    .await?;
    unit.commit().await
}

/// What the request under way made when it came before.
pub fn made_before() -> Option<ObjectId> {
    UNDER_WAY.try_with(|request| request.made).ok().flatten()
}

/// The request under way.
pub(super) fn under_way() -> Option<Request> {
    UNDER_WAY.try_with(Clone::clone).ok()
}
