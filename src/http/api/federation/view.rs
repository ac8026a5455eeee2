//! The forms in which the shell and the API give the federation log: the same for both.

use crate::domain::policy::DomainPolicy;
use crate::domain::{Page, Timestamp};
use crate::services::letters::Changed;
use crate::services::peerlog::{Entry, HostView, Next, Story};
use serde::Serialize;
use utoipa::ToSchema;

/// An entry of the log.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntryJson {
    pub id: String,
    pub at: String,
    /// `in` or `out`.
    pub direction: &'static str,
    /// What became of it.
    pub fate: &'static str,
    pub host: String,
    pub actor: String,
    pub activity: String,
    /// The type of the activity.
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The check that a refused request failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed_check: Option<&'static str>,
}

impl From<Entry> for EntryJson {
    fn from(entry: Entry) -> Self {
        Self {
            id: entry.id.to_string(),
            at: entry.at.to_rfc3339(),
            direction: entry.direction.as_str(),
            fate: entry.fate.as_str(),
            host: entry.host,
            actor: entry.actor_uri,
            activity: entry.activity_uri,
            kind: entry.kind,
            status: entry.status,
            reason: entry.reason,
            failed_check: entry.failed.map(crate::domain::peerlog::Check::as_str),
        }
    }
}

/// A page of the log.
#[derive(Debug, Serialize, ToSchema)]
pub struct LogJson {
    pub items: Vec<EntryJson>,
    /// What to pass as `before` for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl From<Page<Entry>> for LogJson {
    fn from(page: Page<Entry>) -> Self {
        Self {
            next: page.next.map(|id| id.to_string()),
            items: page.items.into_iter().map(Into::into).collect(),
        }
    }
}

/// A check with its result.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckJson {
    pub check: &'static str,
    /// `passed`, `failed` or `not_reached`.
    pub result: &'static str,
}

/// A failed attempt.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttemptJson {
    pub at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    pub error: String,
}

/// Everything about an entry.
#[derive(Debug, Serialize, ToSchema)]
pub struct StoryJson {
    #[serde(flatten)]
    pub entry: EntryJson,
    /// Where it was sent.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub inbox: String,
    pub checks: Vec<CheckJson>,
    pub attempts_made: i64,
    pub attempts: Vec<AttemptJson>,
    /// `nothing`, `in_flight`, `attempt`, `sender_tries_again` or `sender_gives_up`.
    pub next: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_at: Option<String>,
    /// A short code of what can be done.
    pub advice: &'static str,
    /// The same as a sentence.
    pub advice_text: &'static str,
    /// The activity, as far as it is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// How long it was.
    pub bytes: i64,
}

impl From<Story> for StoryJson {
    fn from(story: Story) -> Self {
        let result = |passed| match passed {
            Some(true) => "passed",
            Some(false) => "failed",
            None => "not_reached",
        };
        let checks = story.checks.iter();
        Self {
            checks: checks
                .map(|(check, passed)| CheckJson { check: check.as_str(), result: result(*passed) })
                .collect(),
            inbox: story.inbox,
            attempts_made: story.attempts_made,
            attempts: story
                .attempts
                .into_iter()
                .map(|a| AttemptJson {
                    at: Timestamp::from_millis(a.at).to_rfc3339(),
                    status: a.status,
                    error: a.error,
                })
                .collect(),
            next: story.next.as_str(),
            next_at: match story.next {
                Next::Attempt(at) => Some(at.to_rfc3339()),
                _ => None,
            },
            advice: story.advice.as_str(),
            advice_text: story.advice.sentence(),
            body: story.body,
            bytes: story.bytes,
            entry: story.entry.into(),
        }
    }
}

/// All entries about one thing, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct StoriesJson {
    pub items: Vec<StoryJson>,
}

impl From<Vec<Story>> for StoriesJson {
    fn from(stories: Vec<Story>) -> Self {
        Self { items: stories.into_iter().map(Into::into).collect() }
    }
}

/// How a server is doing.
#[derive(Debug, Serialize, ToSchema)]
pub struct HostJson {
    pub host: String,
    /// The registered name that it is below.
    pub registrable: String,
    /// `accept`, `silence` or `reject`.
    pub policy: &'static str,
    pub pending: i64,
    pub in_flight: i64,
    pub dead: i64,
    pub failures: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_ok: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    /// Actors known here. Only for a single host.
    pub actors: i64,
    /// Follows that a rule froze. Only for a single host.
    pub frozen_follows: i64,
}

impl From<HostView> for HostJson {
    fn from(view: HostView) -> Self {
        Self {
            host: view.host,
            registrable: view.registrable,
            policy: view.standing.severity.as_str(),
            pending: view.depth.pending,
            in_flight: view.depth.in_flight,
            dead: view.depth.dead,
            failures: view.failures,
            next_at: view.depth.next_at.map(Timestamp::to_rfc3339),
            retry_at: view.retry_at.map(Timestamp::to_rfc3339),
            last_ok: view.last_ok.map(Timestamp::to_rfc3339),
            last_error: view.last_error,
            actors: view.actors,
            frozen_follows: view.frozen,
        }
    }
}

/// Servers, the longest queue first.
#[derive(Debug, Serialize, ToSchema)]
pub struct HostsJson {
    pub items: Vec<HostJson>,
}

impl From<Vec<HostView>> for HostsJson {
    fn from(all: Vec<HostView>) -> Self {
        Self { items: all.into_iter().map(Into::into).collect() }
    }
}

/// A rule about a server and all below its name.
#[derive(Debug, Serialize, ToSchema)]
pub struct PolicyJson {
    pub domain: String,
    /// `accept`, `silence` or `reject`.
    pub severity: &'static str,
    pub reject_media: bool,
    pub reject_reports: bool,
    pub obfuscate: bool,
    pub public_comment: String,
    pub private_comment: String,
    pub created_at: String,
    pub updated_at: String,
}

impl From<DomainPolicy> for PolicyJson {
    fn from(rule: DomainPolicy) -> Self {
        Self {
            domain: rule.domain,
            severity: rule.severity.as_str(),
            reject_media: rule.reject_media,
            reject_reports: rule.reject_reports,
            obfuscate: rule.obfuscate,
            public_comment: rule.public_comment,
            private_comment: rule.private_comment,
            created_at: rule.created_at.to_rfc3339(),
            updated_at: rule.updated_at.to_rfc3339(),
        }
    }
}

/// How many rows an act on the queues changed.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangedJson {
    pub deliveries: u64,
    pub arrivals: u64,
    pub jobs: u64,
}

impl From<Changed> for ChangedJson {
    fn from(changed: Changed) -> Self {
        Self { deliveries: changed.deliveries, arrivals: changed.arrivals, jobs: changed.jobs }
    }
}
