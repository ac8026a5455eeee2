//! What can go wrong on the way to and from other servers.

use crate::net::Failure;
use crate::services;

/// A failed exchange.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The document is not what it should be. Asking again gives the same.
    #[error("{0}")]
    Invalid(String),
    /// The other server says that it is gone (404 or 410).
    #[error("it does not exist any more")]
    Gone,
    /// The other server may not be asked.
    #[error("{0}")]
    Forbidden(String),
    /// No usable answer now; later perhaps.
    #[error("{0}")]
    Unreachable(String),
    /// It needs another server to be asked, and asking was not wanted yet.
    #[error("another server must be asked first")]
    NeedsNetwork,
    /// What may be asked of other servers for this cause was asked (see `budget`).
    #[error("it needs more requests to other servers, or more time, than one cause may take")]
    Spent,
    /// Somebody causes more than one may (see `limits`); after so many seconds it may be tried again.
    #[error("too many {what} at the moment")]
    Busy { what: &'static str, seconds: u64 },
    /// Our own side failed.
    #[error(transparent)]
    Service(#[from] services::Error),
}

impl Error {
    /// An error about the content of a document.
    pub fn invalid(text: impl Into<String>) -> Self {
        Self::Invalid(text.into())
    }

    /// Whether trying again later may help.
    pub fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Unreachable(_)
                | Self::Busy { .. }
                | Self::Service(services::Error::Unavailable(_) | services::Error::Again(_))
        )
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Forbidden(_) => Self::Forbidden(failure.to_string()),
            Failure::Unreachable { .. } => Self::Unreachable(failure.to_string()),
            Failure::TooLarge(_) => Self::Invalid(failure.to_string()),
        }
    }
}
