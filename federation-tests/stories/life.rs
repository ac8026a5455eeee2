//! The life of actors between servers: moving, blocking, reporting, leaving, being named.

use crate::support::{Town, follow, found, settled, until};
use serde_json::{Value, json};
use veche::both_engines;
use veche::storage::Engine;
use veche::testing::{Citizen, PASSWORD, TestServer, id_of, text};

async fn post(who: &Citizen, path: &str, body: Value) -> Value {
    who.ask(http::Method::POST, path, Some(body)).await
}

async fn name_as_own(who: &Citizen, other: &str) {
    let body = json!({ "accounts": [other] });
    who.ask(http::Method::PUT, "/me/aliases", Some(body)).await;
}

both_engines! {
    async fn a_citizen_moves_to_another_server_and_counts_once(engine: Engine) {
        let town = Town::new(engine).await;
        let made = town.ana.publish("transport", "Night buses").await;
        let (home, seen) = (id_of(&made), id_of(&town.mirrored(&made).await));
        let max = town.ngo.citizen("max").await;
        let lena = town.region.citizen("lena").await;
        follow(&lena, &town.ngo.address_of("max")).await;
        max.endorse(&seen, true).await;
        until(async || town.ana.initiative(&home).await["tallies"]["fediverse"] == 1).await;
        // A new account at home, which names the old one.
        let new = town.region.citizen("max").await;
        name_as_own(&new, &town.ngo.address_of("max")).await;
        let target = town.region.address_of("max");
        let (status, _) = max.call(http::Method::POST, "/me/move",
            Some(&json!({ "target": target, "password": "not this one" }))).await;
        assert_eq!(status, 422);
        post(&max, "/me/move", json!({ "target": target, "password": PASSWORD })).await;
        until(async || lena.follow_state("max").await == "accepted").await;
        new.endorse(&home, true).await;
        for server in [&town.ngo, &town.region] {
            settled(server).await;
        }
        assert_eq!(town.ana.initiative(&home).await["tallies"]["fediverse"], 1);
        let document = town.ngo.document("/u/max").await.json();
        assert_eq!(document["movedTo"], format!("{}/u/max", town.region.base()));
        let (status, _) = max.call(http::Method::POST, &format!("/initiatives/{seen}/comments"),
            Some(&json!({ "text": "From afar" }))).await;
        assert_eq!(status, 409, "whoever moved away is silent here");
    }

    async fn a_block_keeps_somebody_elsewhere_from_following(engine: Engine) {
        let (one, two) = (TestServer::new(engine).await, TestServer::new(engine).await);
        let (ana, eve) = (one.citizen("ana").await, two.citizen("eve").await);
        follow(&eve, &one.address_of("ana")).await;
        let blocked = post(&ana, "/blocks", json!({ "actor": two.address_of("eve") })).await;
        until(async || two.database.count("blocks", "").await == 1).await;
        assert_eq!(two.database.count("follows", "").await, 0);
        assert_eq!(one.database.count("follows", "").await, 0);
        let again = json!({ "actor": one.address_of("ana") });
        let (status, _) = eve.call(http::Method::POST, "/follows", Some(&again)).await;
        assert_eq!(status, 403);
        let path = format!("/blocks/{}", id_of(&blocked));
        ana.ask(http::Method::DELETE, &path, None).await;
        until(async || two.database.count("blocks", "").await == 0).await;
        follow(&eve, &one.address_of("ana")).await;
    }

    async fn a_report_is_sent_on_in_the_name_of_the_instance(engine: Engine) {
        let town = Town::new(engine).await;
        let made = town.ana.publish("transport", "Night buses").await;
        let seen = id_of(&town.mirrored(&made).await);
        let said = town.vera.comment(&seen, "Buy my buses").await;
        let (home, uri) = (id_of(&made), text(&said["uri"]));
        found(async || town.ana.comment_by_uri(&home, &uri).await).await;
        let olga = town.region.official("olga").await;
        let body = json!({ "objects": [uri], "reason": "Advertising" });
        town.ana.ask(http::Method::POST, "/reports", Some(body)).await;
        let list = olga.ask(http::Method::GET, "/reports?state=open", None).await;
        let id = id_of(&list["items"][0]);
        post(&olga, &format!("/reports/{id}/forward"), Value::Null).await;
        let there = town.ngo.official("petra").await;
        let arrived = found(async || {
            let list = there.ask(http::Method::GET, "/reports", None).await;
            list["items"].as_array().and_then(|all| all.first().cloned())
        }).await;
        assert_eq!(arrived["reporter"], format!("{}/actor", town.region.base()));
        assert_eq!(arrived["content"], "Advertising");
        let about: Vec<String> = arrived["objects"].as_array().expect("a list").iter().map(text).collect();
        assert_eq!(about, [format!("{}/u/vera", town.ngo.base()), uri]);
        let closed = post(&olga, &format!("/reports/{id}/resolve"), json!({ "note": "Told them" })).await;
        assert_eq!(closed["state"], "resolved");
        let (status, _) = town.ana.call(http::Method::GET, "/reports", None).await;
        assert_eq!(status, 403);
    }

    async fn whoever_leaves_is_emptied_at_the_mirror(engine: Engine) {
        let town = Town::new(engine).await;
        town.region.account("boris").await;
        let made = town.ana.publish("transport", "Night buses").await;
        let seen = id_of(&town.mirrored(&made).await);
        let said = town.vera.comment(&seen, "Good idea").await;
        let uri = text(&said["uri"]);
        found(async || town.ana.comment_by_uri(&id_of(&made), &uri).await).await;
        post(&town.ana, "/me/delete", json!({ "password": PASSWORD })).await;
        until(async || town.vera.initiative(&seen).await["state"] == "withdrawn").await;
        assert_eq!(town.vera.initiative(&seen).await["html"], "");
        // What others said of it stays, in both places.
        for reader in [town.region.stranger(), town.ngo.stranger()] {
            let i = found(async || reader.find(&text(&made["uri"])).await).await;
            assert_eq!(i["comments"], 1);
            assert!(reader.comment_by_uri(&id_of(&i), &uri).await.expect("it stays")["deleted_at"].is_null());
        }
    }

    async fn a_stranger_who_is_named_is_looked_for_and_told(engine: Engine) {
        let town = Town::new(engine).await;
        let made = town.ana.publish("transport", "Night buses").await;
        let third = TestServer::new(engine).await;
        third.citizen("zoe").await;
        let words = format!("What do you say, @{}? #Night", third.address_of("zoe"));
        let said = town.ana.comment(&id_of(&made), &words).await;
        let link = format!("{}/u/zoe", third.base());
        let shown = found(async || {
            let comment = town.ana.comment_by_uri(&id_of(&made), &text(&said["uri"])).await?;
            text(&comment["html"]).contains(&link).then_some(comment)
        }).await;
        assert!(text(&shown["html"]).contains("/tags/night"), "{shown}");
        // It went to her server, although nobody there follows anything here.
        until(async || third.database.count("inbox", "").await == 1).await;
        let path = text(&said["uri"]).trim_start_matches(town.region.base()).to_owned();
        let note = town.region.document(&path).await.json();
        assert!(note["cc"].as_array().expect("a list").contains(&link.clone().into()), "{note}");
        let tagged = town.region.get("/tags/NIGHT").await;
        assert_eq!(tagged.status(), 200);
        assert!(tagged.text().contains("What do you say"), "{}", tagged.text());
        // The mirror has it under the hashtag too.
        until(async || town.ngo.get("/tags/night").await.text().contains("What do you say")).await;
    }
}
