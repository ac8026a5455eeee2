//! An NGO mirrors the assembly of a region.

use crate::support::{Town, follow, found, settled, until};
use veche::both_engines;
use veche::storage::Engine;
use veche::testing::{TestServer, id_of, text};

both_engines! {
    async fn an_initiative_arrives_with_its_origin(engine: Engine) {
        let town = Town::new(engine).await;
        let made = town.ana.publish("transport", "Night buses").await;
        let seen = town.mirrored(&made).await;
        for same in ["uri", "title", "digest", "language", "revision"] {
            assert_eq!(seen[same], made[same], "{same}");
        }
        assert_eq!(seen["local"], false);
        assert_eq!(seen["author"]["address"], town.region.address_of("ana"));
        assert_eq!(seen["assembly"]["address"], town.region.address_of("transport"));
        let whole = town.vera.initiative(&id_of(&seen)).await;
        assert!(text(&whole["html"]).contains("every hour of the night"), "{whole}");
        // The page says where it comes from.
        let page = town.ngo.get(&format!("/p/{}", id_of(&seen))).await;
        assert_eq!(page.status(), 200);
        assert!(page.text().contains(&text(&made["uri"])), "{}", page.text());
    }

    async fn the_debate_at_home_is_seen(engine: Engine) {
        let town = Town::new(engine).await;
        let boris = town.region.citizen("boris").await;
        let made = town.ana.publish("transport", "Night buses").await;
        let seen = id_of(&town.mirrored(&made).await);
        let home = id_of(&made);
        let asked = boris.comment(&home, "Who pays?").await;
        let answer = town.ana.answer(&home, &id_of(&asked), "The hospital.").await;
        let (asked_uri, answer_uri) = (text(&asked["uri"]), text(&answer["uri"]));
        let there = found(async || town.vera.comment_by_uri(&seen, &answer_uri).await).await;
        let parent = found(async || town.vera.comment_by_uri(&seen, &asked_uri).await).await;
        assert_eq!(there["in_reply_to"], parent["id"]);
        assert_eq!(parent["author"]["address"], town.region.address_of("boris"));

        boris.edit(&id_of(&asked), "Who pays the drivers?").await;
        until(async || {
            let seen = town.vera.comment_by_uri(&seen, &asked_uri).await.expect("it stays");
            text(&seen["html"]).contains("the drivers")
        }).await;
        town.ana.delete(&id_of(&answer)).await;
        until(async || {
            let seen = town.vera.comment_by_uri(&seen, &answer_uri).await.expect("its place stays");
            !seen["deleted_at"].is_null() && text(&seen["html"]).is_empty()
        }).await;
        settled(&town.region).await;
        settled(&town.ngo).await;
        assert_eq!(town.vera.comments(&seen).await.len(), 2);
    }

    async fn revisions_follow_and_a_withdrawal_leaves_its_place(engine: Engine) {
        let town = Town::new(engine).await;
        let made = town.ana.publish("transport", "Night buses").await;
        let seen = id_of(&town.mirrored(&made).await);
        let second = town.ana.revise(&id_of(&made), "Night buses on line 7", "Two a night.").await;
        assert_eq!(second["revision"], 2);
        until(async || town.vera.initiative(&seen).await["revision"] == 2).await;
        let there = town.vera.initiative(&seen).await;
        assert_eq!((&there["digest"], &there["title"]), (&second["digest"], &second["title"]));
        assert!(text(&there["html"]).contains("Two a night"));

        town.ana.withdraw(&id_of(&made)).await;
        until(async || town.vera.initiative(&seen).await["state"] == "withdrawn").await;
        assert_eq!(town.vera.initiative(&seen).await["html"], "");
        // At home the document is gone, and says so.
        let path = format!("/p/{}", id_of(&made));
        let document = town.region.document(&path).await;
        assert_eq!((document.status(), &document.json()["type"]), (410, &"Tombstone".into()));
    }

    async fn endorsements_and_boosts_count_at_home(engine: Engine) {
        let town = Town::new(engine).await;
        let made = town.ana.publish("transport", "Night buses").await;
        let (home, seen) = (id_of(&made), id_of(&town.mirrored(&made).await));
        let tallies = async || {
            let it = town.ana.initiative(&home).await;
            (it["tallies"]["fediverse"].clone(), it["boosts"].clone())
        };
        town.vera.endorse(&seen, true).await;
        town.vera.boost(&seen, true).await;
        until(async || tallies().await == (1.into(), 1.into())).await;
        town.vera.endorse(&seen, false).await;
        until(async || tallies().await == (0.into(), 1.into())).await;
        town.vera.boost(&seen, false).await;
        until(async || tallies().await == (0.into(), 0.into())).await;

        // The other way: the region's people endorse what the NGO's people say.
        let said = town.vera.comment(&seen, "Ours paid for itself.").await;
        let uri = text(&said["uri"]);
        let heard = found(async || town.ana.comment_by_uri(&home, &uri).await).await;
        let path = format!("/comments/{}/endorsement", id_of(&heard));
        let likes = async |n: i64| {
            let there = town.vera.comment_by_uri(&seen, &uri).await.expect("it is there");
            there["tallies"]["fediverse"] == n
        };
        town.ana.ask(http::Method::POST, &path, None).await;
        until(async || likes(1).await).await;
        town.ana.ask(http::Method::DELETE, &path, None).await;
        until(async || likes(0).await).await;
    }

    async fn what_the_ngo_says_is_edited_and_deleted_at_home(engine: Engine) {
        let town = Town::new(engine).await;
        let made = town.ana.publish("transport", "Night buses").await;
        let (home, seen) = (id_of(&made), id_of(&town.mirrored(&made).await));
        let said = town.vera.comment(&seen, "Ours paid for itself.").await;
        let uri = text(&said["uri"]);
        let heard = found(async || town.ana.comment_by_uri(&home, &uri).await).await;
        assert_eq!(heard["author"]["address"], town.ngo.address_of("vera"));
        town.vera.edit(&id_of(&said), "Ours paid for itself in a year.").await;
        until(async || {
            let heard = town.ana.comment_by_uri(&home, &uri).await.expect("it stays");
            text(&heard["html"]).contains("in a year")
        }).await;
        town.vera.delete(&id_of(&said)).await;
        until(async || {
            let heard = town.ana.comment_by_uri(&home, &uri).await.expect("its place stays");
            !heard["deleted_at"].is_null()
        }).await;
        settled(&town.region).await;
        assert_eq!(town.ana.comments(&home).await.len(), 1);
        assert_eq!(town.vera.comments(&seen).await.len(), 1);
    }

    async fn who_follows_late_reads_the_old_debate(engine: Engine) {
        let region = TestServer::new(engine).await;
        region.assembly("transport").await;
        let (ana, boris) = (region.citizen("ana").await, region.citizen("boris").await);
        let made = ana.publish("transport", "Night buses").await;
        let withdrawn = ana.publish("transport", "A mistake").await;
        let asked = boris.comment(&id_of(&made), "Who pays?").await;
        let answer = ana.answer(&id_of(&made), &id_of(&asked), "The hospital.").await;
        ana.revise(&id_of(&made), "Night buses on line 7", "Two a night.").await;
        ana.withdraw(&id_of(&withdrawn)).await;
        settled(&region).await;

        let ngo = TestServer::new(engine).await;
        let vera = ngo.citizen("vera").await;
        follow(&vera, &region.address_of("transport")).await;
        let uri = text(&made["uri"]);
        let seen = found(async || vera.find(&uri).await).await;
        let seen = id_of(&seen);
        for comment in [&asked, &answer] {
            let uri = text(&comment["uri"]);
            found(async || vera.comment_by_uri(&seen, &uri).await).await;
        }
        until(async || vera.initiative(&seen).await["title"] == "Night buses on line 7").await;
        settled(&ngo).await;
        // The two of the debate, and what the office said of the revision.
        assert_eq!(vera.comments(&seen).await.len(), 3);
        // What was withdrawn before is not shown as if it stood.
        let old = vera.find(&text(&withdrawn["uri"])).await;
        assert!(old.is_none_or(|it| it["state"] == "withdrawn"));
    }

    async fn who_stops_following_gets_nothing_more(engine: Engine) {
        let town = Town::new(engine).await;
        let first = town.ana.publish("transport", "Night buses").await;
        town.mirrored(&first).await;
        town.vera.unfollow(&town.followed).await;
        let followers = async || {
            let path = "/assemblies/transport";
            town.ana.ask(http::Method::GET, path, None).await["followers"].clone()
        };
        until(async || followers().await == 0).await;
        let second = town.ana.publish("transport", "Quiet streets").await;
        settled(&town.region).await;
        settled(&town.ngo).await;
        assert!(town.vera.find(&text(&second["uri"])).await.is_none());
        // And gets it again after a new follow.
        follow(&town.vera, &town.region.address_of("transport")).await;
        town.mirrored(&second).await;
    }
}
