//! A public activity as it leaves us, with its proofs, and the record that keeps it.

use super::*;
use crate::crypto::{ProofKey, from_multibase};
use crate::federation::proof::seal_with;

/// The key of W3C vc-di-eddsa, B: its public half is in the example of an actor.
fn key() -> ProofKey {
    let secret = from_multibase("z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq").unwrap();
    ProofKey::from_seed("https://veche.example/u/ana#ed25519-key".to_owned(), &secret[2..]).unwrap()
}

fn sealed() -> Value {
    let made =
        create(&urls(), "https://veche.example/a/1", &Object::Initiative(&initiative()), THEN);
    seal_with(&key(), made, THEN)
}

#[test]
fn a_creation_with_its_proofs() {
    let made = sealed();
    insta::assert_snapshot!("create_with_proofs", pretty(&made));
    for part in [&made, &made["object"]] {
        assert_eq!(part["proof"]["verificationMethod"], key().key_id);
        assert_eq!(part["proof"]["@context"], part["@context"]);
    }
}

#[test]
fn a_page_of_the_record_keeps_the_bytes() {
    let small = seal_with(
        &key(),
        delete(
            "https://veche.example/a/5",
            "https://veche.example/u/ana",
            "https://veche.example/n/7",
            "Note",
            "https://veche.example/g/transport",
            THEN,
        ),
        THEN,
    );
    // As somebody else might have written it.
    let odd = format!(" {} ", pretty(&sealed()));
    let items =
        [small.to_string(), odd.trim().to_owned()].map(|text| RawValue::from_string(text).unwrap());
    let (collection, next) = ("https://veche.example/p/42/record", "?after=9");
    let page = format!("{collection}?after=0");
    let text = record_page(&page, collection, &items, Some(next)).unwrap();
    let text = String::from_utf8(text).unwrap();
    assert!(items.iter().all(|item| text.contains(item.get())));
    let one = record_page(&page, collection, &items[..1], None).unwrap();
    let one: Value = serde_json::from_slice(&one).unwrap();
    insta::assert_snapshot!("record_page", pretty(&one));
}
