//! Reports: somebody tells the moderators of something.

use super::{ActorId, Invalid, ReportId, Timestamp, invalid::bounded};

/// Longest reason, in characters: what other servers take of a `Flag`.
pub const MAX_REASON: usize = 5_000;
/// Most things in one report.
pub const MAX_TARGETS: usize = 50;
/// Longest note of a moderator, in characters.
pub const MAX_NOTE: usize = 1_000;

/// The reason of a report written here.
pub fn parse_reason(text: &str) -> Result<String, Invalid> {
    bounded("reason", text, MAX_REASON)
}

/// The note with which a report is closed; it may be empty.
pub fn parse_note(text: &str) -> Result<String, Invalid> {
    if text.trim().is_empty() { Ok(String::new()) } else { bounded("note", text, MAX_NOTE) }
}

/// A report as its moderators see it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Report {
    pub id: ReportId,
    pub reporter_id: ActorId,
    pub reporter_uri: String,
    pub reporter_handle: String,
    pub reporter_host: String,
    pub reporter_local: bool,
    pub activity_uri: String,
    /// A JSON array of ids on the wire.
    pub object_uris: String,
    pub content: String,
    pub created_at: Timestamp,
    /// `open` or `resolved`.
    pub state: String,
    /// What the moderator wrote when closing it.
    pub note: String,
    pub resolved_at: Option<Timestamp>,
    pub forwarded_at: Option<Timestamp>,
}

impl Report {
    /// What it is about: ids on the wire.
    pub fn objects(&self) -> Vec<String> {
        serde_json::from_str(&self.object_uris).unwrap_or_default()
    }

    /// Whether it waits for a moderator.
    pub fn is_open(&self) -> bool {
        self.state == "open"
    }
}
