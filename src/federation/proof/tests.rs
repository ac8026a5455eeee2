//! Proofs: the standard's own, ours, and those that must not count.

use super::check::Claim;
use super::make::seal_with;
use super::*;
use crate::crypto::{ProofKey, PublicKey, from_multibase};
use crate::domain::Timestamp;
use serde_json::json;

/// The key of W3C vc-di-eddsa, B, which FEP-8b32 uses as well.
fn key() -> ProofKey {
    let secret = from_multibase("z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq").unwrap();
    let id = "https://server.example/users/alice#ed25519-key".to_owned();
    ProofKey::from_seed(id, &secret[2..]).unwrap()
}

fn public() -> PublicKey {
    PublicKey::from_multibase("z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2").unwrap()
}

fn then() -> Timestamp {
    Timestamp::parse_rfc3339("2023-02-24T23:36:38Z").unwrap()
}

fn counts(document: &Value) -> bool {
    let claim = Claim::read(document, then());
    claim.is_some_and(|claim| claim.is_ok_and(|claim| claim.fits(&public())))
}

/// FEP-8b32, the test vector.
fn unsigned() -> Value {
    json!({
        "@context": [
            "https://www.w3.org/ns/activitystreams",
            "https://w3id.org/security/data-integrity/v2"
        ],
        "id": "https://server.example/activities/1",
        "type": "Create",
        "actor": "https://server.example/users/alice",
        "object": {
            "id": "https://server.example/objects/1",
            "type": "Note",
            "attributedTo": "https://server.example/users/alice",
            "content": "Hello world",
            "location": { "type": "Place", "longitude": -71.184_902, "latitude": 25.273_962 }
        }
    })
}

fn example() -> Value {
    let mut document = unsigned();
    document["proof"] = json!({
        "@context": document["@context"],
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "verificationMethod": "https://server.example/users/alice#ed25519-key",
        "proofPurpose": "assertionMethod",
        "proofValue": "z42ffGu6AUKPCFcFPiabmUvnGLPJzC7e4DGWC52NUasSSH37UMa9c58tdgVszUcZfytxa4fQ5TYHaJENCxUDe9SdL",
        "created": "2023-02-24T23:36:38Z"
    });
    document
}

#[test]
fn the_vector_of_the_fep_is_verified_and_made() {
    assert!(counts(&example()));
    let mut document = unsigned();
    // Ours adds its own version of the context, which is then part of what is signed.
    let made = attach(&key(), document.clone(), then());
    assert!(counts(&made) && made["@context"][2] == CONTEXT);
    // With the context of the vector the same bytes are signed.
    let config = {
        let mut proof = example()["proof"].as_object().unwrap().clone();
        proof.shift_remove("proofValue");
        proof
    };
    let bytes = signed_bytes(&config, document.as_object_mut().unwrap()).unwrap();
    assert_eq!(crypto::multibase(&key().sign(&bytes)), example()["proof"]["proofValue"]);
}

#[test]
fn the_vector_of_the_cryptosuite_is_verified() {
    // W3C vc-di-eddsa, B.2.
    let context = json!([
        "https://www.w3.org/ns/credentials/v2",
        "https://www.w3.org/ns/credentials/examples/v2"
    ]);
    let mut document = json!({
        "@context": context,
        "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
        "type": ["VerifiableCredential", "AlumniCredential"],
        "name": "Alumni Credential",
        "description": "A minimum viable example of an Alumni Credential.",
        "issuer": "https://vc.example/issuers/5678",
        "validFrom": "2023-01-01T00:00:00Z",
        "credentialSubject": { "id": "did:example:abcdefgh", "alumniOf": "The School of Examples" }
    });
    let method = "did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2#z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2";
    let proof = json!({
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "created": "2023-02-24T23:36:38Z",
        "verificationMethod": method,
        "proofPurpose": "assertionMethod",
        "@context": context
    });
    let bytes = signed_bytes(proof.as_object().unwrap(), document.as_object().unwrap()).unwrap();
    let value =
        "z2HnFSSPPBzR36zdDgK8PbEHeXbR56YF24jwMpt3R1eHXQzJDMWS93FCzpvJpwTWd3GAVFuUfjoJdcnTMuVor51aX";
    assert_eq!(crypto::multibase(&key().sign(&bytes)), value);
    // A key that is no address is not one that we could look up: as if there were no proof.
    document["proof"] = proof;
    assert!(Claim::read(&document, then()).is_none());
}

