//! Threads that are at home elsewhere: how they are read, and that no shape of theirs makes us ask
//! without end (DOS-09 to DOS-11, SIG-37, SIG-38).

use crate::support::{activity, note, settled};
use serde_json::{Value, json};
use veche::both_engines;
use veche::domain::{ObjectId, Viewer};
use veche::federation::budget::{Budget, PER_ARRIVAL};
use veche::federation::resolve::{self, Found};
use veche::federation::thread::MAX_ANCESTORS;
use veche::services::walks::{self, Asked};
use veche::storage::Engine;
use veche::testing::{
    Answer, Citizen, RemoteActor, ScriptedPeer, Software, TestClock, TestServer, stopped_clock,
};

/// A server, and a scripted one with an assembly, an initiative in it and somebody who writes.
struct Scene {
    server: TestServer,
    ana: Citizen,
    viewer: Viewer,
    clock: TestClock,
    peer: ScriptedPeer,
    bob: RemoteActor,
}

impl Scene {
    async fn new(engine: Engine) -> Self {
        let clock = stopped_clock();
        let server = TestServer::plan(engine).clock(&clock).start().await;
        server.assembly("transport").await;
        let ana = server.citizen("ana").await;
        let viewer = server.account("vera").await;
        let peer = ScriptedPeer::start().await;
        let board = peer.actor("board", Software::Mastodon);
        let mut group = board.document();
        group["type"] = "Group".into();
        peer.serve("/users/board", group);
        let bob = peer.actor("bob", Software::Mastodon);
        Self { server, ana, viewer, clock, peer, bob }
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.peer.base())
    }

    /// Serves an initiative of the peer's assembly, with these further properties.
    fn article(&self, further: Value) {
        let mut article = json!({
            "@context": "https://www.w3.org/ns/activitystreams", "id": self.at("/p/1"),
            "type": "Article", "attributedTo": self.bob.id, "name": "A bridge",
            "content": "<p>We want a bridge.</p>", "to": [crate::support::PUBLIC],
            "audience": self.at("/users/board"),
        });
        extend(&mut article, further);
        self.peer.serve("/p/1", article);
    }

    /// Serves an answer at `/n/NAME`.
    fn answer(&self, name: &str, parent: &str, further: Value) {
        let mut it = note(&self.at(&format!("/n/{name}")), &self.bob.id, parent, name);
        it["@context"] = "https://www.w3.org/ns/activitystreams".into();
        extend(&mut it, further);
        self.peer.serve(&format!("/n/{name}"), it);
    }

    /// A chain of answers of which `/n/1` answers `parent` and each other the one before.
    fn chain(&self, length: usize, parent: &str) {
        self.answer("1", parent, json!({}));
        for n in 2..=length {
            self.answer(&n.to_string(), &self.at(&format!("/n/{}", n - 1)), json!({}));
        }
    }

    /// Takes the initiative over, and reads its thread to the end.
    async fn import(&self) -> ObjectId {
        let found = resolve::lookup(&self.server, &Budget::person(), &self.at("/p/1")).await;
        let Ok(Found::Initiative(initiative)) = found else { panic!("{found:?}") };
        settled(&self.server).await;
        initiative.id
    }

    async fn comments(&self, id: ObjectId) -> Vec<Value> {
        self.ana.comments(&id.to_string()).await
    }

    fn asked(&self) -> usize {
        self.peer.received().iter().filter(|r| r.method == http::Method::GET).count()
    }
}

/// Adds properties to a document.
fn extend(document: &mut Value, further: Value) {
    let Value::Object(further) = further else { panic!("no properties: {further}") };
    for (key, value) in further {
        document[key] = value;
    }
}

fn page(items: &[String], next: Option<&str>) -> Value {
    json!({ "type": "OrderedCollectionPage", "id": "", "orderedItems": items, "next": next })
}

