//! Whether what must always hold does hold: recomputed from the rows, each break named.
//!
//! For `veche verify`, and for the ends of tests that killed, filled and confused the program.

use super::Result;
use super::initiatives::text_digest;
use crate::app::App;
use crate::domain::InitiativeText;
use crate::storage::verify::{self, CHECKS};

/// A rule and the rows that break it.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The short name of the rule, for scripts.
    pub check: &'static str,
    /// The rule, as a sentence.
    pub rule: &'static str,
    /// How many rows break it.
    pub count: i64,
    /// Some of them.
    pub rows: Vec<String>,
}

/// The names of all checks.
pub fn names() -> Vec<&'static str> {
    CHECKS.iter().map(|check| check.name).chain([FILE.0, DIGESTS.0]).collect()
}

const FILE: (&str, &str) = ("file", "the database file is whole");
const DIGESTS: (&str, &str) =
    ("digests", "the digest of every published text is that of its words");
/// Texts that are read at once.
const BATCH: i64 = 200;

/// Checks everything; empty when all is well.
pub async fn run(app: &App) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let broken = app.db.check_file().await?;
    findings.extend(finding(FILE, broken));
    for check in CHECKS {
        let mut reader = app.db.read().await?;
        let (count, rows) = verify::broken(&mut reader.conn(), check, app.urls.base()).await?;
        if count > 0 {
            findings.push(Finding { check: check.name, rule: check.rule, count, rows });
        }
    }
    findings.extend(finding(DIGESTS, digests(app).await?));
    Ok(findings)
}

fn finding((check, rule): (&'static str, &'static str), rows: Vec<String>) -> Option<Finding> {
    let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    (count > 0).then_some(Finding { check, rule, count, rows })
}

/// The texts whose words were changed after their digest was made.
async fn digests(app: &App) -> Result<Vec<String>> {
    let mut broken = Vec::new();
    let mut after = (0, 0);
    loop {
        let rows = verify::texts(&mut app.db.read().await?.conn(), after, BATCH).await?;
        let Some(last) = rows.last() else { return Ok(broken) };
        after = (last.initiative_id, last.number);
        for row in rows {
            let words = InitiativeText {
                title: row.title,
                problem: row.problem,
                proposal: row.proposal,
                language: row.language,
            };
            if text_digest(&words) != row.digest {
                broken.push(format!("initiative {} revision {}", row.initiative_id, row.number));
            }
        }
    }
}
