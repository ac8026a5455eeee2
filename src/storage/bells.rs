//! Telling other processes on the same database that there is work: `NOTIFY` on PostgreSQL.
//!
//! A bell is a hint. It is rung after the commit, outside of the transaction, and may be lost;
//! workers look for themselves from time to time.

use super::{Conn, Db, Result};
use sqlx::postgres::PgListener;

/// The name of the channel.
const CHANNEL: &str = "veche";

/// What there is work for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bell {
    Jobs,
    Acts,
    Inbox,
    Deliveries,
}

impl Bell {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Jobs, Self::Acts, Self::Inbox, Self::Deliveries];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Jobs => "jobs",
            Self::Acts => "acts",
            Self::Inbox => "inbox",
            Self::Deliveries => "deliveries",
        }
    }
}

/// Hears the bells that other processes ring.
#[derive(Debug)]
pub struct Listener(PgListener);

impl Db {
    /// Begins to listen; `None` on SQLite, where processes look for themselves.
    pub async fn listen(&self) -> Result<Option<Listener>> {
        let Self::Postgres(pool) = self else { return Ok(None) };
        let mut listener = PgListener::connect_with(pool).await?;
        listener.listen(CHANNEL).await?;
        Ok(Some(Listener(listener)))
    }
}

impl Listener {
    /// The next bell. `None` when the connection was lost in between and made anew: any bell may
    /// have been rung.
    pub async fn next(&mut self) -> Result<Option<Bell>> {
        let heard = self.0.try_recv().await?;
        Ok(heard.and_then(|it| Bell::ALL.into_iter().find(|bell| bell.as_str() == it.payload())))
    }
}

/// Rings a bell for the other processes; nothing on SQLite.
pub async fn ring(conn: &mut Conn<'_>, bell: Bell) -> Result<()> {
    if let Conn::Postgres(c) = conn {
        sqlx::query("SELECT pg_notify($1, $2)")
            .bind(CHANNEL)
            .bind(bell.as_str())
            .execute(&mut **c)
            .await?;
    }
    Ok(())
}
