//! Bans as they are met: what those who are excluded say is refused here, and kept without counting
//! when it comes from elsewhere.

use crate::app::App;
use crate::domain::moderation::Verdict;
use crate::domain::{ActorId, Invalid, ObjectId};
use crate::services::comments::RemoteComment;
use crate::services::{Result, Unit, audit};
use crate::storage;

/// Refuses what somebody here wants to say in an assembly that excluded them.
pub(in crate::services) async fn may_take_part_in(
    unit: &mut Unit<'_>,
    who: ActorId,
    assembly: ActorId,
    field: &'static str,
) -> Result<()> {
    if is_banned_in(unit, assembly, who).await? {
        return Err(Invalid::new(field, "banned").into());
    }
    Ok(())
}

/// Whether somebody may not take part in an assembly.
pub(in crate::services) async fn is_banned_in(
    unit: &mut Unit<'_>,
    assembly: ActorId,
    actor: ActorId,
) -> Result<bool> {
    let now = unit.now;
    Ok(storage::moderation::is_banned(&mut unit.conn(), assembly, actor, now).await?)
}

/// Keeps a reply that does not count.
pub(in crate::services) async fn keep_aside_in(
    unit: &mut Unit<'_>,
    remote: &RemoteComment,
    root: ObjectId,
    verdict: Verdict,
) -> Result<()> {
    let (now, conn) = (unit.now, &mut unit.conn());
    let (uri, parent) = (&remote.uri, &remote.in_reply_to);
    let html = &remote.html;
    storage::moderation::keep_aside(conn, uri, remote.author, root, parent, verdict, html, now)
        .await?;
    Ok(())
}

/// An edit by somebody who may not take part changes nothing; that it came is kept.
pub(in crate::services) async fn note_refused_in(
    unit: &mut Unit<'_>,
    remote: &RemoteComment,
) -> Result<()> {
    let author = storage::actors::by_id(&mut unit.conn(), remote.author).await?;
    let uri = author.map(|a| a.uri).unwrap_or_default();
    let reason = "its author may not take part in the assembly";
    audit::refused_in(unit, "banned", &uri, &remote.uri, reason).await
}

/// How many replies to an initiative were kept without counting.
pub async fn count_aside(app: &App, root: ObjectId) -> Result<i64> {
    Ok(storage::moderation::count_aside(&mut app.db.read().await?.conn(), root).await?)
}
