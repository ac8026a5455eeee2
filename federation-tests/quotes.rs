//! Quotes (FEP-044f), in and out.

use crate::support::{Town, activity, found, note, settled, until};
use serde_json::{Value, json};
use veche::both_engines;
use veche::storage::Engine;
use veche::testing::{RemoteActor, ScriptedPeer, Software, TestServer, id_of, text};

/// A server with an initiative, and somebody elsewhere who quotes it.
struct Scene {
    server: TestServer,
    ana: veche::testing::Citizen,
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
        Self { id: id_of(&made), uri: text(&made["uri"]), server, ana, peer, bob }
    }

    fn inbox(&self) -> String {
        format!("{}/inbox", self.server.base())
    }

    fn quoting(&self, name: &str, key: &str) -> Value {
        let mut it = note(&format!("{}/{name}", self.bob.id), &self.bob.id, &self.uri, "Look.");
        it[key] = self.uri.as_str().into();
        it
    }

    /// Asks to quote with this text; the answer.
    async fn ask(&self, name: &str, instrument: Value) -> Value {
        let before = self.peer.posted("Accept").len() + self.peer.posted("Reject").len();
        let mut request = activity(
            &format!("{}/{name}", self.bob.id),
            "QuoteRequest",
            &self.bob.id,
            self.uri.as_str(),
        );
        request["instrument"] = instrument;
        assert_eq!(self.bob.send(&self.inbox(), &request).await, 202);
        let answers = async || {
            let mut all = self.peer.posted("Accept");
            all.extend(self.peer.posted("Reject"));
            (all.len() > before).then_some(all)
        };
        let all = found(answers).await;
        let answer = all.into_iter().find(|a| a.body["object"]["id"] == request["id"]);
        answer.expect("the answer repeats the request").body
    }

    async fn state_of(&self, uri: &str) -> Value {
        let rest = format!("WHERE object_id = (SELECT id FROM objects WHERE uri = '{uri}')");
        let rows = self.server.database.rows("quotes", "state", &rest).await;
        rows.first().map_or(Value::Null, |row| row[0].clone())
    }
}

