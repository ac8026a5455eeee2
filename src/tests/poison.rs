//! What always panics ends as dead with its reason, and nothing else suffers (FLT-11, FLT-25).

use crate::both_engines;
use crate::domain::actor::Actor;
use crate::domain::initiative::Initiative;
use crate::failpoint::{self, Action};
use crate::jobs;
use crate::services::{Unit, initiatives, verify};
use crate::storage::Conn;
use crate::testing::{TestApp, wait_until};
use crate::tests::fixtures::{number, stranger, texts};
use bytes::Bytes;
use std::time::Duration;

async fn place(app: &TestApp) -> (Initiative, Actor) {
    let ana = app.account("ana").await;
    app.assembly("transport").await;
    (app.initiative(&ana, "transport", "Night buses").await, stranger(app, "zoe").await)
}

/// One name in each process, however many tests run in it.
fn poison(what: &str) -> String {
    format!("{what}-{:016x}", crate::crypto::random_u64())
}

/// Moves the clock on whenever nothing is due, until the condition holds.
async fn later(app: &TestApp, sql: &'static str, wanted: i64) {
    wait_until(Duration::from_mins(1), async || {
        // Not under the hands of whoever is at work; and by less than a lease, since somebody may
        // begin in just this moment.
        let leased =
            "SELECT (SELECT COUNT(*) FROM inbox WHERE state = 'pending' AND lease_until > 0)
             + (SELECT COUNT(*) FROM jobs WHERE state = 'pending' AND lease_until > 0)";
        if number(app, leased).await == 0 {
            app.clock.advance_seconds(110);
        }
        number(app, sql).await == wanted
    })
    .await;
}

async fn arrive(app: &TestApp, from: &Actor, uri: &str, about: &Initiative) {
    let body = format!(
        "{{\"id\":\"{uri}\",\"type\":\"Like\",\"actor\":\"{}\",\"object\":\"{}\"}}",
        from.uri, about.uri
    );
    app.state().intake.store(from.id, uri.to_owned(), Bytes::from(body)).await.unwrap();
}

