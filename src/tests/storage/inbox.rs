//! Leases of arrivals.

use crate::both_engines;
use crate::domain::InboxId;
use crate::services::{peerlog, queue};
use crate::storage::inbox;
use crate::testing::TestApp;
use crate::tests::fixtures::{in_unit, number, reading, stranger, texts};
use bytes::Bytes;
use std::collections::BTreeSet;

const LEASE: i64 = 60;

async fn arrive(app: &TestApp, count: usize) {
    let zoe = stranger(app, "zoe").await;
    for n in 0..count {
        let uri = format!("https://remote.example/a/{n}");
        let body = Bytes::from(format!("{{\"n\":{n}}}"));
        app.state().intake.store(zoe.id, uri, body).await.unwrap();
    }
}

async fn finish(app: &TestApp, ids: &[InboxId]) {
    let ended: Vec<_> = ids.iter().map(|id| (*id, None)).collect();
    in_unit!(app, unit => queue::finish_inbox_in(unit, &ended)).unwrap();
}

async fn states(app: &TestApp) -> Vec<String> {
    texts(app, "SELECT state FROM inbox ORDER BY id").await
}

both_engines! {
    async fn two_claimers_never_get_the_same(app: TestApp) {
        arrive(&app, 40).await;
        let engine = app.database.engine();
        let other = TestApp::builder(engine).database(&app.database).clock(&app.clock);
        let other = other.start().await;
        let mut seen = BTreeSet::new();
        for _ in 0..4 {
            let (a, b) = tokio::join!(
                queue::claim_inbox(&app, LEASE, 6),
                queue::claim_inbox(&other, LEASE, 6),
            );
            for row in a.unwrap().into_iter().chain(b.unwrap()) {
                assert!(seen.insert(row.id), "{} was leased twice", row.activity_uri);
            }
        }
        assert_eq!(seen.len(), 40);
    }

    async fn arrivals_come_in_their_order(app: TestApp) {
        arrive(&app, 5).await;
        let rows = queue::claim_inbox(&app, LEASE, 3).await.unwrap();
        let rest = queue::claim_inbox(&app, LEASE, 3).await.unwrap();
        let order: Vec<_> = rows.iter().chain(&rest).map(|r| r.activity_uri.clone()).collect();
        let expected: Vec<_> = (0..5).map(|n| format!("https://remote.example/a/{n}")).collect();
        assert_eq!(order, expected);
        assert_eq!(rows[0].body, b"{\"n\":0}");
    }

    async fn what_was_applied_keeps_its_body_until_the_log_forgets_it(app: TestApp) {
        arrive(&app, 2).await;
        let rows = queue::claim_inbox(&app, LEASE, 10).await.unwrap();
        finish(&app, &[rows[0].id]).await;
        assert_eq!(number(&app, "SELECT COUNT(*) FROM inbox WHERE body IS NULL").await, 0);
        app.clock.advance_seconds(14 * 24 * 60 * 60 + 60);
        peerlog::sweep(&app).await.unwrap();
        let again = queue::claim_inbox(&app, LEASE, 10).await.unwrap();
        assert_eq!(again.iter().map(|r| (r.id, r.attempts)).collect::<Vec<_>>(), [(rows[1].id, 2)]);
        assert_eq!(number(&app, "SELECT COUNT(*) FROM inbox WHERE body IS NULL").await, 1);
        assert_eq!(reading!(app, conn => inbox::counts(conn)), (1, 0));
    }

    async fn a_late_failure_does_not_bring_back_what_was_applied(app: TestApp) {
        arrive(&app, 2).await;
        let late = queue::claim_inbox(&app, LEASE, 1).await.unwrap().remove(0);
        app.clock.advance_seconds(60);
        let mine = queue::claim_inbox(&app, LEASE, 1).await.unwrap().remove(0);
        assert_eq!(mine.id, late.id);
        finish(&app, &[mine.id]).await;
        queue::fail_inbox(&app, &late, Some(app.now()), "dead", "too late", "[]").await.unwrap();
        queue::fail_inbox(&app, &late, None, "dead", "too late", "[]").await.unwrap();
        assert_eq!(number(&app, "SELECT COUNT(*) FROM inbox WHERE state = 'done'").await, 1);
        // The others are still claimed.
        let rest = queue::claim_inbox(&app, LEASE, 10).await.unwrap();
        assert_eq!(rest.iter().map(|r| r.activity_uri.as_str()).collect::<Vec<_>>(),
            ["https://remote.example/a/1"]);
    }

    async fn flt_14_who_lost_the_lease_of_an_arrival_changes_nothing(app: TestApp) {
        arrive(&app, 2).await;
        let late = queue::claim_inbox(&app, LEASE, 2).await.unwrap();
        app.clock.advance_seconds(60);
        let mine = queue::claim_inbox(&app, LEASE, 2).await.unwrap();
        assert_eq!(late.iter().map(|r| r.id).collect::<Vec<_>>(), mine.iter().map(|r| r.id).collect::<Vec<_>>());
        // A failure of the first worker says nothing any more.
        queue::fail_inbox(&app, &late[0], None, "dead", "too late", "[]").await.unwrap();
        assert_eq!(states(&app).await, ["pending", "pending"]);
        // Both worked on it, and the second one was faster: what the first one did is rolled back
        // as a whole, also for what nobody else had.
        finish(&app, &[mine[0].id]).await;
        let mut unit = crate::services::Unit::begin(&app).await.unwrap();
        let both = [(late[0].id, None), (late[1].id, None)];
        let outcome = queue::finish_inbox_in(&mut unit, &both).await;
        assert!(matches!(outcome, Err(crate::services::Error::Conflict(_))), "{outcome:?}");
        drop(unit);
        assert_eq!(states(&app).await, ["done", "pending"]);
        assert!(!queue::still_waits(&app, late[0].id).await.unwrap());
        assert!(queue::still_waits(&app, late[1].id).await.unwrap());
    }

    async fn a_failed_arrival_waits_or_rests(app: TestApp) {
        arrive(&app, 3).await;
        let rows = queue::claim_inbox(&app, LEASE, 10).await.unwrap();
        let later = app.now().plus_seconds(300);
        queue::fail_inbox(&app, &rows[0], Some(later), "dead", "no answer", "[]").await.unwrap();
        queue::fail_inbox(&app, &rows[1], None, "refused", "forged", "[]").await.unwrap();
        queue::fail_inbox(&app, &rows[2], None, "dead", "gave up", "[]").await.unwrap();
        let states = texts(&app, "SELECT state FROM inbox ORDER BY id").await;
        assert_eq!(states, ["pending", "refused", "dead"]);
        assert_eq!(reading!(app, conn => inbox::counts(conn)), (1, 1));
        app.clock.set(later);
        let again = queue::claim_inbox(&app, LEASE, 10).await.unwrap();
        assert_eq!(again.iter().map(|r| r.id).collect::<Vec<_>>(), [rows[0].id]);
    }

    async fn old_ids_are_forgotten_in_batches(app: TestApp) {
        arrive(&app, 5).await;
        let rows = queue::claim_inbox(&app, LEASE, 4).await.unwrap();
        let ids: Vec<_> = rows.iter().map(|r| r.id).collect();
        finish(&app, &ids).await;
        let then = app.now();
        assert_eq!(queue::prune(&app, then, then).await.unwrap(), 0);
        app.clock.advance_seconds(1);
        let mut tx = app.app.db.begin().await.unwrap();
        assert_eq!(inbox::prune(&mut tx.conn(), app.now(), 3).await.unwrap(), 3);
        tx.commit().await.unwrap();
        assert_eq!(queue::prune(&app, app.now(), app.now()).await.unwrap(), 1);
        // What still waits is never forgotten.
        assert_eq!(number(&app, "SELECT COUNT(*) FROM inbox WHERE state = 'pending'").await, 1);
    }
}
