//! Tallies of ballots, gathered in a unit and written once at its commit, in the order of ids.

use crate::domain::ballot::{Origin, Verdict};
use crate::domain::{ObjectId, OptionId};
use crate::services::{Result, Unit};
use crate::storage::ballots::{self, Change};
use std::collections::BTreeMap;

/// How long after the first uncounted vote the tallies are sent out, in seconds: many votes, one
/// push.
const PUSH_AFTER_SECONDS: i64 = 180;

/// By how much the tallies of one ballot change.
#[derive(Clone, Debug, Default)]
pub struct Votes {
    change: Change,
    options: BTreeMap<OptionId, (i64, i64)>,
}

impl Votes {
    /// One choice that counts; `first` when its voter had none before.
    pub(super) fn counted(&mut self, option: OptionId, origin: Origin, first: bool) {
        let (fediverse, registered) = match origin {
            Origin::Fediverse => (1, 0),
            Origin::Registered => (0, 1),
        };
        let sum = self.options.entry(option).or_default();
        sum.0 += fediverse;
        sum.1 += registered;
        if first {
            self.change.fediverse += fediverse;
            self.change.registered += registered;
        }
    }

    /// One vote that does not count.
    pub(super) fn not_counted(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Second => self.change.second += 1,
            Verdict::Late => self.change.late += 1,
            Verdict::Refused => self.change.refused += 1,
            Verdict::Counted | Verdict::Sent => {}
        }
    }

    /// Writes the change, and has the tallies sent out in a while if votes were counted. The
    /// ballot's row comes first: it is held, so that a closing waits for us or we for it.
    pub(in crate::services) async fn write(
        self,
        unit: &mut Unit<'_>,
        ballot: ObjectId,
    ) -> Result<()> {
        let row = ballots::add(&mut unit.conn(), ballot, &self.change).await?;
        if self.options.is_empty() {
            return Ok(());
        }
        let Some(row) = row.filter(|row| row.closed_at.is_none()) else {
            // It closed in the same moment: judged again, the votes are late.
            return Err(crate::services::Error::Conflict("the ballot has just closed"));
        };
        for (option, (fediverse, registered)) in self.options {
            ballots::add_to_option(&mut unit.conn(), option, fediverse, registered).await?;
        }
        if !row.hide_tallies {
            let at = unit.now.plus_seconds(PUSH_AFTER_SECONDS);
            // A push that has begun counts itself first, so that votes after it ask for the next.
            let dedupe = format!("push_tallies {ballot} {}", row.pushes);
            unit.enqueue("push_tallies", &ballot.to_string(), Some(&dedupe), at).await?;
        }
        Ok(())
    }
}
