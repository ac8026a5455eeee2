//! The signed record of a thread: what its authors said, edited and deleted, each with the proof
//! of its author, in the bytes in which it was made. It is kept at home and at every mirror, so
//! that it can be shown when its home is down or denies it.
//!
//! Only activities whose proof was found good are given to it, and nothing that is frequent:
//! endorsements are not in it.

use super::outbox::Outgoing;
use super::{Result, Unit};
use crate::app::App;
use crate::domain::{ActivityId, ActorId, ObjectId};
use crate::storage;
use crate::storage::record::NewEntry;
use serde::Deserialize;

/// Activities that are kept.
pub const KINDS: [&str; 3] = ["Create", "Update", "Delete"];

/// An activity that arrived with a good proof.
#[derive(Clone, Debug)]
pub struct Arrived {
    pub activity_uri: String,
    pub kind: String,
    pub object_uri: String,
    /// Its actor, whose proof it carries.
    pub actor: ActorId,
    /// The bytes as they came.
    pub raw: String,
}

/// Keeps what arrived, if it is about something that is known here and belongs to its actor.
pub async fn keep_in(unit: &mut Unit<'_>, arrived: &Arrived) -> Result<()> {
    let id = unit.app.id();
    if arrived.kind == "Delete" {
        let (uri, actor) = (&arrived.object_uri, arrived.actor);
        storage::record::forget_words(&mut unit.conn(), uri, actor).await?;
    }
    let entry = NewEntry {
        id,
        activity_uri: &arrived.activity_uri,
        kind: &arrived.kind,
        object_uri: &arrived.object_uri,
        actor: arrived.actor,
        made_here: None,
        body: Some(arrived.raw.as_bytes()),
    };
    Ok(storage::record::insert(&mut unit.conn(), entry).await?)
}

#[derive(Deserialize)]
struct About {
    object: Named,
    #[serde(default)]
    proof: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

/// Keeps what was made here, if it is of the kind that is kept.
pub(super) async fn keep_own_in(unit: &mut Unit<'_>, activity: &Outgoing) -> Result<()> {
    if !activity.listed || !KINDS.contains(&activity.kind) {
        return Ok(());
    }
    let Ok(about) = serde_json::from_slice::<About>(&activity.body) else { return Ok(()) };
    if about.proof.is_none() {
        return Ok(());
    }
    let entry = NewEntry {
        id: activity.id,
        activity_uri: &activity.uri,
        kind: activity.kind,
        object_uri: &about.object.id,
        actor: activity.actor,
        made_here: Some(activity.id),
        body: None,
    };
    Ok(storage::record::insert(&mut unit.conn(), entry).await?)
}

/// A slice of the record of a thread, oldest first: each with its place.
pub async fn page(
    app: &App,
    root: ObjectId,
    after: ActivityId,
    limit: i64,
) -> Result<Vec<(ActivityId, Vec<u8>)>> {
    let mut reader = app.db.read().await?;
    Ok(storage::record::page(&mut reader.conn(), root, after.get(), limit).await?)
}

/// How much the record of a thread holds.
pub async fn count(app: &App, root: ObjectId) -> Result<i64> {
    Ok(storage::record::count(&mut app.db.read().await?.conn(), root).await?)
}
