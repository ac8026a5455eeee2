//! One initiative is followed; an assembly is moderated and its mirror sees it.

use crate::support::{Town, found, settled, until};
use serde_json::json;
use veche::both_engines;
use veche::services::{actors, moderation};
use veche::storage::Engine;
use veche::testing::{TestServer, id_of, text};

both_engines! {
    async fn who_follows_one_initiative_gets_its_news(engine: Engine) {
        let (region, ngo) = (TestServer::new(engine).await, TestServer::new(engine).await);
        region.assembly("transport").await;
        let (ana, vera) = (region.citizen("ana").await, ngo.citizen("vera").await);
        let made = ana.publish("transport", "Night buses").await;
        let other = ana.publish("transport", "Quiet streets").await;
        settled(&region).await;
        let home = id_of(&made);
        let group = region.address_of(&format!("initiative_{home}"));
        crate::support::follow(&vera, &group).await;
        let uri = text(&made["uri"]);
        let seen = id_of(&found(async || vera.find(&uri).await).await);
        let whole = vera.initiative(&seen).await;
        assert_eq!(whole["assembly"]["address"], region.address_of("transport"));
        // News of it come as official notes; the other initiative does not come at all.
        ana.revise(&home, "Night buses on line 7", "Two a night.").await;
        until(async || vera.comments(&seen).await.iter().any(|c| c["official"] == true)).await;
        settled(&region).await;
        settled(&ngo).await;
        assert!(vera.find(&text(&other["uri"])).await.is_none());
        // The actor that repeats the text's address boosts nothing.
        assert_eq!(vera.initiative(&seen).await["boosts"], 0);
    }

    async fn a_mirror_sees_what_moderators_do(engine: Engine) {
        let town = Town::new(engine).await;
        let made = town.ana.publish("transport", "Night buses").await;
        let (home, seen) = (id_of(&made), id_of(&town.mirrored(&made).await));
        let said = town.vera.comment(&seen, "Buy pills").await;
        let uri = text(&said["uri"]);
        let heard = found(async || town.ana.comment_by_uri(&home, &uri).await).await;
        let assembly = actors::local_by_handle(&town.region, "transport").await.expect("the database answers").expect("it is known");
        // Ana becomes a moderator and uses her rights.
        moderation::appoint(&town.region, "transport", "ana", true).await.expect("the database answers");
        let path = format!("/initiatives/{home}");
        town.ana.ask(http::Method::POST, &format!("{path}/pin"), None).await;
        town.ana.ask(http::Method::POST, &format!("{path}/lock"), None).await;
        let removal = format!("/comments/{}/removal", id_of(&heard));
        town.ana.ask(http::Method::POST, &removal, Some(json!({ "reason": "spam" }))).await;
        let vera = actors::by_address(&town.region, "vera", town.ngo.authority());
        let vera = vera.await.expect("the database answers").expect("it is known");
        let ban = json!({ "actor": vera.uri, "reason": "spam" });
        town.ana.ask(http::Method::POST, "/assemblies/transport/bans", Some(ban)).await;

        let there = actors::by_uri(&town.ngo, &assembly.uri).await.expect("the database answers").expect("it is known");
        until(async || !town.vera.initiative(&seen).await["locked_at"].is_null()).await;
        until(async || moderation::pins(&town.ngo, there.id).await.expect("the database answers").len() == 1).await;
        until(async || {
            let gone = town.vera.comment_by_uri(&seen, &uri).await.expect("its place stays");
            gone["removal"] == "Spam" && text(&gone["html"]).is_empty()
        }).await;
        until(async || moderation::bans(&town.ngo, there.id).await.expect("the database answers").len() == 1).await;
        let moderators = moderation::moderators(&town.ngo, there.id).await.expect("the database answers");
        assert_eq!(moderators.iter().map(|m| m.handle.as_str()).collect::<Vec<_>>(), ["ana"]);
        let late = json!({ "text": "More pills" });
        let (status, _) = town.vera.call(http::Method::POST, &format!("/initiatives/{seen}/comments"), Some(&late)).await;
        assert_eq!(status, 422);
        // And the end of it.
        town.ana.ask(http::Method::DELETE, &format!("{path}/lock"), None).await;
        town.ana.ask(http::Method::DELETE, &format!("/assemblies/transport/bans/{}", vera.id), None).await;
        until(async || town.vera.initiative(&seen).await["locked_at"].is_null()).await;
        until(async || moderation::bans(&town.ngo, there.id).await.expect("the database answers").is_empty()).await;
    }
}
