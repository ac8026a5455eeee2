//! Fedify, an independent implementation, in both of its lines and both directions.

mod groups;
mod votes;

use crate::node::Peer;
use crate::support::{follow, found, settled, until};
use serde_json::{Value, json};
use veche::storage::Engine;
use veche::testing::{Citizen, TestServer, id_of, text};

/// A server with an assembly, and a peer.
struct Scene {
    server: TestServer,
    ana: Citizen,
    peer: Peer,
}

impl Scene {
    async fn new(engine: Engine, edition: &str) -> Self {
        Self::on(TestServer::new(engine).await, edition).await
    }

    async fn on(server: TestServer, edition: &str) -> Self {
        server.assembly("transport").await;
        let ana = server.citizen("ana").await;
        Self { ana, peer: Peer::start(edition).await, server }
    }

    fn assembly(&self) -> String {
        format!("{}/g/transport", self.server.base())
    }

    /// Alice follows the assembly.
    async fn alice_follows(&self) -> String {
        let handle = format!("@{}", self.server.address_of("transport"));
        let asked = self.peer.tell("follow", json!({ "handle": handle })).await;
        assert_eq!(asked["target"], self.assembly());
        until(async || {
            let state = self.peer.ask("state?as=alice").await;
            state["following"][0]["state"] == "accepted"
        })
        .await;
        text(&asked["activity"])
    }

    async fn tallies(&self, id: &str) -> (Value, Value) {
        let it = self.ana.initiative(id).await;
        (it["tallies"]["fediverse"].clone(), it["boosts"].clone())
    }
}

async fn they_follow_and_get_everything_once(engine: Engine, edition: &str) {
    let scene = Scene::new(engine, edition).await;
    let followed = scene.alice_follows().await;
    let made = scene.ana.publish("transport", "Night buses").await;
    until(async || scene.peer.received("Announce").await.len() == 2).await;
    settled(&scene.server).await;
    let announced = scene.peer.received("Announce").await;
    assert!(announced.iter().all(|a| a["httpVerified"] == true), "{announced:?}");
    assert!(announced.iter().all(|a| a["actor"] == scene.assembly()));
    let kinds: Vec<_> = announced.iter().map(|a| a["objectType"].clone()).collect();
    assert!(kinds.contains(&"Create".into()) && kinds.contains(&Value::Null), "{kinds:?}");
    let by_id = announced.iter().find(|a| a["objectType"].is_null()).expect("the second form");
    assert_eq!(by_id["objectId"], made["uri"]);
    let whole = announced.iter().find(|a| a["objectType"] == "Create").expect("the first form");
    assert_eq!(whole["innerType"], "Article");
    assert_eq!(whole["raw"]["object"]["object"]["name"], "Night buses");

    // A new revision and the end of it come as well.
    let id = id_of(&made);
    scene.ana.revise(&id, "Night buses on line 7", "Two a night.").await;
    let passed_on = async |kind: &str| {
        scene.peer.received("Announce").await.iter().any(|a| a["objectType"] == kind)
    };
    until(async || passed_on("Update").await).await;
    scene.ana.withdraw(&id).await;
    until(async || passed_on("Delete").await).await;
    let gone = scene.peer.try_tell("fetch", json!({ "uri": made["uri"] })).await;
    assert!(gone["ok"] == false && gone["error"].to_string().contains("410"), "{gone}");

    // Who stops following gets nothing more.
    scene.peer.tell("unfollow", json!({ "activity": followed })).await;
    settled(&scene.server).await;
    let before = scene.peer.received("Announce").await.len();
    scene.ana.publish("transport", "Quiet streets").await;
    settled(&scene.server).await;
    assert_eq!(scene.peer.received("Announce").await.len(), before);
}

