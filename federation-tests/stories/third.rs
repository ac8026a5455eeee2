//! Three servers: what is said at one is heard at home and passed on to the third, once.

use crate::support::{Town, follow, found, settled, until};
use veche::both_engines;
use veche::storage::Engine;
use veche::testing::{TestServer, id_of, text};

both_engines! {
    async fn a_comment_from_a_mirror_reaches_home_and_the_third_once(engine: Engine) {
        let town = Town::new(engine).await;
        let agency = TestServer::new(engine).await;
        let olga = agency.citizen("olga").await;
        follow(&olga, &town.region.address_of("transport")).await;
        let made = town.ana.publish("transport", "Night buses").await;
        let (home, seen) = (id_of(&made), id_of(&town.mirrored(&made).await));
        let uri = text(&made["uri"]);
        let third = id_of(&found(async || olga.find(&uri).await).await);

        let said = town.vera.comment(&seen, "Ours paid for itself.").await;
        let said_uri = text(&said["uri"]);
        found(async || town.ana.comment_by_uri(&home, &said_uri).await).await;
        let heard = found(async || olga.comment_by_uri(&third, &said_uri).await).await;
        assert_eq!(heard["author"]["address"], town.ngo.address_of("vera"));

        // An answer to it, from the third: to home, and back to whom it answers.
        let answer = olga.answer(&third, &id_of(&heard), "In which year?").await;
        let answer_uri = text(&answer["uri"]);
        found(async || town.ana.comment_by_uri(&home, &answer_uri).await).await;
        let back = found(async || town.vera.comment_by_uri(&seen, &answer_uri).await).await;
        assert_eq!(back["in_reply_to"], said["id"]);

        for server in [&town.region, &town.ngo, &agency] {
            settled(server).await;
        }
        for (citizen, id) in [(&town.ana, &home), (&town.vera, &seen), (&olga, &third)] {
            let uris: Vec<_> =
                citizen.comments(id).await.iter().map(|c| text(&c["uri"])).collect();
            assert_eq!(uris, [said_uri.clone(), answer_uri.clone()], "{}", citizen.handle);
            assert_eq!(citizen.initiative(id).await["comments"], 2, "{}", citizen.handle);
        }
    }

    async fn an_edit_and_a_deletion_at_a_mirror_reach_the_third(engine: Engine) {
        let town = Town::new(engine).await;
        let agency = TestServer::new(engine).await;
        let olga = agency.citizen("olga").await;
        follow(&olga, &town.region.address_of("transport")).await;
        let made = town.ana.publish("transport", "Night buses").await;
        let seen = id_of(&town.mirrored(&made).await);
        let uri = text(&made["uri"]);
        let third = id_of(&found(async || olga.find(&uri).await).await);
        let said = town.vera.comment(&seen, "Ours paid for itself.").await;
        let said_uri = text(&said["uri"]);
        found(async || olga.comment_by_uri(&third, &said_uri).await).await;
        town.vera.edit(&id_of(&said), "Ours paid for itself in a year.").await;
        until(async || {
            let heard = olga.comment_by_uri(&third, &said_uri).await.expect("it stays");
            text(&heard["html"]).contains("in a year")
        }).await;
        town.vera.delete(&id_of(&said)).await;
        until(async || {
            let heard = olga.comment_by_uri(&third, &said_uri).await.expect("its place stays");
            !heard["deleted_at"].is_null()
        }).await;
    }
}
