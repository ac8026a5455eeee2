//! What can go wrong in storage, told apart by what the caller can do about it.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The result of every storage function.
pub type Result<T> = std::result::Result<T, Error>;

/// A failed statement.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Something with this name or id exists already.
    #[error("it exists already")]
    Conflict,
    /// A row refers to something that does not exist.
    #[error("it refers to something that does not exist")]
    MissingReference,
    /// Another transaction was in the way and this one was rolled back: the same again may succeed
    /// at once.
    #[error("another transaction was in the way: {0}")]
    Again(String),
    /// The database cannot be reached, is locked, full or read-only: try again later.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// A stored value cannot be read as what it should be.
    #[error("a stored row cannot be read: {0}")]
    Corrupt(String),
    /// A fault of the program.
    #[error("the statement failed: {0}")]
    Failed(String),
}

/// SQLSTATE classes that mean "not now" on PostgreSQL: connection trouble, too few resources,
/// operator intervention, a transaction that was broken off, a standby that refuses writes, and
/// a lock that was waited for too long.
const PASSING_SQLSTATES: &[&str] = &["08", "53", "57", "25006", "25P02", "25P03", "55P03"];

/// SQLSTATE class of serialization failures and deadlocks on PostgreSQL.
const AGAIN_SQLSTATES: &str = "40";

/// Primary result codes that mean "not now" on SQLite: busy, locked, read-only, I/O error, full,
/// cannot open.
const PASSING_SQLITE_CODES: &[i64] = &[5, 6, 8, 10, 13, 14];

/// The code that the database gave.
fn code(error: &sqlx::Error) -> Option<std::borrow::Cow<'_, str>> {
    error.as_database_error().and_then(sqlx::error::DatabaseError::code)
}

/// SQLSTATE of a server that does not write: a standby, or a primary that was replaced.
const READ_ONLY: &str = "25006";

/// When a server last refused to write.
static REFUSED: Mutex<Option<Instant>> = Mutex::new(None);

fn note_refusal() {
    *REFUSED.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
}

/// Whether a server refused to write within this time: in the life of a connection of this age.
pub(super) fn refused_as_read_only_within(age: Duration) -> bool {
    let refused = *REFUSED.lock().unwrap_or_else(PoisonError::into_inner);
    refused.is_some_and(|at| at.elapsed() <= age)
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        if code(&error).is_some_and(|code| code == READ_ONLY) {
            note_refusal();
        }
        match &error {
            sqlx::Error::Database(db) => match db.kind() {
                sqlx::error::ErrorKind::UniqueViolation => Self::Conflict,
                sqlx::error::ErrorKind::ForeignKeyViolation => Self::MissingReference,
                _ if db.code().is_some_and(|code| is_again(&code)) => {
                    Self::Again(db.message().to_owned())
                }
                _ if db.code().is_some_and(|code| is_passing(&code)) => {
                    Self::Unavailable(db.message().to_owned())
                }
                _ => Self::Failed(error.to_string()),
            },
            sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::Io(_)
            // What a server says that is ending or starting is not always a whole sentence.
            | sqlx::Error::Protocol(_)
            | sqlx::Error::Tls(_) => Self::Unavailable(error.to_string()),
            sqlx::Error::ColumnDecode { .. }
            | sqlx::Error::Decode(_)
            | sqlx::Error::ColumnNotFound(_) => Self::Corrupt(error.to_string()),
            _ => Self::Failed(error.to_string()),
        }
    }
}

fn is_again(code: &str) -> bool {
    code.len() == 5 && code.starts_with(AGAIN_SQLSTATES)
}

fn is_passing(code: &str) -> bool {
    // SQLite gives its extended code as a decimal number, PostgreSQL five characters.
    if code.len() == 5 {
        PASSING_SQLSTATES.iter().any(|class| code.starts_with(class))
    } else {
        code.parse::<i64>().is_ok_and(|n| PASSING_SQLITE_CODES.contains(&(n & 0xff)))
    }
}

/// Extended result codes of SQLite for a flush that failed (of the log, of the folder). What the
/// system then still has in memory it may take for written: nothing after it can be believed.
const FLUSH_FAILED: [&str; 2] = ["1034", "1290"];

/// Whether a commit failed in a way after which this process must not go on.
pub(super) fn is_lost(error: &sqlx::Error) -> bool {
    code(error).is_some_and(|code| FLUSH_FAILED.contains(&&*code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_say_what_can_be_done() {
        // FLT-05: a fail-over leaves connections to a server that has become read-only.
        for code in
            ["08006", "53100", "53300", "57P01", "57P03", "25006", "55P03", "5", "6", "13", "778"]
        {
            assert!(is_passing(code) && !is_again(code), "{code}");
        }
        for code in ["40001", "40P01"] {
            assert!(is_again(code) && !is_passing(code), "{code}");
        }
        for code in ["23505", "42601", "1", "11", "19"] {
            assert!(!is_passing(code) && !is_again(code), "{code}");
        }
    }
}
