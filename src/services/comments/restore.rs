//! Texts from elsewhere that stand again after they were deleted. Their words come from their home.

use super::RemoteComment;
use crate::domain::ActorId;
use crate::services::unit::Tallies;
use crate::services::{Result, Unit};
use crate::storage;

/// The author took a deletion back, which may still be on its way. The assembly whose thread the
/// text is in, and whether that is local, if it is a tombstone that may stand again: what the
/// moderators removed may not.
pub async fn undo_delete_in(
    unit: &mut Unit<'_>,
    author: ActorId,
    deletion: &str,
    object_uri: &str,
) -> Result<Option<(ActorId, bool)>> {
    let now = unit.now;
    if !deletion.is_empty() {
        storage::dead_uris::insert(&mut unit.conn(), deletion, author, now).await?;
    }
    storage::dead_uris::remove(&mut unit.conn(), object_uri, author).await?;
    let found = storage::objects::by_uri(&mut unit.conn(), object_uri).await?;
    let dead = found.filter(|o| !o.local && o.author_id == author && o.deleted_at.is_some());
    let Some(object) = dead else { return Ok(None) };
    let removal = storage::moderation::removal(&mut unit.conn(), object.id).await?;
    Ok(removal.is_none().then_some((object.assembly_id, object.assembly_local)))
}

/// Whether its author took back this deletion before it came.
pub async fn is_undone_in(unit: &mut Unit<'_>, author: ActorId, deletion: &str) -> Result<bool> {
    Ok(storage::dead_uris::contains(&mut unit.conn(), deletion, author).await?)
}

/// Makes the tombstone of a comment the comment again.
pub async fn restore_in(unit: &mut Unit<'_>, remote: &RemoteComment) -> Result<()> {
    let found = storage::objects::by_uri(&mut unit.conn(), &remote.uri).await?;
    let Some(object) = found.filter(|o| !o.local && o.author_id == remote.author) else {
        return Ok(());
    };
    if !storage::objects::set_standing(&mut unit.conn(), object.id).await? {
        return Ok(());
    }
    storage::comments::set_arrived(&mut unit.conn(), remote.text(object.id)).await?;
    storage::tags::put(&mut unit.conn(), object.id, &remote.tags).await?;
    let one_more = Tallies { replies: 1, ..Tallies::default() };
    unit.count(object.root_id, one_more);
    let comment = storage::comments::by_id(&mut unit.conn(), object.id).await?;
    if let Some(parent) = comment.and_then(|c| c.parent_id).filter(|p| *p != object.root_id) {
        unit.count(parent, one_more);
    }
    unit.changed(object.id);
    Ok(())
}
