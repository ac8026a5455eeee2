//! Many hosts, many repetitions, and a peer that does not answer for a week (FLT-07, FLT-09, FLT-10).

use crate::support::{activity, found, settled, until};
use axum::Router;
use axum::extract::State;
use futures_util::future::join_all;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::task::JoinSet;
use veche::both_engines;
use veche::domain::ActivityId;
use veche::services::{actors, verify};
use veche::storage::Engine;
use veche::storage::activities::{self, NewActivity};
use veche::storage::deliveries::{self, NewDelivery};
use veche::testing::{Answer, ScriptedPeer, Software, TestServer, stopped_clock, wait_until};

/// What many hosts behind one listener got: per host, how many came and how many are being held.
#[derive(Debug, Default)]
struct Seen {
    came: BTreeMap<String, usize>,
}

/// One listener for all hosts `127.0.x.y`; the slow ones take a request and never answer.
fn many_hosts(slow: &'static [&'static str]) -> (u16, Arc<Mutex<Seen>>, JoinSet<()>) {
    let seen = Arc::new(Mutex::new(Seen::default()));
    let handler = move |State(seen): State<Arc<Mutex<Seen>>>, headers: http::HeaderMap| async move {
        let host = headers.get("host").and_then(|h| h.to_str().ok()).unwrap_or_default();
        let host = host.split(':').next().unwrap_or_default().to_owned();
        *seen.lock().expect("nobody panicked").came.entry(host.clone()).or_default() += 1;
        if slow.contains(&host.as_str()) {
            std::future::pending::<()>().await;
        }
        http::StatusCode::ACCEPTED
    };
    // All addresses of the loopback, and of nothing else.
    let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
    socket.bind_device(Some(b"lo")).expect("the loopback is there");
    socket.bind("0.0.0.0:0".parse().expect("an address")).expect("a port is free");
    let listener = socket.listen(1_024).expect("it listens");
    let port = listener.local_addr().expect("it is bound").port();
    let router = Router::new().fallback(handler).with_state(Arc::clone(&seen));
    let mut tasks = JoinSet::new();
    tasks.spawn(async move { axum::serve(listener, router).await.expect("the listener works") });
    (port, seen, tasks)
}

fn resident_kilobytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("this process runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a size");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

const SLOW: [&str; 5] = ["127.0.9.1", "127.0.9.2", "127.0.9.3", "127.0.9.4", "127.0.9.5"];
const DEAD: usize = 3;

