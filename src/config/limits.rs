//! `[limits]`: how much is taken from whom.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// `false` switches every rate limit off, for tests and benchmarks.
    pub enabled: bool,
    /// Requests from one address (IPv6: one /64) in five minutes.
    pub requests_per_5_minutes: u32,
    /// Attempts to sign in from one address in a minute.
    pub sign_ins_per_minute: u32,
    /// New accounts from one address in an hour.
    pub registrations_per_hour: u32,
    /// Acts (writing, answering, endorsing) of one account in a minute.
    pub acts_per_minute: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            enabled: true,
            requests_per_5_minutes: 1_500,
            sign_ins_per_minute: 5,
            registrations_per_hour: 10,
            acts_per_minute: 30,
        }
    }
}
