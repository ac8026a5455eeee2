//! A ballot: a straw poll that a body opens on an initiative addressed to it. Who may open it,
//! what it must look like, and what becomes of each vote.
//!
//! Nothing of a ballot can be changed after it is opened: who voted has voted on exactly this. It
//! can only end, or be removed as a whole. Votes cannot be taken back.

use super::initiative::{Initiative, parse_language};
use super::invalid::{Invalid, bounded};
use super::{ActorId, ObjectId, OptionId, Role, State, Timestamp, Viewer};
use unicode_normalization::UnicodeNormalization as _;

/// What somebody fills in to open a ballot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    pub question: String,
    pub options: Vec<String>,
    /// Whether several options may be chosen.
    pub multiple: bool,
    /// Whether nobody sees tallies before the end.
    pub hide_tallies: bool,
    pub ends_at: Timestamp,
    pub language: String,
}

/// A ballot that may be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    pub question: String,
    pub options: Vec<String>,
    pub multiple: bool,
    pub hide_tallies: bool,
    pub ends_at: Timestamp,
    pub language: String,
}

impl Question {
    /// Longest question, in characters.
    pub const MAX_QUESTION: usize = 150;
    /// Longest option, in characters: what no server cuts off.
    pub const MAX_OPTION: usize = 50;
    /// Fewest and most options: Mitra drops polls with more.
    pub const OPTIONS: std::ops::RangeInclusive<usize> = 2..=20;
    /// Shortest ballot, in seconds.
    pub const SHORTEST: i64 = 60 * 60;
    /// Longest ballot, in seconds.
    pub const LONGEST: i64 = 90 * 24 * 60 * 60;

    /// Checks all fields and reports every one that is wrong.
    pub fn parse(draft: &Draft, now: Timestamp) -> Result<Self, Vec<Invalid>> {
        let question = bounded("question", &one_line(&draft.question), Self::MAX_QUESTION);
        let options = parse_options(&draft.options);
        let language = parse_language(&draft.language);
        let length = draft.ends_at.seconds() - now.seconds();
        let ends_at = match length {
            n if n < Self::SHORTEST => Err(Invalid::new("ends_at", "too-soon")),
            n if n > Self::LONGEST => Err(Invalid::new("ends_at", "too-late")),
            // The wire has whole seconds, and what was announced is what counts.
            _ => Ok(Timestamp::from_millis(draft.ends_at.seconds() * 1_000)),
        };
        match (question, options, language, ends_at) {
            (Ok(question), Ok(options), Ok(language), Ok(ends_at)) => Ok(Self {
                question,
                options,
                language,
                ends_at,
                multiple: draft.multiple,
                hide_tallies: draft.hide_tallies,
            }),
            (question, options, language, ends_at) => {
                Err([question.err(), options.err(), language.err(), ends_at.err()]
                    .into_iter()
                    .flatten()
                    .collect())
            }
        }
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn parse_options(given: &[String]) -> Result<Vec<String>, Invalid> {
    let mut options: Vec<String> = Vec::with_capacity(given.len());
    for text in given.iter().map(|text| one_line(text)).filter(|text| !text.is_empty()) {
        let option = bounded("options", &nfc(&text), Question::MAX_OPTION)?;
        if options.contains(&option) {
            return Err(Invalid::new("options", "twice"));
        }
        options.push(option);
    }
    if options.len() < *Question::OPTIONS.start() {
        return Err(Invalid::limit("options", "too-few", *Question::OPTIONS.start()));
    }
    if options.len() > *Question::OPTIONS.end() {
        return Err(Invalid::limit("options", "too-many", *Question::OPTIONS.end()));
    }
    Ok(options)
}

/// The form in which names of options are compared.
fn nfc(text: &str) -> String {
    text.nfc().collect()
}

/// The option that a vote names: exactly, but for the way letters are composed.
pub fn option_named<'a>(options: &'a [BallotOption], name: &str) -> Option<&'a BallotOption> {
    let name = nfc(name);
    options.iter().find(|option| nfc(&option.name) == name)
}

/// Why a ballot cannot be opened, ended or removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Only officials and admins do this.
    NotOfficial,
    /// The initiative is at home elsewhere.
    NotHome,
    /// The initiative is not under discussion.
    WrongState,
    /// No body here is addressed by the initiative.
    NoBody,
}

