//! SIG-37 to SIG-41, SIG-48: documents that are fetched, and those that are ours.

use super::route::Route;
use super::scene::Scene;
use crate::support::{note, settled};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use veche::both_engines;
use veche::federation::{Budget, fetch};
use veche::storage::Engine;
use veche::testing::{Answer, Software, TestApp, TestServer};

const AS2: &str = "application/activity+json";

impl Scene {
    /// Fetches a document as everything here does, with nothing remembered of earlier failures.
    async fn fetched(&self, uri: &str) -> Option<Value> {
        self.server.caches.unreachable.invalidate_all();
        fetch::document(&self.server.app, &Budget::person(), uri).await.ok()
    }
}

both_engines! {
    async fn sig_37_and_sig_38_a_document_under_another_name(engine: Engine) {
        let scene = Scene::new(engine).await;
        let here = |path: &str| format!("{}{path}", scene.far.base());
        let hers = format!("{}/notes/1", scene.eve.id);
        let real = note(&hers, &scene.eve.id, &scene.uri, "Mine.");
        let forged = note(&hers, &scene.eve.id, &scene.uri, "FORGED");
        scene.far.serve("/forged", forged.clone());
        // Another origin's name on a foreign server is never believed.
        assert_eq!(scene.fetched(&here("/forged")).await, None);
        // A redirect to the real home: what is there is accepted under its own name only.
        scene.far.always("/away", Answer::Header(302, "location", hers.clone()));
        scene.peer.serve(hers.trim_start_matches(scene.peer.base()), real.clone());
        assert_eq!(scene.fetched(&here("/away")).await, Some(real.clone()));
        // A redirect from the real home to a foreign server.
        let away = format!("{}/away", scene.peer.base());
        scene.peer.always("/away", Answer::Header(302, "location", here("/forged")));
        assert_eq!(scene.fetched(&away).await, None);
        // A redirect to the foreign server, whose document bears the name of the first address.
        scene.far.serve("/as-first", note(&away, &scene.eve.id, &scene.uri, "FORGED"));
        scene.peer.always("/away", Answer::Header(302, "location", here("/as-first")));
        assert_eq!(scene.fetched(&away).await, None);
        // Another name at the same origin is asked once more, and must then be the same.
        scene.peer.serve("/alias", real.clone());
        assert_eq!(scene.fetched(&format!("{}/alias", scene.peer.base())).await, Some(real));
        let loops = note(&format!("{}/alias2", scene.peer.base()), &scene.eve.id, &scene.uri, "FORGED");
        scene.peer.serve("/alias1", loops);
        scene.peer.serve("/alias2", note(&format!("{}/alias1", scene.peer.base()), &scene.eve.id, &scene.uri, "FORGED"));
        assert_eq!(scene.fetched(&format!("{}/alias1", scene.peer.base())).await, None);
        // Our own name on a foreign server.
        scene.far.serve("/ours", note(&scene.uri, &scene.eve.id, &scene.uri, "FORGED"));
        assert_eq!(scene.fetched(&here("/ours")).await, None);
        // The same by every way that has no sender.
        let unserved = note(&format!("{}/notes/2", scene.eve.id), &scene.eve.id, &scene.uri, "FORGED");
        let ways = Route::INSIDE.map(|route| (route, &[202][..]));
        scene.through("a foreign document", &ways, &scene.mallory, |_| unserved.clone()).await;
        let ours = note(&scene.uri, &scene.mallory.id, &scene.uri, "FORGED");
        let by_address = [(Route::FetchedByLookup, &[202][..]), (Route::AnnouncedById, &[202][..])];
        scene.through("our own name", &by_address, &scene.mallory, |_| ours.clone()).await;
        // In the assembly's own announcement it is a boost by the assembly, and nothing else.
        for route in [Route::AnnouncedWhole, Route::Backfilled] {
            scene.offer(route, &scene.mallory, &ours).await;
        }
        settled(&scene.server).await;
        assert!(!scene.effects().await.contains("FORGED"));
        let boosts = scene.server.database.rows("reactions", "activity_uri", "WHERE kind = 'boost'").await;
        assert_eq!(boosts.len(), 1, "{boosts:?}");
        assert!(boosts[0][0].as_str().is_some_and(|uri| uri.starts_with(scene.home_of_board.base())), "{boosts:?}");
    }

    async fn sig_39_only_documents_are_documents(engine: Engine) {
        let scene = Scene::new(engine).await;
        let uri = format!("{}/d", scene.peer.base());
        let body = json!({ "id": uri, "type": "Note" }).to_string();
        for (kind, good) in [
            (AS2, true), ("application/activity+json;charset=utf-8", true), ("APPLICATION/ACTIVITY+JSON", true),
            ("application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"", true),
            ("application/ld+json", false), ("application/json", false), ("text/html", false),
            ("image/png", false), ("text/plain", false), ("application/octet-stream", false),
            ("application/activity+jsonx", false), ("text/html; application/activity+json", false),
        ] {
            scene.peer.always("/d", Answer::Typed(kind, body.clone()));
            assert_eq!(scene.fetched(&uri).await.is_some(), good, "{kind}");
        }
        // An uploaded file on an honest server does not make somebody speak.
        let file = note(&format!("{}/media/1", scene.peer.base()), &scene.eve.id, &scene.uri, "FORGED");
        scene.peer.always("/media/1", Answer::Typed("image/png", file.to_string()));
        let before = scene.effects().await;
        scene.announce(format!("{}/media/1", scene.peer.base()).into()).await;
        settled(&scene.server).await;
        assert!(before == scene.effects().await);
    }

    async fn sig_40_nothing_that_people_write_is_served_as_a_document(app: TestApp) {
        let ana = app.account("ana").await;
        app.assembly("transport").await;
        let actor = r#"{"@context":"https://www.w3.org/ns/activitystreams","id":"http://veche.test/u/ana","type":"Person"}"#;
        let made = app.initiative(&ana, "transport", actor).await;
        // Its words stay words inside the one document that is made here.
        let document = app.document(&format!("/p/{}", made.id)).await;
        assert_eq!((document.status(), document.json()["type"].clone()), (200, json!("Article")));
        assert_eq!(document.json()["name"], actor);
        // No file is taken, under whatever name it comes.
        let mut browser = app.browser_of("ana").await;
        for path in ["/new", "/media", "/upload", "/api/civic/v1/media", "/api/v2/media", "/a.json", "/a.jsonld"] {
            let answer = browser.post_form(path, &[("file", actor)]).await;
            assert!(answer.status() >= 400, "{path}: {}", answer.status());
            let got = app.document(path).await;
            let kind = got.header("content-type").unwrap_or_default();
            assert!(got.status() >= 400 || !(kind.contains("activity+json") || kind.contains("ld+json")), "{path}: {kind}");
        }
        // Pages carry the type that they are.
        let page = app.get(&format!("/p/{}", made.id)).await;
        assert!(page.header("content-type").is_some_and(|kind| kind.starts_with("text/html")));
        assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    }

    async fn sig_41_one_address_two_forms(app: TestApp) {
        let ana = app.account("ana").await;
        app.assembly("transport").await;
        let made = app.initiative(&ana, "transport", "Night buses").await;
        for path in ["/u/ana".to_owned(), "/g/transport".to_owned(), format!("/p/{}", made.id)] {
            for _ in 0..2 {
                let document = app.document(&path).await;
                let page = app.get(&path).await;
                assert!(document.header("content-type").is_some_and(|kind| kind.contains("json")), "{path}");
                assert!(page.header("content-type").is_some_and(|kind| kind.starts_with("text/html")), "{path}");
                let vary = document.header("vary").unwrap_or_default().to_lowercase();
                assert!(vary.contains("accept") && vary.contains("signature"), "{path}: {vary}");
                assert!(page.header("vary").is_some_and(|v| v.to_lowercase().contains("accept")), "{path}");
            }
        }
        // What is somebody's own is kept by nobody in between.
        let own = app.browser_of("ana").await.get("/settings").await;
        if own.status() == 200 {
            assert!(own.header("cache-control").is_some_and(|c| c.contains("no-store") || c.contains("private")));
        }
        let draft = app.get("/new").await;
        assert!(draft.status() != 200 || draft.header("cache-control").is_some_and(|c| c.contains("no-store")));
    }

    async fn sig_48_two_servers_that_both_want_to_know_first(engine: Engine) {
        let server = TestServer::new(engine).await;
        server.assembly("transport").await;
        let ana = server.citizen("ana").await;
        ana.publish("transport", "Night buses").await;
        // A server that shows nothing before it has read the key of whoever asks.
        let peer = veche::testing::ScriptedPeer::start().await;
        let zoe = peer.actor("zoe", Software::Mastodon);
        peer.always(&zoe.path(), Answer::AfterAsking(zoe.document().to_string()));
        let started = Instant::now();
        let follow = crate::support::activity(
            &format!("{}/follow", zoe.id), "Follow", &zoe.id, format!("{}/g/transport", server.base()));
        assert_eq!(zoe.send(&format!("{}/inbox", server.base()), &follow).await, 202);
        assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
        settled(&server).await;
        assert_eq!(server.database.count("follows", "").await, 1);
        // Two of our own kind, both strangers to each other.
        let other = TestServer::new(engine).await;
        let olga = other.citizen("olga").await;
        let asked = Instant::now();
        crate::support::follow(&olga, &server.address_of("transport")).await;
        assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
    }
}
