//! Remote actors: reading their documents. What is done with their keys is in `keys`.

use super::vocab::{Node, is_uri};
use super::{Budget, Error, fetch, limits, webfinger};
use crate::app::App;
use crate::crypto::PublicKey;
use crate::domain::actor::Actor;
use crate::domain::profile::Field;
use crate::domain::urls::{authority_of, same_origin};
use crate::domain::{ActorKind, Address, Profile, Timestamp};
use crate::services::{self, actors::RemoteActor};
use crate::text;

/// A document older than this is read again when it is needed.
pub(super) const MAX_AGE_SECONDS: i64 = 24 * 60 * 60;

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
        None => {
            // Counted where it is asked for, not where it is only found missing.
            if budget.left() > 0 {
                limits::new_actor(app, uri).await?;
            }
            refresh(app, budget, uri).await
        }
    }
}

fn is_stale(now: Timestamp, actor: &Actor) -> bool {
    now.seconds() - actor.fetched_at.seconds() > MAX_AGE_SECONDS
}

/// Reads the actor's document from its home and keeps it.
pub async fn refresh(app: &App, budget: &Budget, uri: &str) -> Result<Actor, Error> {
    let document = fetch::document(app, budget, uri).await?;
    keep(app, budget, Node(&document), None).await
}

/// Keeps an actor as its document has it, under the address that is proven. `key_id` asks for one
/// of several keys.
pub(super) async fn keep(
    app: &App,
    budget: &Budget,
    document: Node<'_>,
    key_id: Option<&str>,
) -> Result<Actor, Error> {
    let mut remote = parse(document, key_id)?;
    let known = services::actors::by_uri(app, &remote.uri).await?.filter(|known| !known.local);
    prove_host(app, budget, document, &mut remote, known.as_ref()).await;
    if let Some(known) = known.filter(|_| remote.acct_host.is_none()) {
        prove_name(app, budget, &mut remote, known).await;
    }
    Ok(services::actors::put_remote(app, &remote).await?)
}

/// An address at another host than that of the id counts if that host confirms what the document
/// claims (FEP-2c59), or what was proven before.
async fn prove_host(
    app: &App,
    budget: &Budget,
    document: Node<'_>,
    remote: &mut RemoteActor,
    known: Option<&Actor>,
) {
    let home = authority_of(&remote.uri).unwrap_or_default();
    let claimed = document.text("webfinger").and_then(Address::parse);
    let claimed = claimed.filter(|a| a.name().eq_ignore_ascii_case(&remote.handle));
    let before = known.filter(|k| k.handle == remote.handle).map(|k| k.host.as_str());
    let host = claimed.as_ref().map(Address::host).or(before);
    let host = host.filter(|host| *host != home && *host != app.urls.authority());
    let Some(address) = host.and_then(|host| Address::parse(&format!("{}@{host}", remote.handle)))
    else {
        return;
    };
    let confirmed = match webfinger::lookup(app, budget, &address).await {
        Ok(uri) => uri == remote.uri,
        Err(error) => error.is_passing() && before == Some(address.host()),
    };
    if confirmed {
        remote.acct_host = Some(address.host().to_owned());
    } else {
        tracing::info!(actor = remote.uri, %address, "an address is not confirmed");
    }
}

/// An actor that is known under another name has the new one only if WebFinger says so too.
async fn prove_name(app: &App, budget: &Budget, remote: &mut RemoteActor, known: Actor) {
    if known.handle == remote.handle {
        return;
    }
    let home = authority_of(&remote.uri).unwrap_or_default();
    let proven = match Address::parse(&format!("{}@{home}", remote.handle)) {
        Some(address) => {
            webfinger::lookup(app, budget, &address).await.is_ok_and(|uri| uri == remote.uri)
        }
        None => false,
    };
    if !proven {
        tracing::info!(actor = remote.uri, name = remote.handle, "a new name is not proven");
        remote.handle = known.handle;
    }
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
    let proof_keys = multikeys(document, id);
    // A Multikey that is asked for comes along with the usual key.
    let wanted = key_id.filter(|wanted| !proof_keys.iter().any(|(id, _)| id == wanted));
    let (key_id, public_pem) =
        public_key(document, id, wanted).ok_or_else(|| fault("has no key of its own"))?;
    PublicKey::from_pem(&public_pem).map_err(|e| fault(&format!("has an unusable key: {e}")))?;
    let name = document.text("name").map(text::plain).unwrap_or_default();
    let name = text::excerpt(name.trim(), 100);
    let url = document.uri("url").filter(|u| is_uri(u)).unwrap_or(id);
    Ok(RemoteActor {
        uri: id.to_owned(),
        kind,
        handle: handle.to_owned(),
        acct_host: None,
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
        profile: profile(document, id),
        proof_keys,
        collections: (own_address(document, "attributedTo"), own_address(document, "featured")),
    })
}

