//! Whose word is believed when somebody else passes it on (FEP-8b32), and the signed record that
//! is kept of a debate.

use crate::support::{Town, activity, found, note, settled};
use serde_json::{Value, json};
use veche::both_engines;
use veche::federation::Budget;
use veche::federation::proof::{Standing, check};
use veche::storage::Engine;
use veche::testing::{
    Answer, Citizen, RemoteActor, ScriptedPeer, Software, TestServer, id_of, text,
};

/// A server with an initiative; Bob at one place, Eve at another, both known.
struct Scene {
    server: TestServer,
    ana: Citizen,
    id: String,
    uri: String,
    peer: ScriptedPeer,
    bob: RemoteActor,
    eve: RemoteActor,
    _elsewhere: ScriptedPeer,
}

impl Scene {
    async fn new(engine: Engine) -> Self {
        let server = TestServer::new(engine).await;
        server.assembly("transport").await;
        let ana = server.citizen("ana").await;
        let made = ana.publish("transport", "Night buses").await;
        let (peer, elsewhere) = (ScriptedPeer::start().await, ScriptedPeer::at("127.0.0.2").await);
        let bob = peer.actor("bob", Software::Mitra);
        let eve = elsewhere.actor("eve", Software::Mitra);
        let (id, uri) = (id_of(&made), text(&made["uri"]));
        Self { server, ana, id, uri, peer, bob, eve, _elsewhere: elsewhere }
    }

    fn inbox(&self) -> String {
        format!("{}/inbox", self.server.base())
    }

    fn create(&self, name: &str) -> Value {
        let id = format!("{}/{name}", self.bob.id);
        let mut create = activity(
            &format!("{id}/a"),
            "Create",
            &self.bob.id,
            note(&id, &self.bob.id, &self.uri, "I agree."),
        );
        create["@context"] = json!(["https://www.w3.org/ns/activitystreams"]);
        create
    }

    /// Eve passes on what Bob is said to have said.
    async fn forwarded(&self, what: &Value) -> u16 {
        self.eve.send(&self.inbox(), what).await
    }

    async fn refused(&self, name: &str, what: &Value) {
        let before = self.server.database.record().await;
        assert_eq!(self.forwarded(what).await, 401, "{name}");
        assert!(before == self.server.database.record().await, "{name} changed something");
    }
}

/// Every activity of a record, with the raw text of each page.
async fn record_of(server: &TestServer, id: &str) -> Vec<Value> {
    let head = server.document(&format!("/p/{id}/record")).await;
    assert_eq!(head.status(), 200);
    let mut next = head.json()["first"].as_str().map(str::to_owned);
    let mut entries = Vec::new();
    while let Some(address) = next {
        let page = server.document(address.trim_start_matches(server.base())).await.json();
        entries.extend(page["orderedItems"].as_array().expect("a list").clone());
        next = page["next"].as_str().map(str::to_owned);
    }
    assert_eq!(head.json()["totalItems"], entries.len());
    entries
}

