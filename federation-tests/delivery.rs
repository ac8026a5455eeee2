//! What we make of others' answers: what becomes of a delivery, and that one slow or dead server
//! is nobody else's trouble.

use crate::support::{activity, found, settled, until};
use serde_json::Value;
use std::time::Duration;
use veche::both_engines;
use veche::storage::Engine;
use veche::testing::{
    Answer, Citizen, RemoteActor, ScriptedPeer, Software, TestClock, TestServer, stopped_clock,
};

/// A server whose clock the test moves, and a peer whose actors follow its assembly.
struct Scene {
    server: TestServer,
    ana: Citizen,
    clock: TestClock,
    peer: ScriptedPeer,
}

/// A delivery: state, status, attempts, seconds until the next attempt, reason.
type Row = (String, Option<u64>, u64, i64, String);

impl Scene {
    async fn new(engine: Engine) -> Self {
        let clock = stopped_clock();
        let server = TestServer::plan(engine).clock(&clock).start().await;
        server.assembly("transport").await;
        let ana = server.citizen("ana").await;
        let scene = Self { server, ana, clock, peer: ScriptedPeer::start().await };
        for name in ["bob", "eve"] {
            scene.follows(&scene.peer.actor(name, Software::Mastodon)).await;
        }
        scene
    }

    async fn follows(&self, who: &RemoteActor) {
        let base = self.server.base();
        let target = format!("{base}/g/transport");
        let follow = activity(&format!("{}/follow", who.id), "Follow", &who.id, target);
        assert_eq!(who.send(&format!("{base}/inbox"), &follow).await, 202);
        settled(&self.server).await;
    }

    async fn rows(&self, inbox: &str) -> Vec<Row> {
        let columns = "id, state, status, attempts, next_at, error";
        let wanted = format!(
            "WHERE inbox = '{inbox}' AND attempts + CASE state WHEN 'delivered' THEN 1 ELSE 0 END > 0"
        );
        let rows = self.server.database.rows("deliveries", columns, &wanted).await;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let now = self.clock.now().millis();
        rows.iter()
            .map(|row| {
                let wait = (row[4].as_i64().unwrap_or(0) - now) / 1_000;
                (text(&row[1]), row[2].as_u64(), row[3].as_u64().unwrap_or(0), wait, text(&row[5]))
            })
            .collect()
    }

    /// Publishes to a peer that answers in this way; what became of the first delivery that ended
    /// or was put back.
    async fn outcome(&self, answer: Answer) -> Row {
        self.peer.always("/inbox", answer);
        self.ana.publish("transport", "Night buses").await;
        let inbox = format!("{}/inbox", self.peer.base());
        found(async || self.rows(&inbox).await.into_iter().next()).await
    }
}

