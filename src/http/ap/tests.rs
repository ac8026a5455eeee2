//! What other servers find at our addresses.

use crate::both_engines;
use crate::services::initiatives;
use crate::testing::TestApp;
use serde_json::Value;
use std::collections::BTreeSet;

const ACTIVITY_JSON: &str = "application/activity+json";

/// The `civic:` properties that a text names.
fn civic_names(text: &str) -> BTreeSet<String> {
    let names = text.split("civic:").skip(1);
    let names = names.map(|rest| rest.chars().take_while(char::is_ascii_alphanumeric).collect());
    names.filter(|name: &String| !name.is_empty()).collect()
}

both_engines! {
    async fn the_context_defines_what_the_document_lists(app: TestApp) {
        let context = app.get("/ns").await.json()["@context"].clone();
        let defined: BTreeSet<String> = context.as_object().unwrap().keys().cloned().collect();
        assert_eq!(defined, civic_names(include_str!("../../../FEDERATION.md")));
        // And what is sent names nothing else.
        for builder in [
            include_str!("../../federation/build/article.rs"),
            include_str!("../../federation/build/question.rs"),
            include_str!("../../federation/build/actor.rs"),
        ] {
            assert!(civic_names(builder).is_subset(&defined), "{:?}", civic_names(builder));
        }
    }

    async fn every_actor_is_found_at_its_address(app: TestApp) {
        crate::services::actors::ensure_instance(&app).await.unwrap();
        app.account("ana").await;
        app.body("office").await;
        app.assembly("transport").await;
        for (path, kind) in [
            ("/", "Application"),
            ("/actor", "Application"),
            ("/u/ana", "Person"),
            ("/u/office", "Service"),
            ("/g/transport", "Group"),
        ] {
            let answer = app.document(path).await;
            assert_eq!(answer.status(), 200, "{path}");
            assert_eq!(answer.header("content-type"), Some(ACTIVITY_JSON), "{path}");
            assert_eq!(answer.header("vary"), Some("Accept, Signature"), "{path}");
            assert_eq!(answer.json()["type"], kind, "{path}");
        }
        // An address says what is at it: no actor is at the address of another kind.
        for path in ["/g/ana", "/u/transport", "/u/nobody", "/p/1", "/p/x", "/n/1", "/a/1"] {
            assert_eq!(app.document(path).await.status(), 404, "{path}");
        }
    }

    async fn what_was_withdrawn_is_gone_and_says_so(app: TestApp) {
        let ana = app.account("ana").await;
        app.assembly("transport").await;
        let made = app.initiative(&ana, "transport", "Night buses").await;
        let path = format!("/p/{}", made.id);
        assert_eq!(app.document(&path).await.json()["type"], "Article");
        initiatives::withdraw(&app, &ana, made.id).await.unwrap();
        let answer = app.document(&path).await;
        assert_eq!(answer.status(), 410);
        let tombstone: Value = answer.json();
        assert_eq!(tombstone["type"], "Tombstone");
        assert_eq!(tombstone["formerType"], "Article");
    }

    async fn the_fixed_places_answer(app: TestApp) {
        app.assembly("transport").await;
        let asked = "/.well-known/webfinger?resource=acct:transport@veche.test";
        let jrd = app.get(asked).await.json();
        assert_eq!(jrd["subject"], "acct:transport@veche.test");
        let links = jrd["links"].as_array().unwrap();
        let own = links.iter().find(|link| link["rel"] == "self").unwrap();
        assert_eq!((&own["href"], &own["type"]), (&"http://veche.test/g/transport".into(), &ACTIVITY_JSON.into()));
        for (path, status) in [
            ("/.well-known/webfinger?resource=acct:nobody@veche.test", 404),
            ("/.well-known/webfinger?resource=acct:transport@other.test", 404),
            ("/.well-known/webfinger", 400),
            ("/.well-known/host-meta", 200),
            ("/.well-known/nodeinfo", 200),
            ("/nodeinfo/2.0", 200),
            ("/nodeinfo/2.1", 200),
            ("/nodeinfo/1.0", 404),
        ] {
            assert_eq!(app.get(path).await.status(), status, "{path}");
        }
        assert_eq!(app.get("/nodeinfo/2.1").await.json()["software"]["name"], "veche");
    }
}
