//! The one trace that a refused request leaves.

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
