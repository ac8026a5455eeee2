//! Attaching proofs to what we send and serve.

use super::{CONTEXT, CRYPTOSUITE, PURPOSE, TYPE, signed_bytes};
use crate::app::App;
use crate::crypto::{ProofKey, multibase};
use crate::domain::{ActorId, Timestamp};
use crate::federation::Error;
use crate::federation::vocab::Node;
use crate::services;
use serde_json::{Map, Value, json};

/// Attaches the proof of `key`, and the context that explains it. What already has a proof, and
/// what is not an object, comes back as it is.
pub fn attach(key: &ProofKey, document: Value, at: Timestamp) -> Value {
    let Value::Object(mut document) = document else { return document };
    if document.contains_key("proof") {
        return Value::Object(document);
    }
    explain(&mut document);
    let mut proof = Map::new();
    if let Some(context) = document.get("@context") {
        proof.insert("@context".to_owned(), context.clone());
    }
    for (name, value) in [
        ("type", TYPE.to_owned()),
        ("cryptosuite", CRYPTOSUITE.to_owned()),
        ("verificationMethod", key.key_id.clone()),
        ("proofPurpose", PURPOSE.to_owned()),
        ("created", at.to_rfc3339()),
    ] {
        proof.insert(name.to_owned(), value.into());
    }
    if let Some(bytes) = signed_bytes(&proof, &document) {
        proof.insert("proofValue".to_owned(), multibase(&key.sign(&bytes)).into());
        document.insert("proof".to_owned(), proof.into());
    }
    Value::Object(document)
}

/// Adds the context of proofs behind the other addresses and before terms defined in place.
fn explain(document: &mut Map<String, Value>) {
    let Some(context) = document.get_mut("@context") else { return };
    match context {
        Value::Array(list) => {
            if !list.iter().any(|one| one == CONTEXT) {
                let at = list.iter().position(|one| !one.is_string()).unwrap_or(list.len());
                list.insert(at, CONTEXT.into());
            }
        }
        one => *one = json!([one.take(), CONTEXT]),
    }
}

/// Attaches the proofs of a local actor to its activity: one to the text inside, if it is the
/// actor's own and has an author, and one to the whole.
pub async fn seal(app: &App, actor: ActorId, activity: Value) -> Result<Value, Error> {
    let key = services::proof_keys::of(app, actor).await?;
    Ok(seal_with(&key, activity, app.now()))
}

/// As [`seal`], with the key at hand.
pub fn seal_with(key: &ProofKey, mut activity: Value, at: Timestamp) -> Value {
    if let Value::Object(whole) = &mut activity {
        explain(whole);
    }
    let context = activity.get("@context").cloned();
    let actor = Node(&activity).uri("actor").unwrap_or_default().to_owned();
    if let (Some(context), Some(Value::Object(inner))) = (context, activity.get_mut("object"))
        && inner.get("attributedTo").and_then(Value::as_str) == Some(actor.as_str())
        && inner.get("id").and_then(Value::as_str).is_some_and(|id| !id.contains('#'))
    {
        // With a context of its own it can be taken out and still be checked.
        let mut alone = Map::with_capacity(inner.len() + 2);
        alone.insert("@context".to_owned(), context);
        alone.append(inner);
        if let Value::Object(sealed) = attach(key, Value::Object(alone), at) {
            *inner = sealed;
        }
    }
    attach(key, activity, at)
}
