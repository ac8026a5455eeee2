//! Lists of rules as files, in Mastodon's columns, so that lists can be exchanged with other
//! servers: `#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate`, and
//! `#domain` alone for a list of those who may take part.

use super::{DomainPolicy, Severity};
use crate::domain::host;
use std::fmt::Write as _;

/// A line that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Counted from 1, as editors do.
    pub line: usize,
    pub what: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

/// A rule as a file states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub domain: String,
    pub severity: Severity,
    pub reject_media: bool,
    pub reject_reports: bool,
    pub obfuscate: bool,
    pub public_comment: String,
}

const COLUMNS: [&str; 6] =
    ["domain", "severity", "reject_media", "reject_reports", "public_comment", "obfuscate"];
/// Longest comment that is kept, in characters.
pub const MAX_COMMENT: usize = 1_000;

/// Reads a file. Every line that cannot be used is named; then nothing is.
pub fn read(text: &str) -> Result<Vec<Row>, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut rows: Vec<Row> = Vec::new();
    let mut records = records(text.strip_prefix('\u{feff}').unwrap_or(text)).into_iter();
    let head = match records.next() {
        Some((_, head)) if head.first().is_some_and(|name| name.starts_with('#')) => head,
        Some((line, _)) => {
            let what = "the first line must name the columns, beginning with #domain".to_owned();
            return Err(vec![Fault { line, what }]);
        }
        None => return Err(vec![Fault { line: 1, what: "the file is empty".to_owned() }]),
    };
    let head: Vec<String> =
        head.iter().map(|name| name.trim().trim_start_matches('#').to_lowercase()).collect();
    let at = |column: &str| head.iter().position(|name| name == column);
    let Some(domain_at) = at("domain") else {
        return Err(vec![Fault { line: 1, what: "there is no column #domain".to_owned() }]);
    };
    let places = COLUMNS.map(at);
    for (line, fields) in records {
        if fields.iter().all(|f| f.trim().is_empty()) {
            continue;
        }
        let field = |n: usize| {
            places.get(n).copied().flatten().and_then(|at| fields.get(at)).map_or("", |f| f.trim())
        };
        let written = fields.get(domain_at).map_or("", String::as_str);
        match row(written, &field) {
            Ok(row) if rows.iter().any(|known| known.domain == row.domain) => {
                let what = format!("{} is named twice", row.domain);
                faults.push(Fault { line, what });
            }
            Ok(row) => rows.push(row),
            Err(what) => faults.push(Fault { line, what }),
        }
    }
    if faults.is_empty() { Ok(rows) } else { Err(faults) }
}

fn row<'a>(written: &str, field: &impl Fn(usize) -> &'a str) -> Result<Row, String> {
    let domain = host::canonical(written)
        .ok_or_else(|| format!("{:?} is not a domain", written.escape_debug().to_string()))?;
    let severity = match field(1) {
        "" | "noop" | "accept" => Severity::Accept,
        "silence" => Severity::Silence,
        "suspend" | "reject" => Severity::Reject,
        other => return Err(format!("{other:?} is not a severity (silence, suspend, noop)")),
    };
    let flag = |n: usize| match field(n).to_ascii_lowercase().as_str() {
        "" | "false" | "0" => Ok(false),
        "true" | "1" => Ok(true),
        other => Err(format!("{other:?} is not true or false")),
    };
    let public_comment: String =
        field(4).chars().filter(|c| !c.is_control()).take(MAX_COMMENT).collect();
    Ok(Row {
        domain,
        severity,
        reject_media: flag(2)?,
        reject_reports: flag(3)?,
        public_comment,
        obfuscate: flag(5)?,
    })
}

/// Writes the rules as a file that other servers can read.
pub fn write(rules: &[DomainPolicy]) -> String {
    let mut text = COLUMNS.map(|name| format!("#{name}")).join(",");
    text.push('\n');
    for rule in rules {
        let severity = match rule.severity {
            Severity::Accept => "noop",
            Severity::Silence => "silence",
            Severity::Reject => "suspend",
        };
        // Writing into memory cannot fail.
        let _ = writeln!(
            text,
            "{},{severity},{},{},{},{}",
            rule.domain,
            rule.reject_media,
            rule.reject_reports,
            quoted(&rule.public_comment),
            rule.obfuscate
        );
    }
    text
}

