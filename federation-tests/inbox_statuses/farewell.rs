//! Farewells: of actors elsewhere, with and without a key that proves them, and what the address of
//! somebody gone answers here.

use super::Scene;
use crate::support::{activity, settled, until};
use serde_json::json;
use veche::both_engines;
use veche::storage::Engine;
use veche::testing::{Answer, PASSWORD, text};

both_engines! {
    async fn everything_of_a_deleted_account_is_410(engine: Engine) {
        let scene = Scene::new(engine).await;
        scene.server.account("boris").await;
        let said = scene.ana.comment(&scene.id, "Soon gone").await;
        settled(&scene.server).await;
        let sure = json!({ "password": PASSWORD });
        scene.ana.ask(http::Method::POST, "/me/delete", Some(sure)).await;
        until(async || !scene.peer.posted("Delete").is_empty()).await;
        let inbox = format!("{}/u/ana/inbox", scene.server.base());
        let like = scene.like_of(&scene.bob, "late");
        assert_eq!(scene.bob.send(&inbox, &like).await, 410);
        for uri in [text(&said["uri"]), scene.uri.clone(), format!("{}/u/ana", scene.server.base())] {
            let path = uri.trim_start_matches(scene.server.base()).to_owned();
            let answer = scene.server.document(&path).await;
            assert_eq!((answer.status(), answer.json()["type"].clone()), (410, json!("Tombstone")), "{uri}");
        }
        for collection in ["outbox", "followers", "following"] {
            let answer = scene.server.document(&format!("/u/ana/{collection}")).await;
            assert_eq!(answer.status(), 410, "{collection}");
        }
        let finger = format!("/.well-known/webfinger?resource=acct:{}", scene.server.address_of("ana"));
        assert_eq!(scene.server.get(&finger).await.status(), 404);
        assert_eq!(scene.server.get("/u/ana").await.status(), 410);
        // The farewell is the actor's own, and it is the last that comes.
        let farewell = scene.peer.posted("Delete").pop().expect("it came");
        assert_eq!(farewell.body["object"], farewell.body["actor"]);
        let (status, _) = scene.ana.call(http::Method::GET, "/me", None).await;
        assert_eq!(status, 401);
    }

    async fn a_farewell_without_a_key_is_asked_for_at_home(engine: Engine) {
        let scene = Scene::new(engine).await;
        let bob = &scene.bob.id;
        let farewell = |n: u8| activity(&format!("{bob}#delete-{n}"), "Delete", bob, bob.as_str());
        // Signed with a key that nobody can get: its home decides.
        let stranger = scene.bob.with_another_key();
        let inbox = &scene.inboxes()[0];
        let forget = || scene.server.caches.refetched.invalidate_all();
        forget();
        assert_eq!(stranger.send(inbox, &farewell(1)).await, 401, "the actor is still there");
        scene.peer.always("/users/bob", Answer::Status(404));
        scene.server.caches.unreachable.invalidate_all();
        forget();
        assert_eq!(stranger.send(inbox, &farewell(2)).await, 202);
        settled(&scene.server).await;
        assert_eq!(gone(&scene).await, 0, "404 may be a mistake");
        scene.peer.always("/users/bob", Answer::Status(410));
        forget();
        assert_eq!(stranger.send(inbox, &farewell(3)).await, 202);
        settled(&scene.server).await;
        assert_eq!(gone(&scene).await, 1);
        assert_eq!(scene.server.database.count("audit", "WHERE kind = 'forbidden'").await, 0);
    }
}

async fn gone(scene: &Scene) -> usize {
    let about = format!("WHERE uri = '{}' AND deleted_at IS NOT NULL", scene.bob.id);
    scene.server.database.count("actors", &about).await
}
