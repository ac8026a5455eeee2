//! `veche admin federation`: what was sent, taken and refused, and why; the queues; the rules
//! about other servers.
//!
//! Works on the database itself, also while the server runs: its workers find what was changed
//! here within half a second, its rules within two.

mod policy;
mod print;

use super::{Failure, output};
use crate::app::App;
use crate::domain::peerlog::{Direction, Fate};
use crate::domain::{PageRequest, Timestamp, host};
use crate::http::api::federation::view::{ChangedJson, HostJson, HostsJson, LogJson, StoriesJson};
use crate::services::letters::{self, Act, Which};
use crate::services::peerlog::{self, Filter};
use crate::services::policies::By;
use clap::{Args, Subcommand};
use serde::Serialize;

/// Who the shell is in the audit.
const SHELL: &str = "shell";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// What was sent, taken and refused, newest first.
    Log(Log),
    /// Everything about one entry: its number, or the id of its activity.
    Show {
        /// A number from `log`, or the address of an activity.
        id: String,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// How one server is doing.
    Host {
        host: String,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Servers for which something waits, was given up, or that fail.
    Hosts(Listing),
    /// How much waits in each queue.
    Queue {
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Make something due now; what was given up begins anew.
    Retry(Acting),
    /// Give up what waits.
    Drop(Acting),
    /// What was given up.
    #[command(subcommand)]
    Dead(Dead),
    /// Rules about other servers.
    #[command(subcommand)]
    Policy(policy::Command),
}

#[derive(Debug, Args)]
pub(super) struct Log {
    /// A host, with all below its name.
    #[arg(long)]
    host: Option<String>,
    /// The id of the acting actor.
    #[arg(long)]
    actor: Option<String>,
    /// The id of the activity.
    #[arg(long)]
    activity: Option<String>,
    /// applied, `no_effect`, waiting, refused, delivered, dead or dismissed.
    #[arg(long, value_parser = fate)]
    fate: Option<Fate>,
    /// in or out.
    #[arg(long, value_parser = direction)]
    direction: Option<Direction>,
    /// From this moment on, such as 2026-09-02T10:00:00Z.
    #[arg(long, value_parser = moment)]
    since: Option<Timestamp>,
    /// Before this moment.
    #[arg(long, value_parser = moment)]
    until: Option<Timestamp>,
    #[command(flatten)]
    listing: Listing,
}

#[derive(Debug, Args)]
pub(super) struct Listing {
    /// Only what is older than this number, which the page before named.
    #[arg(long)]
    before: Option<i64>,
    /// How many, up to 100.
    #[arg(long)]
    limit: Option<i64>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Acting {
    /// A number from `log`, or a host.
    what: Option<String>,
    /// Everything that was given up.
    #[arg(long, conflicts_with = "what")]
    all_dead: bool,
    /// Why, for the audit.
    #[arg(long, default_value = "by hand")]
    why: String,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum Dead {
    /// List deliveries, arrivals and jobs that were given up.
    List(Listing),
    /// Begin anew.
    Retry(Acting),
    /// Put away what was read.
    Delete(Acting),
}

fn fate(text: &str) -> Result<Fate, String> {
    let names = Fate::ALL.map(Fate::as_str).join(", ");
    Fate::parse(text).ok_or_else(|| format!("must be one of: {names}"))
}

fn direction(text: &str) -> Result<Direction, String> {
    match text {
        "in" => Ok(Direction::In),
        "out" => Ok(Direction::Out),
        _ => Err("must be in or out".to_owned()),
    }
}

fn moment(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse_rfc3339(text).ok_or_else(|| "must be like 2026-09-02T10:00:00Z".to_owned())
}

/// Runs the command.
pub(super) async fn run(app: &App, command: Command) -> Result<(), Failure> {
    match command {
        Command::Log(log) => {
            let name = log.host.as_deref().map(canonical).transpose()?;
            let filter = Filter {
                host: name,
                actor: log.actor,
                activity: log.activity,
                fate: log.fate,
                direction: log.direction,
                since: log.since,
                until: log.until,
            };
            let page = PageRequest::new(log.listing.before, log.listing.limit);
            let found: LogJson = peerlog::list(app, &filter, page).await?.into();
            say(log.listing.json, &found, || print::log(&found));
        }
        Command::Show { id, json } => {
            let found: StoriesJson = peerlog::show(app, &id).await?.into();
            if found.items.is_empty() {
                return Err(Failure::general(format!("the log knows nothing of {id}")));
            }
            say(json, &found, || print::stories(&found));
        }
        Command::Host { host, json } => {
            let found: HostJson = peerlog::host(app, &canonical(&host)?).await?.into();
            say(json, &found, || print::host(&found));
        }
        Command::Hosts(listing) => {
            let limit = PageRequest::new(None, listing.limit).limit;
            let found: HostsJson = peerlog::hosts(app, limit).await?.into();
            say(listing.json, &found, || print::hosts(&found));
        }
        Command::Queue { json } => queue(app, json).await?,
        Command::Retry(acting) | Command::Dead(Dead::Retry(acting)) => {
            act(app, Act::Retry, &acting).await?;
        }
        Command::Drop(acting) => act(app, Act::Drop, &acting).await?,
        Command::Dead(Dead::Delete(acting)) => act(app, Act::Dismiss, &acting).await?,
        Command::Dead(Dead::List(listing)) => dead(app, &listing).await?,
        Command::Policy(command) => policy::run(app, command).await?,
    }
    Ok(())
}

/// Prints an outcome, for machines or for people.
fn say(json: bool, value: &impl Serialize, text: impl FnOnce() -> String) {
    if json {
        output::json(&serde_json::to_value(value).unwrap_or_default());
    } else {
        output::line(text().trim_end());
    }
}

fn canonical(name: &str) -> Result<String, Failure> {
    host::canonical(name)
        .ok_or_else(|| Failure::usage(format!("{name:?} is not the name of a server")))
}

#[derive(Debug, Serialize)]
struct QueueJson {
    jobs: Counts,
    inbox: Counts,
    deliveries: Counts,
    hosts: Vec<HostJson>,
}

#[derive(Debug, Serialize)]
struct Counts {
    pending: i64,
    dead: i64,
}

async fn queue(app: &App, json: bool) -> Result<(), Failure> {
    let all = crate::services::instance::queues(app).await?;
    let found = QueueJson {
        jobs: Counts { pending: all.jobs_pending, dead: all.jobs_dead },
        inbox: Counts { pending: all.inbox_pending, dead: all.inbox_dead },
        deliveries: Counts { pending: all.deliveries_pending, dead: all.deliveries_dead },
        hosts: HostsJson::from(peerlog::hosts(app, PageRequest::DEFAULT).await?).items,
    };
    say(json, &found, || {
        let rows =
            [("jobs", &found.jobs), ("inbox", &found.inbox), ("deliveries", &found.deliveries)];
        let mut text = String::new();
        for (name, counts) in rows {
            text.push_str(&print::row(&[
                name,
                &format!("{} waiting", counts.pending),
                &format!("{} dead", counts.dead),
            ]));
        }
        text + &found.hosts.iter().map(print::host_line).collect::<String>()
    });
    Ok(())
}

async fn act(app: &App, act: Act, acting: &Acting) -> Result<(), Failure> {
    let which = match (&acting.what, acting.all_dead) {
        (Some(what), false) => match what.parse::<i64>() {
            Ok(id) => Which::Id(id),
            Err(_) => Which::Host(canonical(what)?),
        },
        (None, true) if act != Act::Drop => Which::Dead,
        _ => return Err(Failure::usage("name a number, a host, or (not to drop) --all-dead")),
    };
    let by = By { who: SHELL, why: &acting.why };
    let changed = letters::act(app, by, act, &which).await?;
    if changed.total() == 0 {
        return Err(Failure::general("there is nothing of that kind"));
    }
    let found = ChangedJson::from(changed);
    say(acting.json, &found, || {
        format!("{} deliveries, {} arrivals, {} jobs", found.deliveries, found.arrivals, found.jobs)
    });
    Ok(())
}

#[derive(Debug, Serialize)]
struct DeadJson {
    entries: LogJson,
    jobs: Vec<JobJson>,
}

#[derive(Debug, Serialize)]
struct JobJson {
    id: String,
    kind: String,
    about: String,
    attempts: i64,
    error: String,
}

async fn dead(app: &App, listing: &Listing) -> Result<(), Failure> {
    let page = PageRequest::new(listing.before, listing.limit);
    let filter = Filter { fate: Some(Fate::Dead), ..Filter::default() };
    let jobs = letters::dead_jobs(app, page).await?.items;
    let found = DeadJson {
        entries: peerlog::list(app, &filter, page).await?.into(),
        jobs: jobs
            .into_iter()
            .map(|job| JobJson {
                id: job.id.to_string(),
                kind: job.kind,
                about: job.payload,
                attempts: job.attempts,
                error: job.error.unwrap_or_default(),
            })
            .collect(),
    };
    say(listing.json, &found, || {
        let jobs = found.jobs.iter();
        let jobs = jobs.map(|j| print::row(&[&j.id, "job", &j.kind, &j.about, &j.error]));
        print::log(&found.entries) + &jobs.collect::<String>()
    });
    Ok(())
}
