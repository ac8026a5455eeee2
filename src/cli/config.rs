//! `veche config`: whether a configuration is right, and what is in force.

use super::{Failure, load, output};
use clap::Subcommand;
use std::path::Path;
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Say whether the configuration is right (exit code 78 when not).
    Check,
    /// Print the configuration in force, environment included, with passwords masked.
    Print,
}

/// Runs the command.
pub(super) fn run(file: Option<&Path>, command: &Command) -> Result<ExitCode, Failure> {
    let config = load(file)?;
    match command {
        Command::Check => output::line("the configuration is valid"),
        Command::Print => output::line(config.to_masked_toml().trim_end()),
    }
    Ok(ExitCode::SUCCESS)
}
