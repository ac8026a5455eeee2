//! The real program, killed again and again at any moment: what it acknowledged it has, what it
//! published everybody gets, and nothing twice.

use crate::binary::Installation;
use crate::support::{activity, note, until};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::Instant;
use veche::both_engines;
use veche::storage::Engine;
use veche::testing::{
    Citizen, Received, RemoteActor, ScriptedPeer, Software, TestDb, id_of, text, wait_until,
};

const KILLS: u64 = 8;

/// Sends answers to the initiative until it is told to stop: those acknowledged, and all tried.
async fn talk(
    bob: &RemoteActor,
    inbox: &str,
    about: &str,
    end: &AtomicBool,
) -> (Vec<String>, usize) {
    let (mut taken, mut tried) = (Vec::new(), 0);
    while !end.load(Ordering::Relaxed) {
        tried += 1;
        let id = format!("{}/{tried}", bob.id);
        let said = note(&id, &bob.id, about, &format!("Number {tried}"));
        let create = activity(&format!("{id}/activity"), "Create", &bob.id, said);
        if bob.send(inbox, &create).await == 202 {
            taken.push(id);
        }
        tokio::task::yield_now().await;
    }
    (taken, tried)
}

/// Publishes until it is told to stop: the ids of what was acknowledged, and how often it tried.
async fn publish(ana: &Citizen, end: &AtomicBool) -> (Vec<String>, usize) {
    let (mut published, mut tried) = (Vec::new(), 0);
    while !end.load(Ordering::Relaxed) {
        tried += 1;
        let form = serde_json::json!({ "title": format!("Number {tried}"), "problem": "It is late.",
            "proposal": "Earlier.", "language": "en", "assembly": "transport" });
        let (status, draft) = ana.call(http::Method::POST, "/initiatives", Some(&form)).await;
        if status == 201 {
            let path = format!("/initiatives/{}/publish", id_of(&draft));
            let (status, made) = ana.call(http::Method::POST, &path, None).await;
            if status == 200 {
                published.push(text(&made["uri"]));
            }
        }
        tokio::task::yield_now().await;
    }
    (published, tried)
}

both_engines! {
    async fn flt_01_nothing_acknowledged_is_lost(engine: Engine) {
        let db = TestDb::new(engine).await;
        let home = Installation::on(&db);
        let ana = home.prepare().await;
        let peer = ScriptedPeer::start().await;
        let bob = peer.actor("bob", Software::Mastodon);
        let inbox = format!("{}/inbox", home.base);

        let mut process = home.serve("web,worker");
        home.ready().await;
        let group = format!("{}/g/transport", home.base);
        let follow = activity(&format!("{}/follow", bob.id), "Follow", &bob.id, group);
        assert_eq!(bob.send(&inbox, &follow).await, 202);
        until(async || peer.posted("Accept").len() == 1).await;
        let about = text(&ana.publish("transport", "The first").await["uri"]);

        let end = AtomicBool::new(false);
        let killer = async {
            for turn in 0..KILLS {
                // Any moment will do: between some milliseconds and half a second of work.
                let span = Duration::from_millis(30 + (turn * 197) % 470);
                let until_then = Instant::now() + span;
                wait_until(Duration::from_secs(5), async || Instant::now() >= until_then).await;
                process.start_kill().expect("it runs");
                process.wait().await.expect("it ends");
                process = home.serve("web,worker");
                home.ready().await;
            }
            end.store(true, Ordering::Relaxed);
        };
        let ((), (said, _), (published, tried)) =
            tokio::join!(killer, talk(&bob, &inbox, &about, &end), publish(&ana, &end));
        assert!(!said.is_empty() && !published.is_empty(), "nothing was taken between the kills");

        // On SQLite what the killed workers held is free at the next start. On PostgreSQL it is
        // after two minutes, for which the test does not wait.
        if engine == Engine::Postgres {
            db.expire_leases().await;
        }

        // Every acknowledged answer is there, once each; at most those under way are more.
        let id = about.rsplit('/').next().expect("the id is its last part").to_owned();
        let count = async || ana.initiative(&id).await["comments"].as_u64().unwrap_or(0);
        let acknowledged = u64::try_from(said.len()).expect("a small number");
        wait_until(Duration::from_mins(1), async || count().await >= acknowledged).await;
        assert!(count().await <= acknowledged + KILLS, "{} of {acknowledged}", count().await);
        let stored: Vec<_> = db.rows("objects", "uri", "WHERE kind = 'comment'").await;
        let stored: BTreeSet<_> = stored.iter().map(|row| text(&row[0])).collect();
        let missing: Vec<_> = said.iter().filter(|uri| !stored.contains(*uri)).collect();
        assert!(missing.is_empty(), "acknowledged and lost: {missing:?}");

        // Every published initiative is there, and its follower got it.
        let rows = db.rows("objects", "uri", "WHERE kind = 'initiative'").await;
        assert!(rows.len() <= tried + 1);
        let known: BTreeSet<_> = rows.iter().map(|row| text(&row[0])).collect();
        assert!(published.iter().all(|uri| known.contains(uri)), "published and lost");
        let announced = || -> Vec<String> {
            let all = peer.posted("Announce").into_iter();
            all.filter_map(|post| Some(post.body["object"].as_str()?.to_owned())).collect()
        };
        wait_until(Duration::from_mins(1), async || {
            let seen: BTreeSet<_> = announced().into_iter().collect();
            published.iter().all(|uri| seen.contains(uri))
        }).await;
        // One activity for one act, however often it had to be sent.
        let posts = peer.posted("Announce");
        let by_id: BTreeSet<_> = posts
            .iter()
            .filter_map(|post: &Received| Some((post.body["object"].as_str()?, post.id())))
            .collect();
        let objects: BTreeSet<_> = by_id.iter().map(|(object, _)| *object).collect();
        assert_eq!(by_id.len(), objects.len(), "an act became two activities");
        process.start_kill().expect("it runs");
        process.wait().await.expect("it ends");
        home.verify().await;
    }
}
