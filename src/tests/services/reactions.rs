//! Endorsements and boosts.

use crate::both_engines;
use crate::domain::actor::Actor;
use crate::domain::initiative::Initiative;
use crate::domain::{Reaction, Viewer};
use crate::services::reactions::{self, NewReaction, receive_in, receive_undo_in};
use crate::services::{Error, comments, initiatives};
use crate::testing::TestApp;
use crate::tests::fixtures::{events, form, in_unit, number, reacted_in, reply, stranger};

const L1: &str = "https://remote.example/like/1";
const L2: &str = "https://remote.example/like/2";
const BOOST: &str = "https://remote.example/boost/1";
const LIKE: Reaction = Reaction::Like;

async fn place(app: &TestApp) -> (Viewer, Initiative, Actor) {
    let ana = app.account("ana").await;
    app.assembly("transport").await;
    let initiative = app.initiative(&ana, "transport", "Night buses").await;
    (ana, initiative, stranger(app, "zoe").await)
}

async fn tallies(app: &TestApp, initiative: &Initiative) -> (i64, i64) {
    let now = initiatives::get(app, None, initiative.id).await.unwrap();
    (now.likes, now.boosts)
}

both_engines! {
    async fn one_of_each_kind_per_person_here(app: TestApp) {
        let (ana, initiative, _) = place(&app).await;
        let boris = app.account("boris").await;
        for _ in 0..2 {
            reactions::react(&app, &ana, initiative.id, LIKE).await.unwrap();
        }
        reactions::react(&app, &boris, initiative.id, LIKE).await.unwrap();
        reactions::react(&app, &ana, initiative.id, Reaction::Boost).await.unwrap();
        assert_eq!(tallies(&app, &initiative).await, (2, 1));
        assert_eq!(reactions::of_viewer(&app, &ana, initiative.id).await.unwrap(), (true, true));
        assert_eq!(reactions::of_viewer(&app, &boris, initiative.id).await.unwrap(), (true, false));
        for _ in 0..2 {
            reactions::unreact(&app, &ana, initiative.id, LIKE).await.unwrap();
        }
        assert_eq!(tallies(&app, &initiative).await, (1, 1));
        let kinds = events(&app).await;
        let count = |kind| kinds.iter().filter(|k| *k == kind).count();
        assert_eq!((count("reacted"), count("unreacted")), (3, 1));
    }

    async fn many_at_once_are_counted_once_each(app: TestApp) {
        let (ana, initiative, _) = place(&app).await;
        let id = initiative.id;
        let all = (0..8).map(|_| reactions::react(&app, &ana, id, LIKE));
        for outcome in futures_util::future::join_all(all).await {
            outcome.unwrap();
        }
        assert_eq!(tallies(&app, &initiative).await, (1, 0));
        assert_eq!(number(&app, "SELECT COUNT(*) FROM reactions").await, 1);
    }

    async fn what_is_not_public_cannot_be_endorsed(app: TestApp) {
        let (ana, initiative, zoe) = place(&app).await;
        let draft = initiatives::draft(&app, &ana, &form("transport", "Secret")).await.unwrap();
        let outcome = reactions::react(&app, &ana, draft.id, LIKE).await;
        assert!(matches!(outcome, Err(Error::NotFound(_))), "{outcome:?}");
        let comment =
            comments::post(&app, &ana, initiative.id, None, "Words", "en").await.unwrap();
        comments::delete(&app, &ana, comment.id).await.unwrap();
        initiatives::withdraw(&app, &ana, initiative.id).await.unwrap();
        for id in [initiative.id, comment.id] {
            let outcome = reactions::react(&app, &ana, id, LIKE).await;
            assert!(matches!(outcome, Err(Error::Gone(_))), "{outcome:?}");
        }
        for uri in [&draft.uri, &initiative.uri, &comment.uri, "https://nowhere.example/1"] {
            let new = in_unit!(app, unit => reacted_in(unit, zoe.id, uri, LIKE, L1)).unwrap();
            assert!(!new, "{uri}");
        }
        assert_eq!(number(&app, "SELECT COUNT(*) FROM reactions").await, 0);
    }

    async fn a_like_from_elsewhere_is_counted_once(app: TestApp) {
        let (_, initiative, zoe) = place(&app).await;
        let uri = &initiative.uri;
        for (activity, expected) in [(L1, true), (L1, false), (L2, false)] {
            let new = in_unit!(app, unit => reacted_in(unit, zoe.id, uri, LIKE, activity)).unwrap();
            assert_eq!(new, expected, "{activity}");
        }
        let boosted =
            in_unit!(app, unit => reacted_in(unit, zoe.id, uri, Reaction::Boost, BOOST)).unwrap();
        assert!(boosted);
        assert_eq!(tallies(&app, &initiative).await, (1, 1));
        assert_eq!(reactions::actor_of(&app, BOOST).await.unwrap(), Some(zoe.id));
    }

    async fn a_batch_counts_each_once_and_passes_over_what_cannot_be(app: TestApp) {
        let (_, initiative, zoe) = place(&app).await;
        let ivan = stranger(&app, "ivan").await;
        let undone = "https://remote.example/like/undone";
        in_unit!(app, unit => receive_undo_in(unit, ivan.id, undone, None)).unwrap();
        let one = |actor: &Actor, object: &str, kind, activity: &str| NewReaction {
            actor: actor.id,
            object_uri: object.to_owned(),
            kind,
            activity_uri: activity.to_owned(),
        };
        let uri = initiative.uri.as_str();
        let batch = [
            one(&zoe, uri, LIKE, L1),
            one(&zoe, uri, LIKE, L1),
            one(&zoe, uri, LIKE, L2),
            one(&zoe, "https://nowhere.example/1", LIKE, "https://remote.example/like/3"),
            one(&ivan, uri, LIKE, undone),
            one(&ivan, uri, Reaction::Boost, BOOST),
        ];
        assert_eq!(in_unit!(app, unit => receive_in(unit, &batch)).unwrap().len(), 2);
        assert_eq!(in_unit!(app, unit => receive_in(unit, &batch)).unwrap().len(), 0);
        assert_eq!(in_unit!(app, unit => receive_in(unit, &[])).unwrap().len(), 0);
        assert_eq!(tallies(&app, &initiative).await, (1, 1));
    }

    async fn a_like_is_taken_back_by_its_id_or_by_its_object(app: TestApp) {
        let (_, initiative, zoe) = place(&app).await;
        let uri = initiative.uri.as_str();
        for (undone, about) in [(L1, None), ("", Some((LIKE, uri))), (L2, Some((LIKE, uri)))] {
            let like = if undone.is_empty() { BOOST } else { undone };
            in_unit!(app, unit => reacted_in(unit, zoe.id, uri, LIKE, like)).unwrap();
            assert_eq!(tallies(&app, &initiative).await, (1, 0));
            for _ in 0..2 {
                in_unit!(app, unit => receive_undo_in(unit, zoe.id, undone, about)).unwrap();
                assert_eq!(tallies(&app, &initiative).await, (0, 0), "{undone}");
            }
        }
    }

    async fn a_like_taken_back_before_it_came_never_counts(app: TestApp) {
        let (_, initiative, zoe) = place(&app).await;
        let about = Some((LIKE, initiative.uri.as_str()));
        in_unit!(app, unit => receive_undo_in(unit, zoe.id, L1, about)).unwrap();
        let late = in_unit!(app, unit => reacted_in(unit, zoe.id, &initiative.uri, LIKE, L1));
        assert!(!late.unwrap());
        // Liking again is another activity.
        let again = in_unit!(app, unit => reacted_in(unit, zoe.id, &initiative.uri, LIKE, L2));
        assert!(again.unwrap());
        assert_eq!(tallies(&app, &initiative).await, (1, 0));
    }

    async fn an_end_with_an_id_of_its_own_counts_by_its_object(app: TestApp) {
        // Lemmy makes a new id for the vote inside its Undo.
        let (_, initiative, zoe) = place(&app).await;
        let about = Some((LIKE, initiative.uri.as_str()));
        in_unit!(app, unit => reacted_in(unit, zoe.id, &initiative.uri, LIKE, L1)).unwrap();
        in_unit!(app, unit => receive_undo_in(unit, zoe.id, L2, about)).unwrap();
        assert_eq!(tallies(&app, &initiative).await, (0, 0));
    }

    async fn nobody_takes_back_what_another_one_gave(app: TestApp) {
        let (_, initiative, zoe) = place(&app).await;
        let max = stranger(&app, "max").await;
        let about = Some((LIKE, initiative.uri.as_str()));
        in_unit!(app, unit => reacted_in(unit, zoe.id, &initiative.uri, LIKE, L1)).unwrap();
        in_unit!(app, unit => receive_undo_in(unit, max.id, L1, about)).unwrap();
        assert_eq!(tallies(&app, &initiative).await, (1, 0));
    }

    async fn a_comment_has_tallies_of_its_own(app: TestApp) {
        let (ana, initiative, zoe) = place(&app).await;
        let comment = reply("1", zoe.id, &initiative.uri, "<p>Yes</p>");
        in_unit!(app, unit => comments::receive_in(unit, &comment)).unwrap();
        let id = comments::object_by_uri(&app, &comment.uri).await.unwrap().unwrap().id;
        reactions::react(&app, &ana, id, LIKE).await.unwrap();
        assert_eq!(comments::get(&app, id).await.unwrap().likes, 1);
        assert_eq!(tallies(&app, &initiative).await, (0, 0));
    }
}