/// Whether an account speaks for the bodies of this instance.
pub fn speaks_for_bodies(who: &Viewer) -> bool {
    who.is(Role::Official) || who.is(Role::Admin)
}

/// The body that opens a ballot on this initiative.
pub fn opener(initiative: &Initiative) -> Result<ActorId, Refused> {
    if !initiative.local {
        return Err(Refused::NotHome);
    }
    if initiative.state != State::Discussion {
        return Err(Refused::WrongState);
    }
    initiative.body_id.ok_or(Refused::NoBody)
}

/// What became of a vote. Each is kept with its verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, sqlx::Type)]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
pub enum Verdict {
    /// It counts.
    Counted,
    /// A further choice where one is allowed.
    Second,
    /// It came after the end, by our clock.
    Late,
    /// It names an option that the ballot does not have.
    Refused,
    /// Cast here on a ballot of elsewhere: its home counts it, or does not.
    Sent,
}

/// Where a voter is known. The two are counted apart and never added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// Somebody on another server.
    Fediverse,
    /// An account here.
    Registered,
}

/// Judges a vote that arrived at `received` for `option`; whether a further choice of its voter
/// counts already is known to the caller alone.
pub fn judge(
    ballot: &Ballot,
    option: Option<OptionId>,
    received: Timestamp,
    has_other_choice: bool,
) -> Verdict {
    if !ballot.is_open_at(received) {
        return Verdict::Late;
    }
    match option {
        None => Verdict::Refused,
        Some(_) if has_other_choice && !ballot.multiple => Verdict::Second,
        Some(_) => Verdict::Counted,
    }
}

/// A ballot without its options.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Ballot {
    pub id: ObjectId,
    /// Its id on the wire.
    pub uri: String,
    /// Its page at its home.
    pub url: String,
    /// Whether this instance is its home, and so the only counter.
    pub local: bool,
    pub initiative_id: ObjectId,
    pub initiative_uri: String,
    pub question: String,
    /// Cleaned HTML of the whole text.
    pub html: String,
    pub language: String,
    pub multiple: bool,
    pub hide_tallies: bool,
    /// When it was opened, as its home says.
    pub opened_at: Timestamp,
    /// The announced end, which never changes.
    pub ends_at: Timestamp,
    /// Until when votes count.
    pub closes_at: Timestamp,
    /// Set when the result is final; then it equals `closes_at`.
    pub closed_at: Option<Timestamp>,
    pub deleted_at: Option<Timestamp>,
    /// Voters from elsewhere whose votes count.
    pub fediverse: i64,
    /// Accounts here whose votes count.
    pub registered: i64,
    pub second: i64,
    pub late: i64,
    pub refused: i64,
    pub replies: i64,
    /// What the home of a ballot from elsewhere says of its voters.
    pub reported_voters: Option<i64>,
    pub reported_at: Option<Timestamp>,
    pub author_id: ActorId,
    pub author_uri: String,
    pub author_name: String,
    pub author_handle: String,
    pub author_host: String,
    pub author_url: String,
}

impl Ballot {
    /// Whether a vote that arrives at this moment counts.
    pub fn is_open_at(&self, at: Timestamp) -> bool {
        self.deleted_at.is_none() && self.closed_at.is_none() && at < self.closes_at
    }

    /// The name of its state: `open`, `counting` while votes that came in time are applied,
    /// `closed`, `removed`.
    pub fn state_at(&self, now: Timestamp) -> &'static str {
        // What the home of a ballot of elsewhere makes of the last votes is not known here.
        let counting = self.local && self.closed_at.is_none();
        if self.deleted_at.is_some() {
            "removed"
        } else if self.is_open_at(now) {
            "open"
        } else if counting {
            "counting"
        } else {
            "closed"
        }
    }

    /// Whether tallies may be seen now.
    pub const fn shows_tallies(&self) -> bool {
        !self.hide_tallies || self.closed_at.is_some()
    }
}

/// One option with its tallies.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct BallotOption {
    pub id: OptionId,
    pub ballot_id: ObjectId,
    /// From 0.
    pub position: i64,
    pub name: String,
    pub fediverse: i64,
    pub registered: i64,
    /// What the home of a ballot from elsewhere reports.
    pub reported: Option<i64>,
}

/// A ballot with its options, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Poll {
    pub ballot: Ballot,
    pub options: Vec<BallotOption>,
}

#[cfg(test)]
#[path = "ballot/tests.rs"]
mod tests;
