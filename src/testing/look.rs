//! Looking into a database from outside the program, to see that nothing was changed, or what
//! became of a row that no door shows.

use super::TestDb;
use crate::storage::Engine;
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};
use std::fmt::Write as _;

/// What the civic record consists of, with the columns that tell one state from another. Left
/// out: traces of refusals (`audit`), how others are doing (`hosts`), when a document was last
/// read, and what belongs to signing in.
const BUSINESS: [(&str, &str); 18] = [
    ("accounts", "id, email, roles, language"),
    ("actors", "id, uri, name, summary, inbox, shared_inbox, deleted_at"),
    ("actor_keys", "key_id, actor_id, public_pem"),
    ("assemblies", "id, body_id"),
    ("objects", "id, uri, author_id, parent_id, edited_at, deleted_at, likes, boosts, replies"),
    ("initiatives", "id, state, revision, title, published_at, reported_likes, reported_boosts"),
    ("revisions", "initiative_id, number, digest, html"),
    ("comments", "id, html, source"),
    ("reactions", "object_id, actor_id, kind, activity_uri"),
    ("follows", "target_id, follower_id, activity_uri, state"),
    ("dead_uris", "uri, actor_id"),
    ("events", "id, kind, payload"),
    ("inbox", "id, activity_uri"),
    ("reports", "id, reporter_id, object_uris, content, state, note, forwarded_at"),
    ("aliases", "actor_id, kind, uri"),
    ("identities", "actor_id, person_id"),
    ("blocks", "blocker_id, blocked_id, activity_uri"),
    ("tags", "name, object_id"),
];

impl TestDb {
    /// The whole civic record as text: two of them are equal when nothing changed between them.
    pub async fn record(&self) -> String {
        let mut dump = String::new();
        for (table, columns) in BUSINESS {
            for row in self.rows(table, columns, "").await {
                writeln!(dump, "{table} {}", Value::Array(row)).expect("writing to a string");
            }
        }
        dump
    }

    /// Some columns of a table, in the order of the first; `rest` may hold a condition.
    pub async fn rows(&self, table: &str, columns: &str, rest: &str) -> Vec<Vec<Value>> {
        let texts: Vec<String> = match self.engine() {
            Engine::Sqlite => {
                let sql =
                    format!("SELECT json_array({columns}) FROM {table} {rest} ORDER BY {columns}");
                let mut conn =
                    SqliteConnection::connect(self.url()).await.expect("the database opens");
                let rows = sqlx::query_scalar(AssertSqlSafe(sql))
                    .fetch_all(&mut conn)
                    .await
                    .expect("rows");
                conn.close().await.expect("the connection ends");
                rows
            }
            Engine::Postgres => {
                let sql = format!(
                    "SELECT json_build_array({columns})::text FROM {table} {rest} ORDER BY {columns}"
                );
                let mut conn = PgConnection::connect(self.url()).await.expect("the database opens");
                let rows = sqlx::query_scalar(AssertSqlSafe(sql))
                    .fetch_all(&mut conn)
                    .await
                    .expect("rows");
                conn.close().await.expect("the connection ends");
                rows
            }
        };
        texts.iter().map(|text| serde_json::from_str(text).expect("an array of columns")).collect()
    }

    /// How many rows a table has, under a condition.
    pub async fn count(&self, table: &str, rest: &str) -> usize {
        self.rows(table, "1", rest).await.len()
    }
}

/// The database held by somebody else, until [`Lock::release`].
#[derive(Debug)]
pub enum Lock {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl TestDb {
    /// Keeps everybody else from writing: another process's transaction on SQLite, a locked inbox
    /// on PostgreSQL.
    pub async fn lock(&self) -> Lock {
        match self.engine() {
            Engine::Sqlite => {
                let mut conn = SqliteConnection::connect(self.url()).await.expect("it opens");
                sqlx::query("PRAGMA busy_timeout = 20000").execute(&mut conn).await.expect("set");
                sqlx::query("BEGIN IMMEDIATE").execute(&mut conn).await.expect("it is free");
                Lock::Sqlite(conn)
            }
            Engine::Postgres => {
                let mut conn = PgConnection::connect(self.url()).await.expect("it opens");
                sqlx::query("BEGIN").execute(&mut conn).await.expect("a transaction");
                let lock = "LOCK TABLE inbox IN EXCLUSIVE MODE";
                sqlx::query(lock).execute(&mut conn).await.expect("it is free");
                Lock::Postgres(conn)
            }
        }
    }
}

impl Lock {
    /// Lets others write again.
    pub async fn release(self) {
        match self {
            Self::Sqlite(mut conn) => {
                sqlx::query("ROLLBACK").execute(&mut conn).await.expect("the end");
            }
            Self::Postgres(mut conn) => {
                sqlx::query("ROLLBACK").execute(&mut conn).await.expect("the end");
            }
        }
    }
}

impl TestDb {
    /// Lets the leases of a worker that was killed run out now, and what waits fall due.
    pub async fn expire_leases(&self) {
        for (table, due) in [("jobs", "run_at"), ("inbox", "next_at"), ("deliveries", "next_at")] {
            let sql =
                format!("UPDATE {table} SET lease_until = 0, {due} = 0 WHERE state = 'pending'");
            match self.engine() {
                Engine::Sqlite => {
                    let mut conn = SqliteConnection::connect(self.url()).await.expect("it opens");
                    sqlx::query(AssertSqlSafe(sql)).execute(&mut conn).await.expect("expired");
                    conn.close().await.expect("the connection ends");
                }
                Engine::Postgres => {
                    let mut conn = PgConnection::connect(self.url()).await.expect("it opens");
                    sqlx::query(AssertSqlSafe(sql)).execute(&mut conn).await.expect("expired");
                    conn.close().await.expect("the connection ends");
                }
            }
        }
    }
}
