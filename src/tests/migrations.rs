//! The two schemas are one, and a database that does not fit is refused with a sentence that
//! helps.

use crate::both_engines;
use crate::storage::{Conn, Db, Engine, MigrateError, SchemaState};
use crate::testing::{TestApp, TestDb};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

fn names(engine: &str) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(engine);
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[test]
fn both_engines_have_the_same_migrations() {
    let (sqlite, postgres) = (names("sqlite"), names("postgres"));
    assert_eq!(sqlite, postgres);
    for (index, name) in sqlite.iter().enumerate() {
        assert!(name.starts_with(&format!("{:04}_", index + 1)), "{name} leaves a gap");
    }
}

type Schema = BTreeMap<String, BTreeSet<String>>;

async fn columns(db: &Db) -> Schema {
    let mut reader = db.read().await.unwrap();
    let rows: Vec<(String, String)> = match &mut reader.conn() {
        Conn::Sqlite(c) => sqlx::query_as(
            "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'",
        )
        .fetch_all(&mut **c)
        .await
        .unwrap(),
        Conn::Postgres(c) => sqlx::query_as(
            "SELECT table_name::text, column_name::text FROM information_schema.columns
             WHERE table_schema = 'public'",
        )
        .fetch_all(&mut **c)
        .await
        .unwrap(),
    };
    let mut schema = Schema::new();
    for (table, column) in rows.into_iter().filter(|(table, _)| !table.starts_with("_sqlx")) {
        schema.entry(table).or_default().insert(column);
    }
    schema
}

async fn indices(db: &Db) -> BTreeSet<String> {
    let mut reader = db.read().await.unwrap();
    let rows: Vec<String> = match &mut reader.conn() {
        Conn::Sqlite(c) => sqlx::query_scalar(
            "SELECT name FROM sqlite_master WHERE type = 'index' AND name NOT LIKE 'sqlite_%'",
        )
        .fetch_all(&mut **c)
        .await
        .unwrap(),
        Conn::Postgres(c) => sqlx::query_scalar(
            "SELECT indexname::text FROM pg_indexes WHERE schemaname = 'public'
             AND indexname NOT LIKE '%_pkey' AND indexname NOT LIKE '%_key'",
        )
        .fetch_all(&mut **c)
        .await
        .unwrap(),
    };
    rows.into_iter().collect()
}

#[test]
fn both_engines_have_the_same_tables_columns_and_indices() {
    crate::testing::run(async {
        let (sqlite, postgres) =
            (TestDb::new(Engine::Sqlite).await, TestDb::new(Engine::Postgres).await);
        let (sqlite, postgres) = (sqlite.open().await, postgres.open().await);
        let schema = columns(&sqlite).await;
        assert!(schema.contains_key("initiatives"), "{schema:?}");
        assert_eq!(schema, columns(&postgres).await);
        assert_eq!(indices(&sqlite).await, indices(&postgres).await);
    });
}

async fn execute(db: &Db, sql: &'static str) {
    let mut tx = db.begin().await.unwrap();
    match &mut tx.conn() {
        Conn::Sqlite(c) => {
            sqlx::query(sql).execute(&mut **c).await.unwrap();
        }
        Conn::Postgres(c) => {
            sqlx::query(sql).execute(&mut **c).await.unwrap();
        }
    }
    tx.commit().await.unwrap();
}

both_engines! {
    async fn an_empty_database_is_brought_up_once(engine: Engine) {
        let test = TestDb::empty(engine).await;
        let db = test.open().await;
        assert!(matches!(db.schema_state().await.unwrap(), SchemaState::Behind(n) if n > 0));
        db.migrate().await.unwrap();
        assert_eq!(db.schema_state().await.unwrap(), SchemaState::Current);
        db.migrate().await.unwrap();
        assert_eq!(db.schema_state().await.unwrap(), SchemaState::Current);
    }

    async fn processes_that_start_together_do_not_disturb_each_other(engine: Engine) {
        let test = TestDb::empty(engine).await;
        // Pools of their own, as processes have.
        let (one, two, three) = (test.open().await, test.open().await, test.open().await);
        let (a, b, c) = tokio::join!(one.migrate(), two.migrate(), three.migrate());
        a.unwrap();
        b.unwrap();
        c.unwrap();
        assert_eq!(two.schema_state().await.unwrap(), SchemaState::Current);
    }

    async fn a_migration_that_broke_off_is_done_again(engine: Engine) {
        // All of a migration is one transaction: what broke off left nothing but the empty list.
        let test = TestDb::empty(engine).await;
        let db = test.open().await;
        execute(
            &db,
            "CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL,
             installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL,
             checksum BYTEA NOT NULL, execution_time BIGINT NOT NULL)",
        )
        .await;
        assert!(matches!(db.schema_state().await.unwrap(), SchemaState::Behind(_)));
        db.migrate().await.unwrap();
        assert_eq!(db.schema_state().await.unwrap(), SchemaState::Current);
    }

    async fn a_database_of_a_newer_program_is_refused(test: TestDb) {
        let db = test.open().await;
        execute(
            &db,
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
             SELECT 9999, 'later', success, checksum, 0 FROM _sqlx_migrations WHERE version = 1",
        )
        .await;
        let error = db.migrate().await.unwrap_err();
        assert!(matches!(error, MigrateError::Newer { found: 9999, .. }), "{error:?}");
        assert!(error.to_string().contains("newer version"), "{error}");
    }

    async fn a_migration_changed_afterwards_is_refused(test: TestDb) {
        let db = test.open().await;
        let sql = match test.engine() {
            Engine::Sqlite => "UPDATE _sqlx_migrations SET checksum = x'00' WHERE version = 1",
            Engine::Postgres => "UPDATE _sqlx_migrations SET checksum = '\\x00' WHERE version = 1",
        };
        execute(&db, sql).await;
        let error = db.migrate().await.unwrap_err();
        assert!(matches!(error, MigrateError::Changed(1)), "{error:?}");
        assert!(error.to_string().contains("differs"), "{error}");
    }

    async fn a_database_belongs_to_one_domain(app: TestApp) {
        let error = app.db.bind_domain("other.example").await.unwrap_err();
        assert!(matches!(error, MigrateError::OtherDomain { .. }), "{error:?}");
        let text = error.to_string();
        assert!(text.contains("veche.test") && text.contains("other.example"), "{text}");
        app.db.bind_domain("veche.test").await.unwrap();
    }
}
