//! Moving, leaving, blocking, reporting; profiles; hashtags and names in texts.

use super::*;
use crate::domain::profile::{Field, Profile};

const ANA: &str = "https://veche.example/u/ana";
const BOB: &str = "https://m.example/users/bob";

fn activity_id(n: u8) -> String {
    format!("https://veche.example/a/{n}")
}

#[test]
fn a_move_and_a_farewell() {
    let moved = move_actor(&activity_id(11), ANA, "https://m.example/users/ana", THEN);
    insta::assert_snapshot!("move", pretty(&moved));
    assert_eq!(moved["actor"], moved["object"]);
    let gone = delete_actor(&activity_id(12), ANA, THEN);
    insta::assert_snapshot!("delete_actor", pretty(&gone));
    assert_eq!(gone["actor"], gone["object"]);
}

#[test]
fn blocks_and_refusals() {
    insta::assert_snapshot!("block", pretty(&block(&activity_id(13), ANA, BOB)));
    let follow = "https://m.example/users/bob#follows/2";
    insta::assert_snapshot!("reject", pretty(&reject(&activity_id(14), ANA, follow, BOB)));
}

#[test]
fn a_report_names_the_actor_first() {
    let objects = ["https://m.example/notes/1".to_owned(), BOB.to_owned()];
    let instance = "https://veche.example/actor";
    let made = flag(&activity_id(15), instance, BOB, None, &objects, "Advertising.");
    insta::assert_snapshot!("flag", pretty(&made));
    assert_eq!(made["object"], serde_json::json!([BOB, "https://m.example/notes/1"]));
    let board = "https://l.example/c/transport";
    let told = flag(&activity_id(15), instance, BOB, Some(board), &objects, "Advertising.");
    assert_eq!((&told["to"], &told["object"]), (&serde_json::json!([board]), &made["object"]));
}

#[test]
fn a_profile_that_says_everything() {
    let of = actor_of(ActorKind::Person, "ana");
    let key = format!("{}#main-key", of.uri);
    let bare = actor(&urls(), &of, keys(&key, &format!("{}#ed25519-key", of.uri)));
    let field = |name: &str, value: &str| Field { name: name.to_owned(), value: value.to_owned() };
    let profile = Profile {
        fields: vec![field("Site", "https://ana.example/"), field("Street", "<Main> & \"Co\"")],
        domains: vec!["news.example".to_owned()],
        discoverable: true,
        indexable: false,
        aliases: vec!["https://m.example/users/ana".to_owned()],
        moved_to: Some("https://m.example/users/ana".to_owned()),
        moved_at: Some(THEN),
    };
    let document = with_profile(bare, of.kind, &profile);
    insta::assert_snapshot!("actor_profile", pretty(&document));
    let link = document["attachment"][0]["value"].as_str().unwrap();
    assert!(link.contains("rel=\"me "), "{link}");
    assert!(!document["attachment"][1]["value"].as_str().unwrap().contains('<'));
}

#[test]
fn a_body_is_found_whatever_its_profile_says() {
    let of = actor_of(ActorKind::Body, "office");
    let bare = actor(&urls(), &of, keys("main", "proof"));
    let document = with_profile(bare, of.kind, &Profile::default());
    assert_eq!((&document["discoverable"], &document["indexable"]), (&true.into(), &true.into()));
    assert_eq!(document["alsoKnownAs"], serde_json::json!([]));
    assert!(document.get("movedTo").is_none());
}

#[test]
fn hashtags_and_names_are_in_tag_and_cc() {
    let comment = Comment { source: "See #Night_bus, @zoe@m.example".to_owned(), ..comment() };
    let bob = bob();
    let zoe = Mention {
        uri: "https://m.example/users/zoe".to_owned(),
        url: "https://m.example/@zoe".to_owned(),
        handle: "zoe".to_owned(),
        host: "m.example".to_owned(),
    };
    let object = Object::Comment(reply(&comment, &bob));
    let made = create(&urls(), &activity_id(16), &object, THEN);
    // Whoever is answered and named as well is there once.
    let made = with_mentions(made, &[zoe.clone(), bob.clone()]);
    insta::assert_snapshot!("create_note_with_tags", pretty(&made));
    for part in [&made, &made["object"]] {
        let cc = part["cc"].as_array().unwrap();
        for person in [&zoe, &bob] {
            assert_eq!(cc.iter().filter(|c| **c == person.uri.as_str()).count(), 1, "{part}");
        }
    }
    let proposal = "Run it. #Transport".to_owned();
    let article = article(&urls(), &Initiative { proposal, ..initiative() }, None, None);
    assert_eq!(article["tag"][0]["name"], "#transport");
    assert_eq!(article["tag"][0]["href"], "https://veche.example/tags/transport");
}
