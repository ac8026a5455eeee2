//! Initiatives whose home is elsewhere: kept as their home tells them.

use super::{Result, Unit, text};
use crate::app::App;
use crate::crypto;
use crate::domain::initiative::{Initiative, Revision};
use crate::domain::{ActorId, InitiativeText, ObjectId, State, Timestamp, Urls};
use crate::storage::{self, objects::NewObject};
use crate::text::Links;

/// An initiative as its home describes it, checked and cleaned.
#[derive(Clone, Debug)]
pub struct RemoteInitiative {
    pub uri: String,
    pub url: String,
    pub author: ActorId,
    pub assembly: ActorId,
    pub title: String,
    /// Clean HTML.
    pub html: String,
    /// Markdown of the whole text, where the home gives it.
    pub source: String,
    /// The words as their home counts them into its digest, where it gives them.
    pub words: Option<InitiativeText>,
    /// The number of the revision at its home, where it gives one.
    pub number: Option<i64>,
    pub language: String,
    pub claimed_at: Timestamp,
    /// When its home says that this text replaced another one.
    pub updated: Option<Timestamp>,
    pub reported_likes: Option<i64>,
    pub reported_boosts: Option<i64>,
    /// Hashtags in their one spelling.
    pub tags: Vec<String>,
    /// The followable actor of the initiative, where its home has one.
    pub group: Option<String>,
}

impl RemoteInitiative {
    /// The text as a revision: under its home's number where that goes on from the last one
    /// known here, with the same digest as at home where the home gives the words it covers.
    fn revision(&self, after: i64, urls: &Urls, at: Timestamp) -> Revision {
        let number = self.number.filter(|n| *n > after).unwrap_or(after + 1);
        let html = self.html.clone();
        if let Some(words) = &self.words {
            // Shown is what the digest covers, not what may be said beside it.
            return text::revision(number, words, &Links { urls, people: &[] }, at);
        }
        let canonical =
            serde_json::json!({ "content": html, "language": self.language, "title": self.title });
        Revision {
            number,
            title: self.title.clone(),
            problem: String::new(),
            proposal: self.source.clone(),
            language: self.language.clone(),
            html,
            digest: crypto::sha256_hex(canonical.to_string().as_bytes()),
            created_at: at,
        }
    }

    fn search(&self) -> String {
        crate::text::fold(&format!("{}\n{}", self.title, crate::text::plain(&self.html)))
    }
}

/// Stores a remote initiative; what is known already, or was deleted by its author before it
/// came, is left alone. Returns its id when it is new.
pub async fn put_remote_in(
    unit: &mut Unit<'_>,
    remote: &RemoteInitiative,
) -> Result<Option<ObjectId>> {
    if storage::objects::by_uri(&mut unit.conn(), &remote.uri).await?.is_some()
        || storage::dead_uris::contains(&mut unit.conn(), &remote.uri, remote.author).await?
    {
        return Ok(None);
    }
    let id: ObjectId = unit.app.id();
    let now = unit.now;
    let object = NewObject {
        id,
        uri: &remote.uri,
        url: &remote.url,
        kind: "initiative",
        local: false,
        author: remote.author,
        root: id,
        parent: None,
        language: &remote.language,
        created_at: now,
        claimed_at: remote.claimed_at,
    };
    storage::objects::insert(&mut unit.conn(), &object).await?;
    storage::assemblies::insert(&mut unit.conn(), remote.assembly, None).await?;
    storage::initiatives::insert(
        &mut unit.conn(),
        id,
        remote.assembly,
        None,
        State::Discussion,
        &remote.title,
        &remote.search(),
        Some(remote.claimed_at),
    )
    .await?;
    unit.is_newest(id, remote.updated).await?;
    let revision = remote.revision(0, &unit.app.urls, now);
    storage::initiatives::put_revision(&mut unit.conn(), id, &revision, false).await?;
    storage::initiatives::set_revision(
        &mut unit.conn(),
        id,
        revision.number,
        &remote.title,
        &remote.search(),
    )
    .await?;
    let (likes, boosts) = (remote.reported_likes, remote.reported_boosts);
    if let Some(group) = &remote.group {
        storage::initiatives::set_group(&mut unit.conn(), id, group).await?;
    }
    // What is created carries no totals; then the first reader has the home asked.
    if likes.is_some() || boosts.is_some() {
        storage::initiatives::set_reported(&mut unit.conn(), id, likes, boosts, now).await?;
    }
    storage::tags::add(&mut unit.conn(), id, &remote.tags).await?;
    Ok(Some(id))
}

