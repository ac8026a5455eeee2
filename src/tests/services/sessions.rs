//! Signing in and out, and the two ways in which a session ends by itself.

use crate::both_engines;
use crate::services::accounts;
use crate::testing::{PASSWORD, TestApp};
use crate::tests::fixtures::{number, texts};

const DAY: u64 = 24 * 3600;

both_engines! {
    async fn handle_or_address_and_the_password_sign_in(app: TestApp) {
        let ana = app.account("ana").await;
        for login in ["ana", "ANA", "@ana", " ana@example.org ", "Ana@Example.ORG"] {
            let session = accounts::sign_in(&app, login, PASSWORD).await.unwrap();
            assert_eq!(session.map(|s| s.viewer), Some(ana.clone()), "{login}");
        }
        for (login, password) in
            [("ana", "wrong horse battery"), ("nobody", PASSWORD), ("", ""), ("ana", "")]
        {
            let session = accounts::sign_in(&app, login, password).await.unwrap();
            assert!(session.is_none(), "{login} with {password}");
        }
    }

    async fn only_a_digest_of_the_session_is_stored(app: TestApp) {
        app.account("ana").await;
        let session = accounts::sign_in(&app, "ana", PASSWORD).await.unwrap().unwrap();
        let stored = texts(&app, "SELECT id_hash FROM sessions").await;
        assert_eq!(stored, [crate::crypto::sha256_hex(session.secret.as_bytes())]);
        let open = accounts::session(&app, &session.secret).await.unwrap().unwrap();
        assert_eq!(open.viewer.handle, "ana");
        assert!(!open.csrf.is_empty() && open.csrf != session.secret);
        assert!(accounts::session(&app, "guessed").await.unwrap().is_none());
    }

    async fn signing_out_ends_this_session_only(app: TestApp) {
        app.account("ana").await;
        let one = accounts::sign_in(&app, "ana", PASSWORD).await.unwrap().unwrap();
        let two = accounts::sign_in(&app, "ana", PASSWORD).await.unwrap().unwrap();
        accounts::sign_out(&app, &one.secret).await.unwrap();
        assert!(accounts::session(&app, &one.secret).await.unwrap().is_none());
        assert!(accounts::session(&app, &two.secret).await.unwrap().is_some());
        accounts::sign_out(&app, &one.secret).await.unwrap();
    }

    async fn an_unused_session_ends_after_a_week(app: TestApp) {
        app.account("ana").await;
        let session = accounts::sign_in(&app, "ana", PASSWORD).await.unwrap().unwrap();
        app.clock.advance_seconds(7 * DAY - 1);
        assert!(accounts::session(&app, &session.secret).await.unwrap().is_some());
        // That was use: the week begins anew.
        app.clock.advance_seconds(7 * DAY - 1);
        assert!(accounts::session(&app, &session.secret).await.unwrap().is_some());
        app.clock.advance_seconds(7 * DAY);
        assert!(accounts::session(&app, &session.secret).await.unwrap().is_none());
    }

    async fn a_used_session_ends_after_thirty_days(app: TestApp) {
        app.account("ana").await;
        let session = accounts::sign_in(&app, "ana", PASSWORD).await.unwrap().unwrap();
        assert_eq!(session.max_age, 30 * 24 * 3600);
        for _ in 0..29 {
            app.clock.advance_seconds(DAY);
            assert!(accounts::session(&app, &session.secret).await.unwrap().is_some());
        }
        app.clock.advance_seconds(DAY);
        assert!(accounts::session(&app, &session.secret).await.unwrap().is_none());
    }

    async fn the_sweep_removes_what_ended_and_nothing_else(app: TestApp) {
        app.account("ana").await;
        accounts::sign_in(&app, "ana", PASSWORD).await.unwrap().unwrap();
        app.clock.advance_seconds(6 * DAY);
        let live = accounts::sign_in(&app, "ana", PASSWORD).await.unwrap().unwrap();
        app.clock.advance_seconds(DAY);
        accounts::sweep(&app).await.unwrap();
        assert_eq!(number(&app, "SELECT COUNT(*) FROM sessions").await, 1);
        assert!(accounts::session(&app, &live.secret).await.unwrap().is_some());
    }
}
