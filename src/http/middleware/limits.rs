//! How often anybody may ask, sign in, register and act.
//!
//! Counted in memory, per process, by address (IPv6: by /64) or by account. To add a rule: a
//! variant of [`Rule`], its line in [`RULES`], its quota in [`Limits::new`].

use super::refusal::Refusal;
use crate::config;
use crate::domain::ActorId;
use crate::http::extract::ClientIp;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use http::{Extensions, Method, header};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Which limit a request falls under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// Attempts to sign in.
    SignIn,
    /// New accounts.
    Register,
    /// What other servers bring: many people behind one address.
    Inbox,
    /// Everything else.
    Request,
}

/// Paths with a rule of their own, for POST.
pub(super) const RULES: [(&str, Rule); 4] = [
    ("/sign-in", Rule::SignIn),
    ("/register", Rule::Register),
    ("/inbox", Rule::Inbox),
    // Each makes us ask another server.
    ("/interact", Rule::SignIn),
];

impl Rule {
    /// The rule of a request.
    pub(super) fn of(method: &Method, path: &str) -> Self {
        if method != Method::POST {
            return Self::Request;
        }
        match RULES.iter().find(|(own, _)| *own == path) {
            Some((_, rule)) => *rule,
            None if path.ends_with("/inbox") => Self::Inbox,
            None => Self::Request,
        }
    }
}

/// How much more often another server may come than a person.
const SERVERS: u32 = 10;
/// After so many checks, who was not seen lately is forgotten.
const SWEEP: u32 = 8_192;

type Buckets<K> = DefaultKeyedRateLimiter<K>;

/// The counters.
#[derive(Debug)]
pub(crate) struct Limits {
    requests: Buckets<u128>,
    inbox: Buckets<u128>,
    sign_in: Buckets<u128>,
    register: Buckets<u128>,
    acts: Buckets<i64>,
    clock: DefaultClock,
    checks: AtomicU32,
}

impl Limits {
    /// Counters with the limits of the configuration.
    pub(super) fn new(limits: &config::Limits) -> Self {
        let requests = limits.requests_per_5_minutes;
        let minute = Duration::from_mins(1);
        Self {
            requests: RateLimiter::keyed(quota(requests, minute * 5)),
            inbox: RateLimiter::keyed(quota(requests.saturating_mul(SERVERS), minute * 5)),
            sign_in: RateLimiter::keyed(quota(limits.sign_ins_per_minute, minute)),
            register: RateLimiter::keyed(quota(limits.registrations_per_hour, minute * 60)),
            acts: RateLimiter::keyed(quota(limits.acts_per_minute, minute)),
            clock: DefaultClock::default(),
            checks: AtomicU32::new(0),
        }
    }

    /// Counts a request; refuses it with the time to wait when it is one too many.
    pub(super) fn check(
        &self,
        method: &Method,
        path: &str,
        client: ClientIp,
    ) -> Result<(), Refusal> {
        self.sweep_at_times();
        let buckets = match Rule::of(method, path) {
            Rule::SignIn => &self.sign_in,
            Rule::Register => &self.register,
            Rule::Inbox => &self.inbox,
            Rule::Request => &self.requests,
        };
        self.take(buckets, &client.bucket()).map_err(|seconds| {
            Refusal::new(429, "too many requests in a short time")
                .with(header::RETRY_AFTER, seconds)
        })
    }

    /// Counts one; `Err` with the seconds to wait.
    fn take<K: Clone + std::hash::Hash + Eq>(
        &self,
        buckets: &Buckets<K>,
        key: &K,
    ) -> Result<(), u64> {
        buckets.check_key(key).map_err(|not_until| {
            let wait = not_until.wait_time_from(self.clock.now());
            wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
        })
    }

    fn sweep_at_times(&self) {
        if self.checks.fetch_add(1, Ordering::Relaxed) % SWEEP == SWEEP - 1 {
            for buckets in [&self.requests, &self.inbox, &self.sign_in, &self.register] {
                buckets.retain_recent();
            }
            self.acts.retain_recent();
        }
    }
}

/// `count` at once, and then one more every `period / count`.
fn quota(count: u32, period: Duration) -> Quota {
    let count = NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN);
    let each = period / count.get();
    Quota::with_period(each).map_or(Quota::per_second(count), |q| q.allow_burst(count))
}

/// Counts one act (writing, answering, endorsing) of an account; `Err` with the seconds to wait.
/// `extensions` are those of a request that is not safe.
pub(crate) fn check_act(extensions: &Extensions, account: ActorId) -> Result<(), u64> {
    match extensions.get::<Arc<Limits>>() {
        Some(limits) => limits.take(&limits.acts, &account.get()),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Limits {
        Limits::new(&config::Limits {
            requests_per_5_minutes: 4,
            sign_ins_per_minute: 2,
            registrations_per_hour: 1,
            acts_per_minute: 3,
            ..config::Limits::default()
        })
    }

    #[test]
    fn every_rule_has_its_path_and_its_limit() {
        let client = |n: u8| ClientIp(std::net::IpAddr::from([192, 0, 2, n]));
        let rows = [
            (Method::POST, "/sign-in", Rule::SignIn, 2),
            (Method::POST, "/register", Rule::Register, 1),
            (Method::POST, "/inbox", Rule::Inbox, 40),
            (Method::POST, "/u/ana/inbox", Rule::Inbox, 40),
            (Method::GET, "/sign-in", Rule::Request, 4),
            (Method::POST, "/new", Rule::Request, 4),
        ];
        for (method, path, rule, count) in rows {
            let limits = limits();
            assert_eq!(Rule::of(&method, path), rule);
            for _ in 0..count {
                limits.check(&method, path, client(1)).unwrap();
            }
            let refused = limits.check(&method, path, client(1)).unwrap_err();
            let response = refused.into_response(super::super::door::Door::Web);
            assert_eq!(response.status(), 429, "{path}");
            let wait = response.headers()["retry-after"].to_str().unwrap();
            assert!((1..=3_600).contains(&wait.parse::<u64>().unwrap()), "{path}");
            limits.check(&method, path, client(2)).unwrap();
        }
    }

    #[test]
    fn acts_are_counted_by_account() {
        let mut extensions = Extensions::new();
        extensions.insert(Arc::new(limits()));
        for _ in 0..3 {
            check_act(&extensions, ActorId::from(1)).unwrap();
        }
        assert!((1..=20).contains(&check_act(&extensions, ActorId::from(1)).unwrap_err()));
        check_act(&extensions, ActorId::from(2)).unwrap();
    }
}
