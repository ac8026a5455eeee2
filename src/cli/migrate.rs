//! `veche migrate`: the schema of the database.

use super::{Failure, load, output};
use crate::app::{open_database, sqlite_file};
use crate::storage::SchemaState;
use clap::Args;
use std::path::Path;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Only say how the database stands: exit code 0 when current, 1 when migrations are missing.
    #[arg(long)]
    check: bool,
}

/// Runs the command.
pub(super) async fn run(file: Option<&Path>, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let config = load(file)?;
    // A question must not leave a file behind.
    if arguments.check && sqlite_file(&config.database.url).is_some_and(|path| !path.exists()) {
        output::line("there is no database yet");
        return Ok(ExitCode::FAILURE);
    }
    let db = open_database(&config).await?;
    let state = db.schema_state().await?;
    let code = match (state, arguments.check) {
        (SchemaState::Current, _) => {
            output::line("the database is current");
            ExitCode::SUCCESS
        }
        (SchemaState::Behind(missing), true) => {
            output::line(&format!("the database lacks {missing} migration(s)"));
            ExitCode::FAILURE
        }
        (SchemaState::Behind(missing), false) => {
            db.migrate().await?;
            output::line(&format!("{missing} migration(s) applied; the database is current"));
            ExitCode::SUCCESS
        }
    };
    db.close().await;
    Ok(code)
}
