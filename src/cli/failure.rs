//! Why a command failed: one line for the admin and an exit code for scripts.

use crate::app::StartError;
use crate::storage::{self, MigrateError};
use crate::{config, services};

/// A failed command.
#[derive(Debug)]
pub struct Failure {
    /// What went wrong, for people.
    pub message: String,
    /// What kind of thing went wrong, for scripts.
    pub code: u8,
}

/// Anything that has no code of its own.
const GENERAL: u8 = 1;
/// Wrong usage; clap uses the same.
const USAGE: u8 = 2;
/// The database cannot be reached (`EX_UNAVAILABLE`).
const UNAVAILABLE: u8 = 69;
/// The configuration is wrong (`EX_CONFIG`).
const CONFIGURATION: u8 = 78;

impl Failure {
    /// A failure without a code of its own.
    pub fn general(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: GENERAL }
    }

    /// The command was called in a way that makes no sense.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: USAGE }
    }
}

impl From<config::Error> for Failure {
    fn from(error: config::Error) -> Self {
        Self { message: error.to_string(), code: CONFIGURATION }
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        let code = match &error {
            StartError::Database { .. } | StartError::Folder { .. } => UNAVAILABLE,
            StartError::Url => CONFIGURATION,
            StartError::Client(_) => GENERAL,
            StartError::Migrate(inner) => code_of(inner),
        };
        Self { message: error.to_string(), code }
    }
}

impl From<MigrateError> for Failure {
    fn from(error: MigrateError) -> Self {
        Self { message: error.to_string(), code: code_of(&error) }
    }
}

fn code_of(error: &MigrateError) -> u8 {
    match error {
        MigrateError::OtherDomain { .. } => CONFIGURATION,
        MigrateError::Locked | MigrateError::Storage(storage::Error::Unavailable(_)) => UNAVAILABLE,
        _ => GENERAL,
    }
}

impl From<services::Error> for Failure {
    fn from(error: services::Error) -> Self {
        match error {
            services::Error::Unavailable(text) | services::Error::Again(text) => Self {
                message: format!("the database is not available: {text}"),
                code: UNAVAILABLE,
            },
            other => Self::general(other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_can_tell_failures_apart() {
        let unavailable = || storage::Error::Unavailable("gone".to_owned());
        let rows: [(Failure, u8); 6] = [
            (config::Error::Invalid("x".to_owned()).into(), 78),
            (StartError::Database { url: "x".to_owned(), source: unavailable() }.into(), 69),
            (StartError::Migrate(MigrateError::Storage(unavailable())).into(), 69),
            (
                MigrateError::OtherDomain { stored: "a".to_owned(), configured: "b".to_owned() }
                    .into(),
                78,
            ),
            (services::Error::from(unavailable()).into(), 69),
            (services::Error::NotFound("account").into(), 1),
        ];
        for (failure, code) in rows {
            assert_eq!(failure.code, code, "{}", failure.message);
        }
    }
}
