//! Trouble of our own: too many requests, no database. What is not stored is not acknowledged.

use super::Scene;
use crate::support::{settled, until};
use veche::both_engines;
use veche::storage::Engine;
use veche::testing::TestServer;

both_engines! {
    async fn a_flood_is_429_with_a_time(engine: Engine) {
        let plan = TestServer::plan(engine).with_limits(|config| {
            config.limits.enabled = true;
            config.limits.requests_per_5_minutes = 8;
        });
        let scene = Scene::on(plan.start().await).await;
        let inbox = &scene.inboxes()[0];
        let mut refused = None;
        // Servers, behind which there are many people, may do ten times as much.
        for n in 0..200 {
            let (status, headers, _) = scene.recipe(inbox, &format!("flood-{n}")).send().await;
            if status == 429 {
                refused = Some(headers);
                break;
            }
            assert_eq!(status, 202);
        }
        let headers = refused.expect("the limit is reached");
        assert!(headers.contains_key("retry-after"), "{headers:?}");
    }

    async fn flt_05_a_lost_database_is_503_and_nothing_is_forgotten(engine: Engine) {
        let scene = Scene::new(engine).await;
        let inbox = scene.inboxes()[0].clone();
        scene.server.app.db.close().await;
        for n in 0..3 {
            let (status, headers, _) = scene.recipe(&inbox, &format!("lost-{n}")).send().await;
            assert_eq!(status, 503);
            assert!(headers.contains_key("retry-after"), "{headers:?}");
        }
        // The same server on its database again; the sender repeats what was refused.
        let Scene { server, ana, id, uri, peer, bob, eve } = scene;
        let server = server.stop().await.start().await;
        let scene = Scene { server, ana, id, uri, peer, bob, eve };
        let (status, _, _) = scene.recipe(&inbox, "lost-0").send().await;
        assert_eq!(status, 202);
        settled(&scene.server).await;
        assert_eq!(scene.likes().await, 1);
    }

    async fn flt_06_a_locked_database_is_503_until_it_is_free(engine: Engine) {
        let scene = Scene::new(engine).await;
        let inbox = scene.inboxes()[0].clone();
        let before = scene.server.database.record().await;
        let lock = scene.server.database.lock().await;
        let (status, headers, _) = scene.recipe(&inbox, "locked").send().await;
        assert_eq!(status, 503);
        assert!(headers.contains_key("retry-after"), "{headers:?}");
        lock.release().await;
        assert!(before == scene.server.database.record().await, "it was stored nevertheless");
        until(async || scene.recipe(&inbox, "locked").send().await.0 == 202).await;
        settled(&scene.server).await;
        assert_eq!(scene.likes().await, 1);
    }
}