both_engines! {
    async fn flt_11_an_arrival_that_panics_ends_dead_and_harms_no_other(app: TestApp) {
        let (initiative, zoe) = place(&app).await;
        let word = poison("arrival");
        failpoint::arm("arrival_in_batch", &word, Action::Panic, 0);
        failpoint::arm("arrival_alone", &word, Action::Panic, 0);
        let bad = format!("https://remote.example/{word}");
        arrive(&app, &zoe, &bad, &initiative).await;
        for n in 0..20 {
            let other = stranger(&app, &format!("s{n}")).await;
            arrive(&app, &other, &format!("https://remote.example/a/{n}"), &initiative).await;
        }
        jobs::start(&app);
        let applied = "SELECT COUNT(*) FROM inbox WHERE state = 'done'";
        wait_until(Duration::from_secs(30), async || number(&app, applied).await == 20).await;
        assert_eq!(initiatives::get(&app, None, initiative.id).await.unwrap().likes, 20);
        later(&app, "SELECT COUNT(*) FROM inbox WHERE state = 'dead'", 1).await;
        assert_eq!(texts(&app, "SELECT error FROM inbox WHERE state = 'dead'").await, ["applying it panicked"]);
        assert_eq!(number(&app, "SELECT attempts FROM inbox WHERE state = 'dead'").await, 8);
        // The workers live.
        arrive(&app, &zoe, "https://remote.example/a/last", &initiative).await;
        wait_until(Duration::from_secs(30), async || number(&app, applied).await == 21).await;
        assert!(verify::run(&app).await.unwrap().is_empty());
    }

    async fn flt_11_a_job_that_panics_ends_dead_and_harms_no_other(app: TestApp) {
        let word = poison("job");
        failpoint::arm("job", &word, Action::Panic, 0);
        let mut unit = Unit::begin(&app).await.unwrap();
        let now = unit.now;
        unit.enqueue("refresh_tallies", &word, None, now).await.unwrap();
        for n in 0..20 {
            unit.enqueue("refresh_tallies", &n.to_string(), None, now).await.unwrap();
        }
        unit.commit().await.unwrap();
        jobs::start(&app);
        wait_until(Duration::from_secs(30), async || number(&app, "SELECT COUNT(*) FROM jobs").await == 1).await;
        later(&app, "SELECT COUNT(*) FROM jobs WHERE state = 'dead'", 1).await;
        assert_eq!(texts(&app, "SELECT error FROM jobs").await, ["the job panicked"]);
        assert_eq!(number(&app, "SELECT attempts FROM jobs").await, 10);
    }

    async fn flt_11_an_act_that_cannot_be_turned_ends_dead_and_harms_no_other(app: TestApp) {
        let (initiative, zoe) = place(&app).await;
        // A row that cannot be read: the act of the initiative (FLT-25).
        let mut tx = app.app.db.begin().await.unwrap();
        let spoil = "UPDATE events SET payload = '{\"nonsense\":1}'";
        match &mut tx.conn() {
            Conn::Sqlite(c) => drop(sqlx::query(spoil).execute(&mut **c).await.unwrap()),
            Conn::Postgres(c) => drop(sqlx::query(spoil).execute(&mut **c).await.unwrap()),
        }
        tx.commit().await.unwrap();
        let ana = crate::services::accounts::by_handle(&app, "ana").await.unwrap().unwrap();
        for n in 0..5 {
            app.initiative(&ana, "transport", &format!("Number {n}")).await;
        }
        jobs::start(&app);
        let turned = "SELECT COUNT(*) FROM events
             WHERE federated_at IS NOT NULL AND kind = 'initiative_published'";
        wait_until(Duration::from_secs(30), async || number(&app, turned).await == 5).await;
        later(&app, "SELECT COUNT(*) FROM jobs WHERE state = 'dead'", 1).await;
        let reason = texts(&app, "SELECT error FROM jobs WHERE state = 'dead'").await.remove(0);
        assert!(reason.contains("events"), "{reason}");
        arrive(&app, &zoe, "https://remote.example/a/1", &initiative).await;
        wait_until(Duration::from_secs(30), async || {
            initiatives::get(&app, None, initiative.id).await.unwrap().likes == 1
        }).await;
    }

    async fn flt_15_what_kills_its_worker_again_and_again_ends_dead(app: TestApp) {
        let (initiative, zoe) = place(&app).await;
        arrive(&app, &zoe, "https://remote.example/a/1", &initiative).await;
        let mut unit = Unit::begin(&app).await.unwrap();
        let now = unit.now;
        unit.enqueue("refresh_tallies", "1", None, now).await.unwrap();
        unit.commit().await.unwrap();
        // Leased, and the process was gone, as often as there are attempts.
        let mut tx = app.app.db.begin().await.unwrap();
        for worn in ["UPDATE inbox SET attempts = 8", "UPDATE jobs SET attempts = 10 WHERE kind = 'refresh_tallies'"] {
            match &mut tx.conn() {
                Conn::Sqlite(c) => drop(sqlx::query(worn).execute(&mut **c).await.unwrap()),
                Conn::Postgres(c) => drop(sqlx::query(worn).execute(&mut **c).await.unwrap()),
            }
        }
        tx.commit().await.unwrap();
        jobs::drain(&app).await.unwrap();
        for table in ["SELECT error FROM inbox WHERE state = 'dead'", "SELECT error FROM jobs WHERE state = 'dead'"] {
            let reasons = texts(&app, table).await;
            assert_eq!(reasons.len(), 1, "{table}");
            assert!(reasons[0].starts_with("given up"), "{reasons:?}");
        }
    }

    async fn flt_25_an_arrival_whose_row_cannot_be_read_harms_no_other(app: TestApp) {
        let (initiative, zoe) = place(&app).await;
        arrive(&app, &zoe, "https://remote.example/a/bad", &initiative).await;
        let mut tx = app.app.db.begin().await.unwrap();
        let spoil = match app.database.engine() {
            crate::storage::Engine::Sqlite => "UPDATE inbox SET body = x'ff00fe'",
            crate::storage::Engine::Postgres => "UPDATE inbox SET body = '\\xff00fe'",
        };
        match &mut tx.conn() {
            Conn::Sqlite(c) => drop(sqlx::query(spoil).execute(&mut **c).await.unwrap()),
            Conn::Postgres(c) => drop(sqlx::query(spoil).execute(&mut **c).await.unwrap()),
        }
        tx.commit().await.unwrap();
        arrive(&app, &zoe, "https://remote.example/a/good", &initiative).await;
        jobs::start(&app);
        let ended = "SELECT COUNT(*) FROM inbox WHERE state <> 'pending'";
        wait_until(Duration::from_secs(30), async || number(&app, ended).await == 2).await;
        assert_eq!(texts(&app, "SELECT state FROM inbox ORDER BY id").await, ["refused", "done"]);
        assert_eq!(initiatives::get(&app, None, initiative.id).await.unwrap().likes, 1);
    }
}
