//! Ballots on pages.

use super::check_page;
use crate::both_engines;
use crate::domain::ObjectId;
use crate::services::ballots::ArrivedVote;
use crate::services::{Unit, accounts, assemblies, ballots, initiatives};
use crate::testing::{Browser, TestApp};
use crate::{domain::Role, jobs};

/// An initiative for the office; its id, and an official's browser.
async fn scene(app: &TestApp) -> (ObjectId, Browser) {
    let ana = app.account("ana").await;
    app.body("office").await;
    assemblies::create(app, "transport", "Transport", Some("office")).await.unwrap();
    let made = app.initiative(&ana, "transport", "Night buses").await;
    app.account("olga").await;
    accounts::set_roles(app, "olga", &[Role::Official]).await.unwrap();
    (made.id, app.browser_of("olga").await)
}

const FORM: [(&str, &str); 6] = [
    ("question", "Night <b>buses</b>?"),
    ("options", "Yes\nNo & never\n"),
    ("choices", "one"),
    ("ends_at", "1"),
    ("tallies", "shown"),
    ("language", "en"),
];

both_engines! {
    async fn a_ballot_is_opened_voted_on_closed_and_removed(app: TestApp) {
        let (id, mut clerk) = scene(&app).await;
        let page = clerk.get(&format!("/p/{id}")).await;
        assert!(page.text().contains(&format!("/p/{id}/ballots/new")), "the door is shown");
        let path = format!("/p/{id}/ballots/new");
        check_page(&path, &clerk.get(&path).await);
        let opened = clerk.post_form(&format!("/p/{id}/ballots"), &FORM).await;
        assert_eq!(opened.status(), 303, "{}", opened.text());
        let path = opened.location().to_owned();
        let mut ana = app.browser_of("ana").await;
        let page = ana.get(&path).await;
        check_page(&path, &page);
        assert!(page.text().contains("Night &#60;b&#62;buses") || page.text().contains("Night &lt;b&gt;buses"), "{}", page.text());
        let ballot = ballots::of_initiative(&app, id).await.unwrap().remove(0);
        let yes = ballot.options[0].id.to_string();

        // An empty choice keeps the page and says what is wrong.
        let vote = format!("{path}/vote");
        let empty = ana.post_form(&vote, &[]).await;
        assert_eq!(empty.status(), 422);
        check_page(&path, &empty);
        assert_eq!(ana.post_form(&vote, &[("options", "7")]).await.status(), 422);
        assert_eq!(ana.post_form(&vote, &[("options", &yes)]).await.status(), 303);
        assert_eq!(ana.post_form(&vote, &[("options", &yes)]).await.status(), 303);
        let page = ana.get(&path).await;
        assert!(!page.text().contains("name=\"options\""), "there is nothing left to choose");
        // Bars are on the initiative's page as well, for everybody, and no names.
        let page = app.get(&format!("/p/{id}")).await;
        check_page("/p", &page);
        assert!(page.text().contains("<meter min=\"0\" max=\"1\" value=\"1\">one vote</meter>"), "{}", page.text());
        let seen = app.get(&path).await;
        check_page(&path, &seen);
        assert!(!seen.text().contains("@ana"), "who voted is shown");
        assert!(!seen.text().contains("verdicts-title"), "every vote counts");

        assert_eq!(ana.post_form(&format!("{path}/close"), &[]).await.status(), 403);
        assert_eq!(clerk.post_form(&format!("{path}/close"), &[]).await.status(), 303);
        jobs::drain(&app).await.unwrap();
        app.account("bob").await;
        let mut bob = app.browser_of("bob").await;
        bob.get(&path).await;
        assert_eq!(bob.post_form(&vote, &[("options", &yes)]).await.status(), 409);
        // One from elsewhere is kept, counted apart, and said so.
        let late = ArrivedVote {
            ballot: ballot.ballot.id,
            actor: crate::tests::fixtures::stranger(&app, "zoe").await.id,
            name: "Yes".to_owned(),
            activity_uri: "https://remote.example/votes/1".to_owned(),
            received_at: app.now(),
        };
        let mut unit = Unit::begin(&app).await.unwrap();
        ballots::receive_in(&mut unit, &late).await.unwrap();
        unit.commit().await.unwrap();
        let seen = app.get(&path).await;
        assert!(seen.text().contains("verdicts-title"), "what came too late is counted apart");
        assert_eq!(ana.get(&format!("{path}/remove")).await.status(), 403);
        check_page("remove", &clerk.get(&format!("{path}/remove")).await);
        assert_eq!(clerk.post_form(&format!("{path}/remove"), &[]).await.status(), 303);
        assert_eq!(app.get(&path).await.status(), 410);
        assert!(!app.get(&format!("/p/{id}")).await.text().contains("id=\"ballots\""));
    }

    async fn a_wrong_form_is_shown_again_with_what_was_typed(app: TestApp) {
        let (id, mut clerk) = scene(&app).await;
        clerk.get(&format!("/p/{id}/ballots/new")).await;
        let mut form = FORM;
        form[1].1 = "Only this one";
        form[3].1 = "9000";
        let again = clerk.post_form(&format!("/p/{id}/ballots"), &form).await;
        assert_eq!(again.status(), 422);
        check_page("again", &again);
        assert!(again.text().contains("Only this one") && again.text().contains("f-options"));
        assert!(ballots::of_initiative(&app, id).await.unwrap().is_empty());
        let mut ana = app.browser_of("ana").await;
        assert_eq!(ana.get(&format!("/p/{id}/ballots/new")).await.status(), 403);
        assert_eq!(ana.post_form(&format!("/p/{id}/ballots"), &FORM).await.status(), 403);
        let author = initiatives::get(&app, None, id).await.unwrap().author_handle;
        assert_eq!(author, "ana");
    }

    async fn hidden_tallies_are_on_no_page(app: TestApp) {
        let (id, mut clerk) = scene(&app).await;
        clerk.get(&format!("/p/{id}/ballots/new")).await;
        let mut form = FORM;
        form[4].1 = "hidden";
        let opened = clerk.post_form(&format!("/p/{id}/ballots"), &form).await;
        let path = opened.location().to_owned();
        let ballot = ballots::of_initiative(&app, id).await.unwrap().remove(0);
        let yes = ballot.options[0].id.to_string();
        clerk.get(&path).await;
        assert_eq!(clerk.post_form(&format!("{path}/vote"), &[("options", &yes)]).await.status(), 303);
        for path in [path.clone(), format!("/p/{id}")] {
            assert!(!app.get(&path).await.text().contains("<meter"), "{path}");
        }
        app.clock.set(ballot.ballot.ends_at);
        jobs::drain(&app).await.unwrap();
        assert!(app.get(&path).await.text().contains("<meter"));
    }
}