both_engines! {
    async fn taken_is_delivered_once_for_all_followers_there(engine: Engine) {
        let scene = Scene::new(engine).await;
        for (n, status) in [200, 202, 204].into_iter().enumerate() {
            scene.peer.always("/inbox", Answer::Status(status));
            scene.ana.publish("transport", "Night buses").await;
            settled(&scene.server).await;
            // Two followers with one shared inbox: each of the two forms comes once.
            assert_eq!(scene.peer.posted("Announce").len(), 2 * (n + 1), "{status}");
        }
        let inbox = format!("{}/inbox", scene.peer.base());
        assert!(scene.rows(&inbox).await.iter().all(|row| row.0 == "delivered"));
        let posts = scene.peer.posted("Announce");
        let mut ids: Vec<_> = posts.iter().map(veche::testing::Received::id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), posts.len(), "an activity came twice");
        assert!(posts.iter().all(|post| post.path == "/inbox"));
    }

    async fn flt_21_refused_for_good_is_dead_with_its_reason(engine: Engine) {
        for status in [400, 403, 405, 422, 301] {
            let scene = Scene::new(engine).await;
            let (state, seen, attempts, _, reason) = scene.outcome(Answer::Status(status)).await;
            assert_eq!((state.as_str(), seen, attempts), ("dead", Some(status.into()), 1));
            assert!(reason.contains(&status.to_string()), "{reason}");
        }
    }

    async fn flt_21_a_redirect_is_not_followed(engine: Engine) {
        let scene = Scene::new(engine).await;
        let there = format!("{}/elsewhere", scene.peer.base());
        let row = scene.outcome(Answer::Header(307, "location", there)).await;
        assert_eq!((row.0.as_str(), row.1), ("dead", Some(307)));
        settled(&scene.server).await;
        assert!(scene.peer.received().iter().all(|r| r.path != "/elsewhere"));
    }

    async fn flt_21_trouble_that_passes_is_tried_again(engine: Engine) {
        for status in [401, 408, 500, 502] {
            let scene = Scene::new(engine).await;
            let (state, seen, attempts, wait, _) = scene.outcome(Answer::Status(status)).await;
            assert_eq!((state.as_str(), seen, attempts), ("pending", Some(status.into()), 1));
            assert!((60..=75).contains(&wait), "{status}: {wait}");
            scene.peer.always("/inbox", Answer::Status(202));
            // What failed a moment later than the first is tried again a moment later.
            until(async || {
                scene.clock.advance(Duration::from_secs(76));
                scene.server.database.count("deliveries", "WHERE state = 'pending'").await == 0
            }).await;
            let inbox = format!("{}/inbox", scene.peer.base());
            assert!(scene.rows(&inbox).await.iter().all(|row| row.0 == "delivered"), "{status}");
        }
    }

    async fn flt_21_who_asks_for_time_gets_it(engine: Engine) {
        for status in [429, 503] {
            let scene = Scene::new(engine).await;
            let row = scene.outcome(Answer::Header(status, "retry-after", "600".to_owned())).await;
            assert_eq!((row.0.as_str(), row.1), ("pending", Some(status.into())));
            assert!((599..=600).contains(&row.3), "{row:?}");
            // The host is left alone until then, whatever else there is for it.
            let asked = scene.peer.received().len();
            scene.clock.advance(Duration::from_mins(5));
            scene.ana.publish("transport", "Quiet streets").await;
            until(async || scene.server.database.count("events", "WHERE federated_at IS NULL").await == 0).await;
            assert_eq!(scene.peer.received().len(), asked);
            scene.peer.always("/inbox", Answer::Status(202));
            until(async || {
                scene.clock.advance(Duration::from_secs(100));
                scene.server.database.count("deliveries", "WHERE state = 'pending'").await == 0
            }).await;
            assert_eq!(scene.server.database.count("deliveries", "WHERE state = 'dead'").await, 0);
        }
    }

    async fn flt_21_an_inbox_that_is_gone_is_looked_into(engine: Engine) {
        for status in [404, 410] {
            let scene = Scene::new(engine).await;
            // Bob is gone, Eve is not: the shared inbox alone does not say so.
            scene.peer.bury("/users/bob");
            let row = scene.outcome(Answer::Status(status)).await;
            assert_eq!((row.0.as_str(), row.1), ("dead", Some(status.into())));
            settled(&scene.server).await;
            let left = scene.server.database.count("actors", "WHERE deleted_at IS NOT NULL").await;
            assert_eq!(left, 1, "{status}");
            assert_eq!(scene.server.database.count("follows", "").await, 1, "{status}");
        }
    }

    async fn flt_10_a_slow_host_holds_up_nobody(engine: Engine) {
        let scene = Scene::new(engine).await;
        let others = [ScriptedPeer::at("127.0.0.2").await, ScriptedPeer::at("127.0.0.3").await];
        for other in &others {
            scene.follows(&other.actor("zoe", Software::Mastodon)).await;
        }
        scene.peer.always("/inbox", Answer::Silence);
        for n in 0..10 {
            scene.ana.publish("transport", &format!("Number {n}")).await;
        }
        for other in &others {
            until(async || other.posted("Announce").len() == 20).await;
        }
        // It is asked by two at a time, and a time-out counts against the host.
        assert!(scene.peer.posted("Announce").len() <= 4);
        let down = async || scene.server.database.count("hosts", "WHERE failures > 0").await;
        until(async || down().await == 1).await;
    }

    async fn flt_10_a_dead_host_is_left_alone(engine: Engine) {
        let scene = Scene::new(engine).await;
        let other = ScriptedPeer::at("127.0.0.2").await;
        let zoe = other.actor("zoe", Software::Mastodon);
        scene.follows(&zoe).await;
        let inbox = format!("{}/inbox", other.base());
        drop(other);
        for n in 0..5 {
            scene.ana.publish("transport", &format!("Number {n}")).await;
        }
        until(async || !scene.rows(&inbox).await.is_empty()).await;
        until(async || scene.peer.posted("Announce").len() == 10).await;
        let failures = async || {
            let rows = scene.server.database.rows("hosts", "failures", "WHERE failures > 0").await;
            rows.first().and_then(|row| row[0].as_u64()).unwrap_or(0)
        };
        // Two slots were under way when it failed; the rest waits without a try.
        let first = failures().await;
        assert!((1..=2).contains(&first), "{first}");
        let tried = scene.rows(&inbox).await.len();
        assert!(tried <= 2, "{tried}");
        scene.clock.advance(Duration::from_secs(200));
        until(async || failures().await > first).await;
    }
}
