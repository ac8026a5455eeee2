//! Ballots between servers: opened here, mirrored and voted on there, closed by the clock.

use crate::support::{activity, follow, found, settled, until};
use http::Method;
use serde_json::{Value, json};
use std::time::Duration;
use veche::services::assemblies;
use veche::storage::Engine;
use veche::testing::{
    Citizen, RemoteActor, ScriptedPeer, Software, TestClock, TestServer, id_of, stopped_clock, text,
};
use veche::{both_engines, domain::Timestamp};

/// A region whose clock the test moves, with an official and an initiative for the office.
struct Region {
    server: TestServer,
    clock: TestClock,
    clerk: Citizen,
    ana: Citizen,
    initiative: Value,
}

impl Region {
    async fn new(engine: Engine) -> Self {
        let clock = stopped_clock();
        let server = TestServer::plan(engine).clock(&clock).start().await;
        server.body("office").await;
        let body = Some("office");
        assemblies::create(&server, "transport", "Transport", body).await.expect("an assembly");
        let (clerk, ana) = (server.official("olga").await, server.citizen("ana").await);
        let initiative = ana.publish("transport", "Night buses").await;
        Self { server, clock, clerk, ana, initiative }
    }

    async fn open(&self, change: Value) -> Value {
        let end = Timestamp::from_millis(self.server.now().millis() + 7_200_000);
        let mut form = json!({ "question": "Night buses?", "options": ["Yes", "No"],
            "ends_at": end.to_rfc3339() });
        for (key, value) in change.as_object().into_iter().flatten() {
            form[key] = value.clone();
        }
        let path = format!("/initiatives/{}/ballots", id_of(&self.initiative));
        self.clerk.ask(Method::POST, &path, Some(form)).await
    }

    async fn ballot(&self, id: &str) -> Value {
        self.ana.ask(Method::GET, &format!("/ballots/{id}"), None).await
    }

    async fn send(&self, who: &RemoteActor, act: &Value) {
        let inbox = format!("{}/inbox", self.server.base());
        let mut recipe = who.recipe(&inbox, act);
        recipe.date = self.server.now();
        assert_eq!(recipe.send().await.0, 202, "{act}");
        settled(&self.server).await;
    }

    /// Somebody elsewhere votes.
    async fn vote(&self, who: &RemoteActor, ballot: &Value, name: &str) {
        let office = format!("{}/u/office", self.server.base());
        let note = format!("{}#votes/{name}", who.id);
        let object = json!({ "id": note, "type": "Note", "attributedTo": who.id, "name": name,
            "inReplyTo": ballot["uri"], "to": office });
        let mut act = activity(&format!("{note}/activity"), "Create", &who.id, object);
        act["to"] = json!(office);
        self.send(who, &act).await;
    }
}

fn votes(ballot: &Value) -> Vec<i64> {
    let options = ballot["options"].as_array().expect("options");
    options.iter().map(|o| o["votes"]["fediverse"].as_i64().expect("a number")).collect()
}

