//! Comments of other servers: as they describe them, and how they are stored, changed and buried.
//!
//! Only what was checked and cleaned comes here; who may say what is decided before.

use super::{bury_in, count};
use crate::domain::moderation::Verdict;
use crate::domain::{ActorId, ObjectId, State, Timestamp};
use crate::services::quotes::{self, RemoteQuote};
use crate::services::{Result, Unit, moderation};
use crate::storage;
use crate::storage::objects::{NewObject, ObjectRow};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// A comment as its home describes it, checked and cleaned.
#[derive(Clone, Debug)]
pub struct RemoteComment {
    pub uri: String,
    pub url: String,
    pub author: ActorId,
    /// The id on the wire of what it answers.
    pub in_reply_to: String,
    /// Clean HTML.
    pub html: String,
    /// What its reader is warned of first; empty where it is only marked as sensitive.
    pub warning: Option<String>,
    pub language: String,
    pub claimed_at: Timestamp,
    /// When its home says that this text replaced another one.
    pub updated: Option<Timestamp>,
    /// Hashtags in their one spelling.
    pub tags: Vec<String>,
    /// What it quotes.
    pub quote: Option<RemoteQuote>,
}

impl RemoteComment {
    pub(super) fn text(&self, id: ObjectId) -> storage::comments::Arrived<'_> {
        storage::comments::Arrived { id, html: &self.html, warning: self.warning.as_deref() }
    }
}

/// What became of a comment that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// It is stored; its thread belongs to this assembly, which is local or not.
    Stored { assembly: ActorId, assembly_local: bool },
    /// It was known, dead, or its thread is closed: nothing to do.
    Ignored,
    /// What it answers is not known here.
    UnknownParent,
}

impl Received {
    /// Why it changed nothing, for the federation log.
    pub fn why_nothing(&self) -> Option<&'static str> {
        match self {
            Self::Stored { .. } => None,
            Self::Ignored => {
                Some("a text that is here already, was deleted, or answers what takes no answers")
            }
            Self::UnknownParent => Some("an answer to what is not here"),
        }
    }
}

/// Stores a comment from elsewhere.
pub async fn receive_in(unit: &mut Unit<'_>, remote: &RemoteComment) -> Result<Received> {
    let outcome = receive_all_in(unit, std::slice::from_ref(remote)).await?;
    Ok(outcome.first().copied().unwrap_or(Received::UnknownParent))
}

/// Stores comments that came together, in a few statements for all. What each became.
pub async fn receive_all_in(
    unit: &mut Unit<'_>,
    arrived: &[RemoteComment],
) -> Result<Vec<Received>> {
    let mut outcome = vec![Received::UnknownParent; arrived.len()];
    let mut open: Vec<(&RemoteComment, &mut Received)> = arrived.iter().zip(&mut outcome).collect();
    // One round, unless some answer what came with them: those wait for the next.
    while !open.is_empty() {
        let (ready, waiting) = with_parents(unit, open).await?;
        if ready.is_empty() {
            break;
        }
        let brought: BTreeSet<&str> = ready.iter().map(|(one, ..)| one.uri.as_str()).collect();
        open = waiting;
        open.retain(|(one, _)| brought.contains(one.in_reply_to.as_str()));
        store_arrived(unit, ready).await?;
    }
    Ok(outcome)
}

type Arrived<'a> = (&'a RemoteComment, &'a mut Received);

/// Those whose parents are stored, each with its parent, and the rest.
async fn with_parents<'a>(
    unit: &mut Unit<'_>,
    open: Vec<Arrived<'a>>,
) -> Result<(Vec<(&'a RemoteComment, &'a mut Received, Arc<ObjectRow>)>, Vec<Arrived<'a>>)> {
    let uris: BTreeSet<&str> = open.iter().map(|(one, _)| one.in_reply_to.as_str()).collect();
    let uris: Vec<&str> = uris.into_iter().collect();
    let rows = storage::objects::by_uris(&mut unit.conn(), &uris).await?;
    let parents: HashMap<String, Arc<ObjectRow>> =
        rows.into_iter().map(|row| (row.uri.clone(), Arc::new(row))).collect();
    let (mut ready, mut waiting) = (Vec::with_capacity(open.len()), Vec::new());
    for (one, outcome) in open {
        match parents.get(&one.in_reply_to) {
            Some(parent) => ready.push((one, outcome, Arc::clone(parent))),
            None => waiting.push((one, outcome)),
        }
    }
    Ok((ready, waiting))
}

