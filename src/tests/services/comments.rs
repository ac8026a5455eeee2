//! Comments written here.

use super::refused;
use crate::both_engines;
use crate::domain::initiative::Initiative;
use crate::domain::{ObjectId, Viewer};
use crate::services::comments;
use crate::services::{Error, initiatives};
use crate::testing::TestApp;
use crate::tests::fixtures::{events, form};

async fn place(app: &TestApp) -> (Viewer, Initiative) {
    let ana = app.account("ana").await;
    app.assembly("transport").await;
    let initiative = app.initiative(&ana, "transport", "Night buses").await;
    (ana, initiative)
}

async fn replies(app: &TestApp, id: ObjectId) -> i64 {
    initiatives::get(app, None, id).await.unwrap().replies
}

both_engines! {
    async fn a_thread_is_kept_in_its_order(app: TestApp) {
        let (ana, initiative) = place(&app).await;
        let boris = app.account("boris").await;
        let id = initiative.id;
        let one = comments::post(&app, &boris, id, None, "First *word*", "en").await.unwrap();
        let two = comments::post(&app, &ana, id, Some(one.id), "Answer", "ru").await.unwrap();
        let three = comments::post(&app, &boris, id, None, "Third", "en").await.unwrap();
        assert!(one.html.contains("<em>word</em>"), "{}", one.html);
        assert_eq!((one.parent_id, two.parent_id), (Some(id), Some(one.id)));
        assert_eq!((two.root_id, two.language.as_str()), (id, "ru"));
        let all = comments::of_initiative(&app, id, None, 10).await.unwrap();
        let ids: Vec<_> = all.iter().map(|c| c.id).collect();
        assert_eq!(ids, [one.id, two.id, three.id]);
        let rest = comments::of_initiative(&app, id, Some(one.id), 1).await.unwrap();
        assert_eq!(rest.iter().map(|c| c.id).collect::<Vec<_>>(), [two.id]);
        assert_eq!(replies(&app, id).await, 3);
        assert_eq!(comments::get(&app, one.id).await.unwrap().replies, 1);
        let start = comments::RepliesAfter::nothing();
        let (direct, next) = comments::reply_uris(&app, id, start, 10).await.unwrap();
        assert_eq!((direct, next), (vec![one.uri.clone(), three.uri.clone()], None));
        let thread = comments::thread_uris(&app, id, ObjectId::from(0), 10).await.unwrap();
        let thread: Vec<_> = thread.into_iter().map(|(id, _)| id).collect();
        assert_eq!(thread, [id, one.id, two.id, three.id]);
        let recorded = ["initiative_published", "comment_posted", "comment_posted", "comment_posted"];
        assert_eq!(events(&app).await, recorded);
    }

    async fn a_comment_is_changed_by_its_author_only(app: TestApp) {
        let (ana, initiative) = place(&app).await;
        let boris = app.account("boris").await;
        let made = comments::post(&app, &boris, initiative.id, None, "Wrods", "en").await.unwrap();
        let foreign = comments::edit(&app, &ana, made.id, "Mine").await;
        assert!(matches!(foreign, Err(Error::Forbidden(_))), "{foreign:?}");
        app.clock.advance_seconds(5);
        let edited = comments::edit(&app, &boris, made.id, "Words").await.unwrap();
        assert_eq!((edited.source.as_str(), edited.edited_at), ("Words", Some(app.now())));
        app.clock.advance_seconds(5);
        let same = comments::edit(&app, &boris, made.id, " Words ").await.unwrap();
        assert_eq!(same.edited_at, edited.edited_at);
        let kinds = events(&app).await;
        assert_eq!(kinds, ["initiative_published", "comment_posted", "comment_edited"]);
        let nothing = comments::edit(&app, &boris, made.id, " ").await;
        assert_eq!(refused(nothing), [("text", "required")]);
        let unknown = comments::edit(&app, &boris, ObjectId::from(1), "Words").await;
        assert!(matches!(unknown, Err(Error::NotFound(_))), "{unknown:?}");
    }

    async fn a_deleted_comment_keeps_its_place_without_its_words(app: TestApp) {
        let (ana, initiative) = place(&app).await;
        let boris = app.account("boris").await;
        let id = initiative.id;
        let one = comments::post(&app, &boris, id, None, "First", "en").await.unwrap();
        let two = comments::post(&app, &ana, id, Some(one.id), "Second", "en").await.unwrap();
        let foreign = comments::delete(&app, &ana, one.id).await;
        assert!(matches!(foreign, Err(Error::Forbidden(_))), "{foreign:?}");
        comments::delete(&app, &boris, one.id).await.unwrap();
        let all = comments::of_initiative(&app, id, None, 10).await.unwrap();
        let shown: Vec<_> = all.iter().map(|c| (c.id, c.html.as_str(), c.source.as_str())).collect();
        assert_eq!(shown.first(), Some(&(one.id, "", "")));
        assert_eq!(all.iter().map(|c| c.deleted_at.is_some()).collect::<Vec<_>>(), [true, false]);
        assert_eq!(replies(&app, id).await, 1);
        for outcome in [
            comments::delete(&app, &boris, one.id).await.map(|()| one.clone()),
            comments::edit(&app, &boris, one.id, "Back").await,
            comments::post(&app, &ana, id, Some(one.id), "To nobody", "en").await,
        ] {
            assert!(matches!(outcome, Err(Error::Gone(_))), "{outcome:?}");
        }
        assert_eq!(replies(&app, id).await, 1);
        let thread = comments::thread_uris(&app, id, ObjectId::from(0), 10).await.unwrap();
        assert_eq!(thread.into_iter().map(|(id, _)| id).collect::<Vec<_>>(), [id, two.id]);
    }

    async fn a_deleted_answer_is_not_counted_at_its_parent(app: TestApp) {
        let (ana, initiative) = place(&app).await;
        let one = comments::post(&app, &ana, initiative.id, None, "First", "en").await.unwrap();
        let two =
            comments::post(&app, &ana, initiative.id, Some(one.id), "Second", "en").await.unwrap();
        comments::delete(&app, &ana, two.id).await.unwrap();
        assert_eq!(comments::get(&app, one.id).await.unwrap().replies, 0);
        assert_eq!(replies(&app, initiative.id).await, 1);
    }

    async fn only_an_open_initiative_is_answered(app: TestApp) {
        let (ana, initiative) = place(&app).await;
        let boris = app.account("boris").await;
        let id = initiative.id;
        let draft = initiatives::draft(&app, &ana, &form("transport", "Secret")).await.unwrap();
        for who in [&ana, &boris] {
            let outcome = comments::post(&app, who, draft.id, None, "Hello", "en").await;
            assert!(matches!(outcome, Err(Error::NotFound(_))), "{outcome:?}");
        }
        let one = comments::post(&app, &boris, id, None, "First", "en").await.unwrap();
        let elsewhere = app.initiative(&ana, "transport", "Another").await.id;
        let crossed = comments::post(&app, &ana, elsewhere, Some(one.id), "Hello", "en").await;
        assert!(matches!(crossed, Err(Error::NotFound(_))), "{crossed:?}");
        initiatives::withdraw(&app, &ana, id).await.unwrap();
        for parent in [None, Some(one.id)] {
            let closed = comments::post(&app, &boris, id, parent, "Late", "en").await;
            assert!(matches!(closed, Err(Error::Conflict(_))), "{closed:?}");
        }
        let bad = comments::post(&app, &boris, elsewhere, None, "Hello", "english!").await;
        assert_eq!(refused(bad), [("language", "language")]);
        let long = comments::post(&app, &boris, elsewhere, None, &"x".repeat(5001), "en").await;
        assert_eq!(refused(long), [("text", "too-long")]);
    }
}