#[test]
fn an_older_vector_without_a_context_in_the_proof() {
    // An earlier version of FEP-8b32, as Mitra made it.
    let document = json!({
        "@context": [
            "https://www.w3.org/ns/activitystreams",
            "https://w3id.org/security/data-integrity/v1"
        ],
        "type": "Create",
        "actor": "https://server.example/users/alice",
        "object": { "type": "Note", "content": "Hello world" },
        "proof": {
            "type": "DataIntegrityProof",
            "cryptosuite": "eddsa-jcs-2022",
            "verificationMethod": "https://server.example/users/alice#ed25519-key",
            "proofPurpose": "assertionMethod",
            "proofValue": "z3sXaxjKs4M3BRicwWA9peyNPJvJqxtGsDmpt1jjoHCjgeUf71TRFz56osPSfDErszyLp5Ks1EhYSgpDaNM977Rg2",
            "created": "2023-02-24T23:36:38Z"
        }
    });
    assert!(counts(&document));
}

#[test]
fn any_change_spoils_the_proof() {
    for (pointer, value) in [
        ("/actor", json!("https://server.example/users/eve")),
        ("/object/content", json!("Hello World")),
        ("/object/location/latitude", json!(25.273_963)),
        ("/proof/created", json!("2023-02-24T23:36:37Z")),
        ("/proof/verificationMethod", json!("https://server.example/users/alice#other")),
        ("/proof/proofPurpose", json!("authentication")),
        ("/proof/proofValue", json!("z42ff")),
        ("/proof/@context", json!(["https://www.w3.org/ns/activitystreams"])),
        ("/@context/0", json!("https://evil.example/ns")),
    ] {
        let mut document = example();
        *document.pointer_mut(pointer).unwrap() = value;
        assert!(!counts(&document), "{pointer}");
    }
    let mut more = example();
    more["to"] = json!("https://www.w3.org/ns/activitystreams#Public");
    assert!(!counts(&more));
    // The order of names, a later context and a signature of the older kind change nothing.
    let mut moved = example();
    let proof = moved.as_object_mut().unwrap().shift_remove("proof").unwrap();
    moved = json!({ "proof": proof, "object": moved["object"], "type": "Create",
        "actor": moved["actor"], "id": moved["id"], "signature": { "type": "RsaSignature2017" },
        "@context": [moved["@context"][0], moved["@context"][1], { "x": "https://x.example" }] });
    assert!(counts(&moved));
}

#[test]
fn proofs_that_we_cannot_check_are_as_if_absent() {
    let with = |name: &str, value: Value| {
        let mut document = example();
        document["proof"][name] = value;
        Claim::read(&document, then()).is_none()
    };
    assert!(with("cryptosuite", json!("eddsa-rdfc-2022")));
    assert!(with("type", json!("Ed25519Signature2020")));
    assert!(with("expires", json!("2023-02-24T00:00:00Z")));
    assert!(with("verificationMethod", json!("did:key:z6Mk#z6Mk")));
    assert!(Claim::read(&unsigned(), then()).is_none());
    // One from the future is no honest one; one of several is found.
    let early = then().plus_seconds(-2 * 3_600);
    assert!(Claim::read(&example(), early).unwrap().is_err());
    let mut several = example();
    several["proof"] = json!([{ "type": "Other" }, several["proof"]]);
    assert!(counts(&several));
}

#[test]
fn the_text_inside_has_a_proof_of_its_own() {
    let at = then();
    let sealed = seal_with(&key(), unsigned(), at);
    assert!(counts(&sealed));
    let inner = &sealed["object"];
    assert!(counts(inner));
    assert_eq!(inner["@context"], sealed["@context"]);
    assert_eq!(sealed["proof"]["verificationMethod"], key().key_id);
    // What is somebody else's or nobody's text gets none.
    for (name, value) in [
        ("attributedTo", json!("https://server.example/users/eve")),
        ("attributedTo", Value::Null),
        ("id", json!("https://server.example/#a")),
    ] {
        let mut activity = unsigned();
        activity["object"][name] = value;
        let sealed = seal_with(&key(), activity, at);
        assert!(counts(&sealed) && sealed["object"].get("proof").is_none(), "{name}");
    }
    // Sealing again changes nothing.
    assert_eq!(seal_with(&key(), sealed.clone(), at), sealed);
}
