//! The API through the router.

mod ballots;
mod repeated;

use crate::both_engines;
use crate::http::fixture::Fixture;
use crate::services::{accounts, actors, assemblies};
use serde_json::{Value, json};

/// An account that can write, with an assembly and its body; the account's token.
async fn instance(fixture: &Fixture) -> String {
    actors::create_body(&fixture.app, "cityhall", "City hall").await.unwrap();
    assemblies::create(&fixture.app, "transport", "Transport", Some("cityhall")).await.unwrap();
    fixture.account("ana").await.1
}

fn form(title: &str) -> Value {
    json!({
        "title": title, "problem": "No *bus*", "proposal": "Run one", "language": "en",
        "assembly": "transport",
    })
}

/// Makes a public initiative; its id.
async fn published(fixture: &Fixture, token: &str, title: &str) -> String {
    let made = fixture.call("POST", "/initiatives", token, form(title)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/initiatives/{id}/publish");
    assert_eq!(fixture.call("POST", &path, token, Value::Null).await.status, 200);
    id
}

both_engines! {
    async fn an_initiative_from_draft_to_withdrawal(fixture: Fixture) {
        let token = instance(&fixture).await;
        let made = fixture.call("POST", "/initiatives", &token, form("Night bus")).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let draft = made.json();
        let id = draft["id"].as_str().unwrap();
        let path = format!("/initiatives/{id}");
        assert_eq!(made.header("location"), format!("/api/civic/v1{path}"));
        assert_eq!(draft["uri"], format!("https://veche.example/p/{id}"));
        assert_eq!((&draft["state"], &draft["revision"]), (&json!("draft"), &json!(1)));
        assert_eq!(draft["body"]["handle"], "cityhall");
        // A draft is its author's own.
        assert_eq!(fixture.get(&path).await.status, 404);
        assert_eq!(fixture.get(&format!("{path}/comments")).await.status, 404);
        assert_eq!(fixture.get(&format!("{path}/revisions")).await.status, 404);
        let (_, other) = fixture.account("bob").await;
        assert_eq!(fixture.call("GET", &path, &other, Value::Null).await.status, 404);

        let public = fixture.call("POST", &format!("{path}/publish"), &token, Value::Null).await;
        assert_eq!(public.json()["state"], "discussion");
        let again = fixture.call("POST", &format!("{path}/publish"), &token, Value::Null).await;
        assert_eq!(again.status, 409);
        let foreign = fixture.call("PUT", &path, &other, form("Mine")).await;
        assert_eq!(foreign.status, 403, "{}", foreign.text);

        let mut text = form("Night buses");
        text.as_object_mut().unwrap().remove("assembly");
        let revised = fixture.call("PUT", &path, &token, text).await;
        assert_eq!(revised.json()["revision"], 2, "{}", revised.text);
        let revisions = fixture.get(&format!("{path}/revisions")).await.json();
        assert_eq!(revisions["items"][0]["title"], "Night bus");
        assert_eq!(revisions["items"][1]["digest"], revised.json()["digest"]);
        let read = fixture.get(&path).await.json();
        assert_eq!(read["problem"], "No *bus*");
        assert!(read["html"].as_str().unwrap().contains("<em>bus</em>"));
        assert_eq!(read["author"]["address"], "ana@veche.example");
        assert!(read.get("reported").is_none());

        let left = fixture.call("DELETE", &path, &token, Value::Null).await;
        assert_eq!((left.status.as_u16(), &left.json()["state"]), (200, &json!("withdrawn")));
        let read = fixture.get(&path).await;
        assert_eq!(read.status, 200);
        assert_eq!((&read.json()["html"], &read.json()["problem"]), (&json!(""), &json!("")));
        let late = fixture.call("POST", &format!("{path}/endorsement"), &other, Value::Null).await;
        assert_eq!(late.status, 410);
        let late = json!({ "text": "late" });
        let late = fixture.call("POST", &format!("{path}/comments"), &other, late).await;
        assert_eq!(late.status, 409);
    }

    async fn a_draft_that_is_deleted_is_gone(fixture: Fixture) {
        let token = instance(&fixture).await;
        let made = fixture.call("POST", "/initiatives", &token, form("Night bus")).await.json();
        let path = format!("/initiatives/{}", made["id"].as_str().unwrap());
        assert_eq!(fixture.call("DELETE", &path, &token, Value::Null).await.status, 204);
        assert_eq!(fixture.call("GET", &path, &token, Value::Null).await.status, 404);
    }

    async fn lists_are_filtered_and_paged_by_key(fixture: Fixture) {
        let token = instance(&fixture).await;
        assemblies::create(&fixture.app, "parks", "Parks", None).await.unwrap();
        let mut ids = Vec::new();
        for n in 0..3 {
            ids.push(published(&fixture, &token, &format!("Night bus {n}")).await);
        }
        fixture.call("POST", "/initiatives", &token, form("A draft")).await;
        let first = fixture.get("/initiatives?limit=2").await.json();
        assert_eq!(first["items"].as_array().unwrap().len(), 2);
        assert_eq!(first["items"][0]["id"], json!(ids[2]));
        assert!(first["items"][0].get("html").is_none());
        let next = first["next"].as_str().unwrap();
        let second = fixture.get(&format!("/initiatives?limit=2&before={next}")).await.json();
        assert_eq!(second["items"][0]["id"], json!(ids[0]));
        assert_eq!(second["next"], Value::Null);
        for (query, count) in [
            ("assembly=transport", 3),
            ("assembly=transport@veche.example&author=ana", 3),
            ("assembly=parks", 0),
            ("assembly=https://veche.example/g/transport", 3),
            ("q=BUS%201", 1),
            ("state=withdrawn", 0),
            ("local=false", 0),
            ("local=true&assembly=&before=", 3),
        ] {
            let found = fixture.get(&format!("/initiatives?{query}")).await;
            assert_eq!(found.status, 200, "{query}: {}", found.text);
            assert_eq!(found.json()["items"].as_array().unwrap().len(), count, "{query}");
        }
        let own = fixture.call("GET", "/initiatives?state=draft", &token, Value::Null).await.json();
        assert_eq!(own["items"].as_array().unwrap().len(), 1);
        for query in ["assembly=nobody", "state=lost", "before=x", "limit=x", "offset=1", "local=maybe"]
        {
            assert_eq!(fixture.get(&format!("/initiatives?{query}")).await.status, 422, "{query}");
        }
    }

    async fn comments_and_reactions(fixture: Fixture) {
        let token = instance(&fixture).await;
        let (_, other) = fixture.account("bob").await;
        let id = published(&fixture, &token, "Night bus").await;
        let thread = format!("/initiatives/{id}/comments");
        let made = fixture.call("POST", &thread, &other, json!({ "text": "*Yes*" })).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let comment = made.json();
        let path = format!("/comments/{}", comment["id"].as_str().unwrap());
        assert_eq!(made.header("location"), format!("/api/civic/v1{path}"));
        assert_eq!((&comment["in_reply_to"], &comment["language"]), (&Value::Null, &json!("en")));
        let reply = json!({ "text": "Why", "in_reply_to": comment["id"], "language": "ru" });
        let reply = fixture.call("POST", &thread, &token, reply).await;
        assert_eq!(reply.json()["in_reply_to"], comment["id"], "{}", reply.text);
        let list = fixture.get(&format!("{thread}?limit=1")).await.json();
        assert_eq!((&list["items"][0]["id"], &list["next"]), (&comment["id"], &comment["id"]));
        let after = comment["id"].as_str().unwrap();
        let list = fixture.get(&format!("{thread}?after={after}")).await.json();
        assert_eq!((&list["items"][0]["text"], &list["next"]), (&json!("Why"), &Value::Null));

        let new = json!({ "text": "No" });
        assert_eq!(fixture.call("PUT", &path, &token, new.clone()).await.status, 403);
        assert_eq!(fixture.call("PUT", &path, &other, new.clone()).await.json()["text"], "No");

        for (thing, what) in [(format!("/initiatives/{id}"), "comments"), (path.clone(), "replies")] {
            for _ in 0..2 {
                let liked = fixture
                    .call("POST", &format!("{thing}/endorsement"), &token, Value::Null)
                    .await
                    .json();
                assert_eq!(liked["tallies"]["fediverse"], 1);
                assert!(liked[what].as_i64().unwrap() > 0);
            }
            let boosted = fixture.call("POST", &format!("{thing}/boost"), &token, Value::Null).await;
            assert_eq!(boosted.json()["boosts"], 1);
            let path = format!("{thing}/endorsement");
            let back = fixture.call("DELETE", &path, &token, Value::Null).await.json();
            assert_eq!(back["tallies"]["fediverse"], 0);
            let back = fixture.call("DELETE", &format!("{thing}/boost"), &token, Value::Null).await;
            assert_eq!(back.json()["boosts"], 0);
        }
        // A comment is no initiative.
        let wrong = format!("/initiatives/{after}/endorsement");
        assert_eq!(fixture.call("POST", &wrong, &token, Value::Null).await.status, 404);

        assert_eq!(fixture.call("DELETE", &path, &other, Value::Null).await.status, 204);
        assert_eq!(fixture.call("DELETE", &path, &other, Value::Null).await.status, 410);
        assert_eq!(fixture.call("PUT", &path, &other, new).await.status, 410);
        let tombstone = fixture.get(&path).await.json();
        assert_eq!(tombstone["html"], "");
        assert!(tombstone["deleted_at"].is_string());
    }

    async fn assemblies_follows_and_oneself(fixture: Fixture) {
        let token = instance(&fixture).await;
        let list = fixture.get("/assemblies").await.json();
        assert_eq!(list["items"][0]["address"], "transport@veche.example");
        let one = fixture.get("/assemblies/transport").await.json();
        assert_eq!((&one["name"], &one["followers"]), (&json!("Transport"), &json!(0)));
        assert_eq!(one["body"]["handle"], "cityhall");
        assert_eq!(fixture.get("/assemblies/cityhall").await.status, 404);

        for name in ["transport", "@transport@veche.example", "https://veche.example/g/transport"] {
            let made = fixture.call("POST", "/follows", &token, json!({ "actor": name })).await;
            assert_eq!(made.json()["state"], "accepted", "{name}: {}", made.text);
        }
        assert_eq!(fixture.get("/assemblies/transport").await.json()["followers"], 1);
        let path = format!("/follows/{}", one["id"].as_str().unwrap());
        for _ in 0..2 {
            assert_eq!(fixture.call("DELETE", &path, &token, Value::Null).await.status, 204);
        }
        for name in ["", "nobody", "veche.internal"] {
            let made = fixture.call("POST", "/follows", &token, json!({ "actor": name })).await;
            assert_eq!(made.status, 422, "{name}: {}", made.text);
        }
        let me = fixture.call("GET", "/me", &token, Value::Null).await.json();
        assert_eq!((&me["handle"], &me["scopes"]), (&json!("ana"), &json!(["read", "write"])));
    }

    async fn tokens_and_scopes(fixture: Fixture) {
        instance(&fixture).await;
        let none = fixture.call("POST", "/initiatives", "", form("x")).await;
        assert_eq!(none.status, 401);
        assert_eq!(none.header("www-authenticate"), "Bearer realm=\"veche\"");
        assert_eq!(none.header("content-type"), "application/problem+json");
        let wrong = fixture.call("GET", "/me", "wrong", Value::Null).await;
        assert_eq!(wrong.status, 401);
        assert!(wrong.header("www-authenticate").contains("invalid_token"));
        assert_eq!(fixture.call("GET", "/initiatives", "wrong", Value::Null).await.status, 401);
        let scope = [crate::domain::Scope::Read];
        let reader = accounts::create_token(&fixture.app, "ana", &scope).await.unwrap();
        assert_eq!(fixture.call("GET", "/me", &reader, Value::Null).await.status, 200);
        let lacking = fixture.call("POST", "/initiatives", &reader, form("x")).await;
        assert_eq!(lacking.status, 403);
        assert!(lacking.header("www-authenticate").contains("insufficient_scope"));
    }

    async fn wrong_bodies_are_named(fixture: Fixture) {
        let token = instance(&fixture).await;
        let send = async |kind: &str, body: &str| {
            let request = http::Request::post("/api/civic/v1/initiatives")
                .header("host", "veche.example")
                .header("content-type", kind)
                .header("authorization", format!("Bearer {token}"))
                .body(body.to_owned().into())
                .unwrap();
            fixture.send(request).await
        };
        let json = "application/json; charset=utf-8";
        assert_eq!(send(json, "{").await.status, 400);
        assert_eq!(send("text/plain", "{}").await.status, 415);
        let rows = [
            (json!({}), "title", "required"),
            (json!({ "title": "x", "role": "admin" }), "role", "unknown"),
            (form(""), "title", "required"),
            (form(&"x".repeat(200)), "title", "too-long"),
        ];
        for (body, field, code) in rows {
            let answer = send(json, &body.to_string()).await;
            assert_eq!(answer.status, 422, "{}", answer.text);
            let problem = answer.json();
            assert_eq!(problem["errors"][0]["field"], field);
            assert_eq!(problem["errors"][0]["code"], code);
            assert_eq!((&problem["type"], &problem["status"]), (&json!("about:blank"), &json!(422)));
        }
        let mut lost = form("");
        lost["assembly"] = json!("nowhere");
        assert_eq!(send(json, &lost.to_string()).await.json()["errors"].as_array().unwrap().len(), 2);
        assert_eq!(send(json, r#"{"title": 1}"#).await.status, 422);
    }

    async fn the_document_and_the_routes_agree(fixture: Fixture) {
        let token = instance(&fixture).await;
        let document = fixture.get("/openapi.json").await.json();
        assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
        let paths = document["paths"].as_object().unwrap();
        let mut operations = 0;
        for (path, item) in paths {
            let short = path.strip_prefix(crate::http::api::PREFIX).unwrap();
            let concrete = short.replace("{id}", "999").replace("{handle}", "transport").replace("{name}", "bus");
            let methods: Vec<&String> = item
                .as_object()
                .unwrap()
                .keys()
                .filter(|k| ["get", "post", "put", "delete"].contains(&k.as_str()))
                .collect();
            assert!(!methods.is_empty(), "{path}");
            for method in &methods {
                operations += 1;
                let answer = fixture.call(&method.to_uppercase(), &concrete, &token, json!({})).await;
                // What does not exist is told by a problem of its handler, never by the router's.
                assert_ne!(answer.status, 405, "{method} {path}");
                assert!(!answer.text.contains("there is nothing here"), "{method} {path}");
            }
            // And nothing else is served there.
            let none = fixture.call("PATCH", &concrete, &token, json!({})).await;
            assert_eq!(none.status, 405, "{path}");
            assert_eq!(none.header("content-type"), "application/problem+json");
            let mut allowed: Vec<String> =
                none.header("allow").split(',').map(|m| m.trim().to_lowercase()).collect();
            allowed.retain(|m| m != "head");
            allowed.sort();
            let mut documented: Vec<String> = methods.into_iter().cloned().collect();
            documented.sort();
            assert_eq!(allowed, documented, "{path}");
        }
        assert_eq!(operations, 70, "an operation was added or removed: is it in this count?");
        let unknown = fixture.get("/nothing").await;
        assert_eq!(unknown.status, 404);
        assert_eq!(unknown.header("content-type"), "application/problem+json");
    }

    async fn a_database_that_is_gone_is_503_and_says_nothing(fixture: Fixture) {
        instance(&fixture).await;
        fixture.app.app.db.close().await;
        let answer = fixture.get("/initiatives").await;
        assert_eq!(answer.status, 503, "{}", answer.text);
        assert!(!answer.header("retry-after").is_empty());
        assert!(!answer.text.contains("pool") && !answer.text.contains("sql"), "{}", answer.text);
    }
}