/// Writes the domains that may take part, one a line.
pub fn write_allowed(rules: &[DomainPolicy]) -> String {
    let allowed = rules.iter().filter(|rule| rule.severity != Severity::Reject);
    allowed.fold("#domain\n".to_owned(), |text, rule| text + &rule.domain + "\n")
}

fn quoted(text: &str) -> String {
    // A cell that begins with one of these is a formula to a spreadsheet.
    let text = match text.chars().next() {
        Some('=' | '+' | '-' | '@') => format!("'{text}"),
        _ => text.to_owned(),
    };
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

/// The records of a file with the lines on which they begin (RFC 4180).
fn records(text: &str) -> Vec<(usize, Vec<String>)> {
    let mut all = Vec::new();
    let (mut line, mut begun) = (1, 1);
    let mut fields = Vec::new();
    let mut field = String::new();
    let mut inside = false;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter == '\n' {
            line += 1;
        }
        match letter {
            '"' if inside && letters.peek() == Some(&'"') => {
                letters.next();
                field.push('"');
            }
            '"' => inside = !inside,
            ',' if !inside => fields.push(std::mem::take(&mut field)),
            '\r' if !inside => {}
            '\n' if !inside => {
                fields.push(std::mem::take(&mut field));
                all.push((begun, std::mem::take(&mut fields)));
                begun = line;
            }
            other => field.push(other),
        }
    }
    if !field.is_empty() || !fields.is_empty() {
        fields.push(field);
        all.push((begun, fields));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;

    const BLOCK_LIST: &str = "\
#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate\r
Evil.example.,suspend,False,True,\"spam, \"\"much\"\"\nof it\",false\r
loud.example,silence,true,,,true\r
fine.example,noop,,,,\r
";

    #[test]
    fn lists_of_mastodon_are_read_and_written() {
        let rows = read(BLOCK_LIST).unwrap();
        let brief: Vec<_> = rows
            .iter()
            .map(|r| (r.domain.as_str(), r.severity, r.reject_media, r.reject_reports, r.obfuscate))
            .collect();
        assert_eq!(
            brief,
            [
                ("evil.example", Severity::Reject, false, true, false),
                ("loud.example", Severity::Silence, true, false, true),
                ("fine.example", Severity::Accept, false, false, false),
            ]
        );
        assert_eq!(rows[0].public_comment, "spam, \"much\"of it");
        let at = Timestamp::from_millis(0);
        let rules: Vec<DomainPolicy> = rows
            .iter()
            .map(|r| DomainPolicy {
                domain: r.domain.clone(),
                severity: r.severity,
                reject_media: r.reject_media,
                reject_reports: r.reject_reports,
                obfuscate: r.obfuscate,
                public_comment: r.public_comment.clone(),
                private_comment: "secret".to_owned(),
                created_at: at,
                updated_at: at,
            })
            .collect();
        let written = write(&rules);
        assert!(!written.contains("secret"));
        assert_eq!(read(&written).unwrap(), rows);
        assert_eq!(write_allowed(&rules), "#domain\nloud.example\nfine.example\n");
    }

    #[test]
    fn a_list_of_domains_alone_accepts_them() {
        let rows = read("#domain\nfriend.example\n\nother.example\n").unwrap();
        assert!(rows.iter().all(|row| row.severity == Severity::Accept));
        assert_eq!(rows.len(), 2);
    }

    #[test]
    fn every_unusable_line_is_named() {
        let faults = read(
            "#domain,#severity,#reject_media\nok.example,silence,true\nnot a domain,silence,true\n\
             a.example,harsh,true\nb.example,silence,perhaps\nOK.example.,silence,\n",
        )
        .unwrap_err();
        assert_eq!(faults.iter().map(|f| f.line).collect::<Vec<_>>(), [3, 4, 5, 6]);
        assert!(faults[1].to_string().contains("harsh"), "{}", faults[1]);
        for text in ["", "evil.example\n", "#severity\nsilence\n"] {
            assert_eq!(read(text).unwrap_err().len(), 1, "{text}");
        }
    }
}
