//! What somebody else than its actor sends, without a proof: not a word of it is believed, and what
//! its home says counts.

use crate::support::{activity, community, note, settled};
use serde_json::{Value, json};
use veche::both_engines;
use veche::storage::Engine;
use veche::testing::{Citizen, RemoteActor, ScriptedPeer, Software, TestServer, id_of, text};

/// A server with an initiative; Bob, Eve and a community, each at a place of their own.
struct Scene {
    server: TestServer,
    ana: Citizen,
    id: String,
    uri: String,
    home: ScriptedPeer,
    bob: RemoteActor,
    eves: ScriptedPeer,
    eve: RemoteActor,
}

impl Scene {
    async fn new(engine: Engine) -> Self {
        let server = TestServer::new(engine).await;
        server.assembly("transport").await;
        let ana = server.citizen("ana").await;
        let made = ana.publish("transport", "Night buses").await;
        let (home, eves) = (ScriptedPeer::start().await, ScriptedPeer::at("127.0.0.2").await);
        let bob = home.actor("bob", Software::Mastodon);
        let eve = eves.actor("eve", Software::Mitra);
        let (id, uri) = (id_of(&made), text(&made["uri"]));
        Self { server, ana, id, uri, home, bob, eves, eve }
    }

    fn inbox(&self) -> String {
        format!("{}/inbox", self.server.base())
    }

    /// Bob's note as it stands at its home.
    fn served(&self, name: &str, content: &str) -> Value {
        let told = note(&format!("{}/{name}", self.bob.id), &self.bob.id, &self.uri, content);
        self.home.serve(&format!("{}/{name}", self.bob.path()), told.clone());
        told
    }

    /// What Eve says that Bob did with his note, in other words than his.
    fn claimed(&self, kind: &str, name: &str, content: &str) -> Value {
        let id = format!("{}/{name}", self.bob.id);
        let object = note(&id, &self.bob.id, &self.uri, content);
        activity(&format!("{id}/{kind}"), kind, &self.bob.id, object)
    }

    async fn forwarded(&self, what: &Value) -> u16 {
        let status = self.eve.send(&self.inbox(), what).await;
        settled(&self.server).await;
        status
    }

    async fn shown(&self, name: &str) -> Option<Value> {
        let uri = format!("{}/{name}", self.bob.id);
        self.ana.comment_by_uri(&self.id, &uri).await
    }

    async fn likes(&self) -> Value {
        self.ana.initiative(&self.id).await["tallies"]["fediverse"].clone()
    }

    async fn announced(&self, board: &RemoteActor, name: &str, what: impl Into<Value>) {
        let id = format!("{}/announce/{name}", board.id);
        let announce = activity(&id, "Announce", &board.id, what);
        assert_eq!(board.send(&self.inbox(), &announce).await, 202, "{name}");
        settled(&self.server).await;
    }
}

