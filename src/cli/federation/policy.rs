//! `veche admin federation policy`: rules about other servers.

use super::{SHELL, canonical, print, say};
use crate::app::App;
use crate::cli::{Failure, output};
use crate::domain::policy::Severity;
use crate::domain::policy::csv;
use crate::http::api::federation::view::PolicyJson;
use crate::services::policies::{self, By, Change, Form, Plan};
use clap::{Args, Subcommand};
use serde::Serialize;
use std::io::Read as _;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Command {
    /// All rules.
    List {
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// State a rule for a domain and all below it.
    Set(Set),
    /// Take a rule back.
    Unset {
        domain: String,
        /// Why, for the audit.
        #[arg(long)]
        why: String,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Read a list in Mastodon's columns: shows what would change, and changes it with --apply.
    Import {
        /// The file; - is standard input.
        file: PathBuf,
        /// Make the changes.
        #[arg(long)]
        apply: bool,
        /// Take back rules that the file does not name.
        #[arg(long)]
        replace: bool,
        /// Why, for the audit.
        #[arg(long, default_value = "imported from a file")]
        why: String,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Write all rules in Mastodon's columns.
    Export {
        /// Only the domains that may take part, one a line.
        #[arg(long)]
        allowed: bool,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "one per option")]
pub(in crate::cli) struct Set {
    domain: String,
    /// accept, silence or reject.
    #[arg(long, value_parser = severity)]
    severity: Severity,
    /// Neither fetch nor show pictures and files of the domain.
    #[arg(long)]
    reject_media: bool,
    /// Take no reports from the domain.
    #[arg(long)]
    reject_reports: bool,
    /// Hide the middle of the name in public lists.
    #[arg(long)]
    obfuscate: bool,
    /// The reason that everybody may read.
    #[arg(long, default_value = "")]
    public_comment: String,
    /// The reason for those who run the instance.
    #[arg(long, default_value = "")]
    private_comment: String,
    /// Why, for the audit.
    #[arg(long)]
    why: String,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

fn severity(text: &str) -> Result<Severity, String> {
    Severity::parse(text).ok_or_else(|| "must be one of: accept, silence, reject".to_owned())
}

#[derive(Debug, Serialize)]
struct ListJson {
    mode: &'static str,
    items: Vec<PolicyJson>,
}

#[derive(Debug, Serialize)]
struct PlanJson {
    applied: bool,
    unchanged: usize,
    changes: Vec<ChangeJson>,
}

#[derive(Debug, Serialize)]
struct ChangeJson {
    domain: String,
    before: Option<&'static str>,
    after: Option<&'static str>,
}

impl From<&Change> for ChangeJson {
    fn from(change: &Change) -> Self {
        Self {
            domain: change.domain.clone(),
            before: change.before.map(Severity::as_str),
            after: change.after.map(Severity::as_str),
        }
    }
}

/// Runs the command.
pub(super) async fn run(app: &App, command: Command) -> Result<(), Failure> {
    match command {
        Command::List { json } => {
            let items = policies::list(app).await?.into_iter().map(Into::into).collect();
            let found = ListJson { mode: app.config.federation.mode.as_str(), items };
            say(json, &found, || {
                let lines = found.items.iter().map(line);
                format!("mode: {}\n", found.mode) + &lines.collect::<String>()
            });
        }
        Command::Set(set) => {
            let form = Form {
                severity: set.severity,
                reject_media: set.reject_media,
                reject_reports: set.reject_reports,
                obfuscate: set.obfuscate,
                public_comment: set.public_comment,
                private_comment: set.private_comment,
            };
            let by = By { who: SHELL, why: &set.why };
            let rule: PolicyJson = policies::set(app, by, &set.domain, &form).await?.into();
            say(set.json, &rule, || line(&rule));
        }
        Command::Unset { domain, why, json } => {
            let domain = canonical(&domain)?;
            policies::unset(app, By { who: SHELL, why: &why }, &domain).await?;
            say(json, &serde_json::json!({ "domain": domain }), || format!("{domain}: no rule"));
        }
        Command::Import { file, apply, replace, why, json } => {
            let text = read(&file)?;
            let plan = Plan::new(app, &text, replace).await?.map_err(|faults| {
                let lines: Vec<_> = faults.iter().map(ToString::to_string).collect();
                Failure::general(format!("nothing was changed. {}", lines.join("; ")))
            })?;
            if apply {
                plan.apply(app, By { who: SHELL, why: &why }).await?;
            }
            let changes = plan.changes.iter().map(Into::into).collect();
            let found = PlanJson { applied: apply, unchanged: plan.unchanged, changes };
            say(json, &found, || diff(&found));
        }
        Command::Export { allowed, json } => {
            let rules = policies::list(app).await?;
            let text = if allowed { csv::write_allowed(&rules) } else { csv::write(&rules) };
            if json {
                output::json(&serde_json::json!({ "csv": text }));
            } else {
                output::line(text.trim_end());
            }
        }
    }
    Ok(())
}

fn read(file: &std::path::Path) -> Result<String, Failure> {
    let mut text = String::new();
    let read = if file.as_os_str() == "-" {
        std::io::stdin().lock().read_to_string(&mut text).map(|_| ())
    } else {
        std::fs::read_to_string(file).map(|found| text = found)
    };
    read.map_err(|e| Failure::general(format!("cannot read {}: {e}", file.display())))?;
    Ok(text)
}

fn line(rule: &PolicyJson) -> String {
    let media = if rule.reject_media { "no media" } else { "" };
    let reports = if rule.reject_reports { "no reports" } else { "" };
    let (public, private) = (&rule.public_comment, &rule.private_comment);
    print::row(&[&rule.domain, rule.severity, media, reports, public, private])
}

/// The changes, a line each, as differences are written.
fn diff(plan: &PlanJson) -> String {
    let none = "none";
    let lines = plan.changes.iter().map(|change| {
        let sign = match (change.before, change.after) {
            (None, _) => "+",
            (_, None) => "-",
            _ => "~",
        };
        let (before, after) = (change.before.unwrap_or(none), change.after.unwrap_or(none));
        print::row(&[sign, &change.domain, before, "→", after])
    });
    let text: String = lines.collect();
    let done = if plan.applied { "changed" } else { "would change (add --apply)" };
    text + &format!("{} {done}, {} as they are\n", plan.changes.len(), plan.unchanged)
}
