//! DOS-06 to DOS-09, DOS-11 to DOS-13: answers and documents that never end, and how many of them one
//! arrival can make us ask for.

use super::scene::Scene;
use crate::support::{activity, note, settled, until};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use veche::both_engines;
use veche::federation::{Budget, fetch};
use veche::storage::Engine;
use veche::testing::{Answer, RawPeer, ScriptedPeer, Software, TestServer, stopped_clock};

fn document(value: &Value) -> Answer {
    Answer::Typed("application/activity+json", value.to_string())
}

fn number(path: &str) -> usize {
    path.rsplit('/').next().and_then(|n| n.parse().ok()).unwrap_or(0)
}

#[test]
fn dos_06_and_dos_07_answers_without_end_sqlite() {
    veche::testing::run(async {
        let server = TestServer::new(Engine::Sqlite).await;
        let peer = ScriptedPeer::start().await;
        // All at once: each of them takes its time.
        let asked = [
            ("/packed", Answer::Packed(256 * 1024 * 1024)),
            ("/endless", Answer::Endless),
            ("/huge", Answer::Huge(2 * 1024 * 1024)),
            ("/drip", Answer::Drip),
            ("/silence", Answer::Silence),
        ]
        .map(|(path, answer)| {
            peer.always(path, answer);
            let (app, uri) = (&server.app, format!("{}{path}", peer.base()));
            async move {
                let started = Instant::now();
                let outcome = fetch::document(app, &Budget::person(), &uri).await;
                assert!(outcome.is_err(), "{path}");
                let took = started.elapsed();
                assert!(took < Duration::from_secs(20), "{path}: {took:?}");
            }
        });
        futures_util::future::join_all(asked).await;
        // Lengths that lie, and bytes that are no HTTP.
        let kind = "content-type: application/activity+json\r\n";
        for bytes in [
            format!("HTTP/1.1 200 OK\r\n{kind}content-length: 99999999999\r\n\r\n{{}}"),
            format!("HTTP/1.1 200 OK\r\n{kind}content-length: 100\r\n\r\n{{}}"),
            format!("HTTP/1.1 200 OK\r\n{kind}content-length: -1\r\n\r\n{{}}"),
            format!(
                "HTTP/1.1 200 OK\r\n{kind}transfer-encoding: chunked\r\n\r\nffffffffffffffff\r\n{{}}"
            ),
            format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "x".repeat(1_000_000)),
            "HTTP/1.1 999 ?\r\n\r\n".to_owned(),
            "220 mail.example ESMTP\r\n".to_owned(),
            "\0\0\0\0".to_owned(),
        ] {
            let raw = RawPeer::saying("127.0.0.1", bytes.clone()).await;
            let outcome =
                fetch::document(&server.app, &Budget::person(), &format!("{}/x", raw.base())).await;
            assert!(outcome.is_err(), "{}", bytes.chars().take(80).collect::<String>());
        }
    });
}

#[test]
fn dos_08_redirects_without_end_sqlite() {
    veche::testing::run(async {
        let server = TestServer::new(Engine::Sqlite).await;
        let peer = ScriptedPeer::start().await;
        peer.below("/hop/", |path| {
            Answer::Header(302, "location", format!("/hop/{}", number(path) + 1))
        });
        peer.always("/self", Answer::Header(302, "location", "/self".to_owned()));
        peer.always("/a", Answer::Header(302, "location", "/b".to_owned()));
        peer.always("/b", Answer::Header(302, "location", "/a".to_owned()));
        for path in ["/hop/0", "/self", "/a"] {
            let before = peer.received().len();
            assert!(
                fetch::document(&server.app, &Budget::person(), &format!("{}{path}", peer.base()))
                    .await
                    .is_err()
            );
            let asked = peer.received().len() - before;
            assert!(asked <= 3, "{path}: {asked}");
        }
    });
}

