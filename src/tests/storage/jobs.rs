//! Leases of background work.

use crate::both_engines;
use crate::services::queue::{self, JobKinds};
use crate::storage::jobs;
use crate::testing::TestApp;
use crate::tests::fixtures::{in_tx, number, reading, texts};
use std::collections::BTreeSet;

const LEASE: i64 = 60;

async fn enqueue(app: &TestApp, payload: &str, dedupe: Option<&str>, delay: i64) {
    let mut unit = crate::services::Unit::begin(app).await.unwrap();
    let at = app.now().plus_seconds(delay);
    unit.enqueue("test", payload, dedupe, at).await.unwrap();
    unit.commit().await.unwrap();
}

both_engines! {
    async fn two_claimers_never_get_the_same(app: TestApp) {
        for n in 0..60 {
            enqueue(&app, &n.to_string(), None, 0).await;
        }
        // A node of its own, with its own connections.
        let engine = app.database.engine();
        let other = TestApp::builder(engine).database(&app.database).clock(&app.clock);
        let other = other.start().await;
        let mut seen = BTreeSet::new();
        let mut claimed = 0;
        for _ in 0..6 {
            let (a, b) = tokio::join!(
                queue::claim_jobs(&app, JobKinds::Others, LEASE, 7),
                queue::claim_jobs(&other, JobKinds::Others, LEASE, 7),
            );
            for job in a.unwrap().into_iter().chain(b.unwrap()) {
                claimed += 1;
                assert!(seen.insert(job.id), "{} was leased twice", job.payload);
            }
        }
        assert_eq!((claimed, seen.len()), (60, 60));
        assert!(queue::claim_jobs(&app, JobKinds::Others, LEASE, 7).await.unwrap().is_empty());
    }

    async fn a_lost_lease_is_taken_up_and_its_loser_changes_nothing(app: TestApp) {
        enqueue(&app, "work", None, 0).await;
        let late = queue::claim_jobs(&app, JobKinds::Others, LEASE, 1).await.unwrap().remove(0);
        assert_eq!((late.attempts, late.payload.as_str()), (1, "work"));
        app.clock.advance_seconds(59);
        assert!(queue::claim_jobs(&app, JobKinds::Others, LEASE, 1).await.unwrap().is_empty());
        app.clock.advance_seconds(1);
        let mine = queue::claim_jobs(&app, JobKinds::Others, LEASE, 1).await.unwrap().remove(0);
        assert_eq!((mine.id, mine.attempts), (late.id, 2));
        assert_eq!(in_tx!(app, conn => jobs::finish(conn, std::slice::from_ref(&late))).unwrap(), 0);
        queue::fail_job(&app, &late, None, "too late").await.unwrap();
        let left = reading!(app, conn => jobs::counts(conn));
        assert_eq!(left, (1, 0));
        queue::finish_job(&app, &mine).await.unwrap();
        assert_eq!(number(&app, "SELECT COUNT(*) FROM jobs").await, 0);
    }

    async fn a_failed_job_waits_or_rests(app: TestApp) {
        enqueue(&app, "work", None, 0).await;
        let job = queue::claim_jobs(&app, JobKinds::Others, LEASE, 1).await.unwrap().remove(0);
        let later = app.now().plus_seconds(300);
        queue::fail_job(&app, &job, Some(later), "no answer").await.unwrap();
        assert!(queue::claim_jobs(&app, JobKinds::Others, LEASE, 1).await.unwrap().is_empty());
        app.clock.set(later);
        let job = queue::claim_jobs(&app, JobKinds::Others, LEASE, 1).await.unwrap().remove(0);
        queue::fail_job(&app, &job, None, "never").await.unwrap();
        assert_eq!(texts(&app, "SELECT error FROM jobs WHERE state = 'dead'").await, ["never"]);
        app.clock.advance_seconds(1_000_000);
        assert!(queue::claim_jobs(&app, JobKinds::Others, LEASE, 1).await.unwrap().is_empty());
    }

    async fn the_oldest_comes_first_and_nothing_comes_early(app: TestApp) {
        for (payload, delay) in [("later", 20), ("second", 10), ("first", 0), ("never", 1_000)] {
            enqueue(&app, payload, None, delay).await;
        }
        app.clock.advance_seconds(30);
        let mut order = Vec::new();
        for _ in 0..3 {
            order.extend(queue::claim_jobs(&app, JobKinds::Others, LEASE, 1).await.unwrap());
        }
        let order: Vec<_> = order.iter().map(|job| job.payload.as_str()).collect();
        assert_eq!(order, ["first", "second", "later"]);
        assert!(queue::claim_jobs(&app, JobKinds::Others, LEASE, 10).await.unwrap().is_empty());
    }

    async fn flt_15_a_lease_is_prolonged_by_its_holder_only(app: TestApp) {
        enqueue(&app, "work", None, 0).await;
        let mut mine = queue::claim_jobs(&app, JobKinds::Others, LEASE, 1).await.unwrap().remove(0);
        app.clock.advance_seconds(40);
        assert!(queue::renew_job(&app, &mut mine, LEASE).await.unwrap());
        app.clock.advance_seconds(40);
        assert!(queue::claim_jobs(&app, JobKinds::Others, LEASE, 1).await.unwrap().is_empty());
        app.clock.advance_seconds(40);
        let other = queue::claim_jobs(&app, JobKinds::Others, LEASE, 1).await.unwrap().remove(0);
        assert!(!queue::renew_job(&app, &mut mine, LEASE).await.unwrap());
        queue::finish_job(&app, &mine).await.unwrap();
        assert_eq!(number(&app, "SELECT COUNT(*) FROM jobs").await, 1);
        queue::finish_job(&app, &other).await.unwrap();
        assert_eq!(number(&app, "SELECT COUNT(*) FROM jobs").await, 0);
    }

    async fn the_same_wish_waits_once(app: TestApp) {
        for _ in 0..3 {
            enqueue(&app, "work", Some("refresh 1"), 0).await;
            enqueue(&app, "work", Some("refresh 2"), 0).await;
            enqueue(&app, "work", None, 0).await;
        }
        assert_eq!(number(&app, "SELECT COUNT(*) FROM jobs").await, 5);
        for job in queue::claim_jobs(&app, JobKinds::Others, LEASE, 10).await.unwrap() {
            queue::finish_job(&app, &job).await.unwrap();
        }
        enqueue(&app, "work", Some("refresh 1"), 0).await;
        assert_eq!(number(&app, "SELECT COUNT(*) FROM jobs").await, 1);
        // A dead one does not stand in the way.
        let job = queue::claim_jobs(&app, JobKinds::Others, LEASE, 1).await.unwrap().remove(0);
        queue::fail_job(&app, &job, None, "never").await.unwrap();
        enqueue(&app, "work", Some("refresh 1"), 0).await;
        assert_eq!(reading!(app, conn => jobs::counts(conn)), (1, 1));
    }
}
