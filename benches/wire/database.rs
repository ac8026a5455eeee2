//! A look into the server's database from outside: whether the queues are empty, what was
//! applied. Asking the server itself would be counted as its work.

use anyhow::ensure;
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{PgPool, SqlitePool};
use std::str::FromStr as _;
use std::time::{Duration, Instant};

/// The longest that a queue may take to become empty.
const PATIENCE: Duration = Duration::from_secs(60);

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

    /// The one number that a statement gives.
    pub(crate) async fn number(&self, sql: &'static str) -> anyhow::Result<i64> {
        Ok(match self {
            Self::Sqlite(pool) => sqlx::query_scalar(sql).fetch_one(pool).await?,
            Self::Postgres(pool) => sqlx::query_scalar(sql).fetch_one(pool).await?,
        })
    }

    /// Waits until nothing is left to do; fails if anything was given up.
    pub(crate) async fn settled(&self) -> anyhow::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let pending = self
                .number(
                    "SELECT (SELECT COUNT(*) FROM inbox WHERE state = 'pending')
                          + (SELECT COUNT(*) FROM jobs WHERE state = 'pending')
                          + (SELECT COUNT(*) FROM deliveries WHERE state = 'pending')",
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
