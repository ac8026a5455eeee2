//! Migrations that are killed, run twice, run by two; an old database that is filled; databases
//! that do not fit (FLT-12, FLT-13, FLT-27).

use super::system;
use crate::binary::Installation;
use serde_json::Value;
use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};
use std::path::Path;
use std::time::Duration;
use tokio::time::Instant;
use veche::both_engines;
use veche::crypto::sha256_hex;
use veche::storage::Engine;
use veche::testing::{TestDb, wait_until};

async fn execute(db: &TestDb, sql: &str) {
    let sql = AssertSqlSafe(sql.to_owned());
    match db.engine() {
        Engine::Sqlite => {
            let mut conn = SqliteConnection::connect(db.url()).await.expect("it opens");
            sqlx::raw_sql(sql).execute(&mut conn).await.expect("it is accepted");
            conn.close().await.expect("it ends");
        }
        Engine::Postgres => {
            let mut conn = PgConnection::connect(db.url()).await.expect("it opens");
            sqlx::raw_sql(sql).execute(&mut conn).await.expect("it is accepted");
            conn.close().await.expect("it ends");
        }
    }
}

/// Brings an empty database to the schema as it was after so many migrations.
async fn migrate_to(db: &TestDb, last: usize) {
    let engine = db.engine().as_str();
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(engine);
    let mut files: Vec<_> =
        std::fs::read_dir(all).expect("a folder").flatten().map(|e| e.path()).collect();
    files.sort();
    let folder = tempfile::tempdir().expect("a folder can be made");
    for file in files.into_iter().take(last) {
        std::fs::copy(&file, folder.path().join(file.file_name().expect("a name")))
            .expect("copied");
    }
    let migrator = Migrator::new(folder.path()).await.expect("they are read");
    match db.engine() {
        Engine::Sqlite => {
            let mut conn = SqliteConnection::connect(db.url()).await;
            if conn.is_err() {
                let url = format!("{}?mode=rwc", db.url());
                conn = SqliteConnection::connect(&url).await;
            }
            let mut conn = conn.expect("it opens");
            migrator.run(&mut conn).await.expect("they run");
            conn.close().await.expect("it ends");
        }
        Engine::Postgres => {
            let mut conn = PgConnection::connect(db.url()).await.expect("it opens");
            migrator.run(&mut conn).await.expect("they run");
            conn.close().await.expect("it ends");
        }
    }
}