both_engines! {
    async fn what_is_forwarded_with_a_proof_is_its_authors(engine: Engine) {
        let scene = Scene::new(engine).await;
        // Both are known before, so that reading them is not a change.
        for who in [&scene.bob, &scene.eve] {
            let like = activity(&format!("{}/l", who.id), "Like", &who.id, scene.uri.as_str());
            assert_eq!(who.send(&scene.inbox(), &like).await, 202);
        }
        settled(&scene.server).await;
        let mut tampered = scene.bob.seal(scene.create("tampered"));
        tampered["object"]["content"] = "<p>I disagree.</p>".into();
        scene.refused("tampered", &tampered).await;
        let stranger = scene.bob.with_another_proof_key();
        scene.refused("a key that is not his", &stranger.seal(scene.create("stranger"))).await;
        scene.refused("her own proof", &scene.eve.seal(scene.create("hers"))).await;
        // A name that comes twice: two readers could read different words.
        let sealed = scene.bob.seal(scene.create("twice")).to_string();
        let mut recipe = scene.eve.recipe(&scene.inbox(), &json!({}));
        recipe.body = sealed.replacen("\"type\":", "\"type\":\"Delete\",\"type\":", 1).into_bytes();
        assert_eq!(recipe.send().await.0, 400);

        let sealed = scene.bob.seal(scene.create("good"));
        assert_eq!(scene.forwarded(&sealed).await, 202);
        let uri = text(&sealed["object"]["id"]);
        let seen = found(async || scene.ana.comment_by_uri(&scene.id, &uri).await).await;
        assert_eq!(seen["author"]["address"], scene.bob.address());
        // The same, sent by himself, is the same.
        assert_eq!(scene.bob.send(&scene.inbox(), &sealed).await, 202);
        settled(&scene.server).await;
        assert_eq!(scene.ana.comments(&scene.id).await.len(), 1);
        // Not even his own signature helps a wrong proof; what we cannot check is ignored.
        let mut wrong = scene.bob.seal(scene.create("wrong"));
        wrong["object"]["content"] = "<p>I disagree.</p>".into();
        assert_eq!(scene.bob.send(&scene.inbox(), &wrong).await, 401);
        let mut other = scene.bob.seal(scene.create("other"));
        other["proof"]["cryptosuite"] = "eddsa-rdfc-2022".into();
        assert_eq!(scene.bob.send(&scene.inbox(), &other).await, 202);
    }

    async fn an_assembly_is_believed_about_others_only_with_their_proof(engine: Engine) {
        let scene = Scene::new(engine).await;
        let board_home = ScriptedPeer::at("127.0.0.3").await;
        let board = board_home.actor("board", Software::Mitra);
        let mut group = board.document();
        group["type"] = "Group".into();
        board_home.serve(&board.path(), group);
        scene.ana.follow(&board.address()).await;
        let accept = |follow: &Value| {
            activity(&format!("{}/accept", board.id), "Accept", &board.id, follow.clone())
        };
        let asked = found(async || board_home.posted("Follow").pop()).await;
        assert_eq!(board.send(&scene.inbox(), &accept(&asked.body)).await, 202);
        settled(&scene.server).await;

        let article = |name: &str| {
            let id = format!("{}/{name}", scene.bob.id);
            let mut create = activity(&format!("{id}/a"), "Create", &scene.bob.id, json!({
                "id": id, "type": "Article", "attributedTo": scene.bob.id, "name": name,
                "content": "<p>We ask for it.</p>", "audience": board.id,
                "to": ["https://www.w3.org/ns/activitystreams#Public", board.id],
            }));
            create["@context"] = json!(["https://www.w3.org/ns/activitystreams"]);
            create
        };
        let announce = async |name: &str, what: &Value| {
            let announce = activity(&format!("{}/{name}", board.id), "Announce", &board.id, what.clone());
            assert_eq!(board.send(&scene.inbox(), &announce).await, 202, "{name}");
        };
        // Bob is known, and then his server is down.
        let like = activity(&format!("{}/l", scene.bob.id), "Like", &scene.bob.id, scene.uri.as_str());
        assert_eq!(scene.bob.send(&scene.inbox(), &like).await, 202);
        settled(&scene.server).await;
        let asked = scene.peer.received().len();
        scene.peer.always(&scene.bob.path(), Answer::Status(503));

        let good = scene.bob.seal(article("bridge"));
        announce("good", &good).await;
        let uri = text(&good["object"]["id"]);
        let seen = found(async || scene.ana.find(&uri).await).await;
        assert_eq!(seen["author"]["address"], scene.bob.address());
        assert_eq!(scene.peer.received().len(), asked, "its home was not asked");
        // It is in the signed record, as it was written.
        let entries = record_of(&scene.server, &id_of(&seen)).await;
        assert_eq!(entries, [good]);

        let mut tampered = scene.bob.seal(article("tower"));
        tampered["object"]["name"] = "A taller tower".into();
        announce("tampered", &tampered).await;
        announce("bare", &article("road")).await;
        let mut foreign = scene.eve.seal(article("canal"));
        foreign["id"] = format!("{}/canal/a", scene.eve.id).into();
        announce("foreign", &foreign).await;
        scene.server.caches.unreachable.invalidate_all();
        for name in ["tower", "road", "canal"] {
            let uri = format!("{}/{name}", scene.bob.id);
            assert!(scene.ana.find(&uri).await.is_none(), "{name}");
        }
    }

    async fn the_record_is_the_same_at_home_and_at_the_mirror(engine: Engine) {
        let town = Town::new(engine).await;
        let boris = town.region.citizen("boris").await;
        let made = town.ana.publish("transport", "Night buses").await;
        let (home, seen) = (id_of(&made), id_of(&town.mirrored(&made).await));
        let asked = boris.comment(&home, "Who pays?").await;
        let answer = town.ana.answer(&home, &id_of(&asked), "The hospital.").await;
        let said = town.vera.comment(&seen, "Ours paid for itself.").await;
        let said = text(&said["uri"]);
        found(async || town.ana.comment_by_uri(&home, &said).await).await;
        town.ana.revise(&home, "Night buses on line 7", "Two a night.").await;
        town.ana.delete(&id_of(&answer)).await;
        for server in [&town.region, &town.ngo, &town.region] {
            settled(server).await;
        }
        let (at_home, at_mirror) = (record_of(&town.region, &home).await, record_of(&town.ngo, &seen).await);
        let kinds = |entries: &[Value]| {
            let mut kinds: Vec<String> = entries.iter().map(|e| text(&e["type"])).collect();
            kinds.sort();
            kinds
        };
        // The fourth creation is the office's note about the new text.
        let expected = ["Create", "Create", "Create", "Create", "Delete", "Update"];
        assert_eq!(kinds(&at_home), expected);
        let sorted = |entries: &[Value]| {
            let mut all: Vec<String> = entries.iter().map(Value::to_string).collect();
            all.sort();
            all
        };
        assert_eq!(sorted(&at_home), sorted(&at_mirror), "byte for byte");
        assert!(sorted(&at_home).iter().all(|entry| !entry.contains("The hospital")));

        // The region is gone; what was said there can still be shown.
        let Town { region, ngo, .. } = town;
        region.stop().await;
        for entry in record_of(&ngo, &seen).await {
            let actor = text(&entry["actor"]);
            let standing = check(&ngo, &entry, &actor, &Budget::nothing()).await.expect("it is decided");
            assert!(matches!(standing, Standing::Proven(_)), "{standing:?} {entry}");
        }
    }

    async fn what_we_serve_carries_the_proof_of_its_author(engine: Engine) {
        let town = Town::new(engine).await;
        let made = town.ana.publish("transport", "Night buses").await;
        let said = town.ana.comment(&id_of(&made), "First.").await;
        town.mirrored(&made).await;
        settled(&town.region).await;
        let outbox = town.region.document("/u/ana/outbox?before=9223372036854775807").await.json();
        let mut documents: Vec<Value> = outbox["orderedItems"].as_array().expect("a list").clone();
        documents.push(documents[0]["object"].clone());
        for address in [&made["uri"], &said["uri"], &documents[0]["id"].clone()] {
            let path = text(address);
            let answer = town.region.document(path.trim_start_matches(town.region.base())).await;
            documents.push(answer.json());
        }
        let ana = format!("{}/u/ana", town.region.base());
        for document in documents {
            let standing = check(&town.ngo, &document, &ana, &Budget::question()).await.expect("it is decided");
            assert!(matches!(standing, Standing::Proven(_)), "{standing:?} {document}");
        }
    }
}