both_engines! {
    async fn tallies_are_pushed_once_and_the_end_comes_by_the_clock(engine: Engine) {
        let region = Region::new(engine).await;
        let peer = ScriptedPeer::start().await;
        let bob = peer.actor("bob", Software::Mastodon);
        let office = format!("{}/u/office", region.server.base());
        let asked = activity(&format!("{}/follows/1", bob.id), "Follow", &bob.id, office.as_str());
        region.send(&bob, &asked).await;
        let ballot = region.open(json!({})).await;
        settled(&region.server).await;
        let opened = found(async || peer.posted("Create").pop()).await;
        assert_eq!(opened.body["object"]["type"], "Question");
        assert_eq!(opened.body["object"]["oneOf"][0]["replies"]["totalItems"], 0);
        assert!(!opened.body.to_string().contains("/g/transport"), "not addressed to the assembly");

        let eve = ScriptedPeer::at("127.0.0.2").await;
        let zoe = eve.actor("zoe", Software::Misskey);
        region.vote(&bob, &ballot, "Yes").await;
        region.vote(&bob, &ballot, "Yes").await;
        region.vote(&zoe, &ballot, "No").await;
        assert_eq!(votes(&region.ballot(&id_of(&ballot)).await), [1, 1]);
        assert!(peer.posted("Update").is_empty());
        region.clock.advance(Duration::from_secs(179));
        settled(&region.server).await;
        assert!(peer.posted("Update").is_empty());
        region.clock.advance(Duration::from_secs(1));
        let push = found(async || peer.posted("Update").pop()).await;
        settled(&region.server).await;
        assert_eq!(peer.posted("Update").len(), 1);
        // Who voted gets it as well, and is not named in it.
        found(async || eve.posted("Update").pop()).await;
        assert!(!push.body.to_string().contains(&bob.id) && !push.body.to_string().contains(&zoe.id));
        let object = &push.body["object"];
        assert_eq!((&object["votersCount"], object.get("updated")), (&2.into(), None));
        for key in ["published", "endTime", "content", "name", "context"] {
            assert_eq!(object[key], opened.body["object"][key], "{key}");
        }

        region.clock.advance(Duration::from_hours(2));
        found(async || peer.posted("Update").into_iter().find(|u| u.body["object"]["closed"].is_string())).await;
        settled(&region.server).await;
        let closed = region.ballot(&id_of(&ballot)).await;
        assert_eq!((&closed["state"], &closed["closed_at"]), (&"closed".into(), &closed["ends_at"]));
        let said = region.ana.comments(&id_of(&region.initiative)).await;
        assert_eq!(said.len(), 1, "{said:?}");
        assert_eq!(said[0]["author"]["handle"], "office");
        let note = found(async || {
            peer.posted("Create").into_iter().find(|c| c.body["object"]["type"] == "Note")
        }).await;
        assert_eq!(note.body["object"]["inReplyTo"], region.initiative["uri"]);

        // Too late: taken, kept, and answered.
        region.clock.advance(Duration::from_secs(1));
        let late = peer.actor("late", Software::Mastodon);
        region.vote(&late, &ballot, "Yes").await;
        let answer = found(async || peer.posted("Reject").pop()).await;
        assert_eq!(answer.body["object"]["id"], format!("{}#votes/Yes/activity", late.id));
        assert_eq!(answer.body["actor"], office);
        let after = region.ballot(&id_of(&ballot)).await;
        assert_eq!((votes(&after), &after["verdicts"]["late"]), (vec![1, 1], &1.into()));
    }

    async fn a_mirror_shows_what_the_home_reports_and_votes_there(engine: Engine) {
        let region = Region::new(engine).await;
        let ngo = TestServer::plan(engine).clock(&region.clock).start().await;
        let vera = ngo.citizen("vera").await;
        follow(&vera, &region.server.address_of("transport")).await;
        let made = region.ana.publish("transport", "Quiet streets").await;
        let uri = text(&made["uri"]);
        let seen = found(async || vera.find(&uri).await).await;
        let region = Region { initiative: made, ..region };
        let ballot = region.open(json!({ "options": ["Да", "No", "Abstain"], "multiple": true })).await;
        let there = async || {
            let path = format!("/initiatives/{}/ballots", id_of(&seen));
            let list = vera.ask(Method::GET, &path, None).await;
            list["items"].as_array().and_then(|l| l.first()).cloned()
        };
        let mirrored = found(there).await;
        assert_eq!((&mirrored["uri"], &mirrored["local"]), (&ballot["uri"], &false.into()));
        assert_eq!((&mirrored["voters"], &mirrored["multiple"]), (&Value::Null, &true.into()));
        assert_eq!(mirrored["options"][0]["name"], "Да");

        let path = format!("/ballots/{}/votes", id_of(&mirrored));
        let chosen = json!({ "options": [mirrored["options"][0]["id"], mirrored["options"][2]["id"]] });
        vera.ask(Method::POST, &path, Some(chosen.clone())).await;
        vera.ask(Method::POST, &path, Some(chosen)).await;
        let id = id_of(&ballot);
        until(async || votes(&region.ballot(&id).await) == [1, 0, 1]).await;
        settled(&region.server).await;
        assert_eq!(region.ballot(&id).await["voters"], json!({ "fediverse": 1, "registered": 0 }));
        // Nobody else can see the votes: they are in no outbox.
        let outbox = ngo.document("/u/vera/outbox?before=9223372036854775807").await;
        assert!(!outbox.text().contains("votes/"), "{}", outbox.text());
        // The totals are the home's, told by the push to who voted.
        region.clock.advance(Duration::from_mins(3));
        let reported = async |n: i64| {
            let now = there().await.expect("it stays");
            now["options"][0]["reported"] == n && now["reported"]["voters"] == n
        };
        until(async || reported(1).await).await;
        assert_eq!(there().await.expect("it stays")["voters"], Value::Null);
        // Without a push the mirror asks when somebody looks.
        let path = format!("/ballots/{id}/votes");
        let own = json!({ "options": [ballot["options"][0]["id"]] });
        region.ana.ask(Method::POST, &path, Some(own)).await;
        region.clock.advance(Duration::from_secs(61));
        until(async || {
            vera.ask(Method::GET, &format!("/ballots/{}", id_of(&mirrored)), None).await;
            reported(2).await
        }).await;
        region.clerk.ask(Method::DELETE, &format!("/ballots/{id}"), None).await;
        until(async || there().await.is_none()).await;
    }

    async fn what_merely_has_options_is_an_answer(engine: Engine) {
        let region = Region::new(engine).await;
        let peer = ScriptedPeer::start().await;
        let bob = peer.actor("bob", Software::Mastodon);
        let option = |name: &str| json!({ "type": "Note", "name": name,
            "replies": { "type": "Collection", "totalItems": 999 } });
        let question = |n: u8, extra: Value| {
            let id = format!("{}/polls/{n}", bob.id);
            let mut object = json!({ "id": id, "type": "Question", "attributedTo": bob.id,
                "content": "<p>Which line?</p>", "to": [crate::support::PUBLIC], "cc": [],
                "endTime": "2030-01-01T00:00:00Z", "oneOf": [option("7"), option("8")] });
            for (key, value) in extra.as_object().into_iter().flatten() {
                object[key] = value.clone();
            }
            activity(&format!("{id}/activity"), "Create", &bob.id, object)
        };
        let uri = text(&region.initiative["uri"]);
        region.send(&bob, &question(1, json!({ "inReplyTo": uri }))).await;
        region.send(&bob, &question(2, json!({ "context": format!("{uri}/context") }))).await;
        region.send(&bob, &question(3, json!({ "civic:initiative": uri }))).await;
        let id = id_of(&region.initiative);
        assert_eq!(region.ana.comments(&id).await.len(), 1);
        let path = format!("/initiatives/{id}/ballots");
        let ballots = region.ana.ask(Method::GET, &path, None).await;
        assert_eq!(ballots["items"].as_array().map(Vec::len), Some(0));
    }

    async fn options_of_a_mirrored_ballot_stay_as_they_are(engine: Engine) {
        let region = Region::new(engine).await;
        let peer = ScriptedPeer::start().await;
        let office = peer.actor("office", Software::Mastodon);
        let mut document = office.document();
        document["type"] = "Service".into();
        peer.serve(&office.path(), document);
        let group = peer.actor("board", Software::Mastodon);
        let mut document = group.document();
        document["type"] = "Group".into();
        peer.serve(&group.path(), document);
        region.ana.follow(&group.address()).await;
        let asked = found(async || peer.posted("Follow").pop()).await;
        region.send(&group, &activity(&format!("{}/accept", group.id), "Accept", &group.id, asked.body.clone())).await;
        let article = format!("{}/articles/1", office.id);
        let text_of_it = json!({ "id": article, "type": "Article", "attributedTo": office.id, "name": "A bridge",
            "content": "<p>We want a bridge.</p>", "to": [crate::support::PUBLIC, group.id], "cc": [],
            "audience": group.id });
        region.send(&office, &activity(&format!("{article}/activity"), "Create", &office.id, text_of_it)).await;
        let seen = found(async || region.ana.find(&article).await).await;
        let poll = |names: [&str; 2], totals: [i64; 2], closed: Value| {
            let option = |n: usize| json!({ "type": "Note", "name": names[n],
                "replies": { "type": "Collection", "totalItems": totals[n] } });
            json!({ "id": format!("{}/polls/1", office.id), "type": "Question", "attributedTo": office.id,
                "content": "<p>A bridge?</p>", "to": [crate::support::PUBLIC], "cc": [], "closed": closed,
                "endTime": "2030-01-01T00:00:00Z", "votersCount": totals[0] + totals[1],
                "oneOf": [option(0), option(1)], "inReplyTo": article })
        };
        let act = |n: u8, kind: &str, object: Value| {
            activity(&format!("{}/polls/1/{n}", office.id), kind, &office.id, object)
        };
        region.send(&office, &act(1, "Create", poll(["Yes", "No"], [1, 0], Value::Null))).await;
        let path = format!("/initiatives/{}/ballots", id_of(&seen));
        let ballot = async || region.ana.ask(Method::GET, &path, None).await["items"][0].clone();
        let reported = async || {
            let now = ballot().await;
            (now["options"][0]["reported"].clone(), now["options"][1]["reported"].clone())
        };
        assert_eq!(reported().await, (1.into(), 0.into()));
        region.send(&office, &act(2, "Update", poll(["Yes", "No"], [4, 2], Value::Null))).await;
        assert_eq!(reported().await, (4.into(), 2.into()));
        region.send(&office, &act(3, "Update", poll(["No", "Yes"], [9, 0], Value::Null))).await;
        region.send(&office, &act(4, "Update", poll(["Yes", "Never"], [9, 0], Value::Null))).await;
        assert_eq!(reported().await, (4.into(), 2.into()));
        assert_eq!(region.server.database.count("audit", "WHERE kind = 'ballot'").await, 2);
        region.send(&office, &act(5, "Update", poll(["Yes", "No"], [5, 2], "2026-01-01T00:00:00Z".into()))).await;
        let closed = ballot().await;
        assert_eq!((&closed["state"], &closed["options"][0]["reported"]), (&"closed".into(), &5.into()));
        let vote = json!({ "options": [closed["options"][0]["id"]] });
        let path = format!("/ballots/{}/votes", id_of(&closed));
        let (status, problem) = region.ana.call(Method::POST, &path, Some(&vote)).await;
        assert_eq!((status, &problem["state"]), (409, &"closed".into()));
    }
}
