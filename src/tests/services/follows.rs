//! Following, from here and from elsewhere.

use crate::both_engines;
use crate::services::blocks;
use crate::services::follows::{self, receive_answer_in, receive_in, receive_undo_in};
use crate::services::{Error, assemblies, outbox};
use crate::testing::TestApp;
use crate::tests::fixtures::{events, foreign_assembly, in_unit, number, stranger, texts};

const F1: &str = "https://remote.example/follow/1";
const B1: &str = "https://remote.example/block/1";
const F2: &str = "https://remote.example/follow/2";

both_engines! {
    async fn a_follow_from_elsewhere_is_accepted_and_answered(app: TestApp) {
        let transport = app.assembly("transport").await;
        let zoe = stranger(&app, "zoe").await;
        for _ in 0..2 {
            let new = in_unit!(app, unit => receive_in(unit, zoe.id, &transport.uri, F1)).unwrap();
            assert!(new);
        }
        assert_eq!(follows::counts(&app, transport.id).await.unwrap(), (1, 0));
        // Each request is answered: the first answer may have been lost.
        assert_eq!(events(&app).await, ["follow_accepted", "follow_accepted"]);
        let inboxes = outbox::inboxes_of_followers(&app, transport.id).await.unwrap();
        assert_eq!(inboxes, ["https://remote.example/inbox"]);
        assert_eq!(follows::parties_of(&app, F1).await.unwrap(), Some((zoe.id, transport.id)));
    }

    async fn a_shared_inbox_is_told_once(app: TestApp) {
        let transport = app.assembly("transport").await;
        for name in ["zoe", "max", "eva"] {
            let actor = stranger(&app, name).await;
            let uri = format!("https://remote.example/follow/{name}");
            in_unit!(app, unit => receive_in(unit, actor.id, &transport.uri, &uri)).unwrap();
        }
        assert_eq!(outbox::inboxes_of_followers(&app, transport.id).await.unwrap().len(), 1);
        assert_eq!(follows::counts(&app, transport.id).await.unwrap(), (3, 0));
    }

    async fn only_what_lives_here_is_followed(app: TestApp) {
        let zoe = stranger(&app, "zoe").await;
        let instance = crate::services::actors::ensure_instance(&app).await.unwrap();
        for target in [&zoe.uri, &instance.uri, "http://veche.test/g/nowhere"] {
            let new = in_unit!(app, unit => receive_in(unit, zoe.id, target, F1)).unwrap();
            assert!(!new, "{target}");
        }
        assert_eq!(number(&app, "SELECT COUNT(*) FROM follows").await, 0);
    }

    async fn a_follow_is_taken_back_by_its_id_or_by_its_target(app: TestApp) {
        let transport = app.assembly("transport").await;
        let zoe = stranger(&app, "zoe").await;
        let target = Some(transport.uri.as_str());
        for (follow, undone, about) in [(F1, F1, None), (F2, "", target)] {
            in_unit!(app, unit => receive_in(unit, zoe.id, &transport.uri, follow)).unwrap();
            let gone = in_unit!(app, unit => receive_undo_in(unit, zoe.id, undone, about)).unwrap();
            assert!(gone, "{follow}");
            let twice = in_unit!(app, unit => receive_undo_in(unit, zoe.id, undone, about)).unwrap();
            assert!(!twice, "{follow}");
            assert_eq!(follows::counts(&app, transport.id).await.unwrap(), (0, 0));
        }
    }

    async fn a_follow_is_taken_back_under_another_address(app: TestApp) {
        let transport = app.assembly("transport").await;
        let zoe = stranger(&app, "zoe").await;
        let target = Some(transport.uri.as_str());
        // Twice under the same address, as some servers make it from the two names.
        for follow in [F1, F2] {
            in_unit!(app, unit => receive_in(unit, zoe.id, &transport.uri, follow)).unwrap();
            let uri = "https://remote.example/follows/zoe/transport";
            let gone = in_unit!(app, unit => receive_undo_in(unit, zoe.id, uri, target)).unwrap();
            assert!(gone, "{follow}");
            assert_eq!(follows::counts(&app, transport.id).await.unwrap(), (0, 0));
        }
    }

    async fn a_follow_taken_back_before_it_came_has_no_effect(app: TestApp) {
        let transport = app.assembly("transport").await;
        let zoe = stranger(&app, "zoe").await;
        let target = Some(transport.uri.as_str());
        in_unit!(app, unit => receive_undo_in(unit, zoe.id, F1, target)).unwrap();
        let body = bytes::Bytes::from_static(b"{}");
        app.state().intake.clone().store(zoe.id, F1.to_owned(), body).await.unwrap();
        let late = in_unit!(app, unit => receive_in(unit, zoe.id, &transport.uri, F1)).unwrap();
        assert!(!late);
        let again = in_unit!(app, unit => receive_in(unit, zoe.id, &transport.uri, F2)).unwrap();
        assert!(again);
        // The end of the first request, once more, does not end the second.
        in_unit!(app, unit => receive_undo_in(unit, zoe.id, F1, target)).unwrap();
        assert_eq!(follows::counts(&app, transport.id).await.unwrap(), (1, 0));
    }

    async fn nobody_ends_anothers_follow(app: TestApp) {
        let transport = app.assembly("transport").await;
        let (zoe, max) = (stranger(&app, "zoe").await, stranger(&app, "max").await);
        in_unit!(app, unit => receive_in(unit, zoe.id, &transport.uri, F1)).unwrap();
        let target = Some(transport.uri.as_str());
        let gone = in_unit!(app, unit => receive_undo_in(unit, max.id, F1, target)).unwrap();
        assert!(!gone);
        assert_eq!(follows::counts(&app, transport.id).await.unwrap(), (1, 0));
    }

    async fn somebody_here_follows_an_assembly_elsewhere(app: TestApp) {
        let ana = app.account("ana").await;
        let garden = foreign_assembly(&app, "garden").await;
        for _ in 0..2 {
            follows::follow(&app, &ana, garden.id).await.unwrap();
        }
        let state = || follows::state(&app, &ana, garden.id);
        assert_eq!(state().await.unwrap().as_deref(), Some("pending"));
        assert_eq!(events(&app).await, ["follow_requested"]);
        let uri = texts(&app, "SELECT activity_uri FROM follows").await.remove(0);
        let zoe = stranger(&app, "zoe").await;
        let mut unit = crate::services::Unit::begin(&app).await.unwrap();
        let forged = receive_answer_in(&mut unit, zoe.id, &uri, true).await;
        assert!(matches!(forged, Err(Error::Forbidden(_))), "{forged:?}");
        drop(unit);
        assert_eq!(state().await.unwrap().as_deref(), Some("pending"));
        let known = in_unit!(app, unit => receive_answer_in(unit, garden.id, &uri, true)).unwrap();
        assert!(known);
        assert_eq!(state().await.unwrap().as_deref(), Some("accepted"));
        in_unit!(app, unit => follows::ask_for_backfill_in(unit, garden.id)).unwrap();
        in_unit!(app, unit => follows::ask_for_backfill_in(unit, garden.id)).unwrap();
        assert_eq!(number(&app, "SELECT COUNT(*) FROM jobs WHERE kind = 'backfill'").await, 1);
        in_unit!(app, unit => receive_answer_in(unit, garden.id, &uri, false)).unwrap();
        assert_eq!(state().await.unwrap().as_deref(), Some("rejected"));
        // After a refusal one may ask again.
        follows::follow(&app, &ana, garden.id).await.unwrap();
        assert_eq!(state().await.unwrap().as_deref(), Some("pending"));
        for _ in 0..2 {
            follows::unfollow(&app, &ana, garden.id).await.unwrap();
        }
        assert_eq!(state().await.unwrap(), None);
        assert_eq!(events(&app).await, ["follow_requested", "follow_requested", "unfollowed"]);
        let unknown = in_unit!(app, unit => receive_answer_in(unit, garden.id, F1, true)).unwrap();
        assert!(!unknown);
    }

    async fn a_follow_within_the_instance_needs_no_answer(app: TestApp) {
        let ana = app.account("ana").await;
        let transport = app.assembly("transport").await;
        follows::follow(&app, &ana, transport.id).await.unwrap();
        assert_eq!(follows::state(&app, &ana, transport.id).await.unwrap().as_deref(), Some("accepted"));
        assert_eq!(follows::counts(&app, ana.id).await.unwrap(), (0, 1));
        let inboxes = outbox::inboxes_of_followers(&app, transport.id).await.unwrap();
        assert!(inboxes.is_empty(), "{inboxes:?}");
        let own = follows::follow(&app, &ana, ana.id).await;
        assert!(matches!(own, Err(Error::Conflict(_))), "{own:?}");
        let nobody = follows::follow(&app, &ana, crate::domain::ActorId::from(1)).await;
        assert!(matches!(nobody, Err(Error::NotFound(_))), "{nobody:?}");
        follows::unfollow(&app, &ana, transport.id).await.unwrap();
        assert_eq!(events(&app).await, Vec::<String>::new());
        assert!(assemblies::list_mirrored(&app).await.unwrap().is_empty());
    }

    async fn a_block_ends_both_follows(app: TestApp) {
        let ana = app.account("ana").await;
        let (zoe, max) = (stranger(&app, "zoe").await, stranger(&app, "max").await);
        let uri = "http://veche.test/u/ana";
        follows::follow(&app, &ana, zoe.id).await.unwrap();
        in_unit!(app, unit => receive_in(unit, zoe.id, uri, F1)).unwrap();
        in_unit!(app, unit => receive_in(unit, max.id, uri, F2)).unwrap();
        in_unit!(app, unit => blocks::receive_in(unit, zoe.id, uri, B1)).unwrap();
        assert_eq!(texts(&app, "SELECT activity_uri FROM follows").await, [F2]);
        in_unit!(app, unit => blocks::receive_in(unit, zoe.id, &max.uri, B1)).unwrap();
        assert_eq!(number(&app, "SELECT COUNT(*) FROM follows").await, 1);
    }
}
