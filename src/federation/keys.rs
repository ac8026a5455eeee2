//! Whose key is it: from memory, from the database, or from its home.
//!
//! Two rules meet here. A request is believed only with a key that was read lately, since a key
//! may have been changed because it was stolen. A proof is believed with a key however old, since
//! it serves when its home is down.

use super::limits::Source;
use super::vocab::{Node, without_fragment};
use super::{Budget, Error, actors, fetch, limits};
use crate::app::{App, Asked, KnownKey};
use crate::crypto::PublicKey;
use crate::domain::ActorKind;
use crate::domain::urls::same_origin;
use crate::services;
use std::sync::Arc;

/// How long a document is not asked again for a key that fits, after it was asked once more or
/// did not give one.
pub(super) const PAUSE_SECONDS: i64 = 5 * 60;

/// The key of this id as far as it is known here, however old.
pub async fn known(app: &App, key_id: &str) -> Result<Option<Arc<KnownKey>>, Error> {
    if let Some(key) = app.caches.known_keys.get(key_id) {
        return Ok(Some(key));
    }
    let Some(row) = services::actors::key_by_id(app, key_id).await? else { return Ok(None) };
    if row.actor_deleted_at.is_some() {
        return Err(Error::Gone);
    }
    let key = PublicKey::parse(&row.public_key).map_err(|e| Error::invalid(e.to_string()))?;
    let known =
        KnownKey { actor: row.actor_id, actor_uri: row.actor_uri, key, fetched_at: row.fetched_at };
    let known = Arc::new(known);
    app.caches.known_keys.insert(key_id.to_owned(), Arc::clone(&known));
    Ok(Some(known))
}

/// The key of this id, read from its home within the last day. Whoever sent the request, `source`,
/// pays for asking.
pub async fn current(app: &App, source: &Source, key_id: &str) -> Result<Arc<KnownKey>, Error> {
    match known(app, key_id).await? {
        Some(key) if is_current(app, &key) => Ok(key),
        Some(_) => match fetch(app, Some(source), key_id, Why::Unknown).await {
            Err(error @ Error::Busy { .. }) => Err(error),
            // The sender may come again when its home answers.
            Err(error) if error.is_passing() => Err(Error::Service(services::Error::Unavailable(
                format!("the key {key_id} is old, and its home does not answer"),
            ))),
            other => other,
        },
        None => fetch(app, Some(source), key_id, Why::Unknown).await,
    }
}

fn is_current(app: &App, key: &KnownKey) -> bool {
    app.now().seconds() - key.fetched_at.seconds() <= actors::MAX_AGE_SECONDS
}

/// A signature did not fit: the key's home is asked once more, in case it was changed.
pub async fn again(
    app: &App,
    source: Option<&Source>,
    key_id: &str,
) -> Result<Arc<KnownKey>, Error> {
    fetch(app, source, key_id, Why::DidNotFit).await
}

/// As [`current`], for the key of a proof that is not known: its sender is authenticated.
pub async fn unknown(app: &App, key_id: &str) -> Result<Arc<KnownKey>, Error> {
    fetch(app, None, key_id, Why::Unknown).await
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    Unknown,
    DidNotFit,
}

/// That this was asked for in the last five minutes, if it was noted.
pub(super) fn asked_lately(app: &App, what: &str) -> Option<Asked> {
    let asked = app.caches.refetched.get(what);
    asked.filter(|asked| app.now().seconds() - asked.at.seconds() < PAUSE_SECONDS)
}

/// Notes that this is being asked for, or what is certain since it was.
pub(super) fn note_asked(app: &App, what: &str, refusal: Option<String>) {
    let refusal = refusal.map(Arc::from);
    app.caches.refetched.insert(what.to_owned(), Asked { at: app.now(), refusal });
}

/// Said to who names another key of an actor that was read a moment ago.
fn without_key(document: &str) -> String {
    let minutes = PAUSE_SECONDS / 60;
    format!("{document} does not have it; it is read again {minutes} minutes after the last time")
}

/// Asks the key's home. A document is asked again once in five minutes at the most, so that nobody
/// can make us ask without end; a server that sends its first activities all at once is asked once
/// for all.
async fn fetch(
    app: &App,
    source: Option<&Source>,
    key_id: &str,
    why: Why,
) -> Result<Arc<KnownKey>, Error> {
    let document = without_fragment(key_id);
    let turn = app.caches.fetching.get_with(document.to_owned(), Arc::default);
    let _turn = turn.lock().await;
    let known = known(app, key_id).await?.filter(|key| is_current(app, key));
    if let (Why::Unknown, Some(key)) = (why, &known) {
        return Ok(Arc::clone(key));
    }
    if let Some(asked) = asked_lately(app, document) {
        return known.ok_or_else(|| match asked.refusal {
            Some(reason) => Error::invalid(&*reason),
            None => Error::Unreachable("the key was asked for a moment ago".to_owned()),
        });
    }
    if let Some(source) = source {
        limits::key_fetch(app, source)?;
    }
    if services::actors::by_uri(app, document).await?.is_none() {
        limits::new_actor(app, document).await?;
    }
    if why == Why::DidNotFit {
        note_asked(app, document, None);
    }
    let found = read(app, key_id).await;
    match &found {
        Ok(_) if why == Why::Unknown => {}
        Ok(_) => note_asked(app, document, Some(without_key(document))),
        // What is over a budget may be asked for as soon as there is room again.
        Err(Error::Busy { .. }) => {}
        Err(error) => {
            note_asked(app, document, (!error.is_passing()).then(|| error.to_string()));
            if let Some(source) = source {
                limits::key_fetch_failed(app, source);
            }
        }
    }
    found
}

async fn read(app: &App, key_id: &str) -> Result<Arc<KnownKey>, Error> {
    let budget = &Budget::question();
    let mut document = fetch::document(app, budget, key_id).await?;
    // A key may be a document of its own, or lead to an actor that is only hinted at.
    let node = Node(&document);
    if ActorKind::from_wire_type(node.kind()).is_none() || node.get("inbox").is_none() {
        let owner = node
            .uri("owner")
            .or_else(|| node.uri("controller"))
            .or_else(|| node.object("publicKey").and_then(|k| k.uri("owner")))
            .or_else(|| node.id())
            .map(str::to_owned)
            .filter(|owner| same_origin(owner, key_id))
            .ok_or_else(|| Error::invalid(format!("the key {key_id} has no owner")))?;
        document = fetch::document(app, budget, &owner).await?;
    }
    let owner = Node(&document).id().unwrap_or_default();
    if without_fragment(key_id) != owner && !same_origin(key_id, owner) {
        return Err(Error::invalid("the key belongs to another origin"));
    }
    let actor = actors::keep(app, budget, Node(&document), Some(key_id)).await?;
    let key = known(app, key_id).await?;
    key.ok_or_else(|| Error::invalid(format!("{} has no key {key_id}", actor.uri)))
}
