//! What our inboxes answer (the table of `FEDERATION.md`): the status, and that a refused request
//! changes nothing. Every row is tried on every kind of inbox.

mod farewell;
mod faults;

use crate::support::{activity, note, settled};
use serde_json::{Value, json};
use veche::both_engines;
use veche::storage::Engine;
use veche::testing::{
    Answer, Citizen, Recipe, RemoteActor, ScriptedPeer, Software, TestServer, id_of, text,
};

/// A server with one of everything, and people elsewhere who are known to it.
struct Scene {
    server: TestServer,
    ana: Citizen,
    id: String,
    uri: String,
    peer: ScriptedPeer,
    bob: RemoteActor,
    eve: RemoteActor,
}

impl Scene {
    async fn on(server: TestServer) -> Self {
        server.assembly("transport").await;
        server.body("roads").await;
        let ana = server.citizen("ana").await;
        let made = ana.publish("transport", "Night buses").await;
        let peer = ScriptedPeer::start().await;
        let bob = peer.actor("bob", Software::Mastodon);
        let eve = peer.actor("eve", Software::Mastodon);
        let scene = Self { id: id_of(&made), uri: text(&made["uri"]), server, ana, peer, bob, eve };
        for who in [&scene.bob, &scene.eve] {
            let like = scene.like_of(who, "known");
            let undo = activity(&format!("{}/unknown", who.id), "Undo", &who.id, like.clone());
            for act in [like, undo] {
                assert_eq!(who.send(&scene.inboxes()[0], &act).await, 202);
            }
        }
        settled(&scene.server).await;
        scene
    }

    async fn new(engine: Engine) -> Self {
        Self::on(TestServer::new(engine).await).await
    }

    /// Shared, instance, person, body, assembly.
    fn inboxes(&self) -> [String; 5] {
        ["/inbox", "/actor/inbox", "/u/ana/inbox", "/u/roads/inbox", "/g/transport/inbox"]
            .map(|path| format!("{}{path}", self.server.base()))
    }

    fn like_of(&self, who: &RemoteActor, name: &str) -> Value {
        activity(&format!("{}/{name}", who.id), "Like", &who.id, self.uri.as_str())
    }

    fn recipe(&self, inbox: &str, name: &str) -> Recipe {
        self.bob.recipe(inbox, &self.like_of(&self.bob, name))
    }

    /// Sends to every inbox; each must answer with this status and nothing may change.
    async fn refused(&self, what: &str, status: u16, spoil: impl Fn(&mut Recipe)) {
        let before = self.server.database.record().await;
        for (n, inbox) in self.inboxes().iter().enumerate() {
            let mut recipe = self.recipe(inbox, &format!("{}-{n}", what.replace(' ', "-")));
            spoil(&mut recipe);
            let answer = recipe.send().await;
            assert_eq!(answer.0, status, "{what} at {inbox}: {}", answer.2);
        }
        settled(&self.server).await;
        assert!(before == self.server.database.record().await, "{what} changed something");
    }

    /// The same with another body.
    async fn refused_body(&self, what: &str, status: u16, body: &Value) {
        self.refused(what, status, |recipe| recipe.body = body.to_string().into_bytes()).await;
    }

    async fn likes(&self) -> Value {
        self.ana.initiative(&self.id).await["tallies"]["fediverse"].clone()
    }
}

const HOUR: i64 = 3_600;

