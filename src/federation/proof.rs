//! Object integrity proofs (FEP-8b32, `eddsa-jcs-2022`): an activity or object that carries a
//! signature of its author, so that it can be believed whoever passes it on.
//!
//! * `make` attaches proofs. [`seal`] is what every public activity goes through on its way out,
//!   so that new forms get theirs without thinking.
//! * `check` decides whether a proof counts, and whose word it makes of a document.
//!
//! A proof covers the parsed JSON in its canonical form (RFC 8785): the value on which we act and
//! the value that was signed are the same, since `json` refuses what two readers could read
//! differently.

mod check;
mod make;

pub use check::{Standing, check};
pub use make::{attach, seal, seal_with};

use crate::crypto;
use serde_json::{Map, Value};

/// The type of a proof.
const TYPE: &str = "DataIntegrityProof";
/// The one cryptosuite that is made and read.
const CRYPTOSUITE: &str = "eddsa-jcs-2022";
/// What the key was used for.
const PURPOSE: &str = "assertionMethod";
/// The context that defines the words of a proof.
pub const CONTEXT: &str = "https://w3id.org/security/data-integrity/v1";

/// What is signed: the digests of the proof without its value and of the document without its
/// proof (W3C vc-di-eddsa, 3.3). `None` for numbers that JSON cannot write.
fn signed_bytes(config: &Map<String, Value>, document: &Map<String, Value>) -> Option<[u8; 64]> {
    let mut bytes = [0; 64];
    let (first, second) = bytes.split_at_mut(32);
    first.copy_from_slice(&crypto::sha256(&serde_json_canonicalizer::to_vec(config).ok()?));
    second.copy_from_slice(&crypto::sha256(&serde_json_canonicalizer::to_vec(document).ok()?));
    Some(bytes)
}

#[cfg(test)]
mod tests;
