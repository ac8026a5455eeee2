//! The one trace that a refused request leaves, and that of a few rare acts.

use super::{Result, Unit};
use crate::app::App;
use crate::domain::EventId;
use crate::storage;

/// Records, in a transaction of its own, that something authenticated was refused.
pub async fn refused(
    app: &App,
    kind: &str,
    actor: &str,
    activity: &str,
    reason: &str,
) -> Result<()> {
    let mut unit = Unit::begin(app).await?;
    refused_in(&mut unit, kind, actor, activity, reason).await?;
    unit.commit().await
}

/// Records something that those who run the instance will want to know: who was deleted and why,
/// who has another key.
pub async fn noted_in(unit: &mut Unit<'_>, kind: &str, actor: &str, reason: &str) -> Result<()> {
    refused_in(unit, kind, actor, "", reason).await
}

/// As [`refused`], inside a unit.
pub async fn refused_in(
    unit: &mut Unit<'_>,
    kind: &str,
    actor: &str,
    activity: &str,
    reason: &str,
) -> Result<()> {
    let id = unit.app.id::<EventId>().get();
    let now = unit.now;
    storage::audit::insert(&mut unit.conn(), id, kind, actor, activity, reason, now).await?;
    Ok(())
}
