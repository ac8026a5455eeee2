//! A look into the server's database from outside: whether the queues are empty, what was
//! applied. Asking the server itself would be counted as its work.

use anyhow::ensure;
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{AssertSqlSafe, PgPool, SqlitePool};
use std::str::FromStr as _;
use std::time::{Duration, Instant};

/// The longest that a queue may take to become empty.
const PATIENCE: Duration = Duration::from_mins(5);

/// A connection of our own.
pub(crate) enum Database {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl Database {
    pub(crate) async fn open(url: &str) -> anyhow::Result<Self> {
        Ok(if url.starts_with("sqlite:") {
            let options = SqliteConnectOptions::from_str(url)?.read_only(true);
            Self::Sqlite(SqlitePoolOptions::new().max_connections(1).connect_with(options).await?)
        } else {
            Self::Postgres(PgPoolOptions::new().max_connections(1).connect(url).await?)
        })
    }

    /// A connection that may change things, while the server stands still.
    pub(crate) async fn open_to_write(url: &str) -> anyhow::Result<Self> {
        Ok(if url.starts_with("sqlite:") {
            let options = SqliteConnectOptions::from_str(url)?;
            Self::Sqlite(SqlitePoolOptions::new().max_connections(1).connect_with(options).await?)
        } else {
            return Self::open(url).await;
        })
    }

    /// Runs a statement.
    pub(crate) async fn execute(&self, sql: String) -> anyhow::Result<()> {
        match self {
            Self::Sqlite(pool) => {
                sqlx::query(AssertSqlSafe(sql)).execute(pool).await.map(|_| ())?;
            }
            Self::Postgres(pool) => {
                sqlx::query(AssertSqlSafe(sql)).execute(pool).await.map(|_| ())?;
            }
        }
        Ok(())
    }

    /// What a database does by itself in the long run: the statistics of PostgreSQL, the log of
    /// SQLite written back.
    pub(crate) async fn after_much_was_written(&self) -> anyhow::Result<()> {
        match self {
            Self::Sqlite(pool) => {
                sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(pool).await.map(|_| ())?;
                pool.close().await;
            }
            Self::Postgres(pool) => {
                sqlx::query("VACUUM ANALYZE").execute(pool).await.map(|_| ())?;
                pool.close().await;
            }
        }
        Ok(())
    }

    /// The one number that a statement gives.
    pub(crate) async fn number(&self, sql: &'static str) -> anyhow::Result<i64> {
        Ok(match self {
            Self::Sqlite(pool) => sqlx::query_scalar(sql).fetch_one(pool).await?,
            Self::Postgres(pool) => sqlx::query_scalar(sql).fetch_one(pool).await?,
        })
    }

    /// Waits until nothing is left to do; fails if anything was given up. What waits for dead hosts
    /// and for another day does not count.
    pub(crate) async fn settled(&self) -> anyhow::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let pending = self
                .number(
                    "SELECT (SELECT COUNT(*) FROM inbox WHERE state = 'pending')
                          + (SELECT COUNT(*) FROM jobs WHERE state = 'pending')
                          + (SELECT COUNT(*) FROM deliveries WHERE state = 'pending'
                             AND next_at < 3000000000000 AND inbox NOT LIKE 'http://127.21.%')",
                )
                .await?;
            if pending == 0 {
                break;
            }
            ensure!(Instant::now() < deadline, "{pending} entries wait in the queues for too long");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// Fails if any work ended otherwise than well.
    pub(crate) async fn all_well(&self) -> anyhow::Result<()> {
        let bad = self
            .number(
                "SELECT (SELECT COUNT(*) FROM inbox WHERE state IN ('dead', 'refused'))
                      + (SELECT COUNT(*) FROM jobs WHERE state = 'dead')
                      + (SELECT COUNT(*) FROM deliveries WHERE state = 'dead')",
            )
            .await?;
        ensure!(bad == 0, "{bad} entries of the queues were given up");
        Ok(())
    }
}
