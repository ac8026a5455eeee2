//! The followable initiative and what the office says about it.

use crate::both_engines;
use crate::domain::handle::of_initiative;
use crate::domain::{ActorKind, Event};
use crate::services::{actors, comments, follows, initiatives, notes, outbox};
use crate::testing::TestApp;
use crate::tests::fixtures::{events, foreign, form, in_unit, number, place_of_zoe, texts};

both_engines! {
    async fn an_initiative_gets_an_actor_after_it_is_published(app: TestApp) {
        app.assembly("transport").await;
        let ana = app.account("ana").await;
        let made = app.initiative(&ana, "transport", "Night buses").await;
        // The page has answered; the key is made by a job.
        assert_eq!(number(&app, "SELECT COUNT(*) FROM actors WHERE kind = 'initiative'").await, 0);
        crate::jobs::drain(&app).await.unwrap();
        let handle = of_initiative(made.id);
        let group = actors::local_by_handle(&app, &handle).await.unwrap().unwrap();
        assert_eq!((group.kind, group.name.as_str()), (ActorKind::Initiative, "Night buses"));
        assert_eq!(group.uri, format!("http://veche.test/i/{}", made.id));
        assert_eq!(group.url, made.uri);
        // It begins with the text, by its address, for whoever looks later.
        let page = outbox::page(&app, group.id, i64::MAX, 10).await.unwrap();
        let bodies: Vec<serde_json::Value> =
            page.items.iter().map(|row| serde_json::from_slice(&row.body).unwrap()).collect();
        assert_eq!(bodies.len(), 1);
        assert_eq!((&bodies[0]["type"], &bodies[0]["object"]), (&"Announce".into(), &made.uri.into()));
        // Once.
        initiatives::open_group(&app, made.id).await.unwrap().unwrap();
        assert_eq!(number(&app, "SELECT COUNT(*) FROM events WHERE kind = 'group_opened'").await, 1);
    }

    async fn one_that_was_public_before_gets_it_when_somebody_asks(app: TestApp) {
        app.assembly("transport").await;
        let ana = app.account("ana").await;
        let made = app.initiative(&ana, "transport", "Night buses").await;
        let path = format!("/i/{}", made.id);
        let document = app.document(&path).await;
        assert_eq!(document.status(), 200);
        assert_eq!(document.json()["type"], "Group");
        assert_eq!(document.json()["civic:initiative"], made.uri);
        let resource = format!("acct:{}@veche.test", of_initiative(made.id));
        let found = app.get(&format!("/.well-known/webfinger?resource={resource}")).await;
        assert_eq!(found.status(), 200);
        assert!(found.text().contains(&path), "{}", found.text());
        let moderators = app.document(&format!("{path}/followers")).await;
        assert_eq!((moderators.status(), &moderators.json()["totalItems"]), (200, &0.into()));
        assert_eq!(app.get(&path).await.status(), 303);
    }

    async fn a_draft_and_what_was_withdrawn_have_none(app: TestApp) {
        app.assembly("transport").await;
        let ana = app.account("ana").await;
        let draft = initiatives::draft(&app, &ana, &form("transport", "Draft")).await.unwrap();
        let gone = app.initiative(&ana, "transport", "Gone").await;
        initiatives::withdraw(&app, &ana, gone.id).await.unwrap();
        for id in [draft.id, gone.id] {
            assert!(initiatives::open_group(&app, id).await.unwrap().is_none());
            assert_eq!(app.document(&format!("/i/{id}")).await.status(), 404);
        }
        assert_eq!(app.document("/i/nonsense").await.status(), 404);
        // Of something elsewhere its home has one, not we.
        let (zoe, garden) = place_of_zoe(&app).await;
        let remote = foreign("1", zoe.id, garden.id, "Plant trees");
        let id = in_unit!(app, unit => initiatives::put_remote_in(unit, &remote)).unwrap().unwrap();
        assert!(initiatives::open_group(&app, id).await.unwrap().is_none());
    }

    async fn asked_twice_at_once_it_is_made_once(app: TestApp) {
        app.assembly("transport").await;
        let ana = app.account("ana").await;
        let made = app.initiative(&ana, "transport", "Night buses").await;
        let ask = || initiatives::open_group(&app, made.id);
        let (a, b, c) = tokio::join!(ask(), ask(), ask());
        let ids: Vec<_> = [a, b, c].into_iter().map(|g| g.unwrap().unwrap().id).collect();
        assert!(ids.windows(2).all(|w| w[0] == w[1]), "{ids:?}");
        assert_eq!(number(&app, "SELECT COUNT(*) FROM actors WHERE kind = 'initiative'").await, 1);
    }

    async fn somebody_here_follows_it(app: TestApp) {
        app.assembly("transport").await;
        let (ana, ben) = (app.account("ana").await, app.account("ben").await);
        let made = app.initiative(&ana, "transport", "Night buses").await;
        let group = initiatives::open_group(&app, made.id).await.unwrap().unwrap();
        follows::follow(&app, &ben, group.id).await.unwrap();
        let state = initiatives::follow_state(&app, &ben, &made).await.unwrap();
        assert_eq!(state.as_deref(), Some("accepted"));
        assert_eq!(initiatives::follow_state(&app, &ana, &made).await.unwrap(), None);
    }

    async fn the_office_tells_of_revisions_once(app: TestApp) {
        let office = app.body("office").await;
        app.assembly("transport").await;
        let ana = app.account("ana").await;
        let mut words = form("transport", "Night buses");
        words.body = Some("office".to_owned());
        let draft = initiatives::draft(&app, &ana, &words).await.unwrap();
        initiatives::publish(&app, &ana, draft.id).await.unwrap();
        words.title = "Night *buses* on line 7".to_owned();
        initiatives::revise(&app, &ana, draft.id, &words).await.unwrap();
        crate::jobs::drain(&app).await.unwrap();
        crate::jobs::drain(&app).await.unwrap();
        let thread = comments::of_initiative(&app, draft.id, None, 10).await.unwrap();
        assert_eq!(thread.len(), 1);
        assert_eq!((thread[0].author_id, thread[0].is_official()), (office.id, true));
        assert!(thread[0].html.contains("Revision 2 was published: “Night *buses* on line 7”"));
        assert!(thread[0].html.contains(&draft.uri));
        let shown = initiatives::get(&app, None, draft.id).await.unwrap();
        assert_eq!(shown.replies, 1);
        // The actor goes by the new title.
        let group = initiatives::open_group(&app, draft.id).await.unwrap().unwrap();
        assert_eq!(group.name, "Night *buses* on line 7");
        let again = in_unit!(app, unit => notes::post_in(unit, draft.id, "revision:2", "Other")).unwrap();
        assert_eq!(again, thread[0].id);
        crate::jobs::drain(&app).await.unwrap();
        assert_eq!(comments::of_initiative(&app, draft.id, None, 10).await.unwrap().len(), 1);
        let kinds = events(&app).await;
        assert_eq!(kinds.iter().filter(|k| *k == "official_note").count(), 1, "{kinds:?}");
    }

    async fn a_note_goes_to_the_thread_and_to_those_who_follow_the_initiative(app: TestApp) {
        app.assembly("transport").await;
        let ana = app.account("ana").await;
        let made = app.initiative(&ana, "transport", "Night buses").await;
        let id = in_unit!(app, unit => notes::post_in(unit, made.id, "vote", "Vote **opened**.")).unwrap();
        crate::jobs::drain(&app).await.unwrap();
        let note = comments::get(&app, id).await.unwrap();
        // Nobody is addressed and nobody answers for the assembly: the instance speaks.
        assert_eq!((note.author_handle.as_str(), note.author_kind), ("clerk", ActorKind::Body));
        assert_eq!(note.html.trim(), "<p>Vote <strong>opened</strong>.</p>");
        let document = app.document(&format!("/n/{id}")).await.json();
        assert_eq!((&document["inReplyTo"], &document["tag"]), (&made.uri.clone().into(), &serde_json::json!([])));
        let sent = texts(&app, "SELECT CAST(kind AS TEXT) FROM activities ORDER BY id").await;
        assert_eq!(sent.iter().filter(|k| *k == "Create").count(), 2, "{sent:?}");
        let group = initiatives::open_group(&app, made.id).await.unwrap().unwrap();
        let page = outbox::page(&app, group.id, i64::MAX, 10).await.unwrap();
        let objects: Vec<serde_json::Value> = page.items.iter()
            .map(|row| serde_json::from_slice::<serde_json::Value>(&row.body).unwrap()["object"].clone())
            .collect();
        assert!(objects.contains(&note.uri.clone().into()), "{objects:?}");
        // The assembly passes it on whole and never by its address.
        let assembly = actors::local_by_handle(&app, "transport").await.unwrap().unwrap();
        let page = outbox::page(&app, assembly.id, i64::MAX, 10).await.unwrap();
        let whole = page.items.iter().map(|row| serde_json::from_slice::<serde_json::Value>(&row.body).unwrap());
        let of_note: Vec<_> = whole.filter(|a| a.to_string().contains(&note.uri)).collect();
        assert_eq!(of_note.len(), 1);
        assert_eq!(of_note[0]["object"]["type"], "Create");
        // An addressee is chosen among bodies that answer, not the one that speaks for the house.
        assert!(actors::list_addressable(&app).await.unwrap().is_empty());
    }

    async fn a_withdrawal_is_told(app: TestApp) {
        app.assembly("transport").await;
        let ana = app.account("ana").await;
        let made = app.initiative(&ana, "transport", "Night buses").await;
        crate::jobs::drain(&app).await.unwrap();
        initiatives::withdraw(&app, &ana, made.id).await.unwrap();
        crate::jobs::drain(&app).await.unwrap();
        let thread = comments::of_initiative(&app, made.id, None, 10).await.unwrap();
        assert_eq!(thread.len(), 1);
        assert!(thread[0].html.contains("withdrew the initiative “Night buses”"), "{}", thread[0].html);
    }

    async fn its_home_names_the_actor_of_a_mirrored_initiative(app: TestApp) {
        let (zoe, garden) = place_of_zoe(&app).await;
        let mut remote = foreign("1", zoe.id, garden.id, "Plant trees");
        let id = in_unit!(app, unit => initiatives::put_remote_in(unit, &remote)).unwrap().unwrap();
        let shown = initiatives::get(&app, None, id).await.unwrap();
        assert_eq!(initiatives::group_uri(&app, &shown), None);
        // After an upgrade of its home the next update brings it.
        let group = "https://remote.example/i/1".to_owned();
        remote.group = Some(group.clone());
        in_unit!(app, unit => initiatives::update_remote_in(unit, &remote)).unwrap();
        let shown = initiatives::get(&app, None, id).await.unwrap();
        assert_eq!(initiatives::group_uri(&app, &shown), Some(group.clone()));
        assert_eq!(initiatives::of_group(&app, &group).await.unwrap(), [shown.id]);
    }

    async fn a_note_needs_an_initiative_at_home_here(app: TestApp) {
        let (zoe, garden) = place_of_zoe(&app).await;
        let remote = foreign("1", zoe.id, garden.id, "Plant trees");
        let id = in_unit!(app, unit => initiatives::put_remote_in(unit, &remote)).unwrap().unwrap();
        in_unit!(app, unit => notes::post_in(unit, id, "vote", "Vote opened.")).unwrap();
        crate::jobs::drain(&app).await.unwrap();
        assert!(comments::of_initiative(&app, id, None, 10).await.unwrap().is_empty());
        assert!(!events(&app).await.contains(&Event::OfficialNote { note: id }.name().to_owned()));
    }
}