both_engines! {
    async fn dos_09_threads_and_collections_without_end(engine: Engine) {
        let scene = Scene::new(engine).await;
        let before = scene.effects().await;
        let base = scene.peer.base().to_owned();
        let bob = scene.bob.id.clone();
        let (at, who) = (base.clone(), bob.clone());
        scene.peer.below("/deep/", move |path| {
            let n = number(path);
            document(&note(&format!("{at}/deep/{n}"), &who, &format!("{at}/deep/{}", n + 1), "Deeper."))
        });
        let (at, who) = (base.clone(), bob.clone());
        scene.peer.below("/ring/", move |path| {
            let n = number(path);
            document(&note(&format!("{at}/ring/{n}"), &who, &format!("{at}/ring/{}", (n + 1) % 3), "Round."))
        });
        for path in ["/deep/0", "/ring/0"] {
            let asked = scene.peer.received().len();
            let id = format!("{bob}/notes/{}", scene.number());
            let said = note(&id, &bob, &format!("{base}{path}"), "FORGED");
            let create = activity(&format!("{id}/act"), "Create", &bob, said);
            assert_eq!(scene.bob.send(&scene.inbox(), &create).await, 202);
            settled(&scene.server).await;
            let asked = scene.peer.received().len() - asked;
            assert!(asked <= 70, "{path}: {asked} requests");
        }
        assert_eq!(before, scene.effects().await);
        // Collections of the followed assembly.
        let outbox = format!("{}/outbox", scene.board.id);
        let place = format!("{}/outbox", scene.board.path());
        let home = scene.home_of_board.base().to_owned();
        let entry = |n: usize| format!("{home}/nothing/{n}");
        let (at, first) = (home.clone(), home.clone());
        scene.home_of_board.below("/page/", move |path| {
            let n = number(path);
            document(&json!({ "id": format!("{at}/page/{n}"), "type": "OrderedCollectionPage",
                "orderedItems": [], "next": format!("{at}/page/{}", n + 1) }))
        });
        scene.home_of_board.serve("/loop", json!({ "id": format!("{home}/loop"), "type": "OrderedCollectionPage",
            "orderedItems": [], "next": format!("{home}/loop") }));
        for collection in [
            json!({ "id": outbox, "type": "OrderedCollection", "totalItems": 1_000_000_000, "first": format!("{first}/page/0") }),
            json!({ "id": outbox, "type": "OrderedCollection", "first": outbox }),
            json!({ "id": outbox, "type": "OrderedCollection", "next": outbox, "orderedItems": [] }),
            json!({ "id": outbox, "type": "OrderedCollection", "first": format!("{home}/loop") }),
            json!({ "id": outbox, "type": "OrderedCollection", "totalItems": -1,
                "orderedItems": (0..2_000).map(entry).collect::<Vec<_>>() }),
        ] {
            let asked = scene.home_of_board.received().len();
            scene.home_of_board.serve(&place, collection.clone());
            scene.read_outbox().await;
            let asked = scene.home_of_board.received().len() - asked;
            let shown = collection.to_string().chars().take(120).collect::<String>();
            assert!(asked <= 400, "{shown}: {asked} requests");
            assert!(asked <= 20 || collection["orderedItems"].is_array(), "{shown}: {asked} requests");
        }
        assert_eq!(before, scene.effects().await);
    }

    async fn dos_11_one_arrival_makes_us_ask_few(engine: Engine) {
        let scene = Scene::new(engine).await;
        let bob = &scene.bob.id;
        let many = |n: usize| (0..n).map(|n| format!("{}/users/v{n}", scene.far.base())).collect::<Vec<_>>();
        let asked = || scene.far.received().len();
        let mut said = note(&format!("{bob}/notes/loud"), bob, &scene.uri, "To all.");
        said["cc"] = json!(many(900));
        said["audience"] = json!(many(900));
        said["attributedTo"] = json!(bob);
        said["tag"] = many(900).iter().map(|href| json!({ "type": "Mention", "href": href })).collect::<Vec<_>>().into();
        for (kind, object) in [
            ("Create", said), ("Announce", json!(many(900))), ("Like", json!(many(900))), ("Undo", json!(many(900))),
            ("Flag", json!(many(900))), ("Follow", json!(many(900))), ("Add", json!(many(900))), ("Move", json!(many(900))),
        ] {
            let before = asked();
            let id = format!("{bob}/loud/{}", scene.number());
            let status = scene.bob.send(&scene.inbox(), &activity(&id, kind, bob, object)).await;
            assert!([202, 400, 403].contains(&status), "{kind}: {status}");
            settled(&scene.server).await;
            assert!(asked() - before <= 20, "{kind}: {}", asked() - before);
        }
    }

    async fn dos_13_followers_whose_servers_never_answer(engine: Engine) {
        let clock = stopped_clock();
        let server = TestServer::plan(engine).clock(&clock).start().await;
        server.assembly("transport").await;
        let ana = server.citizen("ana").await;
        let mut dead = 0;
        for n in 0..8 {
            let peer = ScriptedPeer::at(&format!("127.0.1.{}", n + 1)).await;
            let who = peer.actor("zoe", Software::Mastodon);
            let follow = activity(&format!("{}/follow", who.id), "Follow", &who.id, format!("{}/g/transport", server.base()));
            assert_eq!(who.send(&format!("{}/inbox", server.base()), &follow).await, 202);
            settled(&server).await;
            dead += 1;
        }
        for n in 0..3 {
            ana.publish("transport", &format!("Number {n}")).await;
        }
        // One row for each host, however much waits for it.
        until(async || server.database.count("hosts", "WHERE failures > 0").await == dead).await;
        assert!(server.database.count("hosts", "").await <= dead + 1);
        let waiting = server.database.count("deliveries", "WHERE state = 'pending'").await;
        assert!(waiting <= dead * 3 * 2, "{waiting}");
        // And it all ends.
        until(async || server.database.count("jobs", "WHERE kind = 'federate'").await == 0).await;
        clock.advance(Duration::from_hours(8 * 24));
        until(async || server.database.count("deliveries", "WHERE state = 'pending'").await == 0).await;
    }
}
