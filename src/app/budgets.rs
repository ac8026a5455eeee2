//! How much other servers may cause here in a minute: counted in memory, per process.
//!
//! Only the counters; which of them is asked when, and what follows, is in `federation::limits`.
//! To add one: a variant of [`Budget`], its line in [`Budgets::new`].

use crate::config::Limits;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Budget {
    /// Activities that a registered domain sends.
    Activities,
    /// Actors of a registered domain that are met for the first time.
    NewActors,
    /// Servers of a registered domain that are met for the first time.
    NewHosts,
    /// Servers in one network (/24, /48) that are met for the first time.
    NewHostsOfNetwork,
    /// Keys that requests from one network make us ask for.
    KeyFetches,
    /// The same, where the key could not be had.
    FailedKeyFetches,
    /// Documents that one server is asked for.
    FetchesTo,
    /// Documents that are asked for because of one registered domain.
    FetchesFor,
    /// Refusals of requests from one network that are written down.
    Refusals,
}

type Buckets = DefaultKeyedRateLimiter<String>;

/// The counters.
#[derive(Debug)]
pub struct Budgets {
    activities: Buckets,
    new_actors: Buckets,
    new_hosts: Buckets,
    new_hosts_of_network: Buckets,
    key_fetches: Buckets,
    failed_key_fetches: Buckets,
    fetches_to: Buckets,
    fetches_for: Buckets,
    refusals: Buckets,
    enabled: bool,
    clock: DefaultClock,
    checks: AtomicU32,
}

/// Refusals of one network that are written down in a minute: enough to see what is wrong, too few
/// to push out those of others.
const REFUSALS: u32 = 60;
/// After so many checks, who was not seen lately is forgotten.
const SWEEP: u32 = 4_096;

impl Budgets {
    /// Counters with the limits of the configuration.
    pub fn new(limits: &Limits) -> Self {
        let per_minute = |count: u32| RateLimiter::keyed(quota(count));
        Self {
            activities: per_minute(limits.peer_activities_per_minute),
            new_actors: per_minute(limits.peer_new_actors_per_minute),
            new_hosts: per_minute(limits.peer_new_hosts_per_minute),
            new_hosts_of_network: per_minute(limits.network_new_hosts_per_minute),
            key_fetches: per_minute(limits.key_fetches_per_minute),
            failed_key_fetches: per_minute(limits.failed_key_fetches_per_minute),
            fetches_to: per_minute(limits.peer_fetches_per_minute),
            fetches_for: per_minute(limits.peer_fetches_per_minute),
            refusals: per_minute(REFUSALS),
            enabled: limits.enabled,
            clock: DefaultClock::default(),
            checks: AtomicU32::new(0),
        }
    }

    /// Counts one; `Err` with the seconds to wait when it is one too many.
    pub fn take(&self, budget: Budget, key: &str) -> Result<(), u64> {
        if !self.enabled {
            return Ok(());
        }
        if self.checks.fetch_add(1, Ordering::Relaxed) % SWEEP == SWEEP - 1 {
            for buckets in self.all() {
                buckets.retain_recent();
            }
        }
        self.of(budget).check_key(&key.to_owned()).map_err(|not_until| {
            let wait = not_until.wait_time_from(self.clock.now());
            wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
        })
    }

    fn of(&self, budget: Budget) -> &Buckets {
        match budget {
            Budget::Activities => &self.activities,
            Budget::NewActors => &self.new_actors,
            Budget::NewHosts => &self.new_hosts,
            Budget::NewHostsOfNetwork => &self.new_hosts_of_network,
            Budget::KeyFetches => &self.key_fetches,
            Budget::FailedKeyFetches => &self.failed_key_fetches,
            Budget::FetchesTo => &self.fetches_to,
            Budget::FetchesFor => &self.fetches_for,
            Budget::Refusals => &self.refusals,
        }
    }

    fn all(&self) -> [&Buckets; 9] {
        [
            &self.activities,
            &self.new_actors,
            &self.new_hosts,
            &self.new_hosts_of_network,
            &self.key_fetches,
            &self.failed_key_fetches,
            &self.fetches_to,
            &self.fetches_for,
            &self.refusals,
        ]
    }
}

/// `count` at once, and then one more every minute / `count`.
fn quota(count: u32) -> Quota {
    let count = NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN);
    let each = Duration::from_mins(1) / count.get();
    Quota::with_period(each).map_or(Quota::per_second(count), |q| q.allow_burst(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_key_does_not_use_up_the_budget_of_another() {
        let budgets = Budgets::new(&Limits { peer_new_hosts_per_minute: 3, ..Limits::default() });
        for _ in 0..3 {
            budgets.take(Budget::NewHosts, "a.example").unwrap();
        }
        let wait = budgets.take(Budget::NewHosts, "a.example").unwrap_err();
        assert!((1..=20).contains(&wait), "{wait}");
        budgets.take(Budget::NewHosts, "b.example").unwrap();
        budgets.take(Budget::NewActors, "a.example").unwrap();
    }

    #[test]
    fn switched_off_nobody_is_counted() {
        let limits = Limits { peer_new_hosts_per_minute: 1, enabled: false, ..Limits::default() };
        let budgets = Budgets::new(&limits);
        assert!((0..100).all(|_| budgets.take(Budget::NewHosts, "a.example").is_ok()));
    }
}