/// Keeps a new text of a remote initiative as a further revision. `false` when nothing changed.
pub async fn update_remote_in(unit: &mut Unit<'_>, remote: &RemoteInitiative) -> Result<bool> {
    let Some(known) = storage::initiatives::by_uri(&mut unit.conn(), &remote.uri).await? else {
        return Ok(false);
    };
    if let Some(group) = remote.group.as_ref().filter(|g| Some(*g) != known.group_uri.as_ref())
        && !known.local
        && known.author_id == remote.author
    {
        storage::initiatives::set_group(&mut unit.conn(), known.id, group).await?;
    }
    let frozen = known.local || known.deleted_at.is_some() || known.author_id != remote.author;
    if frozen || !unit.is_newest(known.id, remote.updated).await? {
        return Ok(false);
    }
    let revision = remote.revision(known.revision, &unit.app.urls, unit.now);
    if revision.digest == known.digest {
        return Ok(false);
    }
    let now = unit.now;
    let id = known.id;
    storage::initiatives::put_revision(&mut unit.conn(), id, &revision, false).await?;
    storage::initiatives::set_revision(
        &mut unit.conn(),
        id,
        revision.number,
        &remote.title,
        &remote.search(),
    )
    .await?;
    storage::objects::set_edited(&mut unit.conn(), id, &remote.language, now).await?;
    storage::tags::put(&mut unit.conn(), id, &remote.tags).await?;
    unit.changed(id);
    Ok(true)
}

/// Its author took a remote initiative back: a tombstone stays.
pub async fn remove_remote_in(unit: &mut Unit<'_>, id: ObjectId) -> Result<()> {
    end_in(unit, id, State::Withdrawn).await
}

/// Makes the tombstone of a remote initiative the initiative again, with the text that its home has.
pub async fn restore_remote_in(unit: &mut Unit<'_>, remote: &RemoteInitiative) -> Result<()> {
    let known = storage::initiatives::by_uri(&mut unit.conn(), &remote.uri).await?;
    let Some(known) = known.filter(|k| !k.local && k.author_id == remote.author) else {
        return Ok(());
    };
    let id = known.id;
    if !storage::objects::set_standing(&mut unit.conn(), id).await? {
        return Ok(());
    }
    for from in [State::Withdrawn, State::Hidden] {
        let to = State::Discussion;
        storage::initiatives::set_state(&mut unit.conn(), id, from, to, None).await?;
    }
    let (urls, now) = (&unit.app.urls, unit.now);
    let mut revision = remote.revision(known.revision, urls, now);
    // The words that were erased, or others since.
    let same = revision.digest == known.digest;
    if same {
        revision.number = known.revision;
    }
    let (number, title, search) = (revision.number, &remote.title, &remote.search());
    storage::initiatives::put_revision(&mut unit.conn(), id, &revision, same).await?;
    storage::initiatives::set_revision(&mut unit.conn(), id, number, title, search).await?;
    storage::tags::put(&mut unit.conn(), id, &remote.tags).await?;
    unit.changed(id);
    Ok(())
}

/// The moderators removed an initiative, at home here or elsewhere: a tombstone stays.
pub async fn hide_in(unit: &mut Unit<'_>, id: ObjectId) -> Result<()> {
    end_in(unit, id, State::Hidden).await
}

async fn end_in(unit: &mut Unit<'_>, id: ObjectId, to: State) -> Result<()> {
    let now = unit.now;
    if storage::objects::set_deleted(&mut unit.conn(), id, now).await? {
        for from in [State::Discussion, State::Draft] {
            storage::initiatives::set_state(&mut unit.conn(), id, from, to, None).await?;
        }
        storage::initiatives::clear_texts(&mut unit.conn(), id).await?;
        storage::tags::put(&mut unit.conn(), id, &[]).await?;
        unit.changed(id);
    }
    Ok(())
}

/// How long the tallies of a mirrored initiative are shown before its home is asked again.
const REPORT_MAX_AGE_MILLIS: i64 = 60_000;

/// Has the home asked for its tallies, if what it last said is a minute old. The reader sees the
/// old figures; the next one sees the new.
pub async fn refresh_reported(app: &App, initiative: &Initiative) -> Result<()> {
    if !reported_is_stale(initiative, app.now()) {
        return Ok(());
    }
    let mut unit = Unit::begin(app).await?;
    let (id, now) = (initiative.id.to_string(), unit.now);
    unit.enqueue("refresh_tallies", &id, Some(&format!("refresh_tallies {id}")), now).await?;
    unit.commit().await
}

fn reported_is_stale(initiative: &Initiative, now: Timestamp) -> bool {
    !initiative.local
        && initiative.deleted_at.is_none()
        && initiative
            .reported_at
            .is_none_or(|at| now.millis() - at.millis() > REPORT_MAX_AGE_MILLIS)
}

/// Keeps what the home says of its tallies now.
pub async fn set_reported(
    app: &App,
    id: ObjectId,
    likes: Option<i64>,
    boosts: Option<i64>,
) -> Result<()> {
    let mut unit = Unit::begin(app).await?;
    let now = unit.now;
    storage::initiatives::set_reported(&mut unit.conn(), id, likes, boosts, now).await?;
    unit.changed(id);
    unit.commit().await
}
