//! Comments: written here and received, on initiatives at home here and on mirrored ones.

mod lookup;
mod remote;
mod restore;

pub use lookup::{
    RepliesAfter, is_known, object_by_id, object_by_uri, page_of, reply_uris, thread_uris,
};
pub use remote::{
    Deleted, Received, RemoteComment, receive_all_in, receive_delete_in, receive_edit_in,
    receive_in,
};
pub use restore::{is_undone_in, restore_in, undo_delete_in};

use super::unit::Tallies;
use super::{Error, Result, Unit, mentions, moderation, moves, once};
use crate::app::App;
use crate::domain::comment::Comment;
use crate::domain::initiative::parse_language;
use crate::domain::{CommentText, Event, Invalid, ObjectId, State, Viewer};
use crate::storage::objects::{NewObject, ObjectRow};
use crate::storage::{self};

/// Writes a comment on an initiative, or on another comment of its thread.
pub async fn post(
    app: &App,
    who: &Viewer,
    initiative: ObjectId,
    in_reply_to: Option<ObjectId>,
    source: &str,
    language: &str,
) -> Result<Comment> {
    post_quoting(app, who, initiative, in_reply_to, source, language, None).await
}

/// As [`post`], and quotes what has the id `quote` on the wire and is known here.
pub async fn post_quoting(
    app: &App,
    who: &Viewer,
    initiative: ObjectId,
    in_reply_to: Option<ObjectId>,
    source: &str,
    language: &str,
    quote: Option<&str>,
) -> Result<Comment> {
    if let Some(id) = once::made_before() {
        return get(app, id).await;
    }
    let source = CommentText::parse(source)?;
    let language = parse_language(language)?;
    let mut unit = Unit::begin(app).await?;
    moves::require_here_in(&mut unit, who.id).await?;
    let parent_id = in_reply_to.unwrap_or(initiative);
    let parent = open_parent(&mut unit, parent_id).await?;
    if parent.root_id != initiative {
        return Err(Error::NotFound("comment"));
    }
    moderation::may_take_part_in(&mut unit, who.id, parent.assembly_id, "text").await?;
    let id: ObjectId = app.id();
    let uri = app.urls.comment(id);
    let now = unit.now;
    let new = NewObject {
        id,
        uri: &uri,
        url: &uri,
        kind: "comment",
        local: true,
        author: who.id,
        root: parent.root_id,
        parent: Some(parent.id),
        language: &language,
        created_at: now,
        claimed_at: now,
    };
    insert(&mut unit, &new, "", source.as_str()).await?;
    if let Some(target) = quote {
        super::quotes::write_in(&mut unit, who, id, target).await?;
    }
    mentions::say_in(&mut unit, id, &Event::CommentPosted { comment: id }).await?;
    unit.made(id);
    finish(unit, id).await
}

async fn open_parent(unit: &mut Unit<'_>, id: ObjectId) -> Result<ObjectRow> {
    let parent = storage::objects::by_id(&mut unit.conn(), id).await?;
    let parent = parent.filter(|p| p.state != State::Draft).ok_or(Error::NotFound("comment"))?;
    if parent.state != State::Discussion {
        return Err(Error::Conflict("the initiative is closed"));
    }
    if parent.locked_at.is_some() {
        return Err(Invalid::new("text", "locked").into());
    }
    if parent.deleted_at.is_some() {
        return Err(Error::Gone("comment"));
    }
    Ok(parent)
}

/// Stores a comment under an id that was chosen before; `false` when it is there already.
pub(super) async fn insert_once(
    unit: &mut Unit<'_>,
    new: &NewObject<'_>,
    html: &str,
    source: &str,
) -> Result<bool> {
    let one = std::slice::from_ref(new);
    if storage::objects::insert_arrived(&mut unit.conn(), one).await?.is_empty() {
        return Ok(false);
    }
    storage::comments::insert(&mut unit.conn(), new.id, html, source).await?;
    count(unit, new);
    Ok(true)
}

async fn insert(unit: &mut Unit<'_>, new: &NewObject<'_>, html: &str, source: &str) -> Result<()> {
    storage::objects::insert(&mut unit.conn(), new).await?;
    storage::comments::insert(&mut unit.conn(), new.id, html, source).await?;
    count(unit, new);
    Ok(())
}

fn count(unit: &mut Unit<'_>, new: &NewObject<'_>) {
    let one = Tallies { replies: 1, ..Tallies::default() };
    unit.count(new.root, one);
    if let Some(parent) = new.parent.filter(|p| *p != new.root) {
        unit.count(parent, one);
    }
}

