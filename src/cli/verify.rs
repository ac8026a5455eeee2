//! `veche verify`: whether the database holds what it must, told before an auditor asks.

use super::{Failure, load, output};
use crate::app::{App, Options};
use crate::services::verify::{self, Finding};
use clap::Args;
use serde_json::json;
use std::path::Path;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// Runs the command: exit code 0 when all is well, 1 when something is not.
pub(super) async fn run(file: Option<&Path>, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let config = super::admin::quiet(load(file)?);
    let app = App::open(config, Options::default()).await?;
    let findings = verify::run(&app).await;
    app.db.close().await;
    let findings = findings?;
    if arguments.json {
        output::json(&as_json(&findings));
    } else {
        describe(&findings);
    }
    Ok(if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn as_json(findings: &[Finding]) -> serde_json::Value {
    let broken: Vec<_> = findings
        .iter()
        .map(|f| json!({ "check": f.check, "rule": f.rule, "count": f.count, "rows": f.rows }))
        .collect();
    json!({ "ok": findings.is_empty(), "checks": verify::names(), "broken": broken })
}

fn describe(findings: &[Finding]) {
    for finding in findings {
        output::line(&format!("{}: not true that {}", finding.check, finding.rule));
        for row in &finding.rows {
            output::line(&format!("    {row}"));
        }
        let named = i64::try_from(finding.rows.len()).unwrap_or(i64::MAX);
        if finding.count > named {
            output::line(&format!("    and {} more", finding.count - named));
        }
    }
    let checks = verify::names().len();
    output::line(&match findings.len() {
        0 => format!("all is well ({checks} checks)"),
        broken => format!("{broken} of {checks} checks found something"),
    });
}