/// Most fields that are kept of an actor.
const MAX_FIELDS: usize = 20;

/// What the document says beyond names and places.
fn profile(document: Node<'_>, id: &str) -> Profile {
    let yes = |key: &str| document.get(key).and_then(serde_json::Value::as_bool).unwrap_or(false);
    let mut aliases: Vec<String> = document
        .uris("alsoKnownAs")
        .into_iter()
        .filter(|uri| *uri != id)
        .take(Profile::MAX_ALIASES)
        .map(str::to_owned)
        .collect();
    aliases.sort();
    aliases.dedup();
    Profile {
        fields: fields(document),
        domains: Vec::new(),
        discoverable: yes("discoverable"),
        indexable: yes("indexable"),
        aliases,
        moved_to: document.uri("movedTo").filter(|uri| *uri != id).map(str::to_owned),
        moved_at: None,
    }
}

fn fields(document: Node<'_>) -> Vec<Field> {
    let list = match document.get("attachment") {
        Some(serde_json::Value::Array(list)) => list.iter().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    };
    list.into_iter()
        .take(100)
        .map(Node)
        .filter(|node| node.kind() == "PropertyValue")
        .filter_map(|node| {
            let name = text::excerpt(&text::plain(node.text("name")?), 255);
            let value: String = node.text("value")?.chars().take(2_047).collect();
            (!name.is_empty()).then(|| Field { name, value: text::clean(&value) })
        })
        .take(MAX_FIELDS)
        .collect()
}

/// Most Multikeys that are kept of one actor.
const MAX_MULTIKEYS: usize = 5;

/// The actor's Multikeys (FEP-521a) that we can use. Addresses of keys elsewhere are not followed.
fn multikeys(document: Node<'_>, actor: &str) -> Vec<(String, String)> {
    let keys = match document.get("assertionMethod") {
        Some(serde_json::Value::Array(list)) => list.iter().take(20).collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    };
    let mut found: Vec<(String, String)> = Vec::new();
    for key in keys.into_iter().map(Node) {
        let (Some(id), Some(value)) = (key.id(), key.text("publicKeyMultibase")) else { continue };
        if key.kind() == "Multikey"
            && key.uri("controller") == Some(actor)
            && same_origin(id, actor)
            && found.len() < MAX_MULTIKEYS
            && !found.iter().any(|(known, _)| known == id)
            && PublicKey::from_multibase(value).is_ok()
        {
            found.push((id.to_owned(), value.to_owned()));
        }
    }
    found
}

/// The address in a property, if it is of the document's own origin.
fn own_address(document: Node<'_>, key: &str) -> Option<String> {
    let id = document.id()?;
    document.uri(key).filter(|uri| same_origin(uri, id)).map(str::to_owned)
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
    fn multikeys_of_ones_own_are_read() {
        let good = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2";
        let key = |id: &str, controller: &str, value: &str| json!({ "id": id, "type": "Multikey", "controller": controller, "publicKeyMultibase": value });
        let (bob, own) = ("https://m.example/users/bob", "https://m.example/users/bob#ed25519-key");
        let document = with(
            "assertionMethod",
            json!([
                key(own, bob, good),
                key(own, bob, good),
                key("https://evil.example/#k", bob, good),
                key("https://m.example/users/bob#2", "https://m.example/users/eve", good),
                key("https://m.example/users/bob#3", bob, "z6Mk"),
                "https://m.example/users/bob#4",
            ]),
        );
        let actor = parse(Node(&document), Some(own)).unwrap();
        assert_eq!(actor.proof_keys, [(own.to_owned(), good.to_owned())]);
        assert_eq!(actor.key_id, "https://m.example/users/bob#main-key");
        let document = with("assertionMethod", key(own, bob, good));
        assert_eq!(parse(Node(&document), None).unwrap().proof_keys.len(), 1);
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
