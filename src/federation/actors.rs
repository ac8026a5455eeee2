//! Remote actors: reading their documents, knowing their keys.

use super::vocab::{Node, is_uri, without_fragment};
use super::{Budget, Error, fetch};
use crate::app::{App, KnownKey};
use crate::crypto::PublicKey;
use crate::domain::actor::Actor;
use crate::domain::urls::same_origin;
use crate::domain::{ActorKind, Timestamp};
use crate::services::{self, actors::RemoteActor};
use crate::text;
use std::sync::Arc;

/// A document older than this is read again when it is needed.
const MAX_AGE_SECONDS: i64 = 24 * 60 * 60;

/// The actor of this id, from here or from its home. A stale copy is refreshed; if its home does
/// not answer, the copy serves.
pub async fn require(app: &App, budget: &Budget, uri: &str) -> Result<Actor, Error> {
    let known = services::actors::by_uri(app, uri).await?;
    match known {
        Some(actor) if actor.local || !is_stale(app.now(), &actor) => Ok(actor),
        Some(actor) if actor.deleted_at.is_some() => Err(Error::Gone),
        Some(actor) => match refresh(app, budget, uri).await {
            Ok(fresh) => Ok(fresh),
            Err(error) if error.is_passing() => Ok(actor),
            Err(error) => Err(error),
        },
        None => refresh(app, budget, uri).await,
    }
}

fn is_stale(now: Timestamp, actor: &Actor) -> bool {
    now.seconds() - actor.fetched_at.seconds() > MAX_AGE_SECONDS
}

/// Reads the actor's document from its home and keeps it.
pub async fn refresh(app: &App, budget: &Budget, uri: &str) -> Result<Actor, Error> {
    let document = fetch::document(app, budget, uri).await?;
    let remote = parse(Node(&document), None)?;
    Ok(services::actors::put_remote(app, &remote).await?)
}

/// Reads an actor document. `key_id` asks for one of several keys.
pub fn parse(document: Node<'_>, key_id: Option<&str>) -> Result<RemoteActor, Error> {
    let id = document.id().ok_or_else(|| Error::invalid("the actor has no id"))?;
    let fault = |what: &str| Error::invalid(format!("the actor {id} {what}"));
    let kind = ActorKind::from_wire_type(document.kind())
        .ok_or_else(|| fault("has a type that is not an actor's"))?;
    let about = document.uri("civic:initiative").filter(|uri| same_origin(uri, id));
    let kind =
        if kind == ActorKind::Assembly && about.is_some() { ActorKind::Initiative } else { kind };
    let inbox = document.uri("inbox").ok_or_else(|| fault("has no inbox"))?;
    if !same_origin(inbox, id) {
        return Err(fault("has an inbox at another origin"));
    }
    let handle = document
        .text("preferredUsername")
        .map(str::trim)
        .filter(|h| {
            !h.is_empty()
                && h.chars().count() <= 128
                && !h.contains(|c: char| c.is_control() || "@/ ".contains(c))
        })
        .unwrap_or("unknown");
    let shared = document
        .object("endpoints")
        .and_then(|e| e.uri("sharedInbox"))
        .filter(|shared| same_origin(shared, id));
    let (key_id, public_pem) =
        public_key(document, id, key_id).ok_or_else(|| fault("has no key of its own"))?;
    PublicKey::from_pem(&public_pem).map_err(|e| fault(&format!("has an unusable key: {e}")))?;
    let name = document.text("name").map(text::plain).unwrap_or_default();
    let name = text::excerpt(name.trim(), 100);
    let url = document.uri("url").filter(|u| is_uri(u)).unwrap_or(id);
    Ok(RemoteActor {
        uri: id.to_owned(),
        kind,
        handle: handle.to_owned(),
        name: if name.is_empty() { handle.to_owned() } else { name },
        summary: text::clean(
            &document.text("summary").unwrap_or_default().chars().take(20_000).collect::<String>(),
        ),
        url: url.to_owned(),
        inbox: inbox.to_owned(),
        shared_inbox: shared.map(str::to_owned),
        outbox: document.uri("outbox").map(str::to_owned),
        key_id,
        public_pem,
    })
}

/// The wanted key among those of the document, or the first; it must be owned by the actor.
fn public_key(document: Node<'_>, actor: &str, wanted: Option<&str>) -> Option<(String, String)> {
    let keys = match document.get("publicKey")? {
        serde_json::Value::Array(list) => list.iter().take(10).collect(),
        one => vec![one],
    };
    let mut own = keys.into_iter().map(Node).filter_map(|key| {
        let owner = key.uri("owner").unwrap_or(actor);
        let id = key.id()?;
        let pem = key.text("publicKeyPem")?;
        (owner == actor && same_origin(id, actor)).then(|| (id.to_owned(), pem.to_owned()))
    });
    match wanted {
        None => own.next(),
        Some(wanted) => own.find(|(id, _)| id == wanted),
    }
}

