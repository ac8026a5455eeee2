//! The followable initiative, official notes, and what moderators do.

use super::*;

#[test]
fn the_actor_of_an_initiative() {
    let mut of = actor_of(ActorKind::Initiative, "initiative_42");
    of.url = urls().initiative(42.into());
    of.name = "Night buses on line 7".to_owned();
    let key = format!("{}#main-key", of.uri);
    let document = actor(&urls(), &of, keys(&key, &format!("{}#ed25519-key", of.uri)));
    insta::assert_snapshot!("actor_initiative", pretty(&document));
    // Forums would find one post in it.
    assert_eq!((&document["type"], &document["discoverable"]), (&"Group".into(), &false.into()));
    assert!(document.get("attributedTo").is_none());
    // Both point to each other.
    let text = article(&urls(), &initiative(), None, None);
    assert_eq!(text["civic:group"], document["id"]);
    assert_eq!(document["civic:initiative"], text["id"]);
}

#[test]
fn an_official_note_and_its_address() {
    let mut said = comment();
    said.author_kind = ActorKind::Body;
    said.author_uri = "https://veche.example/u/office".to_owned();
    said.language = "en".to_owned();
    said.html = "<p>Revision 2 was published: “Night buses on line 7”</p>".to_owned();
    said.source = "Revision 2 was published: “Night buses on line 7”".to_owned();
    let parts = Note {
        comment: &said,
        in_reply_to: "https://veche.example/p/42",
        root: "https://veche.example/p/42",
        assembly: "https://veche.example/g/transport",
        mention: None,
        quote: None,
        closed: false,
    };
    insta::assert_snapshot!("official_note", pretty(&note(&urls(), &parts, None)));
    let group = urls().initiative_actor(42.into());
    let (id, office) = ("https://veche.example/a/20", "https://veche.example/u/office");
    let announced = announce(id, &group, &said.uri, office, THEN);
    insta::assert_snapshot!("group_announce", pretty(&announced));
}