both_engines! {
    async fn a_context_is_read_to_its_end(engine: Engine) {
        let s = Scene::new(engine).await;
        let context = s.at("/p/1/context");
        s.article(json!({ "context": context }));
        s.chain(12, &s.at("/p/1"));
        let all: Vec<String> = (1..=12).map(|n| s.at(&format!("/n/{n}"))).collect();
        let (first, second) = (format!("{context}?page=1"), format!("{context}?page=2"));
        s.peer.serve("/p/1/context", json!({ "id": context, "type": "OrderedCollection",
            "totalItems": 13, "first": first }));
        let mut items = vec![s.at("/p/1")];
        items.extend_from_slice(&all[..6]);
        let mut one = page(&items, Some(&second));
        one["id"] = first.as_str().into();
        let mut two = page(&all[6..], None);
        two["id"] = second.as_str().into();
        s.peer.serve("/p/1/context?page=1", one);
        s.peer.serve("/p/1/context?page=2", two);
        let id = s.import().await;
        let read = s.comments(id).await;
        assert_eq!(read.len(), 12);
        // In order, so that each text was asked for once.
        for n in 1..=12 {
            assert_eq!(s.peer.asked(&format!("/n/{n}")), 1, "{n}");
        }
        assert_eq!(read[11]["in_reply_to"], read[10]["id"]);
        // What is known asks nobody again.
        let before = s.asked();
        s.clock.advance_seconds(400);
        walks::demand(&s.server, &s.viewer, id).await.expect("it is asked for");
        settled(&s.server).await;
        assert_eq!(s.asked() - before, 4, "the root, the collection and its pages");
        assert_eq!(s.comments(id).await.len(), 12);
    }

    async fn without_a_context_answers_lead_to_answers(engine: Engine) {
        let s = Scene::new(engine).await;
        // A context that is only a name, as many servers have it.
        s.article(json!({ "context": s.at("/contexts/1"), "replies": s.at("/p/1/replies") }));
        s.peer.serve("/p/1/replies", json!({ "id": s.at("/p/1/replies"), "type": "Collection",
            "first": { "type": "CollectionPage", "items": [s.at("/n/1")] } }));
        s.answer("1", &s.at("/p/1"), json!({ "replies": { "id": s.at("/n/1/replies"),
            "type": "Collection", "first": { "type": "CollectionPage", "items": [s.at("/n/2")],
            "next": s.at("/n/1/replies?page=2") } } }));
        s.peer.serve("/n/1/replies?page=2", json!({ "id": s.at("/n/1/replies?page=2"),
            "type": "CollectionPage", "items": [s.at("/n/3")] }));
        s.answer("2", &s.at("/n/1"), json!({}));
        s.answer("3", &s.at("/n/1"), json!({ "to": [s.at("/users/bob/followers")], "cc": [] }));
        let id = s.import().await;
        // What is not for everybody is not taken.
        assert_eq!(s.comments(id).await.len(), 2);
        assert_eq!(s.peer.asked("/n/3"), 1);
    }

    async fn an_answer_that_was_looked_for_brings_its_thread(engine: Engine) {
        let s = Scene::new(engine).await;
        s.article(json!({ "replies": s.at("/p/1/replies") }));
        s.chain(3, &s.at("/p/1"));
        s.answer("4", &s.at("/p/1"), json!({}));
        s.peer.serve("/p/1/replies", json!({ "id": s.at("/p/1/replies"), "type": "Collection",
            "items": [s.at("/n/1"), s.at("/n/4")] }));
        let found = resolve::lookup(&s.server, &Budget::person(), &s.at("/n/3")).await;
        let Ok(Found::Comment { initiative, .. }) = found else { panic!("{found:?}") };
        settled(&s.server).await;
        assert_eq!(s.comments(initiative).await.len(), 4);
        let article = s.ana.find(&s.at("/p/1")).await.expect("its initiative came with it");
        assert_eq!(article["title"], "A bridge");
    }

    async fn a_long_thread_is_read_in_portions(engine: Engine) {
        let s = Scene::new(engine).await;
        let context = s.at("/p/1/context");
        s.article(json!({ "context": context }));
        let mut items = vec![s.at("/p/1")];
        for n in 1..=160 {
            s.answer(&n.to_string(), &s.at("/p/1"), json!({}));
            items.push(s.at(&format!("/n/{n}")));
        }
        s.peer.serve("/p/1/context", json!({ "id": context, "type": "OrderedCollection",
            "totalItems": 1_000_000_000, "orderedItems": items }));
        let id = s.import().await;
        assert_eq!(s.server.database.count("comments", "").await, 160);
        let row = walks::of_thread(&s.server, id).await.expect("read").expect("a walk");
        assert_eq!((row.state.as_str(), row.idle), ("", 0));
        assert!(s.asked() < 160 + 10, "{}", s.asked());
    }

    async fn no_shape_of_a_collection_is_without_end(engine: Engine) {
        let s = Scene::new(engine).await;
        let context = s.at("/c");
        let shapes = [
            // Leads to itself.
            ("/c", json!({ "id": context, "type": "Collection", "first": context })),
            ("/c", json!({ "id": context, "type": "Collection", "items": [], "next": context })),
            // Leads to another server.
            ("/c", json!({ "id": context, "type": "Collection", "first": "http://127.0.0.9:1/c" })),
            ("/c", json!({ "id": context, "type": "Collection", "totalItems": 1_000_000_000_u64 })),
        ];
        for (n, (path, shape)) in shapes.into_iter().enumerate() {
            s.article(json!({ "context": context }));
            s.peer.serve(path, shape);
            let before = s.asked();
            let id = s.import().await;
            s.clock.advance_seconds(100_000);
            walks::demand(&s.server, &s.viewer, id).await.expect("it is asked for");
            settled(&s.server).await;
            assert!(s.asked() - before <= 8, "{n}: {}", s.asked() - before);
        }
        // Two pages that lead to each other; then a thousand that each lead to the next.
        let id = s.import().await;
        for pages in [2, 1_000] {
            s.peer.serve("/c", json!({ "id": context, "type": "Collection",
                "first": s.at("/c?page=1") }));
            for n in 1..=pages {
                let (at, next) = (format!("/c?page={n}"), format!("/c?page={}", n % pages + 1));
                s.peer.serve(&at, json!({ "id": s.at(&at), "type": "CollectionPage",
                    "items": [], "next": s.at(&next) }));
            }
            let before = s.asked();
            s.clock.advance_seconds(100_000);
            walks::demand(&s.server, &s.viewer, id).await.expect("it is asked for");
            settled(&s.server).await;
            assert!(s.asked() - before <= 12, "{pages}: {}", s.asked() - before);
        }
        assert!(s.comments(id).await.is_empty());
    }

    async fn a_deep_chain_costs_an_arrival_no_more_than_its_budget(engine: Engine) {
        let s = Scene::new(engine).await;
        s.chain(100, "http://127.0.0.9:1/far");
        let inbox = format!("{}/inbox", s.server.base());
        let eve = s.peer.actor("eve", Software::Mastodon);
        let parent = s.at("/n/100");
        let it = note(&format!("{}/deep", eve.id), &eve.id, &parent, "deep");
        let create = activity(&format!("{}/create", eve.id), "Create", &eve.id, it);
        assert_eq!(eve.send(&inbox, &create).await, 202);
        settled(&s.server).await;
        // One of the requests before the activity was accepted was for its key.
        let limit = usize::try_from(PER_ARRIVAL).expect("small") + 1;
        assert!(s.asked() <= limit && s.asked() > 10, "{}", s.asked());
        assert_eq!(s.server.database.count("comments", "").await, 0);
        // It is not forgotten without a word, and not tried for ever.
        let rows = s.server.database.rows("inbox", "state, error", "").await;
        assert_eq!(rows[0][0], "refused", "{rows:?}");
        assert_eq!(s.server.database.count("audit", "WHERE kind = 'unusable'").await, 1);
    }

    async fn a_circle_of_answers_ends(engine: Engine) {
        let s = Scene::new(engine).await;
        s.answer("1", &s.at("/n/2"), json!({}));
        s.answer("2", &s.at("/n/3"), json!({}));
        s.answer("3", &s.at("/n/1"), json!({}));
        s.answer("self", &s.at("/n/self"), json!({}));
        for name in ["1", "self"] {
            let before = s.asked();
            let uri = s.at(&format!("/n/{name}"));
            assert!(resolve::lookup(&s.server, &Budget::person(), &uri).await.is_err());
            assert!(s.asked() - before <= 6, "{name}: {}", s.asked() - before);
        }
        assert_eq!(s.server.database.count("comments", "").await, 0);
    }

    async fn the_way_up_ends_after_64(engine: Engine) {
        let s = Scene::new(engine).await;
        s.article(json!({ "replies": s.at("/r") }));
        s.chain(90, &s.at("/p/0"));
        s.peer.serve("/r", json!({ "id": s.at("/r"), "type": "Collection",
            "items": [s.at("/n/90")] }));
        let id = s.import().await;
        assert!(s.comments(id).await.is_empty());
        let ancestors = (1..90).filter(|n| s.peer.asked(&format!("/n/{n}")) > 0).count();
        assert_eq!(ancestors, MAX_ANCESTORS + 1);
    }

    async fn whoever_looks_has_it_read_again_and_less_and_less_often(engine: Engine) {
        let s = Scene::new(engine).await;
        s.article(json!({ "context": s.at("/c") }));
        s.peer.serve("/c", json!({ "id": s.at("/c"), "type": "Collection", "items": [] }));
        let id = s.import().await;
        let path = format!("/p/{id}");
        let mut browser = s.server.browser_of("vera").await;
        let walked = async || s.peer.asked("/c");
        assert_eq!(walked().await, 1);
        // Nobody without an account causes anything.
        s.clock.advance_seconds(3_600);
        assert_eq!(s.server.get(&path).await.status(), 200);
        settled(&s.server).await;
        assert_eq!(walked().await, 1);
        for (wait, times) in [(0, 2), (60, 2), (46 * 60, 3), (60 * 60, 3), (61 * 60, 4)] {
            s.clock.advance_seconds(wait);
            assert_eq!(browser.get(&path).await.status(), 200);
            settled(&s.server).await;
            assert_eq!(walked().await, times, "after {wait} s more");
        }
        // The button does not wait so long, but is no machine gun.
        s.clock.advance_seconds(61);
        let form = [("x", "")];
        let begun = browser.post_form(&format!("{path}/thread"), &form).await;
        assert!(begun.location().contains("thread=begun"), "{}", begun.location());
        let lately = browser.post_form(&format!("{path}/thread"), &form).await;
        assert!(lately.location().contains("thread=lately"), "{}", lately.location());
        settled(&s.server).await;
        assert_eq!(walked().await, 5);
        let (status, answer) =
            s.ana.call(http::Method::POST, &format!("/initiatives/{id}/thread"), None).await;
        assert_eq!((status, &answer["state"]), (202, &"lately".into()));
        let own = s.ana.publish("transport", "Ours").await;
        let at_home = format!("/initiatives/{}/thread", veche::testing::id_of(&own));
        assert_eq!(s.ana.call(http::Method::POST, &at_home, None).await.0, 409);
        let nobody = s.server.stranger().call(http::Method::POST, &at_home, None).await;
        assert_eq!(nobody.0, 401);
        assert_eq!(
            walks::demand(&s.server, &s.viewer, id).await.expect("an answer"),
            Asked::Lately
        );
    }

    async fn a_document_is_believed_only_from_where_it_lives(engine: Engine) {
        let s = Scene::new(engine).await;
        let other = ScriptedPeer::at("127.0.0.2").await;
        s.article(json!({}));
        // A redirect to another origin that speaks in the first one's name (SIG-37).
        let mut forged = note(&s.at("/n/r"), &s.bob.id, &s.at("/p/1"), "forged");
        other.serve("/n/r", forged.clone());
        s.peer.always("/n/r", Answer::Header(302, "location", format!("{}/n/r", other.base())));
        // Another name of the same host that says otherwise there (SIG-38).
        forged["id"] = s.at("/n/true").into();
        s.peer.serve("/n/alias", forged);
        s.answer("true", &s.at("/p/1"), json!({ "content": "<p>what it says itself</p>" }));
        // A document in the name of another host.
        s.peer.serve("/n/x", note(&format!("{}/n/x", other.base()), &s.bob.id, &s.at("/p/1"), "x"));
        let id = s.import().await;
        for name in ["r", "x"] {
            let uri = s.at(&format!("/n/{name}"));
            assert!(resolve::lookup(&s.server, &Budget::person(), &uri).await.is_err(), "{name}");
        }
        let uri = s.at("/n/alias");
        resolve::lookup(&s.server, &Budget::person(), &uri).await.expect("its other name");
        settled(&s.server).await;
        let read = s.comments(id).await;
        assert_eq!(read.len(), 1, "{read:?}");
        assert_eq!(read[0]["uri"], s.at("/n/true"));
        assert!(read[0]["html"].as_str().expect("html").contains("what it says itself"));
    }
}
