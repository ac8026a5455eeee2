//! What forums send besides votes and posts: what comes back after it was deleted. And what they are
//! sent: reports to the community. Warnings before a text.

use crate::support::{activity, community, note, settled};
use serde_json::{Value, json};
use veche::both_engines;
use veche::services::reports;
use veche::storage::Engine;
use veche::testing::{Citizen, RemoteActor, ScriptedPeer, Software, TestServer, id_of, text};

/// A community elsewhere with a post of Bob's there, and a comment on it of Carol's, who lives
/// at a third place.
struct Scene {
    server: TestServer,
    ana: Citizen,
    place: ScriptedPeer,
    board: RemoteActor,
    bob: RemoteActor,
    third: ScriptedPeer,
    carol: RemoteActor,
}

impl Scene {
    async fn new(engine: Engine) -> Self {
        let server = TestServer::new(engine).await;
        let ana = server.citizen("ana").await;
        let place = ScriptedPeer::at("127.0.0.2").await;
        let board = community(&server, &ana, &place).await;
        let bob = place.actor("bob", Software::Lemmy);
        let third = ScriptedPeer::start().await;
        let carol = third.actor("carol", Software::Mastodon);
        let scene = Self { server, ana, place, board, bob, third, carol };
        let post = scene.post();
        scene
            .announced(
                "post",
                &activity(&format!("{}/a", text(&post["id"])), "Create", &scene.bob.id, post),
            )
            .await;
        let said = scene.comment();
        scene.third.serve("/users/carol/1", said.clone());
        scene
            .announced(
                "comment",
                &activity(&format!("{}/a", text(&said["id"])), "Create", &scene.carol.id, said),
            )
            .await;
        assert!(scene.said().await["deleted_at"].is_null());
        scene
    }

    fn post(&self) -> Value {
        let id = format!("{}/post/1", self.bob.id);
        let post = json!({ "id": id, "type": "Page", "attributedTo": self.bob.id, "name": "Bridge",
            "content": "<p>We ask for a bridge.</p>", "audience": self.board.id,
            "to": ["https://www.w3.org/ns/activitystreams#Public", self.board.id] });
        self.place.serve(&format!("{}/post/1", self.bob.path()), post.clone());
        post
    }

    fn comment(&self) -> Value {
        let id = format!("{}/1", self.carol.id);
        note(&id, &self.carol.id, &format!("{}/post/1", self.bob.id), "Yes, a bridge.")
    }

    async fn announced(&self, name: &str, what: &Value) {
        let announce = activity(
            &format!("{}/announce/{name}", self.board.id),
            "Announce",
            &self.board.id,
            what.clone(),
        );
        self.sent(&self.board, &announce).await;
    }

    async fn sent(&self, by: &RemoteActor, what: &Value) {
        let inbox = format!("{}/inbox", self.server.base());
        assert_eq!(by.send(&inbox, what).await, 202, "{what}");
        settled(&self.server).await;
    }

    async fn seen(&self) -> Value {
        let uri = format!("{}/post/1", self.bob.id);
        let found = self.ana.find(&uri).await.expect("it is here");
        self.ana.initiative(&id_of(&found)).await
    }

    async fn said(&self) -> Value {
        let uri = format!("{}/1", self.carol.id);
        let all = self.ana.comments(&id_of(&self.seen().await)).await;
        all.into_iter().find(|c| c["uri"] == uri.as_str()).expect("its place is here")
    }
}

/// A deletion and its end.
fn end_of(by: &RemoteActor, object: &str, n: usize, reason: Option<&str>) -> (Value, Value) {
    let mut delete = activity(&format!("{}/delete/{n}", by.id), "Delete", &by.id, object);
    if let Some(reason) = reason {
        delete["summary"] = reason.into();
    }
    let undo = activity(&format!("{}/undo/{n}", by.id), "Undo", &by.id, delete.clone());
    (delete, undo)
}

