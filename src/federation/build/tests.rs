//! Every form, as it goes over the wire. What changes here changes for everybody who reads us;
//! `FEDERATION.md` must say the same.

mod ballots;
mod groups;
mod lifecycle;
mod moderation;
mod proofs;
mod quotes;
mod replies;

use super::*;
use crate::domain::actor::Actor;
use crate::domain::comment::Comment;
use crate::domain::initiative::Initiative;
use crate::domain::{ActorKind, Reaction, State, Timestamp, Urls};
use serde_json::value::RawValue;
use url::Url;

const THEN: Timestamp = Timestamp::from_millis(1_788_343_200_000);
const LATER: Timestamp = Timestamp::from_millis(1_788_350_400_000);

fn urls() -> Urls {
    Urls::new(&Url::parse("https://veche.example").unwrap()).unwrap()
}

fn actor_of(kind: ActorKind, handle: &str) -> Actor {
    let uri = urls().actor(kind, handle);
    Actor {
        id: 1.into(),
        kind,
        local: true,
        handle: handle.to_owned(),
        host: "veche.example".to_owned(),
        name: format!("The {handle}"),
        summary: String::new(),
        url: uri.clone(),
        inbox: format!("{uri}/inbox"),
        shared_inbox: Some(urls().shared_inbox()),
        outbox: Some(format!("{uri}/outbox")),
        created_at: THEN,
        updated_at: THEN,
        fetched_at: THEN,
        deleted_at: None,
        uri,
    }
}

fn initiative() -> Initiative {
    Initiative {
        id: 42.into(),
        uri: "https://veche.example/p/42".to_owned(),
        url: "https://veche.example/p/42".to_owned(),
        local: true,
        state: State::Discussion,
        language: "en".to_owned(),
        revision: 1,
        title: "Night buses on line 7".to_owned(),
        problem: "No bus after *ten*.".to_owned(),
        proposal: "Run it until two.".to_owned(),
        html: "<p>No bus after <em>ten</em>.</p>".to_owned(),
        digest: "ab12".to_owned(),
        created_at: THEN,
        published_at: Some(THEN),
        edited_at: None,
        deleted_at: None,
        likes: 3,
        boosts: 1,
        replies: 2,
        reported_likes: None,
        reported_boosts: None,
        reported_at: None,
        author_id: 1.into(),
        author_uri: "https://veche.example/u/ana".to_owned(),
        author_name: "Ana".to_owned(),
        author_handle: "ana".to_owned(),
        author_host: "veche.example".to_owned(),
        author_url: "https://veche.example/u/ana".to_owned(),
        assembly_id: 2.into(),
        assembly_uri: "https://veche.example/g/transport".to_owned(),
        assembly_name: "Transport".to_owned(),
        assembly_handle: "transport".to_owned(),
        assembly_host: "veche.example".to_owned(),
        assembly_local: true,
        body_id: Some(3.into()),
        body_name: Some("Office".to_owned()),
        body_handle: Some("office".to_owned()),
        group_uri: None,
        locked_at: None,
        removal: None,
    }
}

fn comment() -> Comment {
    Comment {
        id: 7.into(),
        uri: "https://veche.example/n/7".to_owned(),
        url: "https://veche.example/n/7".to_owned(),
        local: true,
        root_id: 42.into(),
        parent_id: Some(42.into()),
        language: "ru".to_owned(),
        created_at: THEN,
        claimed_at: THEN,
        edited_at: None,
        deleted_at: None,
        likes: 0,
        boosts: 0,
        replies: 0,
        html: "<p>Да</p>".to_owned(),
        source: "Да".to_owned(),
        author_id: 1.into(),
        author_uri: "https://veche.example/u/ana".to_owned(),
        author_name: "Ana".to_owned(),
        author_handle: "ana".to_owned(),
        author_host: "veche.example".to_owned(),
        author_url: "https://veche.example/u/ana".to_owned(),
        author_local: true,
        author_kind: ActorKind::Person,
        warning: None,
        removal: None,
    }
}

fn bob() -> Mention {
    Mention {
        uri: "https://m.example/users/bob".to_owned(),
        url: "https://m.example/@bob".to_owned(),
        handle: "bob".to_owned(),
        host: "m.example".to_owned(),
    }
}

fn reply<'a>(comment: &'a Comment, mention: &'a Mention) -> Note<'a> {
    Note {
        comment,
        in_reply_to: "https://m.example/notes/1",
        root: "https://veche.example/p/42",
        assembly: "https://veche.example/g/transport",
        mention: Some(mention),
        quote: None,
        closed: false,
    }
}

/// The public half of the proof key is that of `proofs`.
fn keys<'a>(key_id: &'a str, proof_key_id: &'a str) -> Keys<'a> {
    Keys {
        key_id,
        public_pem: "-----BEGIN PUBLIC KEY-----\n…",
        proof_key_id,
        multibase: "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2",
    }
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap()
}

