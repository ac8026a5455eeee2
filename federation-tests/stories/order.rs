//! Whatever the order in which things arrive, what remains is the same.

use crate::support::{activity, found, note, settled};
use serde_json::{Value, json};
use veche::both_engines;
use veche::storage::Engine;
use veche::testing::{Citizen, RemoteActor, ScriptedPeer, Software, TestServer, id_of, text};

/// A server with an initiative, and somebody elsewhere.
struct Scene {
    server: TestServer,
    ana: Citizen,
    id: String,
    uri: String,
    peer: ScriptedPeer,
    bob: RemoteActor,
}

impl Scene {
    async fn new(engine: Engine) -> Self {
        let server = TestServer::new(engine).await;
        server.assembly("transport").await;
        let ana = server.citizen("ana").await;
        let made = ana.publish("transport", "Night buses").await;
        let peer = ScriptedPeer::start().await;
        let bob = peer.actor("bob", Software::Mastodon);
        Self { ana, id: id_of(&made), uri: text(&made["uri"]), bob, peer, server }
    }

    async fn send(&self, activity: &Value) {
        let inbox = format!("{}/inbox", self.server.base());
        assert_eq!(self.bob.send(&inbox, activity).await, 202, "{activity}");
        settled(&self.server).await;
    }

    fn id(&self, path: &str) -> String {
        format!("{}/{path}", self.bob.id)
    }

    fn act(&self, path: &str, kind: &str, object: impl Into<Value>) -> Value {
        activity(&self.id(path), kind, &self.bob.id, object)
    }

    async fn likes(&self) -> Value {
        self.ana.initiative(&self.id).await["tallies"]["fediverse"].clone()
    }
}

both_engines! {
    async fn an_undo_before_its_like(engine: Engine) {
        let scene = Scene::new(engine).await;
        let like = scene.act("likes/1", "Like", scene.uri.as_str());
        scene.send(&scene.act("likes/1/undo", "Undo", like.clone())).await;
        scene.send(&like).await;
        assert_eq!(scene.likes().await, 0);
        // A new like under another id is a new act.
        scene.send(&scene.act("likes/2", "Like", scene.uri.as_str())).await;
        assert_eq!(scene.likes().await, 1);
        // The old undo, repeated, does not take it back.
        scene.send(&scene.act("likes/1/undo-again", "Undo", like)).await;
        assert_eq!(scene.likes().await, 1);
    }

    async fn a_delete_before_its_create(engine: Engine) {
        let scene = Scene::new(engine).await;
        let said = note(&scene.id("1"), &scene.bob.id, &scene.uri, "Too late.");
        let tombstone = json!({ "id": scene.id("1"), "type": "Tombstone" });
        scene.send(&scene.act("1/delete", "Delete", tombstone)).await;
        scene.send(&scene.act("1/create", "Create", said.clone())).await;
        scene.send(&scene.act("1/create-again", "Create", said)).await;
        let shown = scene.ana.comments(&scene.id).await;
        assert!(shown.iter().all(|c| !c["deleted_at"].is_null()), "{shown:?}");
    }

    async fn an_update_before_its_create(engine: Engine) {
        let scene = Scene::new(engine).await;
        let first = note(&scene.id("1"), &scene.bob.id, &scene.uri, "First.");
        let mut second = note(&scene.id("1"), &scene.bob.id, &scene.uri, "Second.");
        second["updated"] = "2026-11-23T11:00:00Z".into();
        scene.peer.serve(&format!("{}/1", scene.bob.path()), second.clone());
        scene.send(&scene.act("1/update", "Update", second)).await;
        scene.send(&scene.act("1/create", "Create", first)).await;
        let uri = scene.id("1");
        let shown = found(async || scene.ana.comment_by_uri(&scene.id, &uri).await).await;
        assert!(text(&shown["html"]).contains("Second"), "{shown}");
        assert_eq!(scene.ana.comments(&scene.id).await.len(), 1);
    }

    async fn an_answer_before_what_it_answers(engine: Engine) {
        let scene = Scene::new(engine).await;
        let parent = note(&scene.id("1"), &scene.bob.id, &scene.uri, "Parent.");
        let child = note(&scene.id("2"), &scene.bob.id, &scene.id("1"), "Child.");
        scene.peer.serve(&format!("{}/1", scene.bob.path()), parent.clone());
        scene.send(&scene.act("2/create", "Create", child)).await;
        scene.send(&scene.act("1/create", "Create", parent)).await;
        let (parent, child) = (scene.id("1"), scene.id("2"));
        let parent = found(async || scene.ana.comment_by_uri(&scene.id, &parent).await).await;
        let child = found(async || scene.ana.comment_by_uri(&scene.id, &child).await).await;
        assert_eq!(child["in_reply_to"], parent["id"]);
        assert_eq!(scene.ana.comments(&scene.id).await.len(), 2);
    }

    async fn the_end_of_a_follow_before_its_beginning(engine: Engine) {
        let scene = Scene::new(engine).await;
        let assembly = format!("{}/g/transport", scene.server.base());
        let request = scene.act("follows/1", "Follow", assembly.as_str());
        scene.send(&scene.act("follows/1/undo", "Undo", request.clone())).await;
        scene.send(&request).await;
        let path = "/assemblies/transport";
        let seen = scene.ana.ask(http::Method::GET, path, None).await;
        assert_eq!(seen["followers"], 0);
        scene.send(&scene.act("follows/2", "Follow", assembly)).await;
        let seen = scene.ana.ask(http::Method::GET, path, None).await;
        assert_eq!(seen["followers"], 1);
        let accepted = found(async || scene.peer.posted("Accept").pop()).await;
        assert_eq!(accepted.body["object"]["id"], scene.id("follows/2"));
    }
}
