//! Ballots and votes between Veche and Fedify.

use crate::node::Peer;
use crate::support::{settled, until};
use serde_json::json;
use veche::domain::ballot::Draft;
use veche::services::{assemblies, ballots};
use veche::storage::Engine;
use veche::testing::{TestServer, id_of, text};

/// They follow the office, read its ballot, vote on it, get the totals and its end.
pub(super) async fn they_vote_and_read_our_ballots(engine: Engine, edition: &str) {
    let server = TestServer::new(engine).await;
    let peer = Peer::start(edition).await;
    server.body("office").await;
    let made = assemblies::create(&server, "transport", "Transport", Some("office")).await;
    made.expect("an assembly");
    let ana = server.citizen("ana").await;
    let about = ana.publish("transport", "Night buses").await;
    let handle = format!("@{}", server.address_of("office"));
    peer.tell("follow", json!({ "handle": handle })).await;
    until(async || peer.ask("state?as=alice").await["following"][0]["state"] == "accepted").await;

    let draft = Draft {
        question: "Night buses?".to_owned(),
        options: vec!["Yes".to_owned(), "Нет".to_owned()],
        ends_at: server.now().plus_seconds(7_200),
        language: "en".to_owned(),
        ..Draft::default()
    };
    let about = id_of(&about).parse().expect("an id");
    let opened = ballots::open(&server, None, about, &draft).await.expect("it opens");
    let (id, uri) = (opened.ballot.id, opened.ballot.uri);
    until(async || {
        peer.received("Create").await.iter().any(|c| {
            c["objectType"] == "Question"
                && c["httpVerified"] == true
                && c["parsed"]["type"] == "Question"
        })
    })
    .await;
    let read = peer.tell("fetch", json!({ "uri": uri })).await;
    assert_eq!((&read["type"], &read["name"]), (&"Question".into(), &"Night buses?".into()));
    assert_eq!(read["raw"]["oneOf"][1]["name"], "Нет");

    for (who, name) in [("alice", "Yes"), ("bob", "Нет"), ("alice", "Yes"), ("bob", "Yes")] {
        let vote = json!({ "question": uri, "name": name, "as": who });
        assert!(text(&peer.tell("vote", vote).await["note"]).starts_with("http"));
    }
    let counted = async || {
        let now = ballots::get(&server, id).await.expect("it is there");
        let votes: Vec<i64> = now.options.iter().map(|o| o.fediverse).collect();
        (votes, now.ballot.second)
    };
    until(async || counted().await == (vec![1, 1], 1)).await;

    ballots::close(&server, None, id).await.expect("it can be closed");
    settled(&server).await;
    until(async || !peer.received("Update").await.is_empty()).await;
    let update = peer.received("Update").await.pop().expect("it came");
    assert_eq!((&update["httpVerified"], &update["objectId"]), (&true.into(), &uri.clone().into()));
    assert_eq!(update["raw"]["object"]["votersCount"], 2);
    assert!(update["raw"]["object"]["closed"].is_string());
    // Too late: the refusal arrives, and nothing is counted.
    peer.tell("vote", json!({ "question": uri, "name": "Yes", "as": "bob" })).await;
    until(async || peer.received("Reject").await.len() == 1).await;
    assert_eq!(counted().await, (vec![1, 1], 1));
}