#[test]
fn actors() {
    for (kind, handle) in [
        (ActorKind::Person, "ana"),
        (ActorKind::Body, "office"),
        (ActorKind::Assembly, "transport"),
        (ActorKind::Instance, "veche.internal"),
    ] {
        let of = actor_of(kind, handle);
        let key = format!("{}#main-key", of.uri);
        let document = actor(&urls(), &of, keys(&key, &format!("{}#ed25519-key", of.uri)));
        insta::assert_snapshot!(format!("actor_{handle}"), pretty(&document));
        // What at least one server insists on.
        for needed in ["inbox", "outbox", "followers", "preferredUsername", "publicKey", "url"] {
            assert!(document.get(needed).is_some(), "{handle} has no {needed}");
        }
        assert!(document["endpoints"]["sharedInbox"].is_string());
        assert_eq!(document["publicKey"]["owner"], document["id"]);
    }
}

#[test]
fn an_initiative() {
    let tallies = Some(Tallies { likes: 3, boosts: 1 });
    let document = article(&urls(), &initiative(), tallies, None);
    insta::assert_snapshot!("article", pretty(&document));
    // A summary would be a content warning, a change time an edit, before there is any.
    for absent in ["summary", "updated", "closed"] {
        assert!(document.get(absent).is_none(), "{absent}");
    }
    let edited = Initiative { edited_at: Some(LATER), ..initiative() };
    let document = article(&urls(), &edited, None, None);
    assert_eq!(document["updated"], "2026-09-02T12:00:00Z");
    assert_eq!(document["published"], "2026-09-02T10:00:00Z");
}

#[test]
fn a_comment_that_answers_somebody() {
    let (comment, bob) = (comment(), bob());
    let at = "https://veche.example/n/41/replies";
    let replies = collection(at, 1, &["https://m.example/n/9".to_owned()], None);
    let document = note(&urls(), &reply(&comment, &bob), Some(replies));
    insta::assert_snapshot!("note", pretty(&document));
    // Nobody is told who is not in all three places.
    assert!(document["content"].as_str().unwrap().contains("https://m.example/@bob"));
    assert_eq!(document["tag"][0]["href"], "https://m.example/users/bob");
    let cc = document["cc"].as_array().unwrap();
    assert!(cc.contains(&"https://m.example/users/bob".into()));
}

#[test]
fn tombstones() {
    let gone = Initiative { deleted_at: Some(LATER), ..initiative() };
    insta::assert_snapshot!("tombstone", pretty(&article_tombstone(&gone)));
    let gone = Comment { deleted_at: Some(LATER), ..comment() };
    assert_eq!(note_tombstone(&gone)["formerType"], "Note");
}

#[test]
fn creation_and_its_two_announcements() {
    let id = "https://veche.example/a/1";
    let made = create(&urls(), id, &Object::Initiative(&initiative()), THEN);
    insta::assert_snapshot!("create", pretty(&made));
    // Lemmy needs both keys on the activity and on the object.
    for part in [&made, &made["object"]] {
        assert!(part["to"].is_array() && part["cc"].is_array());
    }
    let raw = RawValue::from_string(made.to_string()).unwrap();
    let group = "https://veche.example/g/transport";
    let whole = announce_raw("https://veche.example/a/2", group, &raw, THEN).unwrap();
    let text = String::from_utf8(whole).unwrap();
    assert!(text.contains(&made.to_string()), "the bytes inside are as they were");
    let short = announce(
        "https://veche.example/a/3",
        group,
        "https://veche.example/p/42",
        "https://veche.example/u/ana",
        THEN,
    );
    insta::assert_snapshot!("announce", pretty(&short));
}

#[test]
fn changes_and_ends() {
    let (comment, bob) = (comment(), bob());
    let object = Object::Comment(reply(&comment, &bob));
    insta::assert_snapshot!(
        "update",
        pretty(&update(&urls(), "https://veche.example/a/4", &object, LATER))
    );
    let deletion = delete(
        "https://veche.example/a/5",
        "https://veche.example/u/ana",
        "https://veche.example/p/42",
        "Article",
        "https://veche.example/g/transport",
        LATER,
    );
    insta::assert_snapshot!("delete", pretty(&deletion));
}

#[test]
fn reactions_and_taking_them_back() {
    let made = |reaction| {
        like(
            "https://veche.example/a/6",
            reaction,
            "https://veche.example/u/ana",
            "https://m.example/p/1",
            "https://m.example/users/bob",
            "https://m.example/g/board",
            THEN,
        )
    };
    insta::assert_snapshot!("like", pretty(&made(Reaction::Like)));
    insta::assert_snapshot!("boost", pretty(&made(Reaction::Boost)));
    let taken_back = undo(
        "https://veche.example/a/7",
        "https://veche.example/u/ana",
        &made(Reaction::Like),
        LATER,
    );
    insta::assert_snapshot!("undo", pretty(&taken_back));
    assert!(taken_back["object"].get("@context").is_none(), "one context, outside");
}

#[test]
fn following() {
    let asked = follow(
        "https://veche.example/a/8",
        "https://veche.example/u/ana",
        "https://m.example/g/board",
    );
    insta::assert_snapshot!("follow", pretty(&asked));
    let answered = accept(
        "https://veche.example/a/9",
        "https://veche.example/g/transport",
        "https://m.example/users/bob#follows/1",
        "https://m.example/users/bob",
    );
    insta::assert_snapshot!("accept", pretty(&answered));
    assert_eq!(answered["object"]["id"], "https://m.example/users/bob#follows/1");
}
