//! Actors (interop forms A to C): `Group`, `Service`, `Person`, `Application`.

use super::with_context;
use crate::domain::actor::Actor;
use crate::domain::urls;
use crate::domain::{ActorKind, Timestamp, Urls};
use serde_json::{Value, json};

/// The public keys of an actor.
#[derive(Clone, Copy, Debug)]
pub struct Keys<'a> {
    /// For requests: RSA, in PEM.
    pub key_id: &'a str,
    pub public_pem: &'a str,
    /// For proofs: Ed25519, as a Multikey (FEP-521a).
    pub proof_key_id: &'a str,
    pub multibase: &'a str,
}

/// The document of a local actor with its public keys.
pub fn actor(urls: &Urls, actor: &Actor, keys: Keys<'_>) -> Value {
    let uri = &actor.uri;
    let mut document = json!({
        "id": uri,
        "type": actor.kind.wire_type(),
        "preferredUsername": actor.handle,
        "webfinger": actor.address(),
        "name": actor.name,
        "summary": actor.summary,
        "url": actor.url,
        "inbox": actor.inbox,
        "outbox": urls::actor::outbox(uri),
        "followers": urls::actor::followers(uri),
        "following": urls::actor::following(uri),
        "featured": urls::actor::featured(uri),
        "endpoints": { "sharedInbox": urls.shared_inbox() },
        "manuallyApprovesFollowers": false,
        "discoverable": is_advertised(actor.kind),
        "indexable": is_advertised(actor.kind),
        "published": actor.created_at.to_rfc3339(),
        "updated": actor.updated_at.to_rfc3339(),
        "attributionDomains": [urls.authority()],
        "publicKey": { "id": keys.key_id, "owner": uri, "publicKeyPem": keys.public_pem },
        "assertionMethod": [{
            "id": keys.proof_key_id,
            "type": "Multikey",
            "controller": uri,
            "publicKeyMultibase": keys.multibase,
        }],
        // FEP-844e: what this server understands and cannot be seen otherwise.
        "generator": {
            "type": "Application",
            "implements": [{
                "href": "https://datatracker.ietf.org/doc/html/rfc9421",
                "name": "RFC-9421: HTTP Message Signatures",
            }],
        },
    });
    if let (ActorKind::Assembly, Some(map)) = (actor.kind, document.as_object_mut()) {
        map.insert("attributedTo".to_owned(), urls::actor::moderators(uri).into());
        map.insert("sensitive".to_owned(), false.into());
        map.insert("postingRestrictedToMods".to_owned(), false.into());
    }
    // Whoever follows it from a forum would find one post: it is not offered there.
    if let (ActorKind::Initiative, Some(map)) = (actor.kind, document.as_object_mut()) {
        map.insert("civic:initiative".to_owned(), actor.url.clone().into());
    }
    with_context(context(urls, actor.kind), document)
}

/// Whether lists of other servers should show it. People are not ours to advertise.
const fn is_advertised(kind: ActorKind) -> bool {
    matches!(kind, ActorKind::Body | ActorKind::Assembly | ActorKind::Instance)
}

fn context(urls: &Urls, kind: ActorKind) -> Value {
    let mut context = json!([
        "https://www.w3.org/ns/activitystreams",
        "https://w3id.org/security/v1",
        "https://w3id.org/security/multikey/v1",
        "https://purl.archive.org/socialweb/webfinger",
        {
            "toot": "http://joinmastodon.org/ns#",
            "discoverable": "toot:discoverable",
            "indexable": "toot:indexable",
            "featured": { "@id": "toot:featured", "@type": "@id" },
            "attributionDomains": { "@id": "toot:attributionDomains", "@type": "@id" },
            "manuallyApprovesFollowers": "as:manuallyApprovesFollowers",
            "sensitive": "as:sensitive",
            "lemmy": "https://join-lemmy.org/ns#",
            "postingRestrictedToMods": "lemmy:postingRestrictedToMods",
            // Without it readers of JSON-LD see no keys: the context of Multikeys has no such term.
            "assertionMethod": {
                "@id": "https://w3id.org/security#assertionMethod",
                "@type": "@id",
                "@container": "@set",
            },
        }
    ]);
    let terms = context.as_array_mut().and_then(|list| list.last_mut()?.as_object_mut());
    if let (ActorKind::Initiative, Some(terms)) = (kind, terms) {
        terms.insert("civic".to_owned(), urls.civic_context().into());
    }
    context
}

/// What stands in the place of an actor that is gone (answered with 410).
pub fn gone_actor(actor: &Actor, at: Timestamp) -> Value {
    super::article::tombstone(&actor.uri, actor.kind.wire_type(), at)
}

/// What stands in the place of an activity of an actor that is gone (answered with 410).
pub fn gone_activity(uri: &str, at: Timestamp) -> Value {
    super::article::tombstone(uri, "Activity", at)
}
