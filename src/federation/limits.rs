//! How much another server may cause here: what it sends, whom it makes us meet, and whom it makes
//! us ask.
//!
//! Counted by registered domain, since names below it cost nothing; by network, since names cost
//! little; and by the server that is asked, so that nobody can turn us against a third one. What is
//! over a budget is put off, never taken as false: the figures are in `[limits]`.

use super::Error;
use crate::app::{App, Budget};
use crate::domain::host;
use crate::services;
use std::net::IpAddr;

/// The network that a request came from: all of it counts as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source(String);

impl Source {
    /// The network of an address.
    pub fn of(address: IpAddr) -> Self {
        Self(network(address))
    }
}

/// The /24 of an IPv4 address, the /48 of an IPv6 address.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(v6) => {
            let [a, b, c, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}::/48")
        }
    }
}

fn take(app: &App, budget: Budget, key: &str, what: &'static str) -> Result<(), Error> {
    app.budgets.take(budget, key).map_err(|seconds| {
        metrics::counter!("federation_over_budget_total", "budget" => what).increment(1);
        Error::Busy { what, seconds }
    })
}

/// Whether a refusal of a request from `source` may be written down.
pub fn may_log(app: &App, source: &Source) -> bool {
    app.budgets.take(Budget::Refusals, &source.0).is_ok()
}

/// Counts an authenticated activity. Before that its sender is only claimed, and a forger must not
/// use up the budget of somebody else.
pub(super) fn activity(app: &App, actor: &str) -> Result<(), Error> {
    let host = host::of_uri(actor).unwrap_or_default();
    take(app, Budget::Activities, host::registrable(&host), "activities")
}

/// Counts a document that is about to be asked for: against its server, and against whoever caused
/// it.
pub(super) fn fetch(app: &App, cause: Option<&str>, uri: &str) -> Result<(), Error> {
    let host = host::of_uri(uri).unwrap_or_default();
    if let Some(cause) = cause {
        take(app, Budget::FetchesFor, cause, "fetches caused by one domain")?;
    }
    take(app, Budget::FetchesTo, &host, "fetches from one server")
}

/// Counts a key that a request from `source` makes us ask for. Whoever names many keys that do not
/// exist is not believed to have others.
pub(super) fn key_fetch(app: &App, source: &Source) -> Result<(), Error> {
    if app.caches.key_forgers.contains(&source.0) {
        let what = "keys that cannot be had";
        metrics::counter!("federation_over_budget_total", "budget" => what).increment(1);
        return Err(Error::Busy { what, seconds: 60 });
    }
    take(app, Budget::KeyFetches, &source.0, "keys")
}

/// A key could not be had.
pub(super) fn key_fetch_failed(app: &App, source: &Source) {
    if app.budgets.take(Budget::FailedKeyFetches, &source.0).is_err() {
        app.caches.key_forgers.insert_new(&source.0);
    }
}

/// Counts an actor that is about to be met for the first time, and its server, if that is new too.
pub async fn new_actor(app: &App, uri: &str) -> Result<(), Error> {
    let host = host::of_uri(uri).unwrap_or_default();
    let domain = host::registrable(&host);
    if !is_known(app, &host).await? {
        let taken = take(app, Budget::NewHosts, domain, "new servers of one domain");
        alarm(app, &taken, domain).await;
        taken?;
    }
    take(app, Budget::NewActors, domain, "new actors of one domain")
}

/// Counts the network in which a server was found that is met for the first time.
pub(super) async fn answered(app: &App, uri: &str, from: Option<IpAddr>) -> Result<(), Error> {
    let host = host::of_uri(uri).unwrap_or_default();
    let Some(from) = from else { return Ok(()) };
    if !app.config.limits.enabled || is_known(app, &host).await? {
        return Ok(());
    }
    // Each new server once, however many documents of it are read.
    if !app.caches.new_hosts.insert_new(&host) {
        return Ok(());
    }
    let network = network(from);
    let taken = take(app, Budget::NewHostsOfNetwork, &network, "new servers in one network");
    alarm(app, &taken, &network).await;
    taken
}

/// Whether an actor of this host is known.
async fn is_known(app: &App, host: &str) -> Result<bool, Error> {
    if app.caches.known_hosts.contains(host) {
        return Ok(true);
    }
    let known = services::actors::host_is_known(app, host).await?;
    if known {
        app.caches.known_hosts.insert_new(host);
    }
    Ok(known)
}

/// Writes down, once in a while for each, that somebody makes up servers.
async fn alarm(app: &App, taken: &Result<(), Error>, who: &str) {
    let Err(error) = taken else { return };
    if !app.caches.alarms.insert_new(who) {
        return;
    }
    tracing::warn!(who, %error, "somebody brings too many new servers");
    let written = services::audit::refused(app, "alarm", who, "", &error.to_string()).await;
    if let Err(error) = written {
        tracing::debug!(%error, "an alarm could not be written down");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks() {
        for (address, expected) in [
            ("192.0.2.77", "192.0.2.0/24"),
            ("::ffff:192.0.2.77", "192.0.2.0/24"),
            ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ] {
            assert_eq!(network(address.parse().unwrap()), expected);
        }
    }
}