both_engines! {
    async fn what_is_good_is_taken_once(engine: Engine) {
        let scene = Scene::new(engine).await;
        for (n, inbox) in scene.inboxes().iter().enumerate() {
            let like = scene.like_of(&scene.bob, &format!("good-{n}"));
            assert_eq!(scene.bob.send(inbox, &like).await, 202, "{inbox}");
            settled(&scene.server).await;
            assert_eq!(scene.likes().await, 1, "{inbox}");
            let before = scene.server.database.record().await;
            // The same again, here and at every other inbox.
            for inbox in &scene.inboxes() {
                assert_eq!(scene.bob.send(inbox, &like).await, 202, "{inbox}");
            }
            settled(&scene.server).await;
            assert!(before == scene.server.database.record().await, "a duplicate changed something");
        }
    }

    async fn what_is_not_about_us_is_taken_without_effect(engine: Engine) {
        let scene = Scene::new(engine).await;
        let bob = &scene.bob.id;
        let elsewhere = format!("{}/notes/1", scene.peer.base());
        let strange = activity(&format!("{bob}/s"), "Arrive", bob, elsewhere.as_str());
        let like = activity(&format!("{bob}/e"), "Like", bob, elsewhere.as_str());
        let said = note(&format!("{bob}/9"), bob, &elsewhere, "Elsewhere.");
        let create = activity(&format!("{bob}/9/a"), "Create", bob, said);
        let before = scene.server.database.count("objects", "").await;
        for act in [strange, like, create] {
            assert_eq!(scene.bob.send(&scene.inboxes()[0], &act).await, 202, "{act}");
        }
        settled(&scene.server).await;
        assert_eq!((scene.server.database.count("objects", "").await, scene.likes().await), (before, 0.into()));
        // A stranger's farewell: neither signature nor key can be had any more.
        let gone = format!("{}/users/gone", scene.peer.base());
        let farewell = activity(&format!("{gone}#delete"), "Delete", &gone, gone.as_str());
        scene.peer.bury("/users/gone");
        scene.refused("a farewell", 202, |recipe| recipe.body = farewell.to_string().into_bytes()).await;
    }

    async fn malformed_is_400(engine: Engine) {
        let scene = Scene::new(engine).await;
        scene.refused("not json", 400, |r| r.body = b"{nonsense".to_vec()).await;
        scene.refused("nothing", 400, |r| r.body = Vec::new()).await;
        scene.refused_body("a list", 400, &json!([])).await;
        let without = |key: &str| {
            let mut like = scene.like_of(&scene.bob, "without");
            like.as_object_mut().expect("an object").remove(key);
            like
        };
        for key in ["id", "type", "actor"] {
            scene.refused_body(&format!("no {key}"), 400, &without(key)).await;
        }
        let mut two = scene.like_of(&scene.bob, "two");
        two["actor"] = json!([scene.bob.id, scene.eve.id]);
        scene.refused_body("two actors", 400, &two).await;
        let mut graph = scene.like_of(&scene.bob, "graph");
        graph["@graph"] = json!([]);
        scene.refused_body("a graph", 400, &graph).await;
        for header in ["digest", "date", "signature", "content-type"] {
            scene.refused(&format!("two {header}"), 400, |r| r.further.push((header, "x".to_owned()))).await;
        }
        let other_place = |r: &mut Recipe| r.further.push(("authorization", "Signature x".to_owned()));
        scene.refused("a signature in authorization", 400, other_place).await;
    }

    async fn without_proof_is_401(engine: Engine) {
        let scene = Scene::new(engine).await;
        scene.refused("unsigned", 401, |r| r.signed = false).await;
        scene.refused("another body", 401, |r| r.signed_body = Some(b"{}".to_vec())).await;
        scene.refused("two hours old", 401, |r| r.date = r.date.plus_seconds(-2 * HOUR)).await;
        scene.refused("two hours ahead", 401, |r| r.date = r.date.plus_seconds(2 * HOUR)).await;
        scene.refused("hmac", 401, |r| r.algorithm = Some("hmac-sha256")).await;
        for name in ["(request-target)", "host", "date", "digest"] {
            scene.refused(&format!("without {name}"), 401, |r| r.covered.retain(|n| *n != name)).await;
        }
        let other = scene.bob.with_another_key();
        scene.refused("a key of nobody", 401, |r| r.key = other.key().clone()).await;
        let eve = scene.eve.clone();
        scene.refused("a neighbour's key", 401, |r| {
            r.key = eve.key().clone();
            r.key_id.clone_from(&eve.key().key_id);
        }).await;
        let far = ScriptedPeer::start().await;
        let mallory = far.actor("mallory", Software::Mastodon);
        scene.refused("a key of another host", 401, |r| {
            r.key = mallory.key().clone();
            r.key_id.clone_from(&mallory.key().key_id);
        }).await;
        let mut foreign = scene.like_of(&scene.bob, "foreign");
        foreign["id"] = format!("{}/1", far.base()).into();
        scene.refused_body("an id of another host", 401, &foreign).await;
        let mut ours = scene.like_of(&scene.bob, "ours");
        ours["actor"] = format!("{}/u/ana", scene.server.base()).into();
        scene.refused_body("an actor of ours", 401, &ours).await;
        let unknown = |r: &mut Recipe| r.key_id = format!("{}/users/nobody#main-key", scene.peer.base());
        scene.refused("an unknown key", 401, unknown).await;
    }

    async fn for_somebody_else_is_403_and_leaves_a_trace(engine: Engine) {
        let scene = Scene::new(engine).await;
        let (bob, eve) = (&scene.bob.id, &scene.eve.id);
        let said = note(&format!("{eve}/1"), eve, &scene.uri, "Mine.");
        let create = activity(&format!("{eve}/1/a"), "Create", eve, said.clone());
        assert_eq!(scene.eve.send(&scene.inboxes()[0], &create).await, 202);
        settled(&scene.server).await;
        let forged = note(&format!("{bob}/2"), eve, &scene.uri, "Hers.");
        let traces = async || scene.server.database.count("audit", "WHERE kind = 'forbidden'").await;
        for (what, kind, object) in [
            ("a text of another", "Create", forged),
            ("an update of another's", "Update", said),
            ("a deletion of another's", "Delete", json!(format!("{eve}/1"))),
            ("a deletion of ours", "Delete", json!(scene.uri)),
            ("a farewell for another", "Delete", json!(eve)),
            ("an undo for another", "Undo", scene.like_of(&scene.eve, "known")),
        ] {
            let before = traces().await;
            let act = activity(&format!("{bob}/forged"), kind, bob, object);
            scene.refused_body(what, 403, &act).await;
            assert_eq!(traces().await, before + scene.inboxes().len(), "{what}");
        }
    }

    async fn nobody_there_is_404_or_410(engine: Engine) {
        let scene = Scene::new(engine).await;
        let before = scene.server.database.record().await;
        for path in ["/u/nobody/inbox", "/g/nothing/inbox", "/u/transport/inbox", "/g/ana/inbox"] {
            let inbox = format!("{}{path}", scene.server.base());
            let like = scene.like_of(&scene.bob, "lost");
            assert_eq!(scene.bob.send(&inbox, &like).await, 404, "{path}");
        }
        assert!(before == scene.server.database.record().await);
    }

    async fn the_wrong_form_is_405_415_413_or_421(engine: Engine) {
        let scene = Scene::new(engine).await;
        scene.refused("a put", 405, |r| r.method = http::Method::PUT).await;
        for kind in ["application/json", "text/html", "image/png"] {
            scene.refused(&format!("as {}", kind.replace('/', "-")), 415, |r| r.content_type = kind).await;
        }
        let packed = |r: &mut Recipe| r.further.push(("content-encoding", "gzip".to_owned()));
        scene.refused("compressed", 415, packed).await;
        scene.refused("for another host", 421, |r| r.host = Some("other.example".to_owned())).await;
        let mut long = scene.like_of(&scene.bob, "long");
        long["content"] = "x".repeat(1024 * 1024 + 1).into();
        scene.refused_body("too large", 413, &long).await;
    }

    async fn a_changed_key_is_asked_for_once(engine: Engine) {
        let scene = Scene::new(engine).await;
        let inbox = &scene.inboxes()[0];
        let asked = scene.peer.asked("/users/bob");
        let renewed = scene.bob.with_another_key();
        scene.peer.serve("/users/bob", renewed.document());
        let like = scene.like_of(&scene.bob, "renewed");
        assert_eq!(renewed.send(inbox, &like).await, 202);
        assert_eq!(scene.peer.asked("/users/bob"), asked + 1);
        // The old key is worth nothing any more, and nobody is asked again.
        assert_eq!(scene.bob.send(inbox, &scene.like_of(&scene.bob, "old")).await, 401);
        assert_eq!(scene.peer.asked("/users/bob"), asked + 1);
    }

    async fn a_key_that_cannot_be_had_is_401_or_503_where_it_may_be_had_later(engine: Engine) {
        let scene = Scene::new(engine).await;
        for (name, status, answer) in [
            ("late", 503, Answer::Status(500)),
            ("page", 401, Answer::Typed("text/html", "<p>me</p>".to_owned())),
            ("huge", 401, Answer::Huge(2 * 1024 * 1024)),
            ("away", 503, Answer::Header(302, "location", "http://127.0.0.1:1/".to_owned())),
            ("loop", 401, Answer::Header(302, "location", "/users/loop".to_owned())),
        ] {
            let who = scene.peer.actor(name, Software::Mastodon);
            scene.peer.always(&format!("/users/{name}"), answer);
            let like = scene.like_of(&who, "1");
            assert_eq!(who.send(&scene.inboxes()[0], &like).await, status, "{name}");
            // It is not asked for again at once, and what is said of it stays the same.
            let asked = scene.peer.asked(&format!("/users/{name}"));
            assert_eq!(who.send(&scene.inboxes()[0], &like).await, status, "{name}");
            assert_eq!(scene.peer.asked(&format!("/users/{name}")), asked, "{name}");
        }
        assert_eq!(scene.likes().await, 0);
    }
}
