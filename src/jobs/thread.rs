//! A portion of a walk through a thread that is at home elsewhere.

use super::work::Failure;
use crate::app::App;
use crate::domain::ObjectId;
use crate::federation::Budget;
use crate::federation::walk::{Progress, Walk};
use crate::services::{comments, walks};

pub(super) async fn run(app: &App, payload: &str) -> Result<(), Failure> {
    let id: ObjectId = payload.parse().map_err(|_| Failure::Fail("no initiative".to_owned()))?;
    let Some(root) = comments::object_by_id(app, id).await? else { return Ok(()) };
    if root.local || root.deleted_at.is_some() {
        return Ok(());
    }
    let kept = walks::of_thread(app, id).await?;
    let kept = kept.and_then(|row| serde_json::from_str(&row.state).ok());
    let mut walk = kept.unwrap_or_else(|| Walk::from_root(&root.uri));
    match walk.go_on(app, &Budget::portion(), root.assembly_id).await? {
        Progress::Done => Ok(walks::keep(app, id, None, walk.new).await?),
        Progress::More => {
            walks::keep(app, id, Some(walk.to_json().to_string()), walk.new).await?;
            Err(Failure::Again)
        }
    }
}