both_engines! {
    async fn a_forwarded_text_is_read_at_its_home(engine: Engine) {
        let scene = Scene::new(engine).await;
        let agrees = "<p>I agree.</p>";
        scene.served("1", "I agree.");
        assert_eq!(scene.forwarded(&scene.claimed("Create", "1", "I disagree.")).await, 202);
        assert_eq!(scene.shown("1").await.expect("it is here")["html"], agrees);
        // The same, sent by himself, is the same.
        let own = scene.claimed("Create", "1", "I agree.");
        assert_eq!(scene.bob.send(&scene.inbox(), &own).await, 202);
        settled(&scene.server).await;
        assert_eq!(scene.ana.comments(&scene.id).await.len(), 1);
        // What his server does not have, he did not write.
        assert_eq!(scene.forwarded(&scene.claimed("Create", "2", "I disagree.")).await, 202);
        assert!(scene.shown("2").await.is_none());
        // Neither changed nor gone on her word.
        assert_eq!(scene.forwarded(&scene.claimed("Update", "1", "I disagree.")).await, 202);
        assert_eq!(scene.shown("1").await.expect("it is here")["html"], agrees);
        let id = format!("{}/1", scene.bob.id);
        let delete = |n: usize| activity(&format!("{id}/delete-{n}"), "Delete", &scene.bob.id, id.as_str());
        assert_eq!(scene.forwarded(&delete(1)).await, 202);
        assert_eq!(scene.shown("1").await.expect("it is here")["deleted_at"], Value::Null);
        // As his server has it now.
        let mut changed = scene.served("1", "I agree, with all of it.");
        changed["updated"] = "2026-11-23T11:00:00Z".into();
        scene.home.serve(&format!("{}/1", scene.bob.path()), changed);
        let mut update = scene.claimed("Update", "1", "I disagree.");
        update["id"] = format!("{id}/update-2").into();
        assert_eq!(scene.forwarded(&update).await, 202);
        assert_eq!(scene.shown("1").await.expect("it is here")["html"], "<p>I agree, with all of it.</p>");
        scene.home.bury(&format!("{}/1", scene.bob.path()));
        assert_eq!(scene.forwarded(&delete(2)).await, 202);
        assert_ne!(scene.shown("1").await.expect("its place stays")["deleted_at"], Value::Null);
    }

    async fn what_has_no_home_to_be_asked_is_not_forwarded(engine: Engine) {
        let scene = Scene::new(engine).await;
        let neighbour = scene.home.actor("carol", Software::Mastodon);
        for who in [&scene.bob, &scene.eve, &neighbour] {
            let like = activity(&format!("{}/l", who.id), "Like", &who.id, scene.uri.as_str());
            assert_eq!(who.send(&scene.inbox(), &like).await, 202);
        }
        settled(&scene.server).await;
        let before = scene.server.database.record().await;
        scene.served("1", "I agree.");
        let create = scene.claimed("Create", "1", "I agree.");
        let like = activity(&format!("{}/l2", scene.bob.id), "Like", &scene.bob.id, scene.uri.as_str());
        let undo = activity(&format!("{}/u", scene.bob.id), "Undo", &scene.bob.id, like.clone());
        for act in [&like, &undo] {
            assert_eq!(scene.forwarded(act).await, 401, "{act}");
        }
        // Whoever passes it on must sign, and nobody speaks for a neighbour.
        let mut unsigned = scene.eve.recipe(&scene.inbox(), &create);
        unsigned.signed = false;
        assert_eq!(unsigned.send().await.0, 401);
        let mut spoilt = scene.eve.recipe(&scene.inbox(), &create);
        spoilt.key = scene.eve.with_another_key().key().clone();
        assert_eq!(spoilt.send().await.0, 401);
        assert_eq!(neighbour.send(&scene.inbox(), &create).await, 401);
        settled(&scene.server).await;
        assert!(before == scene.server.database.record().await, "something changed");
    }

    async fn a_reaction_that_a_community_passes_on_is_read_at_its_home(engine: Engine) {
        let scene = Scene::new(engine).await;
        let place = ScriptedPeer::at("127.0.0.3").await;
        let board = community(&scene.server, &scene.ana, &place).await;
        let reaction = |kind: &str, who: &RemoteActor, name: &str| {
            activity(&format!("{}/{name}", who.id), kind, &who.id, scene.uri.as_str())
        };
        let like = reaction("Like", &scene.bob, "like");
        scene.announced(&board, "unknown", like.clone()).await;
        assert_eq!(scene.likes().await, 0, "its home has no such thing");
        scene.server.caches.unreachable.invalidate_all();
        // Served, but by somebody else, of another kind, about something else.
        for (n, (key, value)) in [
            ("actor", json!(scene.eve.id)),
            ("type", json!("Dislike")),
            ("object", json!(format!("{}/elsewhere", scene.bob.id))),
        ].into_iter().enumerate() {
            let name = format!("forged-{n}");
            let (claimed, mut told) = (reaction("Like", &scene.bob, &name), reaction("Like", &scene.bob, &name));
            told[key] = value;
            scene.home.serve(&format!("{}/{name}", scene.bob.path()), told);
            scene.announced(&board, &name, claimed).await;
            assert_eq!(scene.likes().await, 0, "{key}");
        }
        let path = format!("{}/like", scene.bob.path());
        scene.home.serve(&path, like.clone());
        scene.announced(&board, "like", like.clone()).await;
        assert_eq!(scene.likes().await, 1);
        let (asked, before) = (scene.home.asked(&path), scene.server.database.count("reactions", "").await);
        scene.announced(&board, "like-again", like.clone()).await;
        assert_eq!((scene.home.asked(&path), scene.server.database.count("reactions", "").await), (asked, before));
        let heart = reaction("EmojiReact", &scene.eve, "heart");
        scene.eves.serve(&format!("{}/heart", scene.eve.path()), heart.clone());
        scene.announced(&board, "heart", heart).await;
        assert_eq!(scene.likes().await, 2);
        // And back again, when its home says so.
        let undo = activity(&format!("{}/undo", scene.bob.id), "Undo", &scene.bob.id, like);
        scene.announced(&board, "undo-unknown", undo.clone()).await;
        assert_eq!(scene.likes().await, 2);
        scene.server.caches.unreachable.invalidate_all();
        scene.home.serve(&format!("{}/undo", scene.bob.path()), undo.clone());
        scene.announced(&board, "undo", undo).await;
        assert_eq!(scene.likes().await, 1);
    }

    async fn a_list_is_taken_apart_and_each_thing_checked_by_itself(engine: Engine) {
        let scene = Scene::new(engine).await;
        let place = ScriptedPeer::at("127.0.0.3").await;
        let board = community(&scene.server, &scene.ana, &place).await;
        scene.served("1", "I agree.");
        let create = scene.claimed("Create", "1", "I disagree.");
        let forged = scene.claimed("Create", "2", "I disagree.");
        let like = activity(&format!("{}/like", board.id), "Like", &board.id, scene.uri.as_str());
        let nested = json!([like, create]);
        scene.announced(&board, "list", json!([forged, 7, null, nested, like, create])).await;
        assert_eq!(scene.shown("1").await.expect("it is here")["html"], "<p>I agree.</p>");
        assert!(scene.shown("2").await.is_none());
        assert_eq!(scene.likes().await, 1);
        // Of a long list only the beginning is looked at; the same list again changes nothing.
        let many: Vec<Value> = (0..30).map(|n| {
            let who = place.actor(&format!("fan{n}"), Software::Lemmy);
            activity(&format!("{}/like", who.id), "Like", &who.id, scene.uri.as_str())
        }).collect();
        for _ in 0..2 {
            scene.announced(&board, "many", many.clone()).await;
            assert_eq!(scene.likes().await, 21);
        }
    }
}
