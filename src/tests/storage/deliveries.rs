//! Leases of deliveries, and the rest of hosts that do not answer.

use crate::both_engines;
use crate::domain::{ActivityId, DeliveryId, Timestamp};
use crate::services::queue::{self, HostNews, Outcome};
use crate::storage::activities::NewActivity;
use crate::storage::deliveries::NewDelivery;
use crate::storage::{activities, deliveries, hosts};
use crate::testing::TestApp;
use crate::tests::fixtures::{in_tx, number, reading, texts};
use std::collections::BTreeSet;

const LEASE: i64 = 60;

/// One activity for inboxes `https://hN.example/inbox`.
async fn send(app: &TestApp, count: usize) -> (ActivityId, Vec<DeliveryId>) {
    let instance = crate::services::actors::ensure_instance(app).await.unwrap();
    let (id, now): (ActivityId, Timestamp) = (app.id(), app.now());
    let (uri, event) = (app.urls.activity(id), app.id());
    let (actor, kind) = (instance.id, "Create");
    let row = NewActivity { id, uri: &uri, actor, kind, event, listed: true, body: b"{}" };
    in_tx!(app, c => activities::insert(c, &[row], now)).unwrap();
    let hosts: Vec<String> = (0..count).map(|n| format!("h{n}.example")).collect();
    let inboxes: Vec<String> = hosts.iter().map(|host| format!("https://{host}/inbox")).collect();
    let rows: Vec<NewDelivery<'_>> = hosts
        .into_iter()
        .zip(&inboxes)
        .map(|(host, inbox)| NewDelivery { id: app.id(), activity: id, host, inbox })
        .collect();
    for _ in 0..2 {
        in_tx!(app, c => deliveries::insert(c, &rows, now)).unwrap();
    }
    (id, rows.into_iter().map(|row| row.id).collect())
}

async fn claim(app: &TestApp, limit: i64) -> Vec<DeliveryId> {
    let rows = queue::claim_deliveries(app, LEASE, limit, &[]).await.unwrap();
    rows.into_iter().map(|row| row.id).collect()
}

/// A failure told by whoever leased it at the moment at which the clock stands.
fn failed(app: &TestApp, id: DeliveryId, state: &'static str, next_at: Timestamp) -> Outcome {
    let error = Some("refused".to_owned());
    let lease_until = app.now().plus_seconds(LEASE);
    let status = Some(500);
    Outcome { id, lease_until, state, attempts: 1, next_at, status, error, history: None }
}

/// A host did not answer and is asked again then.
fn down(host: &str, retry_at: Timestamp) -> HostNews {
    let error = "no answer".to_owned();
    HostNews::Down { host: host.to_owned(), retry_at, give_up_before: Timestamp::default(), error }
}

