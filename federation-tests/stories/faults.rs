//! What goes wrong between servers and must do no harm.

use crate::support::{Town, activity, follow, found, note, settled, until};
use futures_util::future::join_all;
use std::time::Duration;
use veche::both_engines;
use veche::storage::Engine;
use veche::testing::{ScriptedPeer, Software, TestServer, id_of, stopped_clock, text};

both_engines! {
    async fn a_server_that_was_down_gets_everything_later(engine: Engine) {
        let clock = stopped_clock();
        let region = TestServer::plan(engine).clock(&clock).start().await;
        let ngo = TestServer::plan(engine).clock(&clock).start().await;
        region.assembly("transport").await;
        let (ana, vera) = (region.citizen("ana").await, ngo.citizen("vera").await);
        follow(&vera, &region.address_of("transport")).await;
        let first = ana.publish("transport", "Night buses").await;
        let uri = text(&first["uri"]);
        let seen = id_of(&found(async || vera.find(&uri).await).await);
        settled(&region).await;

        let plan = ngo.stop().await;
        let second = ana.publish("transport", "Quiet streets").await;
        let said = ana.comment(&id_of(&first), "Still waiting.").await;
        ana.revise(&id_of(&first), "Night buses on line 7", "Two a night.").await;
        ana.withdraw(&id_of(&second)).await;
        let failed = "WHERE state = 'pending' AND attempts > 0";
        until(async || region.database.count("deliveries", failed).await > 0).await;
        assert_eq!(region.database.count("deliveries", "WHERE state = 'dead'").await, 0);

        let ngo = plan.start().await;
        // The time of the next attempt comes.
        until(async || {
            clock.advance(Duration::from_mins(1));
            region.database.count("deliveries", "WHERE state = 'pending'").await == 0
        }).await;
        let reader = ngo.stranger();
        let said_uri = text(&said["uri"]);
        found(async || reader.comment_by_uri(&seen, &said_uri).await).await;
        until(async || reader.initiative(&seen).await["revision"] == 2).await;
        settled(&ngo).await;
        let second = reader.find(&text(&second["uri"])).await;
        assert!(second.is_none_or(|it| it["state"] == "withdrawn"), "a withdrawn one came back");
        assert_eq!(region.database.count("deliveries", "WHERE state = 'dead'").await, 0);
    }

    async fn fifty_times_the_same_has_one_effect(engine: Engine) {
        let town = Town::new(engine).await;
        let made = town.ana.publish("transport", "Night buses").await;
        let (home, uri) = (id_of(&made), text(&made["uri"]));
        let peer = ScriptedPeer::start().await;
        let bob = peer.actor("bob", Software::Mastodon);
        let inbox = format!("{}/inbox", town.region.base());
        let like = activity(&format!("{}/likes/1", bob.id), "Like", &bob.id, uri.as_str());
        let said = note(&format!("{}/1", bob.id), &bob.id, &uri, "Good.");
        // Mirrors read it at its home.
        peer.serve(&format!("{}/1", bob.path()), said.clone());
        let create = activity(&format!("{}/1/activity", bob.id), "Create", &bob.id, said);
        let sends = (0..50).flat_map(|_| [&like, &create]).map(|it| bob.send(&inbox, it));
        let statuses = join_all(sends).await;
        assert!(statuses.iter().all(|status| *status == 202), "{statuses:?}");
        // The same act under other ids counts once as well.
        for n in 2..5 {
            let id = format!("{}/likes/{n}", bob.id);
            assert_eq!(bob.send(&inbox, &activity(&id, "Like", &bob.id, uri.as_str())).await, 202);
        }
        settled(&town.region).await;
        let there = town.ana.initiative(&home).await;
        assert_eq!((&there["tallies"]["fediverse"], &there["comments"]), (&1.into(), &1.into()));
        // And was passed on once.
        settled(&town.ngo).await;
        let seen = id_of(&town.mirrored(&made).await);
        assert_eq!(town.vera.comments(&seen).await.len(), 1);
    }
}
