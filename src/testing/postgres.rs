//! PostgreSQL for tests: one cluster per checkout, shared by all test processes, and a database
//! of its own for each test, copied from a template that is migrated once.
//!
//! `scripts/test-postgres` starts the cluster and stops it; it ends by itself when no test has
//! used it for a while, and takes with it what killed tests left behind.

use crate::crypto;
use crate::storage::Db;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use std::fs::File;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("migrations/postgres");

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/test-postgres");
const STATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/test-postgres");

/// Any number: it is the lock of whoever makes the template.
const TEMPLATE_LOCK: i64 = 0x0076_6563_6865;

/// A database for one test. Dropping it removes it.
#[derive(Debug)]
pub(super) struct Database {
    socket: PathBuf,
    name: String,
}

impl Database {
    /// Copies the migrated template.
    pub(super) async fn migrated() -> Self {
        let socket = cluster().await;
        let template = template(&socket).await;
        Self::create(socket, &format!("TEMPLATE {template}")).await
    }

    /// Makes one without any table.
    pub(super) async fn empty() -> Self {
        Self::create(cluster().await, "").await
    }

    async fn create(socket: PathBuf, options: &str) -> Self {
        let name = format!("t_{:016x}", crypto::random_u64());
        admin(&socket, &format!("CREATE DATABASE {name} {options}")).await;
        Self { socket, name }
    }

    pub(super) fn url(&self) -> String {
        url(&self.socket, &self.name)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let socket = self.socket.clone();
        let statement = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        // The test's own runtime may be ending, so this one has its own. It is only tidying up:
        // what cannot be dropped goes with the cluster.
        let _ = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let Ok(runtime) = runtime else { return };
            runtime.block_on(async {
                if let Ok(mut conn) = PgConnection::connect(&url(&socket, "postgres")).await {
                    let _ = conn.execute(AssertSqlSafe(statement)).await;
                }
            });
        })
        .join();
    }
}

fn url(socket: &Path, database: &str) -> String {
    format!("postgres://veche@localhost/{database}?host={}", socket.display())
}

async fn connect(socket: &Path) -> PgConnection {
    PgConnection::connect(&url(socket, "postgres")).await.expect("the test cluster answers")
}

async fn admin(socket: &Path, statement: &str) {
    let mut conn = connect(socket).await;
    conn.execute(AssertSqlSafe(statement.to_owned())).await.expect("the statement is accepted");
    let _ = conn.close().await;
}

/// The folder of the running cluster's socket; starts it where nobody has.
async fn cluster() -> PathBuf {
    tokio::task::spawn_blocking(|| running().unwrap_or_else(start))
        .await
        .expect("looking for the cluster does not panic")
}

/// The cluster's socket, if it is up. The shared lock keeps it from being stopped between the
/// note that it is used and the look.
fn running() -> Option<PathBuf> {
    let lock = File::open(format!("{STATE}/lock")).ok()?;
    lock.lock_shared().ok()?;
    let used = File::options().write(true).open(format!("{STATE}/used")).ok()?;
    #[expect(clippy::disallowed_methods, reason = "the age of a file, seen by another process")]
    used.set_modified(SystemTime::now()).ok()?;
    let socket = PathBuf::from(std::fs::read_to_string(format!("{STATE}/socket")).ok()?.trim());
    UnixStream::connect(socket.join(".s.PGSQL.5432")).ok()?;
    Some(socket)
}

fn start() -> PathBuf {
    let output = Command::new(SCRIPT).arg("start").output().expect("the script can be run");
    assert!(
        output.status.success(),
        "the tests need PostgreSQL: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    PathBuf::from(String::from_utf8_lossy(&output.stdout).trim())
}

/// The name of the migrated template; makes it where nobody has. Its name carries a digest of
/// the migrations, so that a changed one gets a template of its own.
async fn template(socket: &Path) -> String {
    let sums = super::db::fingerprint(&MIGRATIONS);
    let digest = crypto::sha256_hex(&sums);
    let name = format!("veche_template_{}", digest.get(..12).unwrap_or_default());
    let mut conn = connect(socket).await;
    if !exists(&mut conn, &name).await {
        lock(&mut conn).await;
        if !exists(&mut conn, &name).await {
            let building = format!("{name}_building");
            for statement in [
                format!("DROP DATABASE IF EXISTS {building} WITH (FORCE)"),
                format!("CREATE DATABASE {building}"),
            ] {
                conn.execute(AssertSqlSafe(statement)).await.expect("a database can be made");
            }
            let db = Db::open(&url(socket, &building)).await.expect("the database opens");
            db.migrate().await.expect("the migrations run");
            db.close().await;
            conn.execute(AssertSqlSafe(format!("ALTER DATABASE {building} RENAME TO {name}")))
                .await
                .expect("the template can be named");
        }
    }
    // Closing the connection frees the lock.
    let _ = conn.close().await;
    name
}

async fn exists(conn: &mut PgConnection, name: &str) -> bool {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)")
        .bind(name)
        .fetch_one(conn)
        .await
        .expect("the catalogue can be read")
}

async fn lock(conn: &mut PgConnection) {
    sqlx::query("SELECT pg_advisory_lock($1)")
        .bind(TEMPLATE_LOCK)
        .execute(conn)
        .await
        .expect("the lock can be waited for");
}