/// A filled instance at `base`, as the first release wrote it.
fn filling(base: &str) -> String {
    let authority = base.trim_start_matches("http://");
    let digest = sha256_hex(
        b"{\"language\":\"en\",\"problem\":\"No bus\",\"proposal\":\"A bus\",\"title\":\"Night buses\"}",
    );
    format!(
        "INSERT INTO instance (key, value) VALUES ('domain', '{authority}');
         INSERT INTO actors (id, uri, kind, local, handle, host, name, summary, url, inbox, created_at, updated_at, fetched_at) VALUES
           (1, '{base}/u/ana', 'person', true, 'ana', '{authority}', 'Ana', '', '{base}/u/ana', '{base}/u/ana/inbox', 1, 1, 1),
           (2, '{base}/g/transport', 'assembly', true, 'transport', '{authority}', 'T', '', '{base}/g/transport', '{base}/g/transport/inbox', 1, 1, 1),
           (3, 'https://remote.example/u/zoe', 'person', false, 'zoe', 'remote.example', 'Zoe', '', 'https://remote.example/u/zoe', 'https://remote.example/u/zoe/inbox', 1, 1, 1);
         INSERT INTO actor_keys (key_id, actor_id, public_pem, private_der, fetched_at) VALUES
           ('{base}/u/ana#main-key', 1, 'PEM', {blob}, 1), ('{base}/g/transport#main-key', 2, 'PEM', {blob}, 1),
           ('https://remote.example/u/zoe#main-key', 3, 'PEM', NULL, 1);
         INSERT INTO accounts (id, email, password_hash, roles, language, created_at) VALUES (1, 'ana@example.org', 'x', '', 'en', 1);
         INSERT INTO assemblies (id) VALUES (2);
         INSERT INTO objects (id, uri, url, kind, local, author_id, root_id, parent_id, language, created_at, claimed_at, likes, boosts, replies) VALUES
           (10, '{base}/p/10', '{base}/p/10', 'initiative', true, 1, 10, NULL, 'en', 1, 1, 1, 0, 1),
           (11, 'https://remote.example/n/1', 'https://remote.example/n/1', 'comment', false, 3, 10, 10, 'en', 2, 2, 0, 0, 0);
         INSERT INTO initiatives (id, assembly_id, state, revision, title, search, published_at) VALUES (10, 2, 'discussion', 1, 'Night buses', 'night', 1);
         INSERT INTO revisions (initiative_id, number, title, problem, proposal, language, html, digest, created_at)
           VALUES (10, 1, 'Night buses', 'No bus', 'A bus', 'en', '<p>x</p>', '{digest}', 1);
         INSERT INTO comments (id, html, source) VALUES (11, '<p>Yes</p>', '');
         INSERT INTO reactions (object_id, actor_id, kind, activity_uri, created_at) VALUES (10, 3, 'like', 'https://remote.example/a/1', 3);
         INSERT INTO follows (target_id, follower_id, activity_uri, state, created_at) VALUES (2, 3, 'https://remote.example/a/2', 'accepted', 3);
         INSERT INTO dead_uris (uri, actor_id, created_at) VALUES ('https://remote.example/n/2', 3, 4);
         INSERT INTO events (id, kind, payload, created_at, federated_at) VALUES (20, 'InitiativePublished', '{{}}', 1, 1);
         INSERT INTO activities (id, uri, actor_id, kind, event_id, listed, body, created_at) VALUES (30, '{base}/a/30', 1, 'Create', 20, true, {blob}, 1);
         INSERT INTO deliveries (id, activity_id, host, inbox, state, attempts, next_at, lease_until, updated_at)
           VALUES (40, 30, 'remote.example', 'https://remote.example/inbox', 'delivered', 1, 1, 0, 1);
         INSERT INTO inbox (id, actor_id, activity_uri, state, attempts, next_at, lease_until, received_at)
           VALUES (50, 3, 'https://remote.example/a/1', 'done', 1, 1, 0, 1);",
        blob = "CAST('x' AS BLOB)",
    )
}

/// What the first release knew, in its columns.
async fn old_record(db: &TestDb) -> Vec<Vec<Value>> {
    let mut all = Vec::new();
    for (table, columns) in [
        ("actors", "id, uri, kind, handle, name, inbox, deleted_at"),
        ("actor_keys", "key_id, actor_id, public_pem"),
        ("accounts", "id, email, roles"),
        ("objects", "id, uri, author_id, parent_id, deleted_at, likes, boosts, replies"),
        ("initiatives", "id, state, revision, title, published_at"),
        ("revisions", "initiative_id, number, digest, problem, html"),
        ("comments", "id, html"),
        ("reactions", "object_id, actor_id, kind, activity_uri"),
        ("follows", "target_id, follower_id, state"),
        ("dead_uris", "uri, actor_id"),
        ("events", "id, kind, federated_at"),
        ("deliveries", "id, activity_id, inbox, state"),
        ("inbox", "id, activity_uri, state"),
    ] {
        let rows = db.rows(table, columns, "").await;
        assert!(!rows.is_empty(), "{table} is filled");
        all.extend(rows);
    }
    all
}