both_engines! {
    async fn flt_10_slow_and_dead_hosts_hold_up_nobody_else(engine: Engine) {
        // PostgreSQL shares its cluster with the other tests of this moment.
        let per_host = if engine == Engine::Sqlite { 20 } else { 4 };
        let server = TestServer::plan(engine).without_workers().start().await;
        let (port, seen, _tasks) = many_hosts(&SLOW);
        let well: Vec<String> = (0..500 - SLOW.len() - DEAD).map(|n| format!("127.0.{}.{}", 1 + n / 200, 1 + n % 200)).collect();
        // Nobody listens on port 1.
        let dead: Vec<String> = (0..DEAD).map(|n| format!("127.0.8.{}", n + 1)).collect();
        let instance = actors::ensure_instance(&server).await.expect("it has an actor");
        let (now, event) = (server.now(), server.id());
        for n in 0..per_host {
            let id: ActivityId = server.id();
            let uri = server.urls.activity(id);
            let hosts = SLOW.iter().map(|h| (*h).to_owned()).chain(well.iter().cloned()).map(|h| format!("{h}:{port}"));
            let hosts: Vec<String> = hosts.chain(dead.iter().map(|h| format!("{h}:1"))).collect();
            let inboxes: Vec<String> = hosts.iter().map(|host| format!("http://{host}/inbox")).collect();
            let rows: Vec<_> = hosts.into_iter().zip(&inboxes).map(|(host, inbox)| {
                NewDelivery { id: server.id(), activity: id, host, inbox }
            }).collect();
            assert_eq!(rows.len(), 500, "{n}");
            let mut tx = server.db.begin().await.expect("a transaction");
            let (uri, actor) = (uri.as_str(), instance.id);
            let one = NewActivity { id, uri, actor, kind: "Create", event, listed: false, body: b"{}" };
            activities::insert(&mut tx.conn(), &[one], now).await.expect("stored");
            deliveries::insert(&mut tx.conn(), &rows, now).await.expect("stored");
            tx.commit().await.expect("committed");
        }
        let before = resident_kilobytes();
        veche::jobs::start(&server);
        let came = |host: &str| seen.lock().expect("nobody panicked").came.get(host).copied().unwrap_or(0);
        wait_until(Duration::from_secs(150), async || well.iter().all(|host| came(host) == per_host)).await;
        // All others are served. A slow host is asked by two at a time; when they give up, it is
        // left alone.
        for host in SLOW {
            assert!((1..=4).contains(&came(host)), "{host}: {}", came(host));
        }
        let database = &server.database;
        until(async || database.count("deliveries", "WHERE state = 'delivered'").await == well.len() * per_host).await;
        let waiting = (SLOW.len() + DEAD) * per_host;
        assert_eq!(database.count("deliveries", "WHERE state = 'pending'").await, waiting);
        let grown = resident_kilobytes().saturating_sub(before);
        assert!(grown < 150_000, "memory grew by {grown} kB");
    }

    async fn flt_09_a_thousand_repetitions_at_once_have_one_effect(engine: Engine) {
        let server = TestServer::new(engine).await;
        server.assembly("transport").await;
        let ana = server.citizen("ana").await;
        let made = ana.publish("transport", "Night buses").await;
        let peer = ScriptedPeer::start().await;
        let bob = peer.actor("bob", Software::Mastodon);
        let like = activity(&format!("{}/like", bob.id), "Like", &bob.id, made["uri"].clone());
        let base = server.base();
        let inboxes = [format!("{base}/inbox"), format!("{base}/u/ana/inbox"), format!("{base}/g/transport/inbox")];
        for _ in 0..10 {
            let all = (0..100).map(|n| bob.send(&inboxes[n % 3], &like));
            let statuses: BTreeSet<u16> = join_all(all).await.into_iter().collect();
            assert_eq!(statuses, BTreeSet::from([202]));
        }
        settled(&server).await;
        assert_eq!(server.database.count("reactions", "").await, 1);
        assert_eq!(server.database.count("inbox", "").await, 1);
        assert!(verify::run(&server).await.expect("it can be checked").is_empty());
    }

    async fn flt_07_a_peer_that_was_down_for_a_week_gets_everything_in_order(engine: Engine) {
        let clock = stopped_clock();
        let server = TestServer::plan(engine).clock(&clock).start().await;
        server.assembly("transport").await;
        let ana = server.citizen("ana").await;
        let peer = ScriptedPeer::start().await;
        let bob = peer.actor("bob", Software::Mastodon);
        let group = format!("{}/g/transport", server.base());
        let follow = activity(&format!("{}/follow", bob.id), "Follow", &bob.id, group);
        assert_eq!(bob.send(&format!("{}/inbox", server.base()), &follow).await, 202);
        settled(&server).await;
        peer.always("/inbox", Answer::Status(503));
        let mut waits = BTreeSet::new();
        let day = 24 * 3_600;
        for turn in 0..26 {
            // Six and a half days, a quarter of a day at a time; something is said each day.
            if turn % 4 == 0 {
                ana.publish("transport", &format!("Number {turn}")).await;
            }
            clock.advance_seconds(day / 4);
            let due = format!("WHERE state = 'pending' AND next_at <= {}", clock.now().millis());
            until(async || server.database.count("deliveries", &due).await == 0
                && server.database.count("events", "WHERE federated_at IS NULL").await == 0).await;
            let rows = server.database.rows("hosts", "retry_at", "WHERE failures > 0").await;
            let retry_at = rows.first().and_then(|row| row[0].as_i64()).expect("it is down");
            let wait = (retry_at - clock.now().millis()) / 1_000;
            assert!(wait <= 15 * 3_600, "{wait}");
            waits.insert(wait);
        }
        // The waits differ: whoever comes back is not met by everybody at once.
        assert!(waits.len() > 13, "{waits:?}");
        let asked = peer.received().len();
        assert!(asked < 60, "it was asked {asked} times");
        peer.always("/inbox", Answer::Status(202));
        until(async || {
            clock.advance_seconds(3_600);
            server.database.count("deliveries", "WHERE state = 'pending'").await == 0
        }).await;
        assert_eq!(server.database.count("deliveries", "WHERE state = 'dead'").await, 0);
        let posts = peer.received();
        let after: Vec<&str> = posts[asked..].iter().filter(|r| r.body["type"] == "Announce").map(veche::testing::Received::id).collect();
        let mut sorted: Vec<&str> = after.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), 14, "two forms of seven initiatives");
        assert_eq!(after, sorted, "in the order in which they happened");
        let end = found(async || Some(verify::run(&server).await.expect("it can be checked"))).await;
        assert!(end.is_empty(), "{end:?}");
    }

    async fn flt_07_what_nobody_took_for_a_week_is_dead_with_its_reason(engine: Engine) {
        let clock = stopped_clock();
        let server = TestServer::plan(engine).clock(&clock).start().await;
        server.assembly("transport").await;
        let ana = server.citizen("ana").await;
        let peer = ScriptedPeer::start().await;
        let bob = peer.actor("bob", Software::Mastodon);
        let group = format!("{}/g/transport", server.base());
        let follow = activity(&format!("{}/follow", bob.id), "Follow", &bob.id, group);
        assert_eq!(bob.send(&format!("{}/inbox", server.base()), &follow).await, 202);
        settled(&server).await;
        let begun = clock.now();
        peer.always("/inbox", Answer::Status(503));
        ana.publish("transport", "Nobody hears it").await;
        let dead = async || server.database.count("deliveries", "WHERE state = 'dead'").await;
        wait_until(Duration::from_mins(1), async || {
            let due = format!("WHERE state = 'pending' AND next_at <= {}", clock.now().millis());
            if server.database.count("deliveries", &due).await == 0 {
                clock.advance_seconds(3_600);
            }
            dead().await == 2
        }).await;
        let days = (clock.now().millis() - begun.millis()) / (24 * 3_600_000);
        assert!((6..=9).contains(&days), "{days}");
        for row in server.database.rows("deliveries", "error", "WHERE state = 'dead'").await {
            assert!(row[0].as_str().is_some_and(|e| e.contains("given up after a week")), "{row:?}");
        }
        assert!(verify::run(&server).await.expect("it can be checked").is_empty());
    }
}
