//! What an admin is told: of a delivery that a peer refused, of one against which a rule stands,
//! of one that is dead, of an arrival with a wrong digest; by the real binary, from the shell,
//! while the server runs.

use crate::binary::Installation;
use crate::support::{activity, until};
use serde_json::Value;
use url::Url;
use veche::both_engines;
use veche::storage::Engine;
use veche::testing::{Answer, RemoteActor, ScriptedPeer, Software, TestDb, text};

/// The outcome of `veche admin federation … --json`, which must succeed.
async fn told(home: &Installation, arguments: &[&str]) -> Value {
    let all = [&["admin", "federation"], arguments, &["--json"]].concat();
    let (code, output, errors) = home.run(&all, "").await;
    assert_eq!(code, 0, "{arguments:?}: {errors}");
    serde_json::from_str(&output).expect("--json gives one JSON object")
}

/// The entries of the log for a host with this fate.
async fn entries(home: &Installation, host: &str, fate: &str) -> Vec<Value> {
    let found = told(home, &["log", "--host", host, "--fate", fate]).await;
    found["items"].as_array().expect("a list").clone()
}

async fn shown(home: &Installation, entry: &Value) -> Value {
    let id = text(&entry["id"]);
    let found = told(home, &["show", &id]).await;
    assert_eq!(found["items"].as_array().map(Vec::len), Some(1), "{found}");
    found["items"][0].clone()
}

fn host_of(peer: &ScriptedPeer) -> String {
    peer.base().trim_start_matches("http://").to_owned()
}

/// Answers everything that is sent to the actor in this way.
fn answer(peer: &ScriptedPeer, actor: &RemoteActor, status: u16) {
    let document = actor.document();
    for inbox in [&document["inbox"], &document["endpoints"]["sharedInbox"]] {
        if let Some(url) = inbox.as_str().and_then(|i| Url::parse(i).ok()) {
            peer.always(url.path(), Answer::Status(status));
        }
    }
}

fn check<'a>(story: &'a Value, name: &str) -> &'a str {
    let checks = story["checks"].as_array().expect("a list");
    let found = checks.iter().find(|check| check["check"] == name).expect("there is such a check");
    found["result"].as_str().expect("a word")
}

