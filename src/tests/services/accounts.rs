//! Accounts: registering, roles, tokens, the first admin.

use super::refused;
use crate::both_engines;
use crate::domain::{Role, Scope};
use crate::i18n::Lang;
use crate::services::accounts::{self, Registration};
use crate::services::{Error, actors};
use crate::testing::{PASSWORD, TestApp};
use crate::tests::fixtures::{events, number};

fn filled(handle: &str, email: &str) -> Registration {
    Registration {
        handle: handle.to_owned(),
        name: String::new(),
        email: email.to_owned(),
        password: PASSWORD.to_owned(),
        language: "ru".to_owned(),
    }
}

both_engines! {
    async fn an_account_is_a_person_with_a_key(app: TestApp) {
        let ana = accounts::register(&app, &filled("Ana", "Ana@Example.org")).await.unwrap();
        assert_eq!((ana.handle.as_str(), ana.roles.len()), ("ana", 0));
        let person = actors::by_id(&app, ana.id).await.unwrap().unwrap();
        assert_eq!(person.uri, "http://veche.test/u/ana");
        assert!(person.local);
        let (key, pem) = actors::public_key(&app, ana.id).await.unwrap().unwrap();
        assert_eq!(key, "http://veche.test/u/ana#main-key");
        assert!(pem.starts_with("-----BEGIN PUBLIC KEY-----"));
        assert_eq!(actors::signing_key(&app, ana.id).await.unwrap().key_id, key);
        assert_eq!(accounts::by_handle(&app, "ana").await.unwrap(), Some(ana));
        assert_eq!(accounts::by_handle(&app, "nobody").await.unwrap(), None);
    }

    async fn a_handle_or_an_address_is_given_once_in_any_spelling(app: TestApp) {
        accounts::register(&app, &filled("ana", "ana@example.org")).await.unwrap();
        for handle in ["ana", "ANA", " @Ana "] {
            let again = accounts::register(&app, &filled(handle, "other@example.org")).await;
            assert_eq!(refused(again), [("handle", "taken")], "{handle}");
        }
        for email in ["ana@example.org", " Ana@EXAMPLE.org "] {
            let again = accounts::register(&app, &filled("boris", email)).await;
            assert_eq!(refused(again), [("email", "taken")], "{email}");
        }
        assert_eq!(number(&app, "SELECT COUNT(*) FROM accounts").await, 1);
        assert_eq!(number(&app, "SELECT COUNT(*) FROM actors WHERE kind = 'person'").await, 1);
    }

    async fn a_handle_is_shared_with_boards(app: TestApp) {
        app.assembly("transport").await;
        let again = accounts::register(&app, &filled("transport", "t@example.org")).await;
        assert_eq!(refused(again), [("handle", "taken")]);
    }

    async fn two_who_take_one_handle_at_once_make_one_account(app: TestApp) {
        let (one, two) = (filled("ana", "a@example.org"), filled("ana", "b@example.org"));
        let (one, two) =
            tokio::join!(accounts::register(&app, &one), accounts::register(&app, &two));
        assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
        assert_eq!(number(&app, "SELECT COUNT(*) FROM accounts").await, 1);
    }

    async fn everything_wrong_is_said_at_once(app: TestApp) {
        let form = Registration { password: "short".to_owned(), ..filled("1x", "nowhere") };
        let outcome = accounts::register(&app, &form).await;
        assert_eq!(
            refused(outcome),
            [("handle", "handle"), ("email", "email"), ("password", "too-short")]
        );
        let reserved = accounts::register(&app, &filled("admin", "a@example.org")).await;
        assert_eq!(refused(reserved), [("handle", "reserved")]);
        assert_eq!(number(&app, "SELECT COUNT(*) FROM accounts").await, 0);
    }

    async fn closed_registrations_are_closed(engine: crate::storage::Engine) {
        let app = TestApp::builder(engine)
            .config(|c| c.instance.registrations = false)
            .start()
            .await;
        let outcome = accounts::register(&app, &filled("ana", "ana@example.org")).await;
        assert!(matches!(outcome, Err(Error::Forbidden(_))), "{outcome:?}");
        app.admin("olga").await;
    }

    async fn roles_are_replaced_as_a_whole(app: TestApp) {
        app.account("ana").await;
        assert!(!accounts::admin_exists(&app).await.unwrap());
        accounts::set_roles(&app, "ana", &[Role::Official, Role::Admin, Role::Admin])
            .await
            .unwrap();
        let ana = accounts::by_handle(&app, "ana").await.unwrap().unwrap();
        assert_eq!(ana.roles, [Role::Admin, Role::Official]);
        assert!(accounts::admin_exists(&app).await.unwrap());
        accounts::set_roles(&app, "ana", &[]).await.unwrap();
        assert!(!accounts::admin_exists(&app).await.unwrap());
        let nobody = accounts::set_roles(&app, "nobody", &[]).await;
        assert!(matches!(nobody, Err(Error::NotFound(_))), "{nobody:?}");
    }

    async fn a_token_acts_for_its_account_within_its_scopes(app: TestApp) {
        let ana = app.account("ana").await;
        let token = accounts::create_token(&app, "ana", &[Scope::Read]).await.unwrap();
        let holder = accounts::by_token(&app, &token).await.unwrap().unwrap();
        assert_eq!((holder.viewer, holder.scopes), (ana, vec![Scope::Read]));
        assert!(accounts::by_token(&app, "guessed").await.unwrap().is_none());
        assert!(accounts::create_token(&app, "nobody", &Scope::ALL).await.is_err());
        let stored = crate::tests::fixtures::texts(&app, "SELECT hash FROM tokens").await;
        assert!(stored.iter().all(|hash| !hash.contains(&token)), "the token is stored");
    }

    async fn a_profile_is_changed_and_announced(app: TestApp) {
        let ana = app.account("ana").await;
        let words = "I *walk*.<script>alert(1)</script>";
        accounts::set_profile(&app, &ana, " Ana\u{2705} ", words, "ru").await.unwrap();
        let person = actors::by_id(&app, ana.id).await.unwrap().unwrap();
        assert_eq!(person.name, "Ana");
        assert!(person.summary.contains("<em>walk</em>"), "{}", person.summary);
        assert!(!person.summary.contains("<script"), "{}", person.summary);
        // Told once, soon, however often it is changed in the meantime.
        accounts::set_profile(&app, &ana, " Ana\u{2705} ", words, "ru").await.unwrap();
        crate::jobs::drain(&app).await.unwrap();
        assert!(events(&app).await.is_empty());
        app.clock.advance_seconds(5);
        crate::jobs::drain(&app).await.unwrap();
        assert_eq!(events(&app).await, ["actor_changed"]);
        let long = accounts::set_profile(&app, &ana, "Ana", &"x".repeat(501), "ru").await;
        assert_eq!(refused(long), [("about", "too-long")]);
        let nameless = accounts::set_profile(&app, &ana, "\u{2705}", "", "ru").await;
        assert_eq!(refused(nameless), [("name", "required")]);
        let language = accounts::set_profile(&app, &ana, "Ana", "", "xx").await;
        assert_eq!(refused(language), [("language", "language")]);
        let session = accounts::open(&app, ana.clone()).await.unwrap();
        accounts::set_language(&app, &ana, Lang::En).await.unwrap();
        let session = accounts::session(&app, &session.secret).await.unwrap().unwrap();
        assert_eq!(session.language.tag(), "en");
    }

    async fn a_setup_link_makes_one_admin(app: TestApp) {
        let link = accounts::make_setup_link(&app).await.unwrap();
        assert!(accounts::setup_link_is_good(&app, &link).await.unwrap());
        assert!(!accounts::setup_link_is_good(&app, "guessed").await.unwrap());
        let form = filled("olga", "olga@example.org");
        // A form that is refused does not use the link up.
        let bad = accounts::create_first_admin(&app, &link, &filled("olga", "nowhere")).await;
        assert_eq!(refused(bad), [("email", "email")]);
        let olga = accounts::create_first_admin(&app, &link, &form).await.unwrap();
        assert!(olga.is(Role::Admin));
        assert!(!accounts::setup_link_is_good(&app, &link).await.unwrap());
        let other = filled("boris", "boris@example.org");
        let again = accounts::create_first_admin(&app, &link, &other).await;
        assert!(matches!(again, Err(Error::NotFound("link"))), "{again:?}");
    }

    async fn a_setup_link_works_for_a_day(app: TestApp) {
        let link = accounts::make_setup_link(&app).await.unwrap();
        app.clock.advance_seconds(24 * 3600 - 1);
        assert!(accounts::setup_link_is_good(&app, &link).await.unwrap());
        app.clock.advance_seconds(1);
        assert!(!accounts::setup_link_is_good(&app, &link).await.unwrap());
        let form = filled("olga", "olga@example.org");
        let late = accounts::create_first_admin(&app, &link, &form).await;
        assert!(matches!(late, Err(Error::NotFound("link"))), "{late:?}");
    }
}
