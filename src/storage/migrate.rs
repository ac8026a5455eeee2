//! Bringing a database to the schema of this program, once, by one process at a time.

use super::{Conn, Db, connection::on};
use sqlx::migrate::Migrator;
use std::time::Duration;

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// How the schema in the database stands to the one this program was built with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchemaState {
    /// Exactly what this program needs.
    Current,
    /// So many migrations are missing.
    Behind(usize),
}

/// Why a database was refused.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    #[error(
        "the database has migration {found}, but this program knows only up to {known}: it was \
         used by a newer version; install that version again, or restore the backup from before \
         the upgrade"
    )]
    Newer { found: i64, known: i64 },
    #[error(
        "migration {0} in the database differs from the one in this program; the database was \
         changed by another build, restore a backup or ask for help"
    )]
    Changed(i64),
    #[error(
        "this database belongs to {stored}, but the configuration says {configured}; every \
         address that was ever published carries {stored}, so set [server] url back to it, or use \
         another database"
    )]
    OtherDomain { stored: String, configured: String },
    #[error("the database lacks {0} migration(s); run `veche migrate` first")]
    Behind(usize),
    #[error("another process is migrating this database; try again when it has finished")]
    Locked,
    #[error("the migration failed: {0}")]
    Failed(String),
    #[error(transparent)]
    Storage(#[from] super::Error),
}

impl From<sqlx::Error> for MigrateError {
    fn from(error: sqlx::Error) -> Self {
        Self::Storage(error.into())
    }
}

impl Db {
    fn migrator(&self) -> &'static Migrator {
        match self {
            Self::Sqlite { .. } => &SQLITE,
            Self::Postgres(_) => &POSTGRES,
        }
    }

    /// Compares the schema without changing it.
    pub async fn schema_state(&self) -> Result<SchemaState, MigrateError> {
        let applied = self.applied().await?;
        let known: Vec<_> = self.migrator().iter().collect();
        let newest = known.iter().map(|m| m.version).max().unwrap_or(0);
        for (version, checksum) in &applied {
            match known.iter().find(|m| m.version == *version) {
                None => return Err(MigrateError::Newer { found: *version, known: newest }),
                Some(m) if m.checksum.as_ref() != checksum.as_slice() => {
                    return Err(MigrateError::Changed(*version));
                }
                Some(_) => {}
            }
        }
        Ok(match known.len().saturating_sub(applied.len()) {
            0 => SchemaState::Current,
            missing => SchemaState::Behind(missing),
        })
    }

    async fn applied(&self) -> Result<Vec<(i64, Vec<u8>)>, MigrateError> {
        let mut reader = self.read().await?;
        let mut conn = reader.conn();
        let exists = match &mut conn {
            Conn::Sqlite(c) => {
                sqlx::query_scalar::<_, bool>(
                    "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = '_sqlx_migrations')",
                )
                .fetch_one(&mut **c)
                .await?
            }
            Conn::Postgres(c) => {
                sqlx::query_scalar::<_, bool>("SELECT to_regclass('_sqlx_migrations') IS NOT NULL")
                    .fetch_one(&mut **c)
                    .await?
            }
        };
        if !exists {
            return Ok(Vec::new());
        }
        Ok(on!(&mut conn, c => sqlx::query_as::<_, (i64, Vec<u8>)>(
            "SELECT version, checksum FROM _sqlx_migrations ORDER BY version",
        ).fetch_all(c).await)?)
    }

    /// Applies what is missing. Two processes at once are safe: on PostgreSQL by an advisory
    /// lock, on SQLite by a locked file beside the database, which the system frees when its
    /// holder dies.
    pub async fn migrate(&self) -> Result<(), MigrateError> {
        if self.schema_state().await? == SchemaState::Current {
            return Ok(());
        }
        match self {
            Self::Postgres(pool) => {
                POSTGRES.run(pool).await.map_err(|e| MigrateError::Failed(e.to_string()))
            }
            Self::Sqlite { write, .. } => {
                let _lock = lock_sqlite(write).await?;
                SQLITE.run(write).await.map_err(|e| MigrateError::Failed(e.to_string()))
            }
        }
    }

    /// Binds the database to the instance's domain on the first start, and refuses another one
    /// afterwards.
    pub async fn bind_domain(&self, domain: &str) -> Result<(), MigrateError> {
        let mut tx = self.begin().await?;
        on!(&mut tx.conn(), c => sqlx::query(
            "INSERT INTO instance (key, value) VALUES ('domain', $1) ON CONFLICT (key) DO NOTHING",
        ).bind(domain).execute(c).await.map(|_| ()))?;
        let stored = on!(&mut tx.conn(), c => sqlx::query_scalar::<_, String>(
            "SELECT value FROM instance WHERE key = 'domain'",
        ).fetch_one(c).await)?;
        if stored != domain {
            return Err(MigrateError::OtherDomain { stored, configured: domain.to_owned() });
        }
        tx.commit().await?;
        Ok(())
    }
}

impl Db {
    /// The latest id that was ever minted here, as far as it is still to be seen: a clock that was
    /// put back must not bring ids that are earlier.
    pub async fn newest_id(&self) -> Result<i64, MigrateError> {
        let mut reader = self.read().await?;
        let newest: Option<i64> = on!(&mut reader.conn(), c => sqlx::query_scalar(
            "SELECT MAX(id) FROM (SELECT MAX(id) AS id FROM objects UNION ALL
                 SELECT MAX(id) FROM actors UNION ALL SELECT MAX(id) FROM events UNION ALL
                 SELECT MAX(id) FROM activities UNION ALL SELECT MAX(id) FROM inbox) AS newest",
        ).fetch_one(c).await)?;
        Ok(newest.unwrap_or(0))
    }
}

/// How long the second process waits for the first.
const LOCK_WAIT: Duration = Duration::from_secs(30);

/// Holds the lock file beside the database until it is dropped, or the process dies.
async fn lock_sqlite(pool: &sqlx::SqlitePool) -> Result<std::fs::File, MigrateError> {
    let mut path = pool.connect_options().get_filename().as_os_str().to_owned();
    path.push(".migration-lock");
    let file = std::fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|e| MigrateError::Failed(format!("cannot open {}: {e}", path.display())))?;
    let deadline = tokio::time::Instant::now() + LOCK_WAIT;
    while file.try_lock().is_err() {
        if tokio::time::Instant::now() > deadline {
            return Err(MigrateError::Locked);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(file)
}