/// The key of this id with its owner: from memory, from the database, or from its home.
pub async fn key(app: &App, key_id: &str) -> Result<Arc<KnownKey>, Error> {
    if let Some(key) = app.caches.known_keys.get(key_id) {
        return Ok(key);
    }
    if let Some(row) = services::actors::key_by_id(app, key_id).await? {
        if row.actor_deleted_at.is_some() {
            return Err(Error::Gone);
        }
        let key =
            PublicKey::from_pem(&row.public_pem).map_err(|e| Error::invalid(e.to_string()))?;
        return Ok(remember(app, key_id, row.actor_id, &row.actor_uri, key, row.fetched_at));
    }
    fetch_key(app, key_id).await
}

/// Asks the key's home for it. Once in five minutes at the most, so that nobody can make us ask
/// without end; a server that sends its first activities all at once is asked once for all.
pub async fn fetch_key(app: &App, key_id: &str) -> Result<Arc<KnownKey>, Error> {
    let turn = app.caches.fetching.get_with(key_id.to_owned(), Arc::default);
    let _turn = turn.lock().await;
    if app.caches.refetched.contains_key(key_id) {
        let known = app.caches.known_keys.get(key_id);
        let again = || Error::Unreachable("the key was asked for a moment ago".to_owned());
        return known.ok_or_else(again);
    }
    app.caches.refetched.insert(key_id.to_owned(), ());
    let budget = &Budget::question();
    let found = fetch::document(app, budget, key_id).await?;
    let mut document = found;
    // A key may be a document of its own, or lead to an actor that is only hinted at.
    let node = Node(&document);
    if ActorKind::from_wire_type(node.kind()).is_none() || node.get("inbox").is_none() {
        let owner = node
            .uri("owner")
            .or_else(|| node.object("publicKey").and_then(|k| k.uri("owner")))
            .or_else(|| node.id())
            .map(str::to_owned)
            .filter(|owner| same_origin(owner, key_id))
            .ok_or_else(|| Error::invalid(format!("the key {key_id} has no owner")))?;
        document = fetch::document(app, budget, &owner).await?;
    }
    let remote = parse(Node(&document), Some(key_id))?;
    if without_fragment(key_id) != remote.uri && !same_origin(key_id, &remote.uri) {
        return Err(Error::invalid("the key belongs to another origin"));
    }
    let actor = services::actors::put_remote(app, &remote).await?;
    let key = PublicKey::from_pem(&remote.public_pem).map_err(|e| Error::invalid(e.to_string()))?;
    Ok(remember(app, key_id, actor.id, &actor.uri, key, actor.fetched_at))
}

fn remember(
    app: &App,
    key_id: &str,
    actor: crate::domain::ActorId,
    actor_uri: &str,
    key: PublicKey,
    fetched_at: Timestamp,
) -> Arc<KnownKey> {
    let known = Arc::new(KnownKey { actor, actor_uri: actor_uri.to_owned(), key, fetched_at });
    app.caches.known_keys.insert(key_id.to_owned(), Arc::clone(&known));
    known
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::SigningKey;
    use serde_json::{Value, json};

    fn document() -> Value {
        let (key, _) = SigningKey::generate(String::new()).unwrap();
        json!({
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": "https://m.example/users/bob", "type": "Person", "preferredUsername": "bob",
            "name": "Bob <b>B</b>", "summary": "<p>Hi<script>x</script></p>",
            "inbox": "https://m.example/users/bob/inbox",
            "endpoints": { "sharedInbox": "https://m.example/inbox" },
            "publicKey": { "id": "https://m.example/users/bob#main-key",
                "owner": "https://m.example/users/bob", "publicKeyPem": key.public_pem().unwrap() }
        })
    }

    fn with(key: &str, value: Value) -> Value {
        let mut document = document();
        document[key] = value;
        document
    }

    #[test]
    fn a_document_is_read_and_cleaned() {
        let document = document();
        let actor = parse(Node(&document), None).unwrap();
        assert_eq!((actor.name.as_str(), actor.summary.as_str()), ("Bob B", "<p>Hi</p>"));
        assert_eq!(actor.shared_inbox.as_deref(), Some("https://m.example/inbox"));
        assert_eq!(actor.key_id, "https://m.example/users/bob#main-key");
    }

    #[test]
    fn what_does_not_belong_together_is_refused() {
        let foreign_owner = json!({ "id": "https://m.example/users/bob#main-key",
            "owner": "https://m.example/users/eve", "publicKeyPem": document()["publicKey"]["publicKeyPem"] });
        for (key, value) in [
            ("type", json!("Note")),
            ("inbox", json!("https://evil.example/inbox")),
            ("inbox", json!(null)),
            ("publicKey", json!(null)),
            ("publicKey", foreign_owner),
        ] {
            let document = with(key, value);
            assert!(parse(Node(&document), None).is_err(), "{key}");
        }
        // A shared inbox elsewhere is not believed, but the actor is.
        let document = with("endpoints", json!({ "sharedInbox": "https://evil.example/inbox" }));
        assert_eq!(parse(Node(&document), None).unwrap().shared_inbox, None);
    }

    #[test]
    fn one_of_several_keys() {
        let key = document()["publicKey"].clone();
        let mut other = key.clone();
        other["id"] = json!("https://m.example/users/bob#second");
        let document = with("publicKey", json!([key, other]));
        let wanted = "https://m.example/users/bob#second";
        assert_eq!(parse(Node(&document), Some(wanted)).unwrap().key_id, wanted);
        assert!(parse(Node(&document), Some("https://m.example/users/bob#third")).is_err());
    }
}