async fn they_reply_like_and_boost(engine: Engine, edition: &str) {
    let scene = Scene::new(engine, edition).await;
    let made = scene.ana.publish("transport", "Night buses").await;
    let (id, uri) = (id_of(&made), text(&made["uri"]));
    let (like, boost) =
        (scene.peer.react("like", &uri).await, scene.peer.react("boost", &uri).await);
    until(async || scene.tallies(&id).await == (1.into(), 1.into())).await;
    scene.peer.tell("undo", json!({ "activity": like })).await;
    scene.peer.tell("undo", json!({ "activity": boost })).await;
    until(async || scene.tallies(&id).await == (0.into(), 0.into())).await;

    let answer = json!({ "inReplyTo": uri, "content": "<p>Good <b>idea</b>.</p>" });
    let said = text(&scene.peer.tell("reply", answer).await["note"]);
    let seen = found(async || scene.ana.comment_by_uri(&id, &said).await).await;
    assert_eq!(seen["author"]["address"], scene.peer.address("alice"));
    assert!(text(&seen["html"]).contains("idea"));
    let shown = async |what: &str| {
        let seen = scene.ana.comment_by_uri(&id, &said).await.expect("its place stays");
        text(&seen["html"]).contains(what)
    };
    scene.peer.tell("edit", json!({ "note": said, "content": "<p>Better.</p>" })).await;
    until(async || shown("Better").await).await;

    // An answer to something that never came here: it is fetched.
    let hidden = json!({ "inReplyTo": uri, "content": "<p>Quietly.</p>", "deliver": false });
    let hidden = text(&scene.peer.tell("reply", hidden).await["note"]);
    let inbox = format!("{}/inbox", scene.server.base());
    let loud =
        json!({ "inReplyTo": hidden, "content": "<p>Loudly.</p>", "to": [inbox], "as": "bob" });
    let loud = text(&scene.peer.tell("reply", loud).await["note"]);
    let loud = found(async || scene.ana.comment_by_uri(&id, &loud).await).await;
    let hidden = found(async || scene.ana.comment_by_uri(&id, &hidden).await).await;
    assert_eq!(loud["in_reply_to"], hidden["id"]);

    // Our answer reaches its author, with a good signature.
    scene.ana.answer(&id, &id_of(&hidden), "I hear you.").await;
    let heard = found(async || scene.peer.received("Create").await.pop()).await;
    assert_eq!((&heard["httpVerified"], &heard["innerType"]), (&true.into(), &Value::Null));
    assert_eq!(heard["objectType"], "Note");

    scene.peer.tell("delete", json!({ "note": said })).await;
    until(async || {
        let seen = scene.ana.comment_by_uri(&id, &said).await.expect("its place stays");
        !seen["deleted_at"].is_null()
    })
    .await;
    settled(&scene.server).await;
    assert_eq!(scene.ana.comments(&id).await.len(), 4);
}

async fn we_follow_their_group(engine: Engine, edition: &str) {
    let scene = Scene::new(engine, edition).await;
    follow(&scene.ana, &scene.peer.address("board")).await;
    let form = json!({ "name": "A bridge", "content": "<p>We want a bridge.</p>" });
    let article = text(&scene.peer.tell("article", form).await["article"]);
    let seen = found(async || scene.ana.find(&article).await).await;
    assert_eq!((&seen["title"], &seen["local"]), (&"A bridge".into(), &false.into()));
    let id = id_of(&seen);
    let form = json!({ "inReplyTo": article, "content": "<p>Where?</p>", "as": "bob",
        "deliver": false });
    let said = scene.peer.tell("reply", form).await;
    scene.peer.tell("announce", json!({ "object": said["activity"] })).await;
    let note = text(&said["note"]);
    found(async || scene.ana.comment_by_uri(&id, &note).await).await;

    scene.ana.endorse(&id, true).await;
    scene.ana.boost(&id, true).await;
    scene.ana.comment(&id, "At the mill.").await;
    for kind in ["Like", "Announce", "Create"] {
        let got = found(async || scene.peer.received(kind).await.pop()).await;
        assert_eq!(got["httpVerified"], true, "{got}");
    }
    scene.ana.endorse(&id, false).await;
    scene.ana.boost(&id, false).await;
    until(async || scene.peer.received("Undo").await.len() == 2).await;
}

async fn they_can_read_all_our_documents(engine: Engine, edition: &str) {
    let scene = Scene::new(engine, edition).await;
    scene.server.body("roads").await;
    let made = scene.ana.publish("transport", "Night buses").await;
    let (id, uri) = (id_of(&made), text(&made["uri"]));
    let said = scene.ana.comment(&id, "First.").await;
    scene.ana.answer(&id, &id_of(&said), "Second.").await;
    settled(&scene.server).await;
    let base = scene.server.base();
    let fetch = async |uri: &str| scene.peer.tell("fetch", json!({ "uri": uri })).await;
    for (path, kind) in [
        ("/actor", "Application"),
        ("/u/ana", "Person"),
        ("/u/roads", "Service"),
        ("/g/transport", "Group"),
    ] {
        let read = fetch(&format!("{base}{path}")).await;
        assert_eq!(read["type"], kind, "{read}");
        assert_eq!(read["publicKeys"].as_array().map(Vec::len), Some(1), "{read}");
    }
    let article = fetch(&uri).await;
    assert_eq!((&article["type"], &article["name"]), (&"Article".into(), &"Night buses".into()));
    assert_eq!(article["attributedTo"], format!("{base}/u/ana"));
    let note = fetch(&text(&said["uri"])).await;
    assert_eq!((&note["type"], &note["inReplyTo"]), (&"Note".into(), &uri.as_str().into()));
    let walk = async |path: String| scene.peer.tell("collection", json!({ "uri": path })).await;
    for (path, count) in [
        (format!("{uri}/replies"), 1),
        (format!("{uri}/context"), 3),
        (format!("{base}/g/transport/outbox"), 4),
        (format!("{base}/u/ana/outbox"), 3),
        (format!("{base}/g/transport/featured"), 0),
    ] {
        let read = walk(path.clone()).await;
        assert_eq!(read["items"].as_array().map(Vec::len), Some(count), "{path}: {read}");
    }
    for path in
        [format!("{uri}/likes"), format!("{uri}/shares"), format!("{base}/g/transport/followers")]
    {
        assert_eq!(walk(path.clone()).await["totalItems"], 0, "{path}");
    }
    scene.ana.delete(&id_of(&said)).await;
    let gone = scene.peer.try_tell("fetch", json!({ "uri": said["uri"] })).await;
    assert!(gone["error"].to_string().contains("410"), "{gone}");
}

