//! Fedify follows one initiative by its own actor.

use crate::node::Peer;
use crate::support::{found, settled, until};
use serde_json::json;
use veche::services::assemblies;
use veche::storage::Engine;
use veche::testing::{TestServer, id_of, text};

/// They find the initiative's actor, follow it, and get what the office says about a new revision,
/// but nothing of another initiative in the same assembly.
pub(super) async fn they_follow_one_initiative(engine: Engine, edition: &str) {
    let server = TestServer::new(engine).await;
    let peer = Peer::start(edition).await;
    server.body("office").await;
    let made = assemblies::create(&server, "transport", "Transport", Some("office")).await;
    made.expect("an assembly");
    let ana = server.citizen("ana").await;
    let (one, other) =
        (ana.publish("transport", "Night buses").await, ana.publish("transport", "Trams").await);
    let (id, group) = (id_of(&one), format!("{}/i/{}", server.base(), id_of(&one)));
    settled(&server).await;
    let handle = format!("@{}", server.address_of(&format!("initiative_{id}")));
    let asked = peer.tell("follow", json!({ "handle": handle })).await;
    assert_eq!(asked["target"], group);
    until(async || peer.ask("state?as=alice").await["following"][0]["state"] == "accepted").await;

    ana.revise(&id_of(&other), "Trams to the river", "Two lines.").await;
    ana.revise(&id, "Night buses on line 7", "Two a night.").await;
    let news = found(async || peer.received("Announce").await.pop()).await;
    settled(&server).await;
    assert_eq!((&news["httpVerified"], &news["actor"]), (&true.into(), &group.clone().into()));
    let all = peer.received("Announce").await;
    assert!(all.iter().all(|a| a["actor"] == group), "{all:?}");
    let mut read = Vec::new();
    for announced in &all {
        let object = text(&announced["objectId"]);
        read.push(peer.tell("fetch", json!({ "uri": object })).await);
    }
    let notes: Vec<_> = read.iter().filter(|document| document["type"] == "Note").collect();
    assert_eq!(notes.len(), 1, "{read:?}");
    assert_eq!(notes[0]["raw"]["attributedTo"], format!("{}/u/office", server.base()));
}
