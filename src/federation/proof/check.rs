//! Deciding whether a proof counts.

use super::{CRYPTOSUITE, PURPOSE, TYPE, signed_bytes};
use crate::app::{App, KnownKey};
use crate::crypto::{Algorithm, from_multibase};
use crate::domain::Timestamp;
use crate::domain::urls::same_origin;
use crate::federation::signature::WINDOW_SECONDS;
use crate::federation::vocab::{Node, is_uri};
use crate::federation::{Budget, Error, keys};
use serde_json::{Map, Value};
use std::sync::Arc;

/// What a document's proof says about it.
#[derive(Debug)]
pub enum Standing {
    /// There is no proof that we could check: none at all, another cryptosuite, one that has
    /// ended, or a key that is not to be had (FEP-8b32: ignore it and look for another way).
    Unproven,
    /// The named actor signed exactly this.
    Proven(Arc<KnownKey>),
    /// There is a proof, and it is not the actor's signature of this document.
    Wrong(&'static str),
}

/// Checks the proof of `document` as the word of `actor`. It must come from
/// [`crate::federation::json`], which refuses names that come twice. With an empty budget a key that is not known is
/// [`Error::NeedsNetwork`]; otherwise the actor's home is asked. A key that is known serves however old it
/// is: its home may be down, and that is when proofs are needed.
pub async fn check(
    app: &App,
    document: &Value,
    actor: &str,
    budget: &Budget,
) -> Result<Standing, Error> {
    let Some(claim) = Claim::read(document, app.now()) else { return Ok(Standing::Unproven) };
    let claim = match claim {
        Ok(claim) => claim,
        Err(reason) => return Ok(Standing::Wrong(reason)),
    };
    if !same_origin(&claim.key_id, actor) {
        return Ok(Standing::Wrong("the key of the proof is of another origin"));
    }
    let key = match keys::known(app, &claim.key_id).await {
        Ok(Some(key)) => key,
        Ok(None) if budget.is_nothing() => return Err(Error::NeedsNetwork),
        Ok(None) => match keys::unknown(app, &claim.key_id).await {
            Ok(key) => key,
            Err(error @ (Error::Service(_) | Error::Busy { .. })) => return Err(error),
            Err(_) => return Ok(Standing::Unproven),
        },
        Err(Error::Gone) => return Ok(Standing::Unproven),
        Err(error) => return Err(error),
    };
    if key.actor_uri != actor {
        return Ok(Standing::Wrong("the key of the proof is somebody else's"));
    }
    if claim.fits(&key.key) {
        return Ok(Standing::Proven(key));
    }
    // The key may have been changed at its home, under the same name.
    if budget.is_nothing() {
        return Err(Error::NeedsNetwork);
    }
    match keys::again(app, None, &claim.key_id).await {
        Ok(fresh) if fresh.actor_uri == actor && claim.fits(&fresh.key) => {
            Ok(Standing::Proven(fresh))
        }
        Err(error @ (Error::Service(_) | Error::Busy { .. })) => Err(error),
        Ok(_) | Err(_) => Ok(Standing::Wrong("the proof does not fit the document")),
    }
}

/// A proof that could be checked, taken apart.
#[derive(Debug)]
pub(super) struct Claim {
    pub(super) key_id: String,
    signature: Vec<u8>,
    /// What is signed, in the forms in which proofs are made.
    bytes: Vec<[u8; 64]>,
}

impl Claim {
    /// Takes the proof of a document apart. `None` if there is none of our kind; `Err` if there is
    /// one and it cannot be right.
    pub(super) fn read(document: &Value, now: Timestamp) -> Option<Result<Self, &'static str>> {
        let proof = document.get("proof")?;
        let ours = |one: &&Value| {
            Node(one).text("type") == Some(TYPE)
                && Node(one).text("cryptosuite") == Some(CRYPTOSUITE)
        };
        // Several proofs are allowed; the first of our kind decides (FEP-8b32 wants one).
        let proof = match proof {
            Value::Array(list) => list.iter().take(5).find(ours)?,
            one => Some(one).filter(ours)?,
        };
        let node = Node(proof);
        let has_ended = node.time("expires").is_some_and(|at| at < now);
        let elsewhere = node.text("verificationMethod").is_some_and(|id| !is_uri(id));
        if has_ended || elsewhere {
            return None;
        }
        Some(Self::of(document.as_object()?, proof.as_object()?, now))
    }

    fn of(
        document: &Map<String, Value>,
        proof: &Map<String, Value>,
        now: Timestamp,
    ) -> Result<Self, &'static str> {
        let text = |name: &str| proof.get(name).and_then(Value::as_str);
        if text("proofPurpose") != Some(PURPOSE) {
            return Err("the proof is for another purpose");
        }
        let key_id = text("verificationMethod").ok_or("the proof names no key")?.to_owned();
        let created = text("created").and_then(Timestamp::parse_rfc3339);
        let created = created.ok_or("the proof does not say when it was made")?;
        if created.seconds() > now.seconds() + WINDOW_SECONDS {
            return Err("the proof is from the future");
        }
        let signature = text("proofValue").and_then(from_multibase).filter(|s| s.len() == 64);
        let signature = signature.ok_or("the value of the proof is no Ed25519 signature")?;
        let mut unsigned = document.clone();
        unsigned.shift_remove("proof");
        // Linked Data Signatures are made after the proof (FEP-8b32, backward compatibility).
        unsigned.shift_remove("signature");
        let mut config = proof.clone();
        config.shift_remove("proofValue");
        let mut bytes = Vec::with_capacity(2);
        match (config.get("@context"), document.get("@context")) {
            (Some(of_proof), Some(of_document)) => {
                if !begins_with(of_document, of_proof) {
                    return Err("the contexts of the proof and of the document differ");
                }
                unsigned.insert("@context".to_owned(), of_proof.clone());
            }
            (Some(_), None) => return Err("the proof has a context and the document has none"),
            // Some take the document's context into what is signed without writing it down.
            (None, Some(of_document)) => {
                let mut with = config.clone();
                with.insert("@context".to_owned(), of_document.clone());
                bytes.extend(signed_bytes(&with, &unsigned));
            }
            (None, None) => {}
        }
        bytes.extend(signed_bytes(&config, &unsigned));
        Ok(Self { key_id, signature, bytes })
    }

    /// Whether this key made the proof.
    pub(super) fn fits(&self, key: &crate::crypto::PublicKey) -> bool {
        self.bytes.iter().any(|bytes| key.verifies(Algorithm::Ed25519, bytes, &self.signature))
    }
}

/// Whether the contexts of a document begin with those of its proof, in their order.
fn begins_with(document: &Value, proof: &Value) -> bool {
    let list = |value: &Value| match value {
        Value::Array(list) => list.clone(),
        one => vec![one.clone()],
    };
    list(document).starts_with(&list(proof))
}