async fn hostile_requests_change_nothing(engine: Engine, edition: &str) {
    let scene = Scene::new(engine, edition).await;
    let made = scene.ana.publish("transport", "Night buses").await;
    let (id, uri) = (id_of(&made), text(&made["uri"]));
    // Both actors are known before, so that reading them is not a change.
    for who in ["alice", "bob"] {
        let like = scene.peer.tell("like", json!({ "object": uri, "as": who })).await;
        scene.peer.tell("undo", json!({ "activity": like["activity"] })).await;
    }
    settled(&scene.server).await;
    let inbox = format!("{}/inbox", scene.server.base());
    let cases = scene.peer.ask("hostile").await["cases"].as_array().expect("a list").clone();
    assert!(cases.len() > 30, "{}", cases.len());
    for case in cases {
        let name = text(&case["case"]);
        let before = scene.server.database.record().await;
        let form = json!({ "case": name, "inbox": inbox, "object": uri });
        let sent = scene.peer.tell("hostile", form).await;
        let status = sent["status"].as_u64().expect("a status");
        settled(&scene.server).await;
        let expect = case["expect"].as_str().expect("one is stated");
        let good = match expect {
            "accept" => (200..300).contains(&status),
            "refuse" => (400..500).contains(&status),
            _ => status < 500,
        };
        assert!(good, "{name}: {sent}");
        let taken = status < 300 && scene.tallies(&id).await.0 == 1;
        assert!(taken || expect != "accept", "{name} has no effect");
        if taken && matches!(expect, "accept" | "either") {
            let undo = json!({ "id": format!("{}#undo-{name}", scene.peer.actor("alice")), "type": "Undo",
                "actor": scene.peer.actor("alice"),
                "object": { "id": sent["activity"], "type": "Like", "object": uri } });
            let undone = json!({ "inbox": inbox, "activity": undo });
            assert_eq!(scene.peer.tell("raw", undone).await["status"], 202, "{name}");
            settled(&scene.server).await;
        } else if status >= 400 {
            assert!(before == scene.server.database.record().await, "{name} changed something");
        }
        assert_eq!(scene.tallies(&id).await.0, 0, "{name}");
    }
}

async fn proofs_are_understood_both_ways(engine: Engine, edition: &str) {
    let scene = Scene::new(engine, edition).await;
    scene.alice_follows().await;
    let made = scene.ana.publish("transport", "Night buses").await;
    let (id, uri) = (id_of(&made), text(&made["uri"]));
    let whole = found(async || {
        let announced = scene.peer.received("Announce").await;
        announced.into_iter().find(|a| a["objectType"] == "Create")
    })
    .await;
    // Ours: the activity inside the Announce, the text inside of that, and the document itself.
    let create = whole["raw"]["object"].clone();
    let article = scene.peer.tell("fetch", json!({ "uri": uri })).await["raw"].clone();
    let verified = async |document: &Value| {
        scene.peer.tell("verify", json!({ "document": document })).await["verified"].clone()
    };
    for document in [&create, &create["object"], &article] {
        assert_eq!(verified(document).await, document["id"], "{document}");
        let mut tampered = document.clone();
        tampered["published"] = "2020-01-01T00:00:00Z".into();
        assert_eq!(verified(&tampered).await, Value::Null);
    }
    // Theirs: sent by Alice herself, and by Bob, who only passes it on.
    let inbox = format!("{}/inbox", scene.server.base());
    let sealed = async |content: &str| {
        let form = json!({ "inReplyTo": uri, "content": content, "deliver": false });
        let said = scene.peer.tell("reply", form).await;
        let activity = json!({ "activity": said["activity"] });
        (text(&said["note"]), scene.peer.tell("seal", activity).await["document"].clone())
    };
    let send = async |who: &str, activity: &Value| {
        let form = json!({ "as": who, "inbox": inbox, "activity": activity });
        scene.peer.tell("raw", form).await["status"].as_u64().expect("a status")
    };
    for (who, name) in [("alice", "<p>Mine.</p>"), ("bob", "<p>Passed on.</p>")] {
        let (note, activity) = sealed(name).await;
        let mut tampered = activity.clone();
        tampered["published"] = "2020-01-01T00:00:00Z".into();
        assert_eq!(send(who, &tampered).await, 401, "{who}");
        assert_eq!(send(who, &activity).await, 202, "{who}: {activity}");
        let seen = found(async || scene.ana.comment_by_uri(&id, &note).await).await;
        assert_eq!(seen["author"]["address"], scene.peer.address("alice"), "{who}");
    }
    let (_, mut bare) = sealed("<p>Not signed.</p>").await;
    bare.as_object_mut().expect("an object").remove("proof");
    assert_eq!(send("bob", &bare).await, 401);
    settled(&scene.server).await;
    assert_eq!(scene.ana.comments(&id).await.len(), 2);
}