both_engines! {
    async fn flt_12_a_migration_that_is_killed_is_done_again(engine: Engine) {
        for millis in [1, 4, 9, 16, 25, 40] {
            let db = TestDb::empty(engine).await;
            let home = Installation::on(&db);
            let mut process = home.command(&["migrate"]).spawn().expect("the program starts");
            let then = Instant::now() + Duration::from_millis(millis);
            wait_until(Duration::from_secs(5), async || Instant::now() >= then).await;
            // By a kill or by a stop: a migration is one or nothing in both cases.
            let pid = process.id().expect("nobody waited for it").to_string();
            let signal = if millis % 2 == 0 { "-TERM" } else { "-KILL" };
            system(&["kill", signal, &pid]).await;
            process.wait().await.expect("it ends");
            // Old, new, or between two migrations; never in the middle of one.
            let (code, output, errors) = home.run(&["migrate", "--check"], "").await;
            assert!(matches!(code, 0 | 1) && errors.is_empty(), "{code} {output}{errors}");
            let (code, _, errors) = home.run(&["migrate"], "").await;
            assert_eq!(code, 0, "{errors}");
            let (code, output, _) = home.run(&["migrate"], "").await;
            assert_eq!((code, output.trim()), (0, "the database is current"), "run twice");
            assert_eq!(home.run(&["migrate", "--check"], "").await.0, 0);
        }
    }

    async fn flt_12_two_processes_that_migrate_at_once_wait_for_each_other(engine: Engine) {
        let db = TestDb::empty(engine).await;
        let home = Installation::on(&db);
        let (one, two, three) = tokio::join!(
            home.run(&["migrate"], ""),
            home.run(&["migrate"], ""),
            home.run(&["admin", "assembly", "create", "transport", "--name", "T"], ""),
        );
        for (code, output, errors) in [one, two, three] {
            assert_eq!(code, 0, "{output}{errors}");
        }
        assert_eq!(home.run(&["migrate", "--check"], "").await.0, 0);
        home.verify().await;
    }

    async fn flt_12_a_newer_or_changed_database_is_refused_with_one_line(engine: Engine) {
        let db = TestDb::new(engine).await;
        let home = Installation::on(&db);
        home.prepare().await;
        execute(&db, "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
             SELECT 9999, 'later', success, checksum, 0 FROM _sqlx_migrations WHERE version = 1").await;
        for command in ["serve", "migrate", "verify"] {
            let (code, _, errors) = home.run(&[command], "").await;
            assert_eq!(code, 1, "{command}: {errors}");
            let last = errors.lines().last().unwrap_or_default();
            assert!(last.starts_with("veche: ") && last.contains("newer version"), "{errors}");
        }
        let changed = match engine {
            Engine::Sqlite => "DELETE FROM _sqlx_migrations WHERE version = 9999; UPDATE _sqlx_migrations SET checksum = x'00' WHERE version = 1",
            Engine::Postgres => "DELETE FROM _sqlx_migrations WHERE version = 9999; UPDATE _sqlx_migrations SET checksum = '\\x00' WHERE version = 1",
        };
        execute(&db, changed).await;
        let (code, _, errors) = home.run(&["serve"], "").await;
        assert!(code == 1 && errors.contains("differs"), "{code} {errors}");
    }

    async fn flt_13_a_filled_database_of_the_first_release_is_brought_up_unchanged(engine: Engine) {
        let db = TestDb::empty(engine).await;
        let home = Installation::on(&db);
        migrate_to(&db, 2).await;
        let sql = filling(&home.base);
        let sql = if engine == Engine::Postgres { sql.replace("CAST('x' AS BLOB)", "'x'::bytea") } else { sql };
        execute(&db, &sql).await;
        let before = old_record(&db).await;
        let (code, _, errors) = home.run(&["verify"], "").await;
        assert!(code == 1 && errors.contains("veche migrate"), "{code} {errors}");
        let (code, _, errors) = home.run(&["migrate"], "").await;
        assert_eq!(code, 0, "{errors}");
        assert_eq!(old_record(&db).await, before);
        home.verify().await;
    }

    async fn flt_27_a_database_of_another_domain_is_refused(engine: Engine) {
        let db = TestDb::new(engine).await;
        let home = Installation::on(&db);
        home.prepare().await;
        let other = Installation::on(&db);
        for command in ["serve", "verify"] {
            let (code, _, errors) = other.run(&[command], "").await;
            assert_eq!(code, 78, "{errors}");
            assert!(errors.contains("belongs to"), "{errors}");
        }
    }
}
