//! Leave to answer, for servers that ask before they do.

use crate::support::{activity, note, settled};
use serde_json::Value;
use veche::both_engines;
use veche::services::moderation;
use veche::storage::Engine;
use veche::testing::{Citizen, RemoteActor, ScriptedPeer, Software, TestServer, id_of, text};

struct Scene {
    server: TestServer,
    ana: Citizen,
    id: String,
    uri: String,
    peer: ScriptedPeer,
    bob: RemoteActor,
}

impl Scene {
    /// Asks for leave to answer with this text; the answer.
    async fn ask(&self, name: &str, about: &str, instrument: Value) -> Value {
        let id = format!("{}/requests/{name}", self.bob.id);
        let mut request = activity(&id, "ReplyRequest", &self.bob.id, about);
        request["instrument"] = instrument;
        let inbox = format!("{}/inbox", self.server.base());
        assert_eq!(self.bob.send(&inbox, &request).await, 202);
        settled(&self.server).await;
        let answers = ["Accept", "Reject"].into_iter().flat_map(|kind| self.peer.posted(kind));
        let mut answers: Vec<Value> = answers.map(|a| a.body).collect();
        answers.retain(|a| a["object"]["id"] == id.as_str());
        assert_eq!(answers.len(), 1, "{name} is answered once");
        let answer = answers.remove(0);
        assert_eq!(answer["object"]["type"], "ReplyRequest");
        answer
    }
}

both_engines! {
    async fn leave_to_answer_is_given_while_the_thread_is_open(engine: Engine) {
        let server = TestServer::new(engine).await;
        server.assembly("transport").await;
        let ana = server.citizen("ana").await;
        let made = ana.publish("transport", "Night buses").await;
        let peer = ScriptedPeer::start().await;
        let bob = peer.actor("bob", Software::GoToSocial);
        let s = Scene { id: id_of(&made), uri: text(&made["uri"]), server, ana, peer, bob };
        let answer_to = |name: &str, about: &str| note(&format!("{}/{name}", s.bob.id), &s.bob.id, about, "Yes.");
        let given = s.ask("1", &s.uri, answer_to("a1", &s.uri)).await;
        let owner = format!("{}/u/ana", s.server.base());
        assert_eq!((&given["type"], &given["actor"]), (&"Accept".into(), &owner.as_str().into()));
        let path = text(&given["result"]).replace(s.server.base(), "");
        let leave = s.server.document(&path).await.json();
        assert_eq!((&leave["type"], &leave["attributedTo"]), (&"ReplyAuthorization".into(), &owner.as_str().into()));
        assert_eq!((&leave["interactionTarget"], &leave["interactingObject"]), (&s.uri.as_str().into(), &format!("{}/a1", s.bob.id).into()));
        assert_eq!(s.server.document("/replies/1").await.status(), 404);
        // Asked again, the same leave; of a comment as well, whose text is read at its home.
        assert_eq!(s.ask("2", &s.uri, answer_to("a1", &s.uri)).await["result"], given["result"]);
        let said = s.ana.comment(&s.id, "Who pays?").await;
        let comment = text(&said["uri"]);
        s.peer.serve(&format!("{}/a2", s.bob.path()), answer_to("a2", &comment));
        let by_id = s.ask("3", &comment, format!("{}/a2", s.bob.id).into()).await;
        assert_eq!(by_id["type"], "Accept");
        // Not with somebody else's text, nor with one that answers something else.
        let eve = s.peer.actor("eve", Software::GoToSocial);
        let hers = note(&format!("{}/a3", eve.id), &eve.id, &s.uri, "Yes.");
        for (name, instrument) in [("4", hers), ("5", answer_to("a4", &comment))] {
            let refused = s.ask(name, &s.uri, instrument).await;
            assert_eq!((&refused["type"], refused.get("result")), (&"Reject".into(), None), "{name}");
        }
        // Whoever is blocked gets none.
        s.ana.ask(http::Method::POST, "/blocks", Some(serde_json::json!({ "actor": s.bob.id }))).await;
        assert_eq!(s.ask("6", &s.uri, answer_to("a5", &s.uri)).await["type"], "Reject");
        // In a closed thread nobody does, and the texts say so.
        let open = s.server.document(&comment.replace(s.server.base(), "")).await.json();
        assert!(open["interactionPolicy"].get("canReply").is_none());
        moderation::appoint(&s.server, "transport", "ana", true).await.expect("the database answers");
        s.ana.ask(http::Method::POST, &format!("/initiatives/{}/lock", s.id), None).await;
        settled(&s.server).await;
        for uri in [&s.uri, &comment] {
            let document = s.server.document(&uri.replace(s.server.base(), "")).await.json();
            assert_eq!(document["interactionPolicy"]["canReply"]["automaticApproval"][0], owner);
        }
        assert_eq!(s.ask("7", &comment, answer_to("a6", &comment)).await["type"], "Reject");
        // The leave that was given goes with what it was for.
        s.ana.withdraw(&s.id).await;
        assert_eq!(s.server.document(&path).await.status(), 410);
    }
}
