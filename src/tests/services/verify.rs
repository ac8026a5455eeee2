//! `veche verify` finds each kind of break, and nothing when all is well.

use crate::both_engines;
use crate::domain::Reaction;
use crate::services::{comments, reactions, verify};
use crate::storage::Conn;
use crate::testing::TestApp;
use crate::tests::fixtures::{in_unit, reacted_in, reply, stranger};

/// The check that must find it, and what breaks it.
const BREAKS: &[(&str, &str)] = &[
    ("tally_of_reactions", "UPDATE objects SET likes = likes + 1 WHERE kind = 'initiative'"),
    ("tally_of_reactions", "DELETE FROM reactions"),
    ("tally_of_replies", "UPDATE objects SET replies = 0 WHERE kind = 'initiative'"),
    ("acts_federated", "DELETE FROM jobs WHERE kind = 'federate'"),
    ("jobs_complete", "UPDATE jobs SET state = 'dead'"),
    (
        "deliveries_complete",
        "INSERT INTO deliveries (id, activity_id, host, inbox, state, attempts, next_at, lease_until,
             updated_at) SELECT 1, MIN(id), 'h', 'i', 'dead', 1, 0, 0, 0 FROM activities",
    ),
    (
        "arrivals_complete",
        "INSERT INTO inbox (id, actor_id, activity_uri, state, attempts, next_at, lease_until,
             received_at) SELECT 1, id, 'x', 'pending', 0, 0, 0, 0 FROM actors WHERE handle = 'zoe'",
    ),
    (
        "tombstones",
        "INSERT INTO dead_uris (uri, actor_id, created_at)
             SELECT activity_uri, actor_id, 0 FROM reactions",
    ),
    ("removed_texts", "UPDATE objects SET deleted_at = 1 WHERE kind = 'initiative'"),
    ("own_addresses", "UPDATE objects SET uri = 'https://elsewhere.example/p/1'
             WHERE kind = 'initiative'"),
    ("own_addresses", "UPDATE actors SET local = true WHERE handle = 'zoe'"),
    ("origins", "UPDATE objects SET uri = 'https://elsewhere.example/n/1'
             WHERE uri LIKE '%/n/1'"),
    ("private_keys", "DELETE FROM actor_keys WHERE private_der IS NOT NULL"),
    ("present_revision", "UPDATE initiatives SET revision = 7"),
    ("digests", "UPDATE revisions SET proposal = 'Something else'"),
];

async fn world(app: &TestApp) {
    crate::services::actors::ensure_instance(app).await.unwrap();
    let ana = app.account("ana").await;
    app.assembly("transport").await;
    let initiative = app.initiative(&ana, "transport", "Night buses").await;
    let zoe = stranger(app, "zoe").await;
    let uri = initiative.uri.as_str();
    let like = "https://remote.example/a/like";
    in_unit!(app, unit => reacted_in(unit, zoe.id, uri, Reaction::Like, like)).unwrap();
    let said = reply("1", zoe.id, uri, "<p>Yes</p>");
    in_unit!(app, unit => comments::receive_in(unit, &said)).unwrap();
    let answer = reply("2", zoe.id, &said.uri, "<p>And</p>");
    in_unit!(app, unit => comments::receive_in(unit, &answer)).unwrap();
    crate::jobs::drain(app).await.unwrap();
    // An act that still waits, and one that was taken back.
    let early = "https://remote.example/a/early";
    in_unit!(app, unit => reactions::receive_undo_in(unit, zoe.id, early, None)).unwrap();
    comments::post(app, &ana, initiative.id, None, "Mine", "en").await.unwrap();
}

async fn execute(app: &TestApp, sql: &'static str) {
    let mut tx = app.app.db.begin().await.unwrap();
    match &mut tx.conn() {
        Conn::Sqlite(c) => drop(sqlx::query(sql).execute(&mut **c).await.unwrap()),
        Conn::Postgres(c) => drop(sqlx::query(sql).execute(&mut **c).await.unwrap()),
    }
    tx.commit().await.unwrap();
}

both_engines! {
    async fn a_sound_database_has_no_findings(app: TestApp) {
        world(&app).await;
        let found = verify::run(&app).await.unwrap();
        assert!(found.is_empty(), "{found:?}");
    }

    async fn each_break_is_found_and_its_row_named(app: TestApp) {
        let engine = app.database.engine();
        let names = verify::names();
        for check in &names {
            let is_tested = BREAKS.iter().any(|(name, _)| name == check);
            assert!(is_tested || *check == "file", "no break of {check} is tried");
        }
        drop(app);
        for (check, sql) in BREAKS {
            let app = TestApp::new(engine).await;
            world(&app).await;
            execute(&app, sql).await;
            let found = verify::run(&app).await.unwrap();
            let finding = found.iter().find(|f| f.check == *check);
            let finding = finding.unwrap_or_else(|| panic!("{sql} was not found: {found:?}"));
            assert!(finding.count > 0 && !finding.rows.is_empty(), "{finding:?}");
        }
    }
}