both_engines! {
    async fn what_its_author_brings_back_is_read_again(engine: Engine) {
        let scene = Scene::new(engine).await;
        let (post, said) = (format!("{}/post/1", scene.bob.id), format!("{}/1", scene.carol.id));
        // A post, through its community.
        let (delete, undo) = end_of(&scene.bob, &post, 1, None);
        scene.place.bury(&format!("{}/post/1", scene.bob.path()));
        scene.announced("d1", &delete).await;
        assert_eq!(scene.seen().await["state"], "withdrawn");
        // Its home does not have it: it stays away.
        scene.announced("u0", &undo).await;
        assert_eq!(scene.seen().await["state"], "withdrawn");
        scene.post();
        // Somebody else of the same server does not bring it back, nor does a third server.
        let mallory = scene.place.actor("mallory", Software::Lemmy);
        scene.announced("forged", &end_of(&mallory, &post, 1, None).1).await;
        assert_eq!(scene.seen().await["state"], "withdrawn");
        scene.announced("u1", &undo).await;
        let now = scene.seen().await;
        assert_eq!((now["state"].clone(), now["deleted_at"].clone()), ("discussion".into(), Value::Null));
        assert!(now.to_string().contains("We ask for a bridge."), "{now}");
        // A comment, by its author herself; what the activity says of it is not believed.
        let replies = scene.seen().await["comments"].clone();
        let (delete, undo) = end_of(&scene.carol, &said, 2, None);
        scene.third.bury("/users/carol/1");
        scene.sent(&scene.carol, &delete).await;
        assert!(!scene.said().await["deleted_at"].is_null());
        assert_ne!(scene.seen().await["comments"], replies);
        let mut changed = scene.comment();
        changed["content"] = "<p>Yes, a stone bridge.</p>".into();
        scene.third.serve("/users/carol/1", changed);
        scene.sent(&scene.carol, &undo).await;
        let now = scene.said().await;
        assert_eq!((now["deleted_at"].clone(), now["html"].clone()), (Value::Null, "<p>Yes, a stone bridge.</p>".into()));
        assert_eq!(scene.seen().await["comments"], replies);
        // The same once more changes nothing; the end before the beginning holds.
        let record = scene.server.database.count("objects", "WHERE deleted_at IS NULL").await;
        scene.announced("u2", &undo).await;
        let (late, early) = end_of(&scene.carol, &said, 3, None);
        scene.sent(&scene.carol, &early).await;
        scene.sent(&scene.carol, &late).await;
        assert_eq!(scene.server.database.count("objects", "WHERE deleted_at IS NULL").await, record);
        // Passed on by the community, whom nobody signed for: its home says that it stands.
        let (delete, undo) = end_of(&scene.carol, &said, 4, None);
        scene.third.bury("/users/carol/1");
        scene.announced("d4", &delete).await;
        assert!(!scene.said().await["deleted_at"].is_null());
        scene.third.serve("/users/carol/1", scene.comment());
        scene.announced("u4", &undo).await;
        assert_eq!(scene.said().await["html"], "<p>Yes, a bridge.</p>");
    }

    async fn what_moderators_removed_only_they_bring_back(engine: Engine) {
        let scene = Scene::new(engine).await;
        let said = format!("{}/1", scene.carol.id);
        let chief = scene.place.actor("chief", Software::Lemmy);
        let (delete, undo) = end_of(&chief, &said, 1, Some("Spam"));
        scene.announced("d1", &delete).await;
        assert!(!scene.said().await["removal"].is_null());
        // Not its author, although her server still has it.
        scene.sent(&scene.carol, &end_of(&scene.carol, &said, 2, None).1).await;
        assert!(!scene.said().await["removal"].is_null());
        // Nor another community.
        let other = scene.place.actor("other", Software::Lemmy);
        let foreign = activity(&format!("{}/announce/1", other.id), "Announce", &other.id, undo.clone());
        scene.sent(&other, &foreign).await;
        assert!(!scene.said().await["removal"].is_null());
        scene.announced("u1", &undo).await;
        let now = scene.said().await;
        assert_eq!((now["removal"].clone(), now["html"].clone()), (Value::Null, "<p>Yes, a bridge.</p>".into()));
        let acts = scene.server.database.rows("moderation", "act", "").await;
        assert_eq!(acts, [["remove"], ["restore"]].map(|act| act.map(Value::from)));
        // What its author deleted, moderators do not bring back.
        let (delete, _) = end_of(&scene.carol, &said, 3, None);
        scene.sent(&scene.carol, &delete).await;
        scene.announced("u4", &end_of(&chief, &said, 4, Some("Spam")).1).await;
        assert!(!scene.said().await["deleted_at"].is_null());
    }

    async fn a_report_goes_to_the_community_of_the_text(engine: Engine) {
        let scene = Scene::new(engine).await;
        let moderator = scene.server.admin("chief").await;
        let said = format!("{}/1", scene.carol.id);
        let report = json!({ "objects": [said], "reason": "Advertising." });
        scene.ana.ask(http::Method::POST, "/reports", Some(report)).await;
        let listed = reports::list(&scene.server, Some(&moderator), None, None, 10).await.expect("the database answers");
        let id = listed.items[0].report.id;
        reports::forward(&scene.server, &moderator, id).await.expect("it is sent on");
        settled(&scene.server).await;
        for place in [&scene.place, &scene.third] {
            let told = place.posted("Flag");
            assert_eq!(told.len(), 1, "{}", place.base());
            assert_eq!(told[0].body["to"], json!([scene.board.id]));
            assert_eq!(told[0].body["object"], json!([scene.carol.id, said]));
        }
    }

    async fn a_warning_stands_before_the_text(engine: Engine) {
        let scene = Scene::new(engine).await;
        let root = id_of(&scene.seen().await);
        let post = format!("{}/post/1", scene.bob.id);
        let say = async |n: usize, kind: &str, summary: Value, sensitive: bool| {
            let id = format!("{}/w{n}", scene.carol.id);
            let mut said = note(&id, &scene.carol.id, &post, "A red bridge.");
            said["summary"] = summary;
            said["sensitive"] = sensitive.into();
            scene.sent(&scene.carol, &activity(&format!("{id}/{kind}"), kind, &scene.carol.id, said)).await;
            scene.ana.comment_by_uri(&root, &id).await.expect("it is here")
        };
        let warned = say(1, "Create", json!("<b>Colours</b>"), true).await;
        assert_eq!((warned["warning"].clone(), warned["html"].clone()), ("Colours".into(), "<p>A red bridge.</p>".into()));
        assert_eq!(say(2, "Create", json!(null), true).await["warning"], "");
        assert_eq!(say(3, "Create", json!(null), false).await["warning"], Value::Null);
        let pages = [format!("/p/{root}"), format!("/n/{}", id_of(&warned))];
        for page in &pages {
            let answer = scene.server.get(page).await;
            let shown = answer.text();
            assert!(shown.contains("<details><summary dir") && shown.contains(">Colours</summary>"), "{shown}");
        }
        assert!(scene.server.get(&pages[0]).await.text().contains(">Sensitive content</summary>"));
        // Taken away by its author.
        assert_eq!(say(1, "Update", json!(null), false).await["warning"], Value::Null);
        assert!(!scene.server.get(&pages[0]).await.text().contains(">Colours</summary>"));
    }
}
