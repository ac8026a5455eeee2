//! A database of either engine that lives as long as its test.

use super::postgres::Database;
use crate::crypto;
use crate::storage::{Db, Engine};
use std::path::{Path, PathBuf};
use std::sync::Arc;

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("migrations/sqlite");

/// A throw-away database. Cheap to clone; the last clone removes it.
#[derive(Clone, Debug)]
pub struct TestDb {
    engine: Engine,
    url: String,
    /// Removes the database when it is dropped.
    _guard: Arc<Guard>,
}

#[derive(Debug)]
#[expect(dead_code, reason = "kept for what happens when they are dropped")]
enum Guard {
    Sqlite(Folder),
    Postgres(Database),
}

impl TestDb {
    /// A database with the schema of this program.
    pub async fn new(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => {
                let folder = Folder::new();
                let file = folder.path.join("veche.db");
                std::fs::copy(template().await, &file).expect("the template can be copied");
                Self::sqlite(folder)
            }
            Engine::Postgres => Self::postgres(Database::migrated().await),
        }
    }

    /// A database without any table.
    pub async fn empty(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => Self::sqlite(Folder::new()),
            Engine::Postgres => Self::postgres(Database::empty().await),
        }
    }

    fn sqlite(folder: Folder) -> Self {
        let url = format!("sqlite:{}", folder.path.join("veche.db").display());
        Self { engine: Engine::Sqlite, url, _guard: Arc::new(Guard::Sqlite(folder)) }
    }

    fn postgres(database: Database) -> Self {
        let url = database.url();
        Self { engine: Engine::Postgres, url, _guard: Arc::new(Guard::Postgres(database)) }
    }

    /// Which engine it is.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// What goes into `[database] url`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Opens it as the program does. Each call makes pools of their own, as another process would.
    pub async fn open(&self) -> Db {
        Db::open(&self.url).await.expect("the test database opens")
    }
}

/// Where files of tests go: in memory where the system offers that, since a test needs no disk
/// that survives it.
fn base() -> PathBuf {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() }
}

const PREFIX: &str = "veche-test-";

/// A folder that is removed when it is dropped.
#[derive(Debug)]
struct Folder {
    path: PathBuf,
}

impl Folder {
    fn new() -> Self {
        sweep();
        let path =
            base().join(format!("{PREFIX}{}-{:016x}", std::process::id(), crypto::random_u64()));
        std::fs::create_dir_all(&path).expect("a folder for the test can be made");
        Self { path }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

/// Removes what killed test processes left behind.
fn sweep() {
    let Ok(entries) = std::fs::read_dir(base()) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let owner = name.to_str().and_then(|n| n.strip_prefix(PREFIX)?.split('-').next());
        let dead = owner
            .and_then(|pid| pid.parse::<u32>().ok())
            .is_some_and(|pid| Path::new("/proc/self").exists() && !is_alive(pid));
        if dead {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

fn is_alive(pid: u32) -> bool {
    Path::new(&format!("/proc/{pid}")).exists()
}

/// A migrated file to copy, made by the first test that needs it and kept for those that follow.
/// Its name carries a digest of the migrations.
async fn template() -> PathBuf {
    let sums = fingerprint(&MIGRATIONS);
    let sums = [sums.as_slice(), env!("CARGO_MANIFEST_DIR").as_bytes()].concat();
    let digest = crypto::sha256_hex(&sums);
    let path = base().join(format!("veche-template-{}.db", digest.get(..16).unwrap_or_default()));
    if !path.exists() {
        let folder = Folder::new();
        let file = folder.path.join("template.db");
        let db = Db::open(&format!("sqlite:{}", file.display())).await.expect("the file opens");
        db.migrate().await.expect("the migrations run");
        // Closing moves everything from the log into the file.
        db.close().await;
        std::fs::rename(&file, &path).expect("the template can be moved");
    }
    path
}

/// The numbers and checksums of migrations, by which a template knows whether it is still good.
pub(super) fn fingerprint(migrations: &sqlx::migrate::Migrator) -> Vec<u8> {
    let parts = migrations.iter().map(|m| [&m.version.to_be_bytes(), &*m.checksum].concat());
    parts.flatten().collect()
}