both_engines! {
    async fn leave_is_given_shown_and_taken_back(engine: Engine) {
        let s = Scene::new(engine).await;
        let answer = s.ask("ask1", s.quoting("q1", "quote")).await;
        assert_eq!((&answer["type"], &answer["actor"]),
            (&"Accept".into(), &format!("{}/u/ana", s.server.base()).into()));
        let leave = text(&answer["result"]);
        let path = leave.strip_prefix(s.server.base()).expect("it is ours").to_owned();
        let document = s.server.document(&path).await.json();
        assert_eq!(document["type"], "QuoteAuthorization");
        assert_eq!(document["interactingObject"], format!("{}/q1", s.bob.id));
        assert_eq!(document["interactionTarget"], s.uri);
        assert_eq!(document["attributedTo"], format!("{}/u/ana", s.server.base()));
        // Asked again, the same leave.
        assert_eq!(s.ask("ask2", s.quoting("q1", "quote")).await["result"], leave);
        // The quote itself comes, with it.
        let mut it = s.quoting("q1", "quote");
        it["quoteAuthorization"] = leave.as_str().into();
        let create = activity(&format!("{}/c1", s.bob.id), "Create", &s.bob.id, it);
        assert_eq!(s.bob.send(&s.inbox(), &create).await, 202);
        settled(&s.server).await;
        let uri = format!("{}/q1", s.bob.id);
        assert_eq!(s.state_of(&uri).await, "approved");
        let page = s.server.get(&format!("/p/{}", s.id)).await;
        assert!(page.text().contains("with its author’s leave"), "{}", page.text());

        // Nobody else takes it back; its author does.
        let (ana, eve) =
            (s.server.browser_of("ana"), s.server.citizen("eve").await);
        let mut ana = ana.await;
        let id = path.rsplit('/').next().expect("an id").to_owned();
        let mut of_eve = s.server.browser_of(&eve.handle).await;
        of_eve.get("/settings/quotes").await;
        assert_eq!(of_eve.post_form("/settings/quotes", &[("quote", &id)]).await.status(), 403);
        let list = ana.get("/settings/quotes").await;
        assert!(list.text().contains(&uri), "{}", list.text());
        assert_eq!(ana.post_form("/settings/quotes", &[("quote", &id)]).await.status(), 303);
        settled(&s.server).await;
        assert_eq!(s.server.document(&path).await.status(), 410);
        assert_eq!(s.state_of(&uri).await, "revoked");
        let ends = s.peer.posted("Delete");
        assert_eq!((ends.len(), &ends[0].body["object"]), (1, &leave.as_str().into()));
        // And it stays so.
        assert_eq!(s.ask("ask3", s.quoting("q1", "quote")).await["type"], "Reject");
    }

    async fn a_moderator_takes_leave_back_and_who_is_blocked_gets_none(engine: Engine) {
        let s = Scene::new(engine).await;
        // The quote came before it had leave; the leave comes without a new text.
        let mut it = s.quoting("q1", "quote");
        let create = activity(&format!("{}/c1", s.bob.id), "Create", &s.bob.id, it.clone());
        assert_eq!(s.bob.send(&s.inbox(), &create).await, 202);
        until(async || s.state_of(&text(&it["id"])).await == "unasked").await;
        let leave = text(&s.ask("ask1", it.clone()).await["result"]);
        it["quoteAuthorization"] = leave.as_str().into();
        let update = activity(&format!("{}/up1", s.bob.id), "Update", &s.bob.id, it.clone());
        assert_eq!(s.bob.send(&s.inbox(), &update).await, 202);
        until(async || s.state_of(&text(&it["id"])).await == "approved").await;
        let path = leave.replace(s.server.base(), "");
        assert_eq!(s.server.document(&path).await.json()["proof"]["cryptosuite"], "eddsa-jcs-2022");

        s.server.admin("boss").await;
        let id = path.rsplit('/').next().expect("an id").to_owned();
        let mut boss = s.server.browser_of("boss").await;
        boss.get("/settings/quotes").await;
        assert_eq!(boss.post_form("/settings/quotes", &[("quote", &id)]).await.status(), 303);
        until(async || s.state_of(&text(&it["id"])).await == "revoked").await;

        // Ana blocks Bob: no leave for another text of his.
        let form = json!({ "actor": s.bob.address() });
        s.ana.ask(http::Method::POST, "/blocks", Some(form)).await;
        assert_eq!(s.ask("ask2", s.quoting("q2", "quote")).await["type"], "Reject");
        // What quotes nothing any more is not shown as a quote.
        it.as_object_mut().expect("a note").retain(|key, _| !key.starts_with("quote"));
        let update = activity(&format!("{}/up2", s.bob.id), "Update", &s.bob.id, it.clone());
        assert_eq!(s.bob.send(&s.inbox(), &update).await, 202);
        until(async || s.state_of(&text(&it["id"])).await.is_null()).await;
    }

    async fn what_is_not_sound_is_refused(engine: Engine) {
        let s = Scene::new(engine).await;
        let mut other = s.quoting("q1", "quote");
        other["quote"] = "https://elsewhere.example/1".into();
        let mut foreign = s.quoting("q2", "quote");
        foreign["attributedTo"] = format!("{}/users/eve", s.peer.base()).into();
        let mut far = s.quoting("q3", "quote");
        far["id"] = "https://elsewhere.example/q3".into();
        let missing = Value::from(format!("{}/users/bob/none", s.peer.base()));
        for (n, instrument) in [other, foreign, far, missing].into_iter().enumerate() {
            let answer = s.ask(&format!("ask{n}"), instrument).await;
            assert_eq!((&answer["type"], &answer["result"]), (&"Reject".into(), &Value::Null), "{n}");
        }
        // Only its address: the text is read at its home.
        s.peer.serve("/users/bob/q4", s.quoting("q4", "quoteUri"));
        let by_id = Value::from(format!("{}/q4", s.bob.id));
        assert_eq!(s.ask("ask4", by_id).await["type"], "Accept");
        assert_eq!(s.server.database.count("quote_authorizations", "").await, 1);
        // What was withdrawn is not to be quoted any more, and no leave for it stands.
        let leave = s.peer.posted("Accept")[0].body["result"].clone();
        s.ana.withdraw(&s.id).await;
        let answer = s.ask("ask5", s.quoting("q5", "quote")).await;
        assert_eq!(answer["type"], "Reject");
        let path = text(&leave).replace(s.server.base(), "");
        assert_eq!(s.server.document(&path).await.status(), 410);
    }

    async fn every_server_has_its_form(engine: Engine) {
        let s = Scene::new(engine).await;
        let link = json!([{ "type": "Link", "href": s.uri, "name": "RE",
            "mediaType": "application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"" }]);
        let mut all: Vec<(String, Value)> = ["quote", "quoteUri", "quoteUrl", "_misskey_quote"]
            .into_iter()
            .map(|key| (key.trim_start_matches('_').to_owned(), s.quoting(key, key)))
            .collect();
        let mut tagged = s.quoting("tagged", "nothing");
        tagged["tag"] = link;
        all.push(("tagged".to_owned(), tagged));
        for (name, it) in all {
            let uri = text(&it["id"]);
            let create = activity(&format!("{}/c-{name}", s.bob.id), "Create", &s.bob.id, it);
            assert_eq!(s.bob.send(&s.inbox(), &create).await, 202);
            until(async || s.state_of(&uri).await == "unasked").await;
        }
        // A leave that its home does not confirm is none.
        let mut forged = s.quoting("forged", "quote");
        forged["quoteAuthorization"] = format!("{}/leave", s.peer.base()).into();
        s.peer.serve("/leave", json!({ "id": format!("{}/leave", s.peer.base()),
            "type": "QuoteAuthorization", "attributedTo": s.bob.id,
            "interactingObject": forged["id"], "interactionTarget": s.uri }));
        let uri = text(&forged["id"]);
        let create = activity(&format!("{}/c-forged", s.bob.id), "Create", &s.bob.id, forged);
        assert_eq!(s.bob.send(&s.inbox(), &create).await, 202);
        settled(&s.server).await;
        // By a bystander, not by ana, who wrote what is quoted.
        assert_eq!(s.state_of(&uri).await, "unasked");
    }

    async fn two_servers_of_ours_agree(engine: Engine) {
        let town = Town::new(engine).await;
        let made = town.ana.publish("transport", "Night buses").await;
        let seen = id_of(&town.mirrored(&made).await);
        let form = json!({ "text": "See this.", "quote": made["uri"] });
        let path = format!("/initiatives/{seen}/comments");
        let said = town.vera.ask(http::Method::POST, &path, Some(form)).await;
        let document = async || {
            let path = format!("/n/{}", id_of(&said));
            town.ngo.document(&path).await.json()
        };
        let at_once = document().await;
        for key in ["quote", "quoteUri", "_misskey_quote"] {
            assert_eq!(at_once[key], made["uri"], "{key}");
        }
        assert!(text(&at_once["content"]).starts_with("<p class=\"quote-inline\">"));
        until(async || document().await["quoteAuthorization"].is_string()).await;
        let leave = text(&document().await["quoteAuthorization"]);
        assert!(leave.starts_with(town.region.base()), "{leave}");
        // Ana takes it back: the NGO's text quotes without leave, and says so.
        let mut ana = town.region.browser_of("ana").await;
        ana.get("/settings/quotes").await;
        let id = leave.rsplit('/').next().expect("an id");
        assert_eq!(ana.post_form("/settings/quotes", &[("quote", id)]).await.status(), 303);
        until(async || document().await["quoteAuthorization"].is_null()).await;
        assert_eq!(document().await["quote"], made["uri"]);
    }
}
