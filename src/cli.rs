//! The shell: `veche serve`, `veche config`, `veche migrate`, `veche verify`, `veche admin`,
//! `veche demo`.
//!
//! Scripts rely on what is here: the names of commands and options, one JSON object on standard
//! output with `--json`, one line on standard error for an error, and the exit codes of
//! [`Failure`]. Commands call services; no rule stands here.
//!
//! To add a command: a variant below, a file in this folder with its arguments and its `run`.

mod admin;
mod ballot;
mod config;
mod demo;
mod failure;
mod federation;
mod migrate;
mod output;
mod serve;
mod verify;

pub use failure::Failure;

use crate::config::Config;
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// A federated civic server: citizens' initiatives on the fediverse.
#[derive(Debug, Parser)]
#[command(name = "veche", version, propagate_version = true)]
pub struct Cli {
    /// The configuration file. Without one: a trial on port 8080 of this machine, with its
    /// database under ./data.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the instance until SIGTERM or SIGINT.
    Serve(serve::Arguments),
    /// Show two instances that federate with each other on this machine.
    Demo,
    /// Look at the configuration.
    #[command(subcommand)]
    Config(config::Command),
    /// Bring the database to the schema of this program.
    Migrate(migrate::Arguments),
    /// Recompute what must always hold and name every row that breaks it.
    Verify(verify::Arguments),
    /// Make accounts, tokens, bodies and assemblies.
    #[command(subcommand)]
    Admin(admin::Command),
}

/// Runs a command to its end.
pub async fn run(cli: Cli) -> ExitCode {
    let file = cli.config.as_deref();
    let done = match cli.command {
        Command::Serve(arguments) => Box::pin(serve::run(file, arguments)).await,
        Command::Demo => Box::pin(demo::run()).await,
        Command::Config(command) => config::run(file, &command),
        Command::Migrate(arguments) => Box::pin(migrate::run(file, &arguments)).await,
        Command::Verify(arguments) => Box::pin(verify::run(file, &arguments)).await,
        Command::Admin(command) => Box::pin(admin::run(file, command)).await,
    };
    crate::telemetry::flush();
    match done {
        Ok(code) => code,
        Err(failure) => {
            complain(&failure.message);
            ExitCode::from(failure.code)
        }
    }
}

/// Writes one line about what went wrong to standard error.
pub fn complain(message: &str) {
    output::error(message);
}

/// Reads the configuration.
fn load(file: Option<&std::path::Path>) -> Result<Config, Failure> {
    Ok(Config::load(file)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_contract_with_scripts_parses() {
        Cli::command().debug_assert();
        for line in [
            "veche serve",
            "veche serve --config a.toml --role web,worker",
            "veche --config a.toml serve --role worker",
            "veche demo",
            "veche config check --config a.toml",
            "veche config print",
            "veche migrate --check",
            "veche verify --json",
            "veche admin account create ana --email a@b.c --role admin --role official --password-stdin --json",
            "veche admin token create ana --scope read --scope write --json",
            "veche admin federation log --host a.example --fate dead --direction out --since 2026-09-02T10:00:00Z --before 7 --limit 5 --json",
            "veche admin federation show https://a.example/1 --json",
            "veche admin federation host a.example --json",
            "veche admin federation hosts --json",
            "veche admin federation queue --json",
            "veche admin federation retry 7 --why tried --json",
            "veche admin federation drop a.example --json",
            "veche admin federation dead list --json",
            "veche admin federation dead delete --all-dead --json",
            "veche admin federation policy set a.example --severity reject --reject-media --why spam --json",
            "veche admin federation policy unset a.example --why sorry",
            "veche admin federation policy import list.csv --apply --replace --json",
            "veche admin federation policy export --allowed --json",
            "veche admin federation policy list --json",
            "veche admin body create cityhall --name Town --json",
            "veche admin assembly create transport --name Transport --body cityhall --json",
            "veche admin account delete ana --reason Spam --json",
            "veche admin reports --json",
            "veche admin reports --all",
            "veche admin site cityhall --url https://town.example --domain town.example --json",
        ] {
            assert!(Cli::try_parse_from(line.split(' ')).is_ok(), "{line}");
        }
        for line in [
            "veche",
            "veche serve --role cook",
            "veche admin account create ana --email a@b.c",
            "veche admin account create ana --email a@b.c --role king --password-stdin",
            "veche admin account delete ana",
            "veche admin token create ana",
            "veche admin token create ana --scope everything",
        ] {
            let error = Cli::try_parse_from(line.split(' ')).unwrap_err();
            assert_eq!(error.exit_code(), 2, "{line}");
        }
    }
}
