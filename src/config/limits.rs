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
    /// Activities from one registered domain in a minute.
    pub peer_activities_per_minute: u32,
    /// Actors of one registered domain that are met for the first time in a minute.
    pub peer_new_actors_per_minute: u32,
    /// Servers of one registered domain that are met for the first time in a minute.
    pub peer_new_hosts_per_minute: u32,
    /// Servers in one network (/24, /48) that are met for the first time in a minute.
    pub network_new_hosts_per_minute: u32,
    /// Keys that requests from one network (/24, /48) make us ask for in a minute.
    pub key_fetches_per_minute: u32,
    /// The same, for keys that cannot be had.
    pub failed_key_fetches_per_minute: u32,
    /// Documents that one server is asked for, and that one registered domain causes, in a minute.
    pub peer_fetches_per_minute: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            enabled: true,
            requests_per_5_minutes: 1_500,
            sign_ins_per_minute: 5,
            registrations_per_hour: 10,
            acts_per_minute: 30,
            peer_activities_per_minute: 6_000,
            peer_new_actors_per_minute: 600,
            peer_new_hosts_per_minute: 10,
            network_new_hosts_per_minute: 60,
            key_fetches_per_minute: 600,
            failed_key_fetches_per_minute: 30,
            peer_fetches_per_minute: 600,
        }
    }
}