async fn finish(mut unit: Unit<'_>, id: ObjectId) -> Result<Comment> {
    let comment = storage::comments::by_id(&mut unit.conn(), id).await?;
    unit.changed(id);
    unit.commit().await?;
    comment.ok_or(Error::NotFound("comment"))
}

/// The comment, if it was written here by `who` and still stands.
async fn own(unit: &mut Unit<'_>, who: &Viewer, id: ObjectId) -> Result<Comment> {
    let comment = storage::comments::by_id(&mut unit.conn(), id).await?;
    let comment = comment.ok_or(Error::NotFound("comment"))?;
    if comment.author_id != who.id || !comment.local {
        return Err(Error::Forbidden("only its author may do this"));
    }
    if comment.deleted_at.is_some() {
        return Err(Error::Gone("comment"));
    }
    Ok(comment)
}

/// Changes the text of one's own comment.
pub async fn edit(app: &App, who: &Viewer, id: ObjectId, source: &str) -> Result<Comment> {
    let source = CommentText::parse(source)?;
    let mut unit = Unit::begin(app).await?;
    moves::require_here_in(&mut unit, who.id).await?;
    let comment = own(&mut unit, who, id).await?;
    let root = storage::objects::by_id(&mut unit.conn(), id).await?;
    if let Some(root) = root {
        moderation::may_take_part_in(&mut unit, who.id, root.assembly_id, "text").await?;
    }
    if comment.source != source.as_str() {
        let now = unit.now;
        storage::comments::set_text(&mut unit.conn(), id, "", source.as_str()).await?;
        storage::objects::set_edited(&mut unit.conn(), id, &comment.language, now).await?;
        unit.changed(comment.root_id);
        mentions::say_in(&mut unit, id, &Event::CommentEdited { comment: id }).await?;
    }
    finish(unit, id).await
}

/// Deletes one's own comment; a tombstone keeps its place in the thread.
pub async fn delete(app: &App, who: &Viewer, id: ObjectId) -> Result<()> {
    let mut unit = Unit::begin(app).await?;
    own(&mut unit, who, id).await?;
    bury_in(&mut unit, id).await?;
    unit.record(&Event::CommentDeleted { comment: id }).await?;
    unit.commit().await
}

/// Turns a comment, a ballot or a mirrored initiative into a tombstone.
pub async fn bury_in(unit: &mut Unit<'_>, id: ObjectId) -> Result<()> {
    let Some(object) = storage::objects::by_id(&mut unit.conn(), id).await? else { return Ok(()) };
    if object.kind == "initiative" {
        return super::initiatives::remove_remote_in(unit, id).await;
    }
    let now = unit.now;
    if object.kind == "ballot" {
        // Its text and what was voted stay, to be looked at; nobody is shown them any more.
        storage::objects::set_deleted(&mut unit.conn(), id, now).await?;
        unit.changed(object.root_id);
        unit.changed(id);
        return Ok(());
    }
    if storage::objects::set_deleted(&mut unit.conn(), id, now).await? {
        storage::comments::set_text(&mut unit.conn(), id, "", "").await?;
        storage::tags::put(&mut unit.conn(), id, &[]).await?;
        let one_less = Tallies { replies: -1, ..Tallies::default() };
        unit.count(object.root_id, one_less);
        let comment = storage::comments::by_id(&mut unit.conn(), id).await?;
        if let Some(parent) = comment.and_then(|c| c.parent_id).filter(|p| *p != object.root_id) {
            unit.count(parent, one_less);
        }
        unit.changed(id);
    }
    Ok(())
}

/// The comment of this id, if its initiative is public; also a tombstone.
pub async fn get(app: &App, id: ObjectId) -> Result<Comment> {
    let mut reader = app.db.read().await?;
    let object = storage::objects::by_id(&mut reader.conn(), id).await?;
    object.filter(|o| o.state.is_public()).ok_or(Error::NotFound("comment"))?;
    let comment = storage::comments::by_id(&mut reader.conn(), id).await?;
    comment.ok_or(Error::NotFound("comment"))
}

/// Comments of an initiative in the order in which they came, tombstones included: up to `limit`
/// after the id `after`.
pub async fn of_initiative(
    app: &App,
    initiative: ObjectId,
    after: Option<ObjectId>,
    limit: i64,
) -> Result<Vec<Comment>> {
    let after = after.unwrap_or(ObjectId::from(0));
    let mut reader = app.db.read().await?;
    Ok(storage::comments::of_root(&mut reader.conn(), initiative, after, limit).await?)
}