async fn we_sign_in_the_form_that_they_take(engine: Engine, edition: &str) {
    let scene = Scene::new(engine, edition).await;
    scene.alice_follows().await;
    let forms = async || {
        let items = scene.peer.ask("requests").await["items"].clone();
        let posts = items.as_array().expect("a list").iter().filter(|r| r["method"] == "POST");
        posts.map(|r| (!r["headers"]["signature-input"].is_null(), r["status"] == 202)).collect()
    };
    for (n, (scheme, newer)) in [("draft-cavage", true), ("rfc9421", false)].into_iter().enumerate()
    {
        scene.peer.tell("refuse", json!({ "scheme": scheme })).await;
        let before: Vec<(bool, bool)> = forms().await;
        scene.ana.publish("transport", "Night buses").await;
        settled(&scene.server).await;
        scene.ana.publish("transport", "Quiet streets").await;
        settled(&scene.server).await;
        let all: Vec<(bool, bool)> = forms().await;
        let since = &all[before.len()..];
        assert_eq!(since.iter().filter(|(form, ok)| *ok && *form == newer).count(), 4, "{since:?}");
        // The form that it refuses is tried for the first and not for the second initiative.
        let refused = since.iter().filter(|(_, ok)| !ok).count();
        assert!((1..=2).contains(&refused), "{since:?}");
        assert_eq!(scene.peer.received("Announce").await.len(), 4 * (n + 1));
    }
    let received = scene.peer.received("Announce").await;
    assert!(received.iter().all(|a| a["httpVerified"] == true), "{received:?}");
}

async fn they_read_us_when_we_want_signatures(engine: Engine, edition: &str) {
    let strict = TestServer::plan(engine).config(|c| c.federation.authorized_fetch = true);
    let scene = Scene::on(strict.start().await, edition).await;
    scene.alice_follows().await;
    let made = scene.ana.publish("transport", "Night buses").await;
    let uri = text(&made["uri"]);
    let article = scene.peer.tell("fetch", json!({ "uri": uri })).await;
    assert_eq!(article["name"], "Night buses");
    let answer = json!({ "inReplyTo": uri, "content": "<p>Good.</p>" });
    let said = text(&scene.peer.tell("reply", answer).await["note"]);
    found(async || scene.ana.comment_by_uri(&id_of(&made), &said).await).await;
}

use groups::they_follow_one_initiative;
use votes::they_vote_and_read_our_ballots;

/// One test for each story, line and engine.
macro_rules! with_each_peer {
    ($($line:ident { $($story:ident),+ $(,)? })+) => {$(
        mod $line {
            $(mod $story {
                #[test]
                fn sqlite() {
                    let engine = veche::storage::Engine::Sqlite;
                    veche::testing::run(super::super::$story(engine, stringify!($line)));
                }

                #[test]
                fn postgres() {
                    let engine = veche::storage::Engine::Postgres;
                    veche::testing::run(super::super::$story(engine, stringify!($line)));
                }
            })+
        }
    )+};
}

with_each_peer! {
    fedify1 {
        they_follow_and_get_everything_once,
        they_reply_like_and_boost,
        we_follow_their_group,
        they_can_read_all_our_documents,
        hostile_requests_change_nothing,
        they_vote_and_read_our_ballots,
        they_follow_one_initiative,
        proofs_are_understood_both_ways,
        we_sign_in_the_form_that_they_take,
        they_read_us_when_we_want_signatures,
    }
    fedify2 {
        they_follow_and_get_everything_once,
        they_reply_like_and_boost,
        we_follow_their_group,
        they_can_read_all_our_documents,
        hostile_requests_change_nothing,
        they_vote_and_read_our_ballots,
        they_follow_one_initiative,
        proofs_are_understood_both_ways,
        we_sign_in_the_form_that_they_take,
        they_read_us_when_we_want_signatures,
    }
}
