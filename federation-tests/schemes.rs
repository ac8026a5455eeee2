//! The two forms of signatures: both are understood, the usual one is tried first, and what a
//! server takes is remembered. Keys that change, keys that are old, readers that must sign.

use crate::support::{activity, follow, found, note, settled, until};
use serde_json::Value;
use std::time::Duration;
use veche::both_engines;
use veche::domain::SignatureScheme::{Cavage, Rfc9421};
use veche::storage::Engine;
use veche::testing::{
    Answer, Citizen, RemoteActor, ScriptedPeer, Software, TestServer, id_of, stopped_clock, text,
};

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
    async fn on(server: TestServer) -> Self {
        server.assembly("transport").await;
        let ana = server.citizen("ana").await;
        let made = ana.publish("transport", "Night buses").await;
        let peer = ScriptedPeer::start().await;
        let bob = peer.actor("bob", Software::Mastodon);
        Self { id: id_of(&made), uri: text(&made["uri"]), server, ana, peer, bob }
    }

    fn inbox(&self) -> String {
        format!("{}/inbox", self.server.base())
    }

    fn like(&self, name: &str) -> Value {
        activity(&format!("{}/{name}", self.bob.id), "Like", &self.bob.id, self.uri.as_str())
    }

    async fn likes(&self) -> Value {
        settled(&self.server).await;
        self.ana.initiative(&self.id).await["tallies"]["fediverse"].clone()
    }

    async fn follows(&self) {
        let target = format!("{}/g/transport", self.server.base());
        let follow = activity(&format!("{}/follow", self.bob.id), "Follow", &self.bob.id, target);
        assert_eq!(self.bob.send(&self.inbox(), &follow).await, 202);
        settled(&self.server).await;
    }

    /// How the posts of this type that reached the peer were signed, oldest first.
    fn forms(&self, kind: &str) -> Vec<bool> {
        let posted = self.peer.posted(kind);
        posted.iter().map(|post| post.headers.contains_key("signature-input")).collect()
    }
}

