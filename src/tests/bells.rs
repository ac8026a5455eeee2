//! Work for another process: it is woken, and finds the work also when it was not.

use crate::jobs;
use crate::services::Unit;
use crate::storage::Engine;
use crate::testing::{TestApp, run};
use crate::tests::fixtures::{number, stranger};
use bytes::Bytes;
use std::time::Duration;

/// Two processes on one PostgreSQL: one answers, one listens without looking for itself.
async fn pair() -> (TestApp, TestApp) {
    let web = TestApp::new(Engine::Postgres).await;
    let worker = TestApp::builder(Engine::Postgres).database(&web.database).clock(&web.clock);
    let worker = worker.start().await;
    jobs::ring_for_others(&web);
    jobs::listen(&worker);
    // Until the other one listens, a bell may be lost.
    crate::testing::wait_until(Duration::from_secs(20), async || {
        number(&web, LISTENERS).await == 1
    })
    .await;
    (web, worker)
}

const LISTENERS: &str = "SELECT COUNT(*) FROM pg_stat_activity
    WHERE datname = current_database() AND query ILIKE 'LISTEN%' AND state = 'idle'";

async fn rung(bell: &tokio::sync::Notify) {
    let heard = tokio::time::timeout(Duration::from_secs(30), bell.notified()).await;
    assert!(heard.is_ok(), "the bell was not heard");
}

#[test]
fn flt_14_a_commit_wakes_the_workers_of_another_process_postgres() {
    run(async {
        let (web, worker) = pair().await;
        let zoe = stranger(&web, "zoe").await;
        let uri = "https://remote.example/a/1".to_owned();
        web.state().intake.store(zoe.id, uri, Bytes::from_static(b"{}")).await.unwrap();
        rung(&worker.wake.inbox).await;
        let mut unit = Unit::begin(&web).await.unwrap();
        let now = unit.now;
        unit.enqueue("work", "1", None, now).await.unwrap();
        unit.commit().await.unwrap();
        rung(&worker.wake.jobs).await;
        let ana = web.account("ana").await;
        web.assembly("transport").await;
        web.initiative(&ana, "transport", "Night buses").await;
        rung(&worker.wake.acts).await;
        assert!(number(&worker, "SELECT COUNT(*) FROM jobs").await >= 2);
    });
}

#[test]
fn flt_05_who_lost_its_connection_listens_again_postgres() {
    run(async {
        let (web, worker) = pair().await;
        let zoe = stranger(&web, "zoe").await;
        let end = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity
                   WHERE datname = current_database() AND query ILIKE 'LISTEN%' AND state = 'idle'";
        assert_eq!(number(&web, end).await, 1);
        // Whatever was rung meanwhile: all bells ring when the connection is there again.
        rung(&worker.wake.deliveries).await;
        let uri = "https://remote.example/a/1".to_owned();
        web.state().intake.store(zoe.id, uri, Bytes::from_static(b"{}")).await.unwrap();
        rung(&worker.wake.inbox).await;
    });
}