both_engines! {
    async fn each_inbox_gets_it_once_and_two_claimers_never_the_same(app: TestApp) {
        let (_, ids) = send(&app, 40).await;
        assert_eq!(number(&app, "SELECT COUNT(*) FROM deliveries").await, 40);
        let engine = app.database.engine();
        let other = TestApp::builder(engine).database(&app.database).clock(&app.clock);
        let other = other.start().await;
        let mut seen = BTreeSet::new();
        for _ in 0..4 {
            let (a, b) = tokio::join!(claim(&app, 6), claim(&other, 6));
            for id in a.into_iter().chain(b) {
                assert!(seen.insert(id), "{id} was leased twice");
            }
        }
        assert_eq!(seen, ids.into_iter().collect());
    }

    async fn a_large_fan_out_is_stored_in_one_go(app: TestApp) {
        send(&app, 2_500).await;
        assert_eq!(reading!(app, conn => deliveries::counts(conn)), (2_500, 0));
        let claimed = claim(&app, 2_500).await;
        queue::record_deliveries(&app, &claimed, &[], &[]).await.unwrap();
        assert_eq!(reading!(app, conn => deliveries::counts(conn)), (0, 0));
    }

    async fn a_lease_runs_out(app: TestApp) {
        send(&app, 2).await;
        let first = claim(&app, 2).await;
        assert!(claim(&app, 2).await.is_empty());
        app.clock.advance_seconds(60);
        assert_eq!(claim(&app, 2).await, first);
    }

    async fn busy_and_resting_hosts_are_left_out(app: TestApp) {
        let (_, ids) = send(&app, 3).await;
        let until = app.now().plus_seconds(600);
        let down = down("h0.example", until);
        queue::record_deliveries(&app, &[], &[], &[down]).await.unwrap();
        let busy = ["h1.example".to_owned()];
        let rows = queue::claim_deliveries(&app, LEASE, 10, &busy).await.unwrap();
        assert_eq!(rows.iter().map(|r| r.id).collect::<Vec<_>>(), [ids[2]]);
        assert_eq!(claim(&app, 10).await, [ids[1]]);
        let now = app.now();
        assert_eq!(reading!(app, conn => deliveries::oldest_due(conn, now)), None);
        app.clock.set(until);
        assert!(claim(&app, 10).await.contains(&ids[0]));
    }

    async fn flt_07_what_waited_too_long_for_a_host_is_given_up_with_the_reason(app: TestApp) {
        let (_, old) = send(&app, 2).await;
        app.clock.advance_seconds(60);
        let give_up_before = app.now();
        let (_, new) = send(&app, 2).await;
        let retry_at = app.now().plus_seconds(600);
        let error = "no answer".to_owned();
        let news = HostNews::Down { host: "h0.example".to_owned(), retry_at, give_up_before, error };
        queue::record_deliveries(&app, &[], &[], &[news]).await.unwrap();
        // The old one there, and neither the new one nor anything for another host.
        assert_eq!(
            texts(&app, "SELECT error FROM deliveries WHERE state = 'dead'").await,
            ["given up after a week: no answer"]
        );
        assert_eq!(claim(&app, 10).await, [old[1], new[1]]);
        app.clock.set(retry_at);
        assert!(claim(&app, 10).await.contains(&new[0]));
    }

    async fn what_is_new_waits_behind_what_waits_already(app: TestApp) {
        let (_, old) = send(&app, 1).await;
        let host = "h0.example".to_owned();
        let retry_at = app.now().plus_seconds(600);
        let down = down(&host, retry_at);
        queue::record_deliveries(&app, &[], &[], &[down]).await.unwrap();
        let (_, new) = send(&app, 2).await;
        assert_eq!(claim(&app, 10).await, new[1..]);
        // It answers before its time: everything is due, in the old order.
        queue::record_deliveries(&app, &[], &[], &[HostNews::Well(host)]).await.unwrap();
        assert_eq!(claim(&app, 1).await, old);
        assert_eq!(claim(&app, 1).await, new[..1]);
    }

    async fn a_delivery_ends_delivered_or_dead_with_its_reason(app: TestApp) {
        let (_, ids) = send(&app, 3).await;
        claim(&app, 10).await;
        let later = app.now().plus_seconds(300);
        let outcomes = [failed(&app, ids[1], "pending", later), failed(&app, ids[2], "dead", app.now())];
        queue::record_deliveries(&app, &ids[..1], &outcomes, &[]).await.unwrap();
        assert_eq!(reading!(app, conn => deliveries::counts(conn)), (1, 1));
        assert_eq!(
            texts(&app, "SELECT error FROM deliveries WHERE state = 'dead'").await,
            ["refused"]
        );
        assert!(claim(&app, 10).await.is_empty());
        app.clock.set(later);
        assert_eq!(claim(&app, 10).await, [ids[1]]);
        assert_eq!(queue::prune(&app, app.now(), app.now()).await.unwrap(), 2);
        assert_eq!(reading!(app, conn => deliveries::counts(conn)), (1, 0));
    }

    async fn a_late_failure_does_not_undo_a_delivery(app: TestApp) {
        let (_, ids) = send(&app, 1).await;
        claim(&app, 1).await;
        app.clock.advance_seconds(60);
        // The first worker lost its lease; the second one delivers, then the first one gives up.
        assert_eq!(claim(&app, 1).await, ids);
        queue::record_deliveries(&app, &ids, &[], &[]).await.unwrap();
        for state in ["pending", "dead"] {
            let late = failed(&app, ids[0], state, app.now());
            queue::record_deliveries(&app, &[], &[late], &[]).await.unwrap();
            assert_eq!(texts(&app, "SELECT state FROM deliveries").await, ["delivered"], "{state}");
        }
    }

    async fn flt_14_who_lost_the_lease_of_a_delivery_fails_nothing(app: TestApp) {
        let (_, ids) = send(&app, 2).await;
        claim(&app, 2).await;
        let late: Vec<_> = ids.iter().map(|id| failed(&app, *id, "dead", app.now())).collect();
        app.clock.advance_seconds(60);
        assert_eq!(claim(&app, 2).await, ids);
        queue::record_deliveries(&app, &[], &late, &[]).await.unwrap();
        assert_eq!(texts(&app, "SELECT state FROM deliveries").await, ["pending", "pending"]);
        // That it arrived is true whoever says it.
        queue::record_deliveries(&app, &ids[..1], &[], &[]).await.unwrap();
        assert_eq!(reading!(app, conn => deliveries::counts(conn)), (1, 0));
    }

    async fn a_host_is_remembered_by_its_failures(app: TestApp) {
        let host = "h.example".to_owned();
        let until = app.now().plus_seconds(60);
        let down = down(&host, until);
        queue::record_deliveries(&app, &[], &[], &[down.clone(), down]).await.unwrap();
        assert_eq!(queue::failing_hosts(&app).await.unwrap(), [(host.clone(), 2)]);
        let row = reading!(app, conn => hosts::by_name(conn, &host)).unwrap();
        assert_eq!((row.retry_at, row.last_error.as_deref()), (until, Some("no answer")));
        let well = HostNews::Well(host.clone());
        queue::record_deliveries(&app, &[], &[], &[well]).await.unwrap();
        let row = reading!(app, conn => hosts::by_name(conn, &host)).unwrap();
        assert_eq!((row.failures, row.retry_at), (0, Timestamp::default()));
        assert_eq!(row.last_ok, Some(app.now()));
        assert!(queue::failing_hosts(&app).await.unwrap().is_empty());
        assert!(reading!(app, conn => hosts::by_name(conn, "other.example")).is_none());
    }
}
