//! Lists of rules from files: first what would change, then the change.

use super::{By, delete_in, finish, list, put_in, stated};
use crate::app::App;
use crate::domain::host;
use crate::domain::policy::csv::{self, Fault, Row};
use crate::domain::policy::{DomainPolicy, Severity};
use crate::services::{Result, Unit};

/// What one line of a file means for the rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub domain: String,
    /// `None` where there is no rule yet.
    pub before: Option<Severity>,
    /// `None` where the rule would be taken back.
    pub after: Option<Severity>,
}

/// What a file would change.
#[derive(Clone, Debug)]
pub struct Plan {
    pub changes: Vec<Change>,
    /// Lines that say what holds already.
    pub unchanged: usize,
    rows: Vec<Row>,
    removed: Vec<DomainPolicy>,
}

impl Plan {
    /// Compares a file with the rules. With `replace`, rules that the file does not name would be
    /// taken back. `Err` inside names every line that cannot be used.
    pub async fn new(
        app: &App,
        text: &str,
        replace: bool,
    ) -> Result<std::result::Result<Self, Vec<Fault>>> {
        let rows = match csv::read(text) {
            Ok(rows) => rows,
            Err(faults) => return Ok(Err(faults)),
        };
        let own = app.urls.authority();
        let ours = rows
            .iter()
            .find(|row| row.domain == own || host::and_above(own).any(|above| above == row.domain));
        if let Some(row) = ours {
            let line = line_of(text, &row.domain);
            let what = format!("{} is this instance itself", row.domain);
            return Ok(Err(vec![Fault { line, what }]));
        }
        let known = list(app).await?;
        let mut changes = Vec::new();
        let mut wanted = Vec::new();
        let mut unchanged = 0;
        for row in rows {
            let before = known.iter().find(|rule| rule.domain == row.domain);
            if before.is_some_and(|rule| is_same(rule, &row)) {
                unchanged += 1;
                continue;
            }
            changes.push(Change {
                domain: row.domain.clone(),
                before: before.map(|rule| rule.severity),
                after: Some(row.severity),
            });
            wanted.push(row);
        }
        let named = csv::read(text).unwrap_or_default();
        let gone = |rule: &DomainPolicy| replace && !named.iter().any(|r| r.domain == rule.domain);
        let removed: Vec<_> = known.into_iter().filter(gone).collect();
        changes.extend(removed.iter().map(|rule| Change {
            domain: rule.domain.clone(),
            before: Some(rule.severity),
            after: None,
        }));
        Ok(Ok(Self { changes, unchanged, rows: wanted, removed }))
    }

    /// Makes the changes, all or none, each with its audit row.
    pub async fn apply(&self, app: &App, by: By<'_>) -> Result<()> {
        let mut unit = Unit::begin(app).await?;
        for row in &self.rows {
            let before = crate::storage::policies::by_domain(&mut unit.conn(), &row.domain).await?;
            let rule = stated(row, before.as_ref(), unit.now);
            put_in(&mut unit, by, before.as_ref(), &rule).await?;
        }
        for rule in &self.removed {
            delete_in(&mut unit, by, rule).await?;
        }
        finish(unit).await
    }
}

fn is_same(rule: &DomainPolicy, row: &Row) -> bool {
    rule.severity == row.severity
        && rule.reject_media == row.reject_media
        && rule.reject_reports == row.reject_reports
        && rule.obfuscate == row.obfuscate
        && rule.public_comment == row.public_comment
}

/// The line on which a domain stands.
fn line_of(text: &str, domain: &str) -> usize {
    let names = |line: &str| {
        let first = line.split(',').next().unwrap_or_default();
        host::canonical(first.trim_matches('"')).as_deref() == Some(domain)
    };
    text.lines().position(names).map_or(1, |index| index + 1)
}
