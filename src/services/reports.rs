//! Reports from other servers: kept for the moderators.

use super::{Result, Unit};
use crate::domain::ActorId;
use crate::storage;

/// Keeps a report about these objects and actors.
pub async fn receive_in(
    unit: &mut Unit<'_>,
    reporter: ActorId,
    activity_uri: &str,
    objects: &[String],
    content: &str,
) -> Result<()> {
    let id = unit.app.id::<crate::domain::EventId>().get();
    let now = unit.now;
    let list = serde_json::Value::from(objects.to_vec()).to_string();
    storage::audit::insert_report(
        &mut unit.conn(),
        id,
        reporter,
        activity_uri,
        &list,
        content,
        now,
    )
    .await?;
    Ok(())
}
