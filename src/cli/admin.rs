//! `veche admin`: what an instance needs before anybody can write, and accounts for scripts.
//!
//! The commands work on the database itself, whether the instance runs or not.

mod lifecycle;

use super::{Failure, ballot, federation, load, output};
use crate::app::{App, Options};
use crate::config::Config;
use crate::domain::actor::Actor;
use crate::domain::ballot::Poll;
use crate::domain::{Role, Scope, Timestamp};
use crate::services::accounts::{self, Registration};
use crate::services::{actors, assemblies, moderation};
use clap::{Args, Subcommand};
use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Accounts of people.
    #[command(subcommand)]
    Account(Account),
    /// Bearer tokens for the API.
    #[command(subcommand)]
    Token(Token),
    /// Bodies: agencies that must answer.
    #[command(subcommand)]
    Body(Body),
    /// Assemblies: boards to which initiatives are brought.
    #[command(subcommand)]
    Assembly(Assembly),
    /// Look at what goes to and comes from other servers, and rule about them.
    #[command(subcommand)]
    Federation(federation::Command),
    /// Reports to the moderators, newest first.
    Reports(lifecycle::Reports),
    /// What the page of a body or an assembly shows: its official site and others that it writes for.
    Site(lifecycle::Site),
    /// Ballots: straw polls on initiatives.
    #[command(subcommand)]
    Ballot(ballot::Ballot),
}

#[derive(Debug, Subcommand)]
pub(super) enum Account {
    /// Make an account; its password is the first line of standard input.
    Create(NewAccount),
    /// Delete an account for good: its texts are emptied, other servers are told.
    Delete(lifecycle::Delete),
}

