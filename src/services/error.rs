//! What can go wrong in a service, told apart by what the front doors answer.

use crate::domain::Invalid;
use crate::domain::initiative::Refused;
use crate::storage;

/// The result of every service.
pub type Result<T> = std::result::Result<T, Error>;

/// A refused or failed use case. `Display` is safe to show, except for [`Error::Internal`],
/// whose text is for the log only.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Fields that are wrong, all of them.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Invalid(Vec<Invalid>),
    /// It does not exist, or must not be known to exist.
    #[error("{0} not found")]
    NotFound(&'static str),
    /// It existed and was removed.
    #[error("{0} was removed")]
    Gone(&'static str),
    /// The person may not do this.
    #[error("not allowed: {0}")]
    Forbidden(&'static str),
    /// It is not possible now.
    #[error("not possible: {0}")]
    Conflict(&'static str),
    /// The database is not available: try again.
    #[error("temporarily unavailable")]
    Unavailable(String),
    /// Another transaction was in the way, and nothing was changed: the same again may succeed at
    /// once.
    #[error("temporarily unavailable")]
    Again(String),
    /// A fault of the program or of stored data.
    #[error("internal error: {0}")]
    Internal(String),
}

impl From<storage::Error> for Error {
    fn from(error: storage::Error) -> Self {
        match error {
            storage::Error::Conflict => Self::Conflict("it exists already"),
            storage::Error::Unavailable(text) => Self::Unavailable(text),
            storage::Error::Again(text) => Self::Again(text),
            other => Self::Internal(other.to_string()),
        }
    }
}

impl From<Invalid> for Error {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(vec![invalid])
    }
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::NotAuthor => Self::Forbidden("only its author may do this"),
            Refused::NotHome => Self::Forbidden("it can only be changed on its home instance"),
            Refused::WrongState => {
                Self::Conflict("the initiative is not in a state that allows it")
            }
        }
    }
}

/// Further attempts of a transaction that another one was in the way of.
pub const AGAIN: usize = 5;