async fn store_arrived(
    unit: &mut Unit<'_>,
    ready: Vec<(&RemoteComment, &mut Received, Arc<ObjectRow>)>,
) -> Result<()> {
    let now = unit.now;
    let mut rows = Vec::with_capacity(ready.len());
    let mut places = Vec::with_capacity(ready.len());
    for (remote, outcome, parent) in ready {
        *outcome = Received::Ignored;
        if parent.state != State::Discussion {
            continue;
        }
        if parent.locked_at.is_some() {
            moderation::keep_aside_in(unit, remote, parent.root_id, Verdict::Locked).await?;
            continue;
        }
        rows.push(NewObject {
            id: unit.app.id(),
            uri: &remote.uri,
            url: &remote.url,
            kind: "comment",
            local: false,
            author: remote.author,
            root: parent.root_id,
            parent: Some(parent.id),
            language: &remote.language,
            created_at: now,
            claimed_at: remote.claimed_at,
        });
        places.push((remote, outcome, parent));
    }
    let stored = storage::objects::insert_arrived(&mut unit.conn(), &rows).await?;
    let stored: HashSet<ObjectId> = stored.into_iter().collect();
    let mut texts = Vec::with_capacity(stored.len());
    let (mut quotes, mut tags, mut versions) = (Vec::new(), Vec::new(), Vec::new());
    for (new, (remote, outcome, parent)) in rows.iter().zip(places) {
        if stored.contains(&new.id) {
            texts.push(remote.text(new.id));
            quotes.extend(remote.quote.as_ref().map(|quote| (new.id, remote.uri.as_str(), quote)));
            versions.extend(remote.updated.map(|at| (new.id, at)));
            if !remote.tags.is_empty() {
                tags.push((new.id, remote.tags.as_slice()));
            }
            count(unit, new);
            let (assembly, assembly_local) = (parent.assembly_id, parent.assembly_local);
            *outcome = Received::Stored { assembly, assembly_local };
        } else if moderation::is_banned_in(unit, parent.assembly_id, remote.author).await? {
            moderation::keep_aside_in(unit, remote, parent.root_id, Verdict::Banned).await?;
        }
    }
    storage::comments::insert_arrived(&mut unit.conn(), &texts).await?;
    for (id, uri, quote) in quotes {
        quotes::receive_in(unit, id, uri, quote).await?;
    }
    for (id, names) in tags {
        storage::tags::add(&mut unit.conn(), id, names).await?;
    }
    for (id, at) in versions {
        storage::objects::take_version(&mut unit.conn(), id, at).await?;
    }
    Ok(())
}

/// Keeps a new text of a remote comment. The assembly whose thread it is in, when it changed.
pub async fn receive_edit_in(
    unit: &mut Unit<'_>,
    remote: &RemoteComment,
) -> Result<Option<(ActorId, bool)>> {
    let Some(object) = storage::objects::by_uri(&mut unit.conn(), &remote.uri).await? else {
        return Ok(None);
    };
    let frozen = object.local || object.deleted_at.is_some() || object.author_id != remote.author;
    let known = storage::comments::by_id(&mut unit.conn(), object.id).await?;
    let Some(known) = known.filter(|_| !frozen) else { return Ok(None) };
    if !unit.is_newest(known.id, remote.updated).await? {
        return Ok(None);
    }
    if moderation::is_banned_in(unit, object.assembly_id, remote.author).await? {
        moderation::note_refused_in(unit, remote).await?;
        return Ok(None);
    }
    // Leave to quote comes later, and without a new text.
    let (quote, uri) = (remote.quote.as_ref(), remote.uri.as_str());
    let quotes_anew = quotes::receive_change_in(unit, known.id, uri, quote).await?;
    let same = known.html == remote.html && known.warning == remote.warning;
    if same && !quotes_anew {
        return Ok(None);
    }
    if !same {
        let now = unit.now;
        storage::comments::set_arrived(&mut unit.conn(), remote.text(known.id)).await?;
        storage::objects::set_edited(&mut unit.conn(), known.id, &remote.language, now).await?;
        storage::tags::put(&mut unit.conn(), known.id, &remote.tags).await?;
    }
    unit.changed(known.id);
    unit.changed(object.root_id);
    Ok(Some((object.assembly_id, object.assembly_local)))
}

/// What became of a deletion that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deleted {
    /// It is a tombstone now; its thread belongs to this assembly, which is local or not.
    Buried { assembly: ActorId, assembly_local: bool },
    /// It was a tombstone, or unknown; if it comes later it stays dead.
    Nothing,
    /// The sender is not its author.
    NotOwner,
}

/// The author elsewhere deleted an object, perhaps before it came.
pub async fn receive_delete_in(
    unit: &mut Unit<'_>,
    author: ActorId,
    object_uri: &str,
) -> Result<Deleted> {
    let now = unit.now;
    let Some(object) = storage::objects::by_uri(&mut unit.conn(), object_uri).await? else {
        storage::dead_uris::insert(&mut unit.conn(), object_uri, author, now).await?;
        return Ok(Deleted::Nothing);
    };
    if object.author_id != author || object.local {
        return Ok(Deleted::NotOwner);
    }
    if object.deleted_at.is_some() {
        return Ok(Deleted::Nothing);
    }
    bury_in(unit, object.id).await?;
    Ok(Deleted::Buried { assembly: object.assembly_id, assembly_local: object.assembly_local })
}