#[derive(Debug, Args)]
pub(super) struct NewAccount {
    /// The handle: 2 to 30 of a-z, 0-9 and _, beginning with a letter.
    handle: String,
    /// The e-mail address.
    #[arg(long)]
    email: String,
    /// A role to give: admin, moderator or official; may be repeated.
    #[arg(long, value_parser = role)]
    role: Vec<Role>,
    /// The name to show, if it is not the handle.
    #[arg(long, default_value = "")]
    name: String,
    /// Read the password from standard input (the only way, so that no process list shows it).
    #[arg(long, required = true)]
    password_stdin: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum Token {
    /// Make a token. It is shown once.
    Create {
        /// The handle of the account.
        handle: String,
        /// What the token may be used for, read or write; may be repeated.
        #[arg(long, required = true, value_parser = scope)]
        scope: Vec<Scope>,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum Body {
    /// Make a body.
    Create {
        handle: String,
        /// The name to show.
        #[arg(long)]
        name: String,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum Assembly {
    /// Make an assembly.
    Create {
        handle: String,
        /// The name to show.
        #[arg(long)]
        name: String,
        /// The handle of the body that answers for it.
        #[arg(long)]
        body: Option<String>,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// The moderators of an assembly.
    #[command(subcommand)]
    Moderator(Moderator),
}

#[derive(Debug, Subcommand)]
pub(super) enum Moderator {
    /// Make somebody a moderator of an assembly.
    Add(Named),
    /// End that somebody is a moderator.
    Remove(Named),
}

#[derive(Debug, Args)]
pub(super) struct Named {
    /// The handle of the assembly.
    assembly: String,
    /// The handle of an account here, or the address or link of somebody known here.
    actor: String,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

fn role(text: &str) -> Result<Role, String> {
    Role::parse(text).ok_or_else(|| one_of(&Role::ALL.map(Role::as_str)))
}

fn scope(text: &str) -> Result<Scope, String> {
    Scope::parse(text).ok_or_else(|| one_of(&Scope::ALL.map(Scope::as_str)))
}

fn one_of(names: &[&str]) -> String {
    format!("must be one of: {}", names.join(", "))
}

/// Runs the command.
pub(super) async fn run(file: Option<&Path>, command: Command) -> Result<ExitCode, Failure> {
    let config = load(file)?;
    // Read first: nobody should wait for a database to be asked for a password.
    let password = match &command {
        Command::Account(Account::Create(_)) => first_line(std::io::stdin().lock())?,
        _ => String::new(),
    };
    let app = App::start(quiet(config), Options::default()).await?;
    let made = Box::pin(make(&app, command, password)).await;
    app.shutdown.begin();
    app.db.close().await;
    let (json, result) = made?;
    if matches!(result, Made::Nothing) {
        return Ok(ExitCode::SUCCESS);
    }
    if json {
        output::json(&result.json());
    } else {
        output::line(&result.text());
    }
    Ok(ExitCode::SUCCESS)
}

/// A command reports its outcome, not its way there.
pub(super) fn quiet(config: Config) -> Config {
    let log = crate::config::Log { filter: "warn".to_owned(), ..config.log.clone() };
    crate::telemetry::init(&log);
    config
}

/// What a command made.
enum Made {
    Actor(Box<Actor>),
    Token(String),
    /// The command has said it already.
    Nothing,
    /// What was done or found: for programs, and for people.
    Other(serde_json::Value, String),
    Ballot(Box<Poll>, Timestamp),
    /// Somebody's rights.
    Changed(Box<Actor>),
}

impl Made {
    fn json(&self) -> serde_json::Value {
        match self {
            Self::Actor(actor) | Self::Changed(actor) => serde_json::json!({
                "id": actor.id.to_string(),
                "uri": actor.uri,
                "handle": actor.handle,
            }),
            Self::Token(token) => serde_json::json!({ "token": token }),
            Self::Nothing => serde_json::Value::Null,
            Self::Other(json, _) => json.clone(),
            Self::Ballot(poll, now) => ballot::json(poll, *now),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Actor(actor) => format!("made {}: {}", actor.address(), actor.uri),
            Self::Token(token) => token.clone(),
            Self::Nothing => String::new(),
            Self::Other(_, text) => text.clone(),
            Self::Ballot(poll, now) => ballot::text(poll, *now),
            Self::Changed(actor) => format!("changed {}: {}", actor.address(), actor.uri),
        }
    }
}

async fn make(app: &App, command: Command, password: String) -> Result<(bool, Made), Failure> {
    Ok(match command {
        Command::Account(Account::Create(new)) => {
            let form = Registration {
                handle: new.handle,
                name: new.name,
                email: new.email,
                password,
                language: app.config.instance.language.clone(),
            };
            let (_, actor) = accounts::create(app, &form, &new.role).await?;
            (new.json, Made::Actor(Box::new(actor)))
        }
        Command::Account(Account::Delete(delete)) => delete.run(app).await?,
        Command::Reports(reports) => reports.run(app).await?,
        Command::Site(site) => site.run(app).await?,
        Command::Token(Token::Create { handle, scope, json }) => {
            (json, Made::Token(accounts::create_token(app, &handle, &scope).await?))
        }
        Command::Body(Body::Create { handle, name, json }) => {
            (json, Made::Actor(Box::new(actors::create_body(app, &handle, &name).await?)))
        }
        Command::Assembly(Assembly::Create { handle, name, body, json }) => {
            let made = assemblies::create(app, &handle, &name, body.as_deref()).await?;
            (json, Made::Actor(Box::new(made)))
        }
        Command::Federation(command) => {
            Box::pin(federation::run(app, command)).await?;
            (false, Made::Nothing)
        }
        Command::Ballot(command) => {
            let (json, poll) = ballot::run(app, command).await?;
            (json, Made::Ballot(Box::new(poll), app.now()))
        }
        Command::Assembly(Assembly::Moderator(Moderator::Add(named))) => {
            let actor = moderation::appoint(app, &named.assembly, &named.actor, true).await?;
            (named.json, Made::Changed(Box::new(actor)))
        }
        Command::Assembly(Assembly::Moderator(Moderator::Remove(named))) => {
            let actor = moderation::appoint(app, &named.assembly, &named.actor, false).await?;
            (named.json, Made::Changed(Box::new(actor)))
        }
    })
}

/// The first line of the input, without its end.
fn first_line(input: impl Read) -> Result<String, Failure> {
    let mut text = String::new();
    input
        .take(4_096)
        .read_to_string(&mut text)
        .map_err(|e| Failure::general(format!("cannot read the password: {e}")))?;
    match text.lines().next() {
        Some(line) if !line.is_empty() => Ok(line.to_owned()),
        _ => Err(Failure::usage("no password on standard input")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_the_first_line() {
        assert_eq!(first_line(&b"correct horse\r\nbattery\n"[..]).unwrap(), "correct horse");
        assert_eq!(first_line(&b"correct horse"[..]).unwrap(), "correct horse");
        assert_eq!(first_line(&b""[..]).unwrap_err().code, 2);
        assert_eq!(first_line(&b"\n"[..]).unwrap_err().code, 2);
    }
}
