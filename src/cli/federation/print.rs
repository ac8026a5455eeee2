//! The log as lines for people. What others wrote was made harmless before it was stored; what
//! was not (bodies, errors) is made so here.

use crate::domain::peerlog::one_line;
use crate::http::api::federation::view::{
    EntryJson, HostJson, HostsJson, LogJson, StoriesJson, StoryJson,
};
use std::fmt::Write as _;

/// Characters of a body that are shown.
const MAX_BODY: usize = 4_000;

/// Some cells as a line.
pub(super) fn row(cells: &[&str]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| one_line(cell, 300)).collect();
    cells.join("  ") + "\n"
}

fn entry(e: &EntryJson) -> String {
    let status = e.status.map_or_else(String::new, |s| s.to_string());
    let check = e.failed_check.map_or_else(String::new, |c| format!("[{c}]"));
    let reason = e.reason.as_deref().unwrap_or_default();
    row(&[
        &e.id,
        &e.at,
        e.direction,
        e.fate,
        &e.host,
        &e.kind,
        &e.activity,
        &status,
        &check,
        reason,
    ])
}

/// A page of the log.
pub(super) fn log(page: &LogJson) -> String {
    let mut text: String = page.items.iter().map(entry).collect();
    if let Some(next) = &page.next {
        // Writing into memory cannot fail.
        let _ = writeln!(text, "older: --before {next}");
    }
    text
}

/// Everything about some entries.
pub(super) fn stories(all: &StoriesJson) -> String {
    all.items.iter().map(story).collect::<Vec<_>>().join("\n")
}

fn story(s: &StoryJson) -> String {
    let mut text = entry(&s.entry);
    text.push_str(&row(&["  actor: ", &s.entry.actor]));
    if !s.inbox.is_empty() {
        text.push_str(&row(&["  sent to: ", &s.inbox]));
    }
    for check in &s.checks {
        text.push_str(&row(&["  check: ", check.check, check.result]));
    }
    let _ = writeln!(text, "  attempts made: {}", s.attempts_made);
    for attempt in &s.attempts {
        let status = attempt.status.map_or_else(|| "no answer".to_owned(), |n| n.to_string());
        text.push_str(&row(&["  attempt: ", &attempt.at, &status, &attempt.error]));
    }
    text.push_str(&row(&["  next: ", s.next, s.next_at.as_deref().unwrap_or_default()]));
    text.push_str(&row(&["  what to do: ", s.advice_text]));
    match &s.body {
        Some(body) => {
            let _ = writeln!(text, "  body ({} bytes): {}", s.bytes, one_line(body, MAX_BODY));
        }
        None => text.push_str("  body: no longer kept\n"),
    }
    text
}

/// A server in one line.
pub(super) fn host_line(h: &HostJson) -> String {
    row(&[
        &h.host,
        h.policy,
        &format!("{} waiting, {} in flight, {} dead", h.pending, h.in_flight, h.dead),
        &format!("{} failures", h.failures),
        h.last_error.as_deref().unwrap_or_default(),
    ])
}

/// Servers, one a line.
pub(super) fn hosts(all: &HostsJson) -> String {
    all.items.iter().map(host_line).collect()
}

/// A server.
pub(super) fn host(h: &HostJson) -> String {
    let mut text = host_line(h);
    for (name, value) in [
        ("registered name", Some(&h.registrable)),
        ("next attempt", h.next_at.as_ref()),
        ("rests until", h.retry_at.as_ref()),
        ("last well", h.last_ok.as_ref()),
    ] {
        if let Some(value) = value {
            text.push_str(&row(&[&format!("  {name}: {value}")]));
        }
    }
    let _ = writeln!(text, "  actors known here: {}", h.actors);
    let _ = writeln!(text, "  frozen follows: {}", h.frozen_follows);
    text
}
