//! The end of accounts here and of actors elsewhere.

use crate::both_engines;
use crate::domain::{Reaction, State};
use crate::services::{
    Error, accounts, actors, blocks, comments, follows, initiatives, outbox, profiles, reactions,
    removal,
};
use crate::testing::{PASSWORD, TestApp};
use crate::tests::fixtures::{in_unit, number, reply, stranger, texts};
use crate::tests::services::refused;

both_engines! {
    async fn an_account_leaves_tombstones_and_no_person(app: TestApp) {
        app.assembly("transport").await;
        let (ana, boris) = (app.account("ana").await, app.account("boris").await);
        let i = app.initiative(&ana, "transport", "Night buses").await;
        let of_boris = app.initiative(&boris, "transport", "Trams").await;
        comments::post(&app, &boris, i.id, None, "Good", "en").await.unwrap();
        let own = comments::post(&app, &ana, of_boris.id, None, "Also good", "en").await.unwrap();
        comments::post(&app, &boris, of_boris.id, Some(own.id), "Thanks", "en").await.unwrap();
        reactions::react(&app, &ana, of_boris.id, Reaction::Like).await.unwrap();
        follows::follow(&app, &boris, ana.id).await.unwrap();
        blocks::block(&app, &boris, ana.id).await.unwrap();
        let draft = crate::tests::fixtures::form("transport", "Not yet");
        initiatives::draft(&app, &ana, &draft).await.unwrap();
        let about = profiles::Form { fields: vec![("Site".into(), "https://ana.example".into())], ..Default::default() };
        profiles::set_own(&app, &ana, &about).await.unwrap();
        accounts::set_profile(&app, &ana, "Ana Ivanova", "Engineer", "en").await.unwrap();
        let session = accounts::sign_in(&app, "ana", PASSWORD).await.unwrap().unwrap();
        crate::jobs::drain(&app).await.unwrap();
        assert!(outbox::count(&app, ana.id).await.unwrap() > 0);

        let refusal = removal::remove_own(&app, &ana, "not the password").await;
        assert_eq!(refused(refusal), [("password", "wrong")]);
        removal::remove_own(&app, &ana, PASSWORD).await.unwrap();

        let gone = actors::by_id(&app, ana.id).await.unwrap().unwrap();
        assert_eq!((gone.name.as_str(), gone.summary.as_str()), ("ana", ""));
        assert!(gone.deleted_at.is_some());
        assert!(accounts::session(&app, &session.secret).await.unwrap().is_none());
        assert!(accounts::sign_in(&app, "ana", PASSWORD).await.unwrap().is_none());
        assert_eq!(profiles::of(&app, ana.id).await.unwrap(), crate::domain::Profile::default());
        let kept = texts(&app, "SELECT email || password_hash || about FROM accounts").await.join(" ");
        assert!(!kept.contains("ana@example.org") && !kept.contains("Engineer"), "{kept}");
        // The initiative is withdrawn, the answers of others stay, the counts are right.
        let withdrawn = initiatives::get(&app, None, i.id).await.unwrap();
        assert_eq!((withdrawn.state, withdrawn.html.as_str(), withdrawn.replies), (State::Withdrawn, "", 1));
        let other = initiatives::get(&app, None, of_boris.id).await.unwrap();
        assert_eq!((other.likes, other.replies), (0, 1));
        let tombstone = comments::get(&app, own.id).await.unwrap();
        assert!(tombstone.deleted_at.is_some() && tombstone.html.is_empty());
        assert_eq!(number(&app, "SELECT COUNT(*) FROM initiatives WHERE state = 'draft'").await, 0);
        assert_eq!(number(&app, "SELECT COUNT(*) FROM blocks").await, 0);
        // Nothing of what was said can be read where activities are served.
        assert_eq!(outbox::count(&app, ana.id).await.unwrap(), 0);
        let said = number(&app, "SELECT COUNT(*) FROM activities WHERE CAST(body AS TEXT) LIKE '%Also good%'").await;
        assert_eq!(said, 0);
        // Nobody gets the name again.
        let form = accounts::Registration {
            handle: "ana".into(), email: "ana@example.org".into(), password: PASSWORD.into(),
            ..Default::default()
        };
        assert_eq!(refused(accounts::register(&app, &form).await), [("handle", "taken")]);
    }

    async fn the_farewell_goes_to_everybody_before_the_key_is_destroyed(app: TestApp) {
        let ana = app.account("ana").await;
        let (zoe, _) = (stranger(&app, "zoe").await, stranger(&app, "max").await);
        removal::remove_own(&app, &ana, PASSWORD).await.unwrap();
        let inboxes = removal::all_inboxes(&app).await.unwrap();
        assert_eq!(inboxes, [zoe.shared_inbox.unwrap()]);
        // One attempt fails, since nobody is there: the key must stay for the next.
        crate::jobs::drain(&app).await.unwrap();
        assert_eq!(texts(&app, "SELECT kind FROM activities").await, ["Delete"]);
        assert_eq!(number(&app, "SELECT COUNT(*) FROM deliveries WHERE state = 'pending'").await, 1);
        assert!(!removal::destroy_keys(&app, ana.id).await.unwrap());
        assert!(actors::signing_key(&app, ana.id).await.is_ok());
        in_tx_delivered(&app).await;
        assert!(removal::destroy_keys(&app, ana.id).await.unwrap());
        assert!(actors::signing_key(&app, ana.id).await.is_err());
        // Keys of whoever is here are not destroyed.
        let boris = app.account("boris").await;
        removal::destroy_keys(&app, boris.id).await.unwrap();
        assert!(actors::signing_key(&app, boris.id).await.is_ok());
    }

    async fn an_admin_deletes_with_a_reason_but_not_the_last_admin(app: TestApp) {
        let (ana, olga) = (app.account("ana").await, app.admin("olga").await);
        let refusal = removal::remove_account(&app, Some(&ana), "olga", "No").await;
        assert!(matches!(refusal, Err(Error::Forbidden(_))), "{refusal:?}");
        let refusal = removal::remove_account(&app, Some(&olga), "ana", " ").await;
        assert_eq!(refused(refusal), [("reason", "required")]);
        let refusal = removal::remove_account(&app, None, "nobody", "Spam").await;
        assert_eq!(refused(refusal), [("handle", "not-found")]);
        removal::remove_account(&app, Some(&olga), "ana", "Spam").await.unwrap();
        let trace = texts(&app, "SELECT reason FROM audit WHERE kind = 'account_removed'").await;
        assert_eq!(trace, ["olga: Spam"]);
        let last = removal::remove_own(&app, &olga, PASSWORD).await;
        assert!(matches!(last, Err(Error::Conflict(_))), "{last:?}");
    }

    async fn a_thousand_texts_go_in_batches(app: TestApp) {
        let ana = app.account("ana").await;
        app.assembly("transport").await;
        let i = app.initiative(&ana, "transport", "Night buses").await;
        let zoe = stranger(&app, "zoe").await;
        let all: Vec<_> = (0..1_000).map(|n| reply(&format!("{n}"), zoe.id, &i.uri, "<p>x</p>")).collect();
        in_unit!(app, unit => comments::receive_all_in(unit, &all)).unwrap();
        in_unit!(app, unit => actors::remove_remote_in(unit, zoe.id)).unwrap();
        let standing = "SELECT COUNT(*) FROM objects WHERE kind = 'comment' AND deleted_at IS NULL";
        assert_eq!(number(&app, standing).await, 900);
        crate::jobs::drain(&app).await.unwrap();
        assert_eq!(number(&app, standing).await, 0);
        assert_eq!(initiatives::get(&app, None, i.id).await.unwrap().replies, 0);
    }
}

/// The other server took what waited for it.
async fn in_tx_delivered(app: &TestApp) {
    use crate::services::queue::{self, Outcome};
    app.clock.advance_seconds(3_600);
    let rows = queue::claim_deliveries(app, 60, 10, &[]).await.unwrap();
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let none: [Outcome; 0] = [];
    queue::record_deliveries(app, &ids, &none, &[]).await.unwrap();
}
