//! Walks through threads that are at home elsewhere: when one begins, and when the next may.
//!
//! A walk is asked for by whoever follows, imports or opens a thread here, and by a button. It is
//! done by a job; `federation::walk` knows how. Threads in which nothing happens are read less and
//! less often.

use super::{Error, Result, Unit};
use crate::app::App;
use crate::domain::initiative::Initiative;
use crate::domain::{ObjectId, Viewer};
use crate::storage;

pub use crate::storage::walks::WalkRow;

/// How long after a walk a reader causes the next one, by the number of walks in a row that found
/// nothing, in seconds.
const PAUSES: [i64; 6] = [5 * 60, 15 * 60, 45 * 60, 2 * 3_600, 6 * 3_600, 24 * 3_600];
/// How long after a walk began somebody may ask for another one, in seconds.
const PAUSE_ON_DEMAND: i64 = 60;

/// What became of a request for a walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// It begins.
    Begun,
    /// There was one a moment ago, or one is under way.
    Lately,
}

/// Somebody with an account here opened the thread: it is read again, unless it was lately.
pub async fn look(app: &App, initiative: &Initiative) -> Result<()> {
    if initiative.local || initiative.deleted_at.is_some() {
        return Ok(());
    }
    let known = of_thread(app, initiative.id).await?;
    if known.is_some_and(|row| app.now() < row.next_at) {
        return Ok(());
    }
    let mut unit = Unit::begin(app).await?;
    ask_in(&mut unit, initiative.id).await?;
    unit.commit().await
}

/// Somebody with an account here wants a thread to be read now.
pub async fn demand(app: &App, _who: &Viewer, id: ObjectId) -> Result<Asked> {
    let mut unit = Unit::begin(app).await?;
    let object = storage::objects::by_id(&mut unit.conn(), id).await?;
    let object = object.filter(|o| o.state.is_public() && o.id == o.root_id);
    let object = object.ok_or(Error::NotFound("initiative"))?;
    if object.local {
        return Err(Error::Conflict("this instance is its home"));
    }
    if object.deleted_at.is_some() {
        return Err(Error::Gone("initiative"));
    }
    let known = storage::walks::by_root(&mut unit.conn(), id).await?;
    if known.is_some_and(|row| unit.now < row.began_at.plus_seconds(PAUSE_ON_DEMAND)) {
        return Ok(Asked::Lately);
    }
    ask_in(&mut unit, id).await?;
    unit.commit().await?;
    Ok(Asked::Begun)
}

/// Has the thread of what was just taken over read, unless this instance is its home.
pub async fn begin(app: &App, root: ObjectId) -> Result<()> {
    let mut unit = Unit::begin(app).await?;
    let object = storage::objects::by_id(&mut unit.conn(), root).await?;
    if object.is_some_and(|o| !o.local && o.deleted_at.is_none()) {
        ask_in(&mut unit, root).await?;
    }
    unit.commit().await
}

/// Has a thread read as soon as possible; once, however often it is asked for.
pub async fn ask_in(unit: &mut Unit<'_>, root: ObjectId) -> Result<()> {
    let now = unit.now;
    let row = storage::walks::by_root(&mut unit.conn(), root).await?;
    let (idle, state) = row.map_or((0, String::new()), |row| (row.idle, row.state));
    let next_at = now.plus_seconds(pause(idle));
    let row = WalkRow { root_id: root, began_at: now, next_at, idle, state };
    storage::walks::put(&mut unit.conn(), &row).await?;
    let dedupe = format!("read_thread {root}");
    unit.enqueue("read_thread", &root.to_string(), Some(&dedupe), now).await
}

/// How it stands with the walks through a thread.
pub async fn of_thread(app: &App, root: ObjectId) -> Result<Option<WalkRow>> {
    Ok(storage::walks::by_root(&mut app.db.read().await?.conn(), root).await?)
}

/// A portion of a walk was done: what is left of it, or nothing, and how much was new so far.
pub async fn keep(app: &App, root: ObjectId, left: Option<String>, new: usize) -> Result<()> {
    let mut unit = Unit::begin(app).await?;
    let now = unit.now;
    let row = storage::walks::by_root(&mut unit.conn(), root).await?;
    let mut row = row.unwrap_or(WalkRow {
        root_id: root,
        began_at: now,
        next_at: now,
        idle: 0,
        state: String::new(),
    });
    if left.is_none() {
        row.idle = if new > 0 { 0 } else { row.idle + 1 };
        row.next_at = now.plus_seconds(pause(row.idle));
    }
    row.state = left.unwrap_or_default();
    storage::walks::put(&mut unit.conn(), &row).await?;
    unit.commit().await
}

fn pause(idle: i64) -> i64 {
    let step = usize::try_from(idle).unwrap_or(0);
    PAUSES.get(step).or(PAUSES.last()).copied().unwrap_or(0)
}
