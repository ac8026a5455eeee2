//! `veche admin account delete`, `veche admin reports`, `veche admin site`.

use super::Made;
use crate::app::App;
use crate::cli::Failure;
use crate::services::reports::{self, Case};
use crate::services::{profiles, removal};
use clap::Args;
use serde_json::json;

/// Most reports in one answer.
const REPORTS: i64 = 100;

#[derive(Debug, Args)]
pub(in crate::cli) struct Delete {
    /// The handle of the account.
    handle: String,
    /// Why; it is kept in the record of the instance.
    #[arg(long)]
    reason: String,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

impl Delete {
    pub(super) async fn run(self, app: &App) -> Result<(bool, Made), Failure> {
        removal::remove_account(app, None, &self.handle, &self.reason).await?;
        let text = format!("deleted {}", self.handle);
        Ok((self.json, Made::Other(json!({ "deleted": self.handle }), text)))
    }
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Reports {
    /// Also those that are closed.
    #[arg(long)]
    all: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

impl Reports {
    pub(super) async fn run(self, app: &App) -> Result<(bool, Made), Failure> {
        let state = if self.all { None } else { Some("open") };
        let cases = reports::list(app, None, state, None, REPORTS).await?.items;
        let text = cases.iter().map(line).collect::<Vec<_>>().join("\n");
        let items: Vec<_> = cases.iter().map(object).collect();
        Ok((self.json, Made::Other(json!({ "reports": items }), text)))
    }
}

fn line(case: &Case) -> String {
    let report = &case.report;
    let about = report.objects().join(" ");
    format!("{} {} {} {about}", report.created_at.to_rfc3339(), report.state, report.reporter_uri)
}

fn object(case: &Case) -> serde_json::Value {
    let report = &case.report;
    json!({
        "id": report.id.to_string(),
        "state": report.state,
        "reporter": report.reporter_uri,
        "objects": report.objects(),
        "content": report.content,
        "created_at": report.created_at.to_rfc3339(),
        "note": report.note,
    })
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Site {
    /// The handle of the body or assembly.
    handle: String,
    /// The address of its official site; without one the page shows none.
    #[arg(long)]
    url: Option<String>,
    /// The label beside it.
    #[arg(long, default_value = "Official site")]
    label: String,
    /// A host that may name it as the author of its pages; may be repeated.
    #[arg(long)]
    domain: Vec<String>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

impl Site {
    pub(super) async fn run(self, app: &App) -> Result<(bool, Made), Failure> {
        let fields: Vec<_> = self.url.into_iter().map(|url| (self.label.clone(), url)).collect();
        profiles::set_of_board(app, None, &self.handle, &fields, &self.domain).await?;
        let text = format!("changed {}", self.handle);
        Ok((self.json, Made::Other(json!({ "handle": self.handle }), text)))
    }
}
