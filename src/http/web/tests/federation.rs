//! The pages about other servers: for admins only, and what is pressed there happens.

use super::*;
use crate::domain::peerlog::{Check, Trace};
use crate::domain::policy::Severity;
use crate::services::peerlog;
use crate::services::policies::{self, By, Form};
use crate::services::refusals::NewRefusal;
use crate::testing::wait_for;
use std::time::Duration;

const PAGES: [&str; 4] = ["", "/log", "/policies", "/log?host=remote.example&fate=refused"];

/// A request that was refused because of its digest.
async fn refused(app: &TestApp) -> peerlog::Story {
    let mut trace = Trace::default();
    for check in [Check::ContentType, Check::Time, Check::Digest] {
        trace.begin(check);
    }
    app.state().intake.refuse(NewRefusal {
        host: "remote.example".to_owned(),
        actor_uri: "https://remote.example/u/eve".to_owned(),
        activity_uri: "https://remote.example/a/1".to_owned(),
        kind: "Like".to_owned(),
        status: 401,
        trace,
        reason: "the digest does not fit the body".to_owned(),
        bytes: 7,
        body: b"<b>\x1b[31m".to_vec(),
    });
    wait_for(Duration::from_secs(10), async || {
        peerlog::show(app, "https://remote.example/a/1").await.unwrap().pop()
    })
    .await
}

both_engines! {
    async fn only_admins_see_other_servers(app: TestApp) {
        app.account("ana").await;
        app.admin("olga").await;
        let story = refused(&app).await;
        let (mut of_ana, mut of_olga) = (app.browser_of("ana").await, app.browser_of("olga").await);
        let entry = format!("/log/{}", story.entry.id);
        for page in PAGES.into_iter().chain([entry.as_str()]) {
            let path = format!("/admin/federation{page}");
            assert_eq!(of_ana.get(&path).await.status(), 403, "{path}");
            check_page(&path, &of_olga.get(&path).await);
        }
        let log = of_olga.get("/admin/federation/log?host=remote.example").await;
        assert!(log.text().contains("https://remote.example/a/1"));
        let shown = of_olga.get(&format!("/admin/federation{entry}")).await;
        assert!(shown.text().contains("The digest is the body’s: failed"), "{}", shown.text());
        assert!(!shown.text().contains('\u{1b}') && !shown.text().contains("<b>"));
        assert_eq!(of_olga.get("/admin/federation/log/1").await.status(), 404);
        let act = [("act", "retry"), ("id", "1"), ("why", "x")];
        of_ana.get("/").await;
        assert_eq!(of_ana.post_form("/admin/federation/queue", &act).await.status(), 403);
    }

    async fn a_rule_from_the_form_and_from_a_list(app: TestApp) {
        app.admin("olga").await;
        let mut olga = app.browser_of("olga").await;
        olga.get("/admin/federation/policies").await;
        let rule = [("domain", "Evil.Example."), ("severity", "reject"), ("why", "spam")];
        assert_eq!(olga.post_form("/admin/federation/policies", &rule).await.status(), 303);
        assert!(policies::of_host(&app, "a.evil.example").is_rejected());
        let wrong = [("domain", "two words"), ("severity", "reject"), ("why", "spam")];
        let again = olga.post_form("/admin/federation/policies", &wrong).await;
        assert_eq!(again.status(), 422);
        let list = "#domain,#severity\nloud.example,silence\nevil.example,suspend\n";
        let import = "/admin/federation/policies/import";
        let plan = olga.post_form(import, &[("file", list)]).await;
        assert!(plan.text().contains("loud.example"), "{}", plan.text());
        assert!(!policies::of_host(&app, "loud.example").is_silenced());
        let faulty = olga.post_form(import, &[("file", "#domain\nnot a domain\n")]).await;
        assert_eq!(faulty.status(), 422);
        assert!(faulty.text().contains("line 2"), "{}", faulty.text());
        let apply = [("file", list), ("apply", "1"), ("why", "ours")];
        assert_eq!(olga.post_form(import, &apply).await.status(), 303);
        assert!(policies::of_host(&app, "loud.example").is_silenced());
        let file = olga.get("/admin/federation/policies.csv").await;
        assert!(file.text().contains("evil.example,suspend,false,false,,false"), "{}", file.text());
        let gone = [("domain", "evil.example"), ("why", "sorry")];
        assert_eq!(olga.post_form("/admin/federation/policies/unset", &gone).await.status(), 303);
        assert!(!policies::of_host(&app, "evil.example").is_rejected());
    }

    async fn rules_are_public_when_the_admins_want_that(app: TestApp) {
        let form = Form {
            severity: Severity::Reject,
            reject_media: false,
            reject_reports: false,
            obfuscate: true,
            public_comment: "advertising".to_owned(),
            private_comment: "between us".to_owned(),
        };
        let by = By { who: "shell", why: "x" };
        policies::set(&app, by, "evil.example", &form).await.unwrap();
        assert!(!app.get("/about").await.text().contains("advertising"));
        let builder = TestApp::builder(app.database.engine()).database(&app.database);
        let open = builder.config(|c| c.federation.publish_policies = true).start().await;
        let about = open.get("/about").await;
        assert!(about.text().contains("advertising") && !about.text().contains("evil.example"));
        assert!(!about.text().contains("between us"));
    }
}