both_engines! {
    async fn both_forms_are_understood(engine: Engine) {
        let scene = Scene::on(TestServer::new(engine).await).await;
        let undo = |n: &str| {
            activity(&format!("{}/undo-{n}", scene.bob.id), "Undo", &scene.bob.id, scene.like(n))
        };
        for (name, scheme) in [("draft", Cavage), ("standard", Rfc9421)] {
            assert_eq!(scene.bob.send_as(scheme, &scene.inbox(), &scene.like(name)).await, 202);
            assert_eq!(scene.likes().await, 1, "{name}");
            assert_eq!(scene.bob.send_as(scheme, &scene.inbox(), &undo(name)).await, 202);
            assert_eq!(scene.likes().await, 0, "{name}");
        }
        let other = scene.bob.with_another_key();
        let before = scene.server.database.record().await;
        assert_eq!(other.send_as(Rfc9421, &scene.inbox(), &scene.like("forged")).await, 401);
        assert!(before == scene.server.database.record().await);
    }

    async fn the_other_form_is_tried_once_and_remembered(engine: Engine) {
        let scene = Scene::on(TestServer::new(engine).await).await;
        scene.follows().await;
        scene.peer.refuse(Some(Cavage));
        scene.ana.publish("transport", "Quiet streets").await;
        settled(&scene.server).await;
        let dead = async || scene.server.database.count("deliveries", "WHERE state <> 'delivered'").await;
        assert_eq!(dead().await, 0);
        let first = scene.forms("Announce");
        assert!(first.contains(&false) && first.iter().filter(|new| **new).count() == 2, "{first:?}");
        // From now on it is asked in the form that it took, also after a restart.
        scene.ana.publish("transport", "Green roofs").await;
        settled(&scene.server).await;
        assert!(scene.forms("Announce")[first.len()..].iter().all(|new| *new));
        let known = async || {
            let rows = scene.server.database.rows("hosts", "signature_scheme", "").await;
            rows.first().map(|row| text(&row[0]))
        };
        assert_eq!(known().await.as_deref(), Some("rfc9421"));
        scene.server.caches.schemes.invalidate_all();
        let before = scene.forms("Announce").len();
        scene.ana.publish("transport", "Safe crossings").await;
        settled(&scene.server).await;
        assert!(scene.forms("Announce")[before..].iter().all(|new| *new));
        // It changed its mind: the same again, the other way round. Reading is signed alike.
        scene.peer.refuse(Some(Rfc9421));
        let carol = scene.peer.actor("carol", Software::Mastodon);
        let like = activity(&format!("{}/1", carol.id), "Like", &carol.id, scene.uri.as_str());
        assert_eq!(carol.send(&scene.inbox(), &like).await, 202);
        assert_eq!(known().await.as_deref(), Some("draft-cavage"));
        scene.ana.publish("transport", "Clean air").await;
        settled(&scene.server).await;
        assert_eq!(scene.forms("Announce").last(), Some(&false));
        assert_eq!(dead().await, 0);
    }

    async fn who_takes_neither_form_is_asked_twice_and_no_more(engine: Engine) {
        let scene = Scene::on(TestServer::new(engine).await).await;
        scene.follows().await;
        scene.peer.always("/inbox", Answer::Status(403));
        scene.ana.publish("transport", "Quiet streets").await;
        settled(&scene.server).await;
        assert_eq!(scene.forms("Announce").len(), 4);
        assert_eq!(scene.server.database.count("deliveries", "WHERE state = 'dead' AND status = 403").await, 2);
        let noted = "WHERE signature_scheme IS NOT NULL";
        assert_eq!(scene.server.database.count("hosts", noted).await, 0);
    }

    async fn a_changed_key_is_asked_for_once_in_five_minutes(engine: Engine) {
        let clock = stopped_clock();
        let scene = Scene::on(TestServer::plan(engine).clock(&clock).start().await).await;
        let path = scene.bob.path();
        let send = async |who: &RemoteActor, name: &str| who.send(&scene.inbox(), &scene.like(name)).await;
        assert_eq!(send(&scene.bob, "1").await, 202);
        let asked = scene.peer.asked(&path);
        let second = scene.bob.with_another_key();
        scene.peer.serve(&path, second.document());
        assert_eq!(send(&second, "2").await, 202);
        assert_eq!(scene.peer.asked(&path), asked + 1);
        assert_eq!(send(&scene.bob, "3").await, 401, "the old key is worth nothing");
        // It changes again at once: not asked before the five minutes are over.
        let third = scene.bob.with_another_key();
        scene.peer.serve(&path, third.document());
        assert_eq!(send(&third, "4").await, 401);
        assert_eq!(scene.peer.asked(&path), asked + 1);
        clock.advance(Duration::from_secs(301));
        assert_eq!(send(&third, "5").await, 202);
        assert_eq!(scene.peer.asked(&path), asked + 2);
        assert_eq!(send(&second, "6").await, 401);
        // An unknown key of the same actor is no way to make us ask more often.
        for n in 0..5 {
            let like = scene.like(&format!("odd-{n}"));
            let mut recipe = third.recipe(&scene.inbox(), &like);
            recipe.key_id = format!("{}#key-{n}", scene.bob.id);
            assert_eq!(recipe.send().await.0, 401);
        }
        assert!(scene.peer.asked(&path) <= asked + 3, "{}", scene.peer.asked(&path));
    }

    async fn an_old_key_is_not_believed_without_its_home(engine: Engine) {
        let clock = stopped_clock();
        let scene = Scene::on(TestServer::plan(engine).clock(&clock).start().await).await;
        let path = scene.bob.path();
        assert_eq!(scene.bob.send(&scene.inbox(), &scene.like("1")).await, 202);
        settled(&scene.server).await;
        clock.advance(Duration::from_hours(25));
        scene.peer.always(&path, Answer::Status(500));
        let mut recipe = scene.bob.recipe(&scene.inbox(), &scene.like("2"));
        recipe.date = clock.now();
        let before = scene.server.database.record().await;
        assert_eq!(recipe.clone().send().await.0, 503, "it may come again");
        assert!(before == scene.server.database.record().await);
        clock.advance(Duration::from_secs(301));
        scene.peer.once(&path, Answer::Typed("application/activity+json", scene.bob.document().to_string()));
        recipe.date = clock.now();
        assert_eq!(recipe.send().await.0, 202);
    }

    async fn an_update_with_a_new_key_is_believed(engine: Engine) {
        let scene = Scene::on(TestServer::new(engine).await).await;
        assert_eq!(scene.bob.send(&scene.inbox(), &scene.like("1")).await, 202);
        let renewed = scene.bob.with_another_key();
        scene.peer.serve(&scene.bob.path(), renewed.document());
        let id = format!("{}/update", scene.bob.id);
        let update = activity(&id, "Update", &scene.bob.id, renewed.document());
        assert_eq!(renewed.send(&scene.inbox(), &update).await, 202);
        settled(&scene.server).await;
        assert_eq!(renewed.send(&scene.inbox(), &scene.like("2")).await, 202);
        assert_eq!(scene.bob.send(&scene.inbox(), &scene.like("3")).await, 401);
    }

    async fn documents_are_for_those_who_sign_if_so_set(engine: Engine) {
        let strict = TestServer::plan(engine).config(|c| c.federation.authorized_fetch = true);
        let scene = Scene::on(strict.start().await).await;
        let object = scene.uri.trim_start_matches(scene.server.base()).to_owned();
        let replies = format!("{object}/replies");
        let record = format!("{object}/record?after=0");
        let paths = ["/u/ana", "/g/transport", "/g/transport/outbox", &object, &replies, &record];
        for path in paths {
            let answer = scene.server.document(path).await;
            assert_eq!(answer.status(), 401, "{path}");
            assert_eq!(answer.header("vary"), Some("Accept, Signature"), "{path}");
            for scheme in [Cavage, Rfc9421] {
                let address = format!("{}{path}", scene.server.base());
                let (status, headers) = scene.bob.read_as(scheme, &address).await;
                assert_eq!(status, 200, "{path} {scheme:?}");
                let kept = headers["cache-control"].to_str().unwrap_or_default();
                assert!(kept.contains("private"), "{kept}");
                let forger = scene.bob.with_another_key();
                assert_eq!(forger.read_as(scheme, &address).await.0, 401, "{path} {scheme:?}");
            }
        }
        // What is needed to verify us, and what people read, stays open.
        let finger = format!("/.well-known/webfinger?resource=acct:{}", scene.server.address_of("ana"));
        for path in ["/actor", "/", &finger, "/nodeinfo/2.1", "/ns"] {
            assert_eq!(scene.server.document(path).await.status(), 200, "{path}");
        }
        assert_eq!(scene.server.get(&object).await.status(), 200);
    }

    async fn two_servers_that_both_want_signatures_do_not_wait_for_each_other(engine: Engine) {
        let strict = || TestServer::plan(engine).config(|c| c.federation.authorized_fetch = true);
        let (region, ngo) = (strict().start().await, strict().start().await);
        region.assembly("transport").await;
        let (ana, vera) = (region.citizen("ana").await, ngo.citizen("vera").await);
        let made = ana.publish("transport", "Night buses").await;
        follow(&vera, &region.address_of("transport")).await;
        let uri = text(&made["uri"]);
        let seen = id_of(&found(async || vera.find(&uri).await).await);
        let said = vera.comment(&seen, "Ours paid for itself.").await;
        let said = text(&said["uri"]);
        let home = id_of(&made);
        found(async || ana.comment_by_uri(&home, &said).await).await;
        until(async || ana.initiative(&home).await["comments"] == 1).await;
        // A text that must be fetched: its parent never came.
        let bob_home = ScriptedPeer::start().await;
        let bob = bob_home.actor("bob", Software::Mastodon);
        let parent = note(&format!("{}/1", bob.id), &bob.id, &uri, "Quietly.");
        bob_home.serve(&format!("{}/1", bob.path()), parent);
        let loud = note(&format!("{}/2", bob.id), &bob.id, &format!("{}/1", bob.id), "Loudly.");
        let create = activity(&format!("{}/2/a", bob.id), "Create", &bob.id, loud);
        assert_eq!(bob.send(&format!("{}/inbox", region.base()), &create).await, 202);
        settled(&region).await;
        assert_eq!(ana.initiative(&home).await["comments"], 3);
    }
}
