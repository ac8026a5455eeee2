//! Leave to answer, on the wire.

use super::{LATER, bob, comment, initiative, pretty, reply, urls};
use crate::federation::build::{
    Note, QuoteRequested, article, note, reply_answer, reply_authorization,
    reply_authorization_tombstone,
};

const ANA: &str = "https://veche.example/u/ana";

macro_rules! shown {
    ($name:literal, $value:expr) => {
        insta::with_settings!({ snapshot_path => "../snapshots" }, {
            insta::assert_snapshot!($name, pretty(&$value));
        })
    };
}

#[test]
fn leave_to_answer() {
    let (id, object) = ("https://veche.example/replies/5", "https://veche.example/p/42");
    let request = QuoteRequested {
        id: "https://m.example/users/bob/reply_requests/3",
        actor: "https://m.example/users/bob",
        object,
        instrument: "https://m.example/notes/10",
    };
    shown!("reply_accept", reply_answer("https://veche.example/a/21", ANA, &request, Some(id)));
    let refused = reply_answer("https://veche.example/a/22", ANA, &request, None);
    assert_eq!((&refused["type"], refused.get("result")), (&"Reject".into(), None));
    shown!("reply_authorization", reply_authorization(id, ANA, object, request.instrument));
    let gone = reply_authorization_tombstone(id, LATER);
    assert_eq!(gone["formerType"], "ReplyAuthorization");
}

#[test]
fn in_a_closed_thread_only_the_author_may_answer() {
    let (comment, bob) = (comment(), bob());
    let open = note(&urls(), &reply(&comment, &bob), None);
    assert!(open["interactionPolicy"].get("canReply").is_none());
    let closed = note(&urls(), &Note { closed: true, ..reply(&comment, &bob) }, None);
    let only = serde_json::json!({ "automaticApproval": [comment.author_uri] });
    assert_eq!(closed["interactionPolicy"]["canReply"], only);
    assert_eq!(closed["interactionPolicy"]["canQuote"], open["interactionPolicy"]["canQuote"]);
    let mut text = initiative();
    text.locked_at = Some(LATER);
    let root = article(&urls(), &text, None, None);
    assert_eq!(root["interactionPolicy"]["canReply"]["automaticApproval"][0], text.author_uri);
}
