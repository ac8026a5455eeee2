//! A ballot as pages show it: its state, and a bar for each option, for each kind of voters.

use crate::domain::ballot::{BallotOption, Poll};
use crate::domain::{ObjectId, Timestamp};
use crate::http::web::context::Ctx;

/// One option of one kind of voters.
pub(in crate::http::web) struct Bar {
    pub(in crate::http::web) name: String,
    pub(in crate::http::web) votes: i64,
    pub(in crate::http::web) text: String,
}

/// The bars of one kind of voters. Kinds stand side by side, never together.
pub(in crate::http::web) struct Tier {
    pub(in crate::http::web) name: String,
    pub(in crate::http::web) voters: String,
    /// The length of a full bar.
    pub(in crate::http::web) most: i64,
    pub(in crate::http::web) bars: Vec<Bar>,
}

/// A ballot.
pub(in crate::http::web) struct Shown {
    pub(in crate::http::web) id: ObjectId,
    pub(in crate::http::web) question: String,
    pub(in crate::http::web) language: String,
    pub(in crate::http::web) state: String,
    pub(in crate::http::web) until: String,
    /// The moment of its end, as clean HTML.
    pub(in crate::http::web) end: String,
    pub(in crate::http::web) choices: String,
    pub(in crate::http::web) notice: String,
    /// What stands in the place of tallies.
    pub(in crate::http::web) instead: Option<String>,
    pub(in crate::http::web) tiers: Vec<Tier>,
}

impl Shown {
    pub(in crate::http::web) fn new(c: &Ctx, poll: &Poll, now: Timestamp) -> Self {
        let ballot = &poll.ballot;
        let open = ballot.is_open_at(now);
        let counting = ballot.local && !open && ballot.closed_at.is_none();
        let host = &ballot.author_host;
        let (instead, tiers) = if !ballot.local {
            match ballot.reported_at {
                None => (Some(c.tv("ballot-unreported", "host", host)), Vec::new()),
                Some(_) => (None, vec![reported(c, poll)]),
            }
        } else if !ballot.shows_tallies() {
            (Some(c.t("ballot-hidden")), Vec::new())
        } else {
            let tiers = vec![
                tier(c, poll, c.t("ballot-fediverse"), ballot.fediverse, |o| o.fediverse),
                tier(c, poll, c.t("ballot-registered"), ballot.registered, |o| o.registered),
            ];
            (counting.then(|| c.t("ballot-counting")), tiers)
        };
        Self {
            id: ballot.id,
            question: ballot.question.clone(),
            language: ballot.language.clone(),
            state: c.t(if open { "ballot-open" } else { "ballot-closed" }),
            until: c.t(if open { "ballot-until" } else { "ballot-since" }),
            end: c.moment(ballot.closes_at),
            choices: c.t(if ballot.multiple { "ballot-several" } else { "ballot-one" }),
            notice: c.t("ballot-notice"),
            instead,
            tiers,
        }
    }
}

fn tier(c: &Ctx, poll: &Poll, name: String, voters: i64, of: fn(&BallotOption) -> i64) -> Tier {
    let bars = poll.options.iter().map(|option| Bar {
        name: option.name.clone(),
        votes: of(option),
        text: c.tn("ballot-votes", of(option)),
    });
    Tier { name, voters: c.tn("ballot-voters", voters), most: voters.max(1), bars: bars.collect() }
}

fn reported(c: &Ctx, poll: &Poll) -> Tier {
    let of = |option: &BallotOption| option.reported.unwrap_or(0);
    let name = c.tv("ballot-reported", "host", &poll.ballot.author_host);
    let sum: i64 = poll.options.iter().map(of).sum();
    let voters = poll.ballot.reported_voters.unwrap_or(sum);
    tier(c, poll, name, voters, |o| o.reported.unwrap_or(0))
}
