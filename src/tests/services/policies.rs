//! Rules about other servers: in force at once, written down with who and why, and what follows
//! from them.

use crate::both_engines;
use crate::domain::policy::{Mode, Severity};
use crate::services::policies::{self, By, Form, Plan};
use crate::services::{Error, follows};
use crate::testing::TestApp;
use crate::tests::fixtures::{in_unit, number, stranger, texts};

const BY: By<'static> = By { who: "http://veche.test/u/root", why: "spam" };

fn form(severity: Severity) -> Form {
    Form {
        severity,
        reject_media: false,
        reject_reports: false,
        obfuscate: false,
        public_comment: String::new(),
        private_comment: "seen before".to_owned(),
    }
}

async fn states(app: &TestApp) -> Vec<String> {
    texts(app, "SELECT state FROM follows ORDER BY created_at, follower_id").await
}

both_engines! {
    async fn a_rule_holds_at_once_below_its_domain_and_is_written_down(app: TestApp) {
        let rule = policies::set(&app, BY, "Remote.Example.", &form(Severity::Reject)).await.unwrap();
        assert_eq!(rule.domain, "remote.example");
        assert!(policies::of_uri(&app, "https://a.remote.example/u/1").is_rejected());
        policies::set(&app, BY, "remote.example", &form(Severity::Silence)).await.unwrap();
        assert!(policies::of_uri(&app, "https://remote.example/u/1").is_silenced());
        policies::unset(&app, BY, "remote.example").await.unwrap();
        assert!(!policies::of_uri(&app, "https://remote.example/u/1").is_silenced());
        assert!(matches!(policies::unset(&app, BY, "remote.example").await, Err(Error::NotFound(_))));
        let audit = texts(&app, "SELECT reason FROM audit ORDER BY id").await;
        assert_eq!(audit, ["none → reject: spam", "reject → silence: spam", "silence → none: spam"]);
        let who = texts(&app, "SELECT DISTINCT actor_uri FROM audit").await;
        assert_eq!(who, [BY.who]);
    }

    async fn what_is_no_domain_or_is_this_instance_gets_no_rule(app: TestApp) {
        for domain in ["", "two words", "us@evil.example", "veche.test", "VECHE.test.", "test"] {
            let refused = policies::set(&app, BY, domain, &form(Severity::Reject)).await;
            assert!(matches!(refused, Err(Error::Invalid(_))), "{domain}");
        }
        assert_eq!(number(&app, "SELECT COUNT(*) FROM domain_policies").await, 0);
        assert_eq!(number(&app, "SELECT COUNT(*) FROM audit").await, 0);
    }

    async fn follows_freeze_and_thaw(app: TestApp) {
        let transport = app.assembly("transport").await;
        let zoe = stranger(&app, "zoe").await;
        in_unit!(app, unit => follows::receive_in(
            unit, zoe.id, &transport.uri, "https://remote.example/f/1")).unwrap();
        policies::set(&app, BY, "remote.example", &form(Severity::Reject)).await.unwrap();
        assert_eq!(states(&app).await, ["frozen"]);
        assert_eq!(policies::frozen_follows(&app, "remote.example").await.unwrap(), 1);
        assert!(crate::services::outbox::inboxes_of_followers(&app, transport.id).await.unwrap().is_empty());
        // The same server, excepted from a rule for all around it.
        policies::set(&app, BY, "example", &form(Severity::Reject)).await.unwrap();
        policies::set(&app, BY, "remote.example", &form(Severity::Accept)).await.unwrap();
        assert_eq!(states(&app).await, ["accepted"]);
        policies::unset(&app, BY, "remote.example").await.unwrap();
        assert_eq!(states(&app).await, ["frozen"]);
    }

    async fn another_process_finds_the_change(app: TestApp) {
        let other = TestApp::builder(app.database.engine()).database(&app.database).start().await;
        policies::set(&app, BY, "remote.example", &form(Severity::Reject)).await.unwrap();
        assert!(!policies::of_host(&other, "remote.example").is_rejected());
        policies::refresh(&other).await.unwrap();
        assert!(policies::of_host(&other, "remote.example").is_rejected());
        // And one that starts later knows it from the beginning.
        let third = TestApp::builder(app.database.engine()).database(&app.database).start().await;
        assert!(policies::of_host(&third, "remote.example").is_rejected());
    }

    async fn an_allow_list_freezes_who_is_not_on_it(app: TestApp) {
        let transport = app.assembly("transport").await;
        let zoe = stranger(&app, "zoe").await;
        in_unit!(app, unit => follows::receive_in(
            unit, zoe.id, &transport.uri, "https://remote.example/f/1")).unwrap();
        let builder = TestApp::builder(app.database.engine()).database(&app.database);
        let closed = builder.config(|c| c.federation.mode = Mode::AllowList).start().await;
        policies::adopt_mode(&closed).await.unwrap();
        assert_eq!(states(&closed).await, ["frozen"]);
        assert!(policies::of_uri(&closed, "https://remote.example/u/zoe").is_rejected());
        let plan = Plan::new(&closed, "#domain\nremote.example\n", false).await.unwrap().unwrap();
        plan.apply(&closed, BY).await.unwrap();
        assert_eq!(states(&closed).await, ["accepted"]);
    }

    async fn a_file_shows_what_it_would_change_first(app: TestApp) {
        policies::set(&app, BY, "old.example", &form(Severity::Reject)).await.unwrap();
        policies::set(&app, BY, "same.example", &form(Severity::Silence)).await.unwrap();
        let file = "#domain,#severity\nnew.example,suspend\nold.example,silence\nsame.example,silence\n";
        let plan = Plan::new(&app, file, false).await.unwrap().unwrap();
        let changes: Vec<_> =
            plan.changes.iter().map(|c| (c.domain.as_str(), c.before, c.after)).collect();
        assert_eq!(changes, [
            ("new.example", None, Some(Severity::Reject)),
            ("old.example", Some(Severity::Reject), Some(Severity::Silence)),
        ]);
        assert_eq!(plan.unchanged, 1);
        // Nothing changed yet.
        assert_eq!(number(&app, "SELECT COUNT(*) FROM domain_policies").await, 2);
        plan.apply(&app, BY).await.unwrap();
        assert!(policies::of_host(&app, "x.new.example").is_rejected());
        let kept = policies::get(&app, "old.example").await.unwrap().unwrap();
        assert_eq!((kept.severity, kept.private_comment.as_str()), (Severity::Silence, "seen before"));
        let only = Plan::new(&app, "#domain,#severity\nnew.example,suspend\n", true).await;
        let only = only.unwrap().unwrap();
        assert_eq!(only.changes.iter().filter(|c| c.after.is_none()).count(), 2);
        only.apply(&app, BY).await.unwrap();
        assert_eq!(policies::list(&app).await.unwrap().len(), 1);
        let faults = Plan::new(&app, "#domain\nfine.example\nveche.test\n", false).await.unwrap();
        assert_eq!(faults.unwrap_err()[0].line, 3);
    }
}