both_engines! {
    async fn the_shell_explains_what_became_of_everything(engine: Engine) {
        let db = TestDb::new(engine).await;
        let home = Installation::on(&db);
        let ana = home.prepare().await;
        let mut process = home.serve("web,worker");
        home.ready().await;
        let inbox = format!("{}/inbox", home.base);
        let group = format!("{}/g/transport", home.base);

        // Three servers follow; then one refuses, one is in trouble, one has moved away.
        let mut followers = Vec::new();
        for (ip, status) in [("127.0.0.2", 403), ("127.0.0.3", 500), ("127.0.0.4", 404)] {
            let peer = ScriptedPeer::at(ip).await;
            let bob = peer.actor("bob", Software::Mastodon);
            let follow = activity(&format!("{}/follow", bob.id), "Follow", &bob.id, group.as_str());
            assert_eq!(bob.send(&inbox, &follow).await, 202);
            until(async || peer.posted("Accept").len() == 1).await;
            answer(&peer, &bob, status);
            followers.push((peer, bob));
        }
        let [(refusing, bob), (troubled, _), (moved, _)] = &followers[..] else { unreachable!() };
        let about = text(&ana.publish("transport", "Night buses").await["uri"]);

        let (host, rejected) = (host_of(refusing), host_of(troubled));
        until(async || !entries(&home, &host, "dead").await.is_empty()).await;
        let story = shown(&home, &entries(&home, &host, "dead").await[0]).await;
        assert_eq!((&story["status"], &story["advice"]), (&403.into(), &"ask_them".into()), "{story}");
        assert_eq!(story["attempts"][0]["status"], 403);
        assert_eq!((&story["direction"], &story["next"]), (&"out".into(), &"nothing".into()));
        assert!(text(&story["body"]).contains("Announce"));

        let gone = host_of(moved);
        until(async || !entries(&home, &gone, "dead").await.is_empty()).await;
        let story = shown(&home, &entries(&home, &gone, "dead").await[0]).await;
        assert_eq!((&story["status"], &story["advice"]), (&404.into(), &"gone".into()), "{story}");

        // What waits says when it is tried again; a rule ends it.
        until(async || {
            let waiting = entries(&home, &rejected, "waiting").await;
            !waiting.is_empty() && shown(&home, &waiting[0]).await["attempts"][0]["status"] == 500
        }).await;
        let waiting = shown(&home, &entries(&home, &rejected, "waiting").await[0]).await;
        assert_eq!((&waiting["next"], &waiting["advice"]), (&"attempt".into(), &"retry_or_drop".into()));
        let rule = ["policy", "set", &rejected, "--severity", "reject", "--why", "tests it"];
        assert_eq!(told(&home, &rule).await["severity"], "reject");
        let story = shown(&home, &waiting).await;
        assert_eq!((&story["fate"], &story["advice"]), (&"dead".into(), &"policy".into()), "{story}");
        assert!(text(&story["reason"]).starts_with("policy"), "{story}");
        let view = told(&home, &["host", &rejected]).await;
        assert_eq!((&view["policy"], &view["frozen_follows"]), (&"reject".into(), &1.into()), "{view}");

        // The server finds the rule by itself, and turns its sender away before asking for a key.
        let eve = &followers[1].1;
        let like = activity(&format!("{}/like", eve.id), "Like", &eve.id, about.as_str());
        until(async || eve.send(&inbox, &like).await == 403).await;
        until(async || !entries(&home, &rejected, "refused").await.is_empty()).await;
        let story = shown(&home, &entries(&home, &rejected, "refused").await[0]).await;
        assert_eq!((&story["failed_check"], &story["status"]), (&"policy".into(), &403.into()));
        assert_eq!((check(&story, "digest"), check(&story, "key")), ("passed", "not_reached"));
        assert!(db.count("audit", "WHERE kind = 'policy'").await >= 1);

        // An arrival whose body was changed on its way.
        let like = activity(&format!("{}/like", bob.id), "Like", &bob.id, about.as_str());
        let mut recipe = bob.recipe(&inbox, &like);
        recipe.signed_body = Some(recipe.body.clone());
        recipe.body.push(b' ');
        assert_eq!(recipe.send().await.0, 401);
        until(async || !entries(&home, &host, "refused").await.is_empty()).await;
        let story = shown(&home, &entries(&home, &host, "refused").await[0]).await;
        assert_eq!((&story["failed_check"], &story["advice"]), (&"digest".into(), &"proxy".into()));
        assert_eq!((check(&story, "time"), check(&story, "signature")), ("passed", "not_reached"));
        assert_eq!(story["activity"], like["id"]);
        let by_address = told(&home, &["show", &text(&like["id"])]).await;
        assert_eq!(by_address["items"][0]["id"], story["id"]);

        // The same, well: applied once, and without effect under another name.
        for name in ["like", "again"] {
            let id = format!("{}/{name}", bob.id);
            let like = activity(&id, "Like", &bob.id, about.as_str());
            assert_eq!(bob.send(&inbox, &like).await, 202);
            let fate = if name == "like" { "applied" } else { "no_effect" };
            until(async || {
                entries(&home, &host, fate).await.iter().any(|entry| entry["activity"] == id)
            }).await;
        }

        // The peer takes it after all, when it is asked again from the shell.
        answer(refusing, bob, 202);
        let changed = told(&home, &["retry", &host, "--why", "they are back"]).await;
        assert!(changed["deliveries"].as_u64().unwrap_or(0) >= 1, "{changed}");
        until(async || entries(&home, &host, "dead").await.is_empty()).await;
        let dead = told(&home, &["dead", "list"]).await;
        let id = text(&dead["entries"]["items"][0]["id"]);
        assert_eq!(told(&home, &["dead", "delete", &id]).await["deliveries"], 1);
        let (code, ..) = home.run(&["admin", "federation", "show", "no-such-thing"], "").await;
        assert_eq!(code, 1);
        process.kill().await.expect("it ends");
    }
}
