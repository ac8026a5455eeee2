//! What can go wrong in storage, told apart by what the caller can do about it.

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
/// operator intervention, serialization failures, and a standby that refuses writes.
const PASSING_SQLSTATES: &[&str] = &["08", "53", "57", "40", "25006", "55P03"];

/// Primary result codes that mean "not now" on SQLite: busy, locked, read-only, I/O error, full,
/// cannot open.
const PASSING_SQLITE_CODES: &[i64] = &[5, 6, 8, 10, 13, 14];

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(db) => match db.kind() {
                sqlx::error::ErrorKind::UniqueViolation => Self::Conflict,
                sqlx::error::ErrorKind::ForeignKeyViolation => Self::MissingReference,
                _ if db.code().is_some_and(|code| is_passing(&code)) => {
                    Self::Unavailable(db.message().to_owned())
                }
                _ => Self::Failed(error.to_string()),
            },
            sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::Io(_)
            | sqlx::Error::Tls(_) => Self::Unavailable(error.to_string()),
            sqlx::Error::ColumnDecode { .. }
            | sqlx::Error::Decode(_)
            | sqlx::Error::ColumnNotFound(_) => Self::Corrupt(error.to_string()),
            _ => Self::Failed(error.to_string()),
        }
    }
}

fn is_passing(code: &str) -> bool {
    // SQLite gives its extended code as a decimal number, PostgreSQL five characters.
    if code.len() == 5 {
        PASSING_SQLSTATES.iter().any(|class| code.starts_with(class))
    } else {
        code.parse::<i64>().is_ok_and(|n| PASSING_SQLITE_CODES.contains(&(n & 0xff)))
    }
}
