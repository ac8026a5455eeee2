//! The life of an initiative at home.

use super::refused;
use crate::both_engines;
use crate::domain::{PageRequest, State};
use crate::services::Error;
use crate::services::assemblies;
use crate::services::initiatives::{self, Filter, Form};
use crate::testing::TestApp;
use crate::tests::fixtures::{events, form, number, texts};

fn not_found<T>(outcome: &Result<T, Error>) -> bool {
    matches!(outcome, Err(Error::NotFound(_)))
}

both_engines! {
    async fn a_draft_is_seen_by_its_author_only(app: TestApp) {
        let (ana, boris) = (app.account("ana").await, app.account("boris").await);
        app.assembly("transport").await;
        let draft = initiatives::draft(&app, &ana, &form("transport", "Night buses")).await.unwrap();
        assert_eq!((draft.state, draft.published_at), (State::Draft, None));
        let id = draft.id;
        assert_eq!(initiatives::get(&app, Some(&ana), id).await.unwrap().title, "Night buses");
        for stranger in [None, Some(&boris)] {
            assert!(not_found(&initiatives::get(&app, stranger, id).await));
            assert!(not_found(&initiatives::revisions(&app, stranger, id).await));
            for text in [None, Some("buses".to_owned())] {
                let filter = Filter { text, author: Some(ana.id), ..Filter::default() };
                let page = initiatives::list(&app, stranger, filter, PageRequest::first()).await;
                assert!(page.unwrap().items.is_empty());
            }
            let filter = Filter { drafts_of: Some(ana.id), ..Filter::default() };
            let page = initiatives::list(&app, stranger, filter, PageRequest::first()).await;
            assert!(page.unwrap().items.is_empty(), "the filter cannot ask for others' drafts");
        }
        assert!(initiatives::by_uri(&app, &draft.uri).await.unwrap().is_none());
        let mine = initiatives::list(&app, Some(&ana), Filter::default(), PageRequest::first());
        assert_eq!(mine.await.unwrap().items.len(), 1);
        // Somebody else's draft is not known to exist, whatever is tried with it.
        assert!(not_found(&initiatives::publish(&app, &boris, id).await));
        assert!(not_found(&initiatives::revise(&app, &boris, id, &form("transport", "X")).await));
        assert!(not_found(&initiatives::withdraw(&app, &boris, id).await));
        assert_eq!(events(&app).await, Vec::<String>::new());
    }

    async fn publishing_is_done_once_and_recorded(app: TestApp) {
        let (ana, boris) = (app.account("ana").await, app.account("boris").await);
        app.assembly("transport").await;
        let draft = initiatives::draft(&app, &ana, &form("transport", "Night buses")).await.unwrap();
        app.clock.advance_seconds(60);
        let public = initiatives::publish(&app, &ana, draft.id).await.unwrap();
        assert_eq!((public.state, public.published_at), (State::Discussion, Some(app.now())));
        let again = initiatives::publish(&app, &ana, draft.id).await;
        assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
        let other = initiatives::withdraw(&app, &boris, draft.id).await;
        assert!(matches!(other, Err(Error::Forbidden(_))), "{other:?}");
        assert_eq!(initiatives::by_uri(&app, &draft.uri).await.unwrap(), Some(public));
        assert_eq!(events(&app).await, ["initiative_published"]);
        assert_eq!(number(&app, "SELECT COUNT(*) FROM jobs WHERE kind = 'federate'").await, 1);
    }

    async fn two_who_publish_at_once_announce_once(app: TestApp) {
        let ana = app.account("ana").await;
        app.assembly("transport").await;
        let draft = initiatives::draft(&app, &ana, &form("transport", "Night buses")).await.unwrap();
        let (one, two) = tokio::join!(
            initiatives::publish(&app, &ana, draft.id),
            initiatives::publish(&app, &ana, draft.id),
        );
        assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
        assert_eq!(events(&app).await, ["initiative_published"]);
    }

    async fn a_draft_is_overwritten(app: TestApp) {
        let ana = app.account("ana").await;
        app.assembly("transport").await;
        let budget = app.assembly("budget").await;
        let draft = initiatives::draft(&app, &ana, &form("transport", "Night buses")).await.unwrap();
        let changed = Form { language: "ru".to_owned(), ..form("budget", "Ночной автобус") };
        let revised = initiatives::revise(&app, &ana, draft.id, &changed).await.unwrap();
        assert_eq!((revised.revision, revised.title.as_str()), (1, "Ночной автобус"));
        assert_eq!((revised.assembly_id, revised.language.as_str()), (budget.id, "ru"));
        assert_eq!(initiatives::revisions(&app, Some(&ana), draft.id).await.unwrap().len(), 1);
        // Only the addressee changes: the text is the same, the assembly is not.
        let back = Form { assembly: "transport".to_owned(), ..changed };
        let moved = initiatives::revise(&app, &ana, draft.id, &back).await.unwrap();
        assert_eq!(moved.assembly_handle, "transport");
        assert_eq!(events(&app).await, Vec::<String>::new());
    }

    async fn a_public_text_gets_immutable_revisions(app: TestApp) {
        let ana = app.account("ana").await;
        app.assembly("transport").await;
        let first = app.initiative(&ana, "transport", "Night buses").await;
        app.clock.advance_seconds(60);
        let changed = form("transport", "Night trams");
        let second = initiatives::revise(&app, &ana, first.id, &changed).await.unwrap();
        assert_eq!((second.revision, second.edited_at), (2, Some(app.now())));
        assert_ne!(second.digest, first.digest);
        // The same text again is no new revision, whatever stands in the other fields.
        app.clock.advance_seconds(60);
        let same = Form { title: " Night  trams ".to_owned(), ..changed };
        let third = initiatives::revise(&app, &ana, first.id, &same).await.unwrap();
        assert_eq!((third.revision, third.edited_at), (2, second.edited_at));
        let all = initiatives::revisions(&app, None, first.id).await.unwrap();
        let shown: Vec<_> =
            all.iter().map(|r| (r.number, r.title.as_str(), r.digest.as_str())).collect();
        assert_eq!(
            shown,
            [
                (1, "Night buses", first.digest.as_str()),
                (2, "Night trams", second.digest.as_str())
            ]
        );
        assert_eq!(events(&app).await, ["initiative_published", "initiative_revised"]);
    }

    async fn a_revision_at_the_same_time_is_refused_or_follows(app: TestApp) {
        let ana = app.account("ana").await;
        app.assembly("transport").await;
        let id = app.initiative(&ana, "transport", "Night buses").await.id;
        let (a, b) = (form("transport", "A text"), form("transport", "B text"));
        let (one, two) = tokio::join!(
            initiatives::revise(&app, &ana, id, &a),
            initiatives::revise(&app, &ana, id, &b),
        );
        let done = usize::from(one.is_ok()) + usize::from(two.is_ok());
        assert!(done >= 1, "{one:?} {two:?}");
        let all = initiatives::revisions(&app, None, id).await.unwrap();
        assert_eq!(all.len(), 1 + done);
        let now = initiatives::get(&app, None, id).await.unwrap();
        assert_eq!(Some((now.revision, &now.title)), all.last().map(|r| (r.number, &r.title)));
    }

    async fn withdrawing_leaves_numbers_and_digests_without_texts(app: TestApp) {
        let ana = app.account("ana").await;
        app.assembly("transport").await;
        let made = app.initiative(&ana, "transport", "Night buses").await;
        let changed = form("transport", "Night trams");
        let revised = initiatives::revise(&app, &ana, made.id, &changed).await.unwrap();
        let gone = initiatives::withdraw(&app, &ana, made.id).await.unwrap().unwrap();
        assert_eq!((gone.state, gone.deleted_at), (State::Withdrawn, Some(app.now())));
        let all = initiatives::revisions(&app, None, made.id).await.unwrap();
        let digests: Vec<_> = all.iter().map(|r| r.digest.as_str()).collect();
        assert_eq!(digests, [made.digest.as_str(), revised.digest.as_str()]);
        let left = all.iter().all(|r| r.problem.is_empty() && r.proposal.is_empty());
        assert!(left && all.iter().all(|r| r.html.is_empty()));
        let search = Filter { text: Some("trams".to_owned()), ..Filter::default() };
        let found = initiatives::list(&app, None, search, PageRequest::first()).await.unwrap();
        assert!(found.items.is_empty(), "a withdrawn text is found");
        let again = initiatives::withdraw(&app, &ana, made.id).await;
        assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
        let revise = initiatives::revise(&app, &ana, made.id, &changed).await;
        assert!(matches!(revise, Err(Error::Conflict(_))), "{revise:?}");
        let kinds = events(&app).await;
        assert_eq!(kinds.last().map(String::as_str), Some("initiative_withdrawn"));
    }

    async fn a_discarded_draft_leaves_nothing(app: TestApp) {
        let ana = app.account("ana").await;
        app.assembly("transport").await;
        let draft = initiatives::draft(&app, &ana, &form("transport", "Night buses")).await.unwrap();
        assert!(initiatives::withdraw(&app, &ana, draft.id).await.unwrap().is_none());
        assert!(not_found(&initiatives::get(&app, Some(&ana), draft.id).await));
        for table in [
            "SELECT COUNT(*) FROM objects",
            "SELECT COUNT(*) FROM initiatives",
            "SELECT COUNT(*) FROM revisions",
            "SELECT COUNT(*) FROM events",
        ] {
            assert_eq!(number(&app, table).await, 0, "{table}");
        }
    }

    async fn texts_and_addressee_are_checked_together(app: TestApp) {
        let ana = app.account("ana").await;
        let bad = Form { title: String::new(), ..form("nowhere", "") };
        let outcome = initiatives::draft(&app, &ana, &bad).await;
        assert_eq!(refused(outcome), [("title", "required"), ("assembly", "not-found")]);
        app.assembly("transport").await;
        let body = Form { body: Some("nobody".to_owned()), ..form("transport", "Night buses") };
        let outcome = initiatives::draft(&app, &ana, &body).await;
        assert_eq!(refused(outcome), [("body", "not-found")]);
        let person = Form { assembly: "ana".to_owned(), ..form("", "Night buses") };
        let outcome = initiatives::draft(&app, &ana, &person).await;
        assert_eq!(refused(outcome), [("assembly", "not-found")]);
        assert_eq!(number(&app, "SELECT COUNT(*) FROM objects").await, 0);
    }

    async fn the_body_is_the_one_named_or_the_assemblys(app: TestApp) {
        let ana = app.account("ana").await;
        app.body("office").await;
        app.body("mayor").await;
        assemblies::create(&app, "transport", "T", Some("office")).await.unwrap();
        let plain = form("transport", "Night buses");
        let named = Form { body: Some("mayor".to_owned()), ..plain.clone() };
        let one = initiatives::draft(&app, &ana, &plain).await.unwrap();
        let two = initiatives::draft(&app, &ana, &named).await.unwrap();
        assert_eq!(one.body_handle.as_deref(), Some("office"));
        assert_eq!(two.body_handle.as_deref(), Some("mayor"));
        let languages = texts(&app, "SELECT language FROM objects").await;
        assert_eq!(languages, ["en", "en"]);
    }
}
