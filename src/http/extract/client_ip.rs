//! Where a request came from. Used to limit rates, never logged, never stored.

use crate::config::Network;
use crate::federation::limits::Source;
use http::{Extensions, HeaderMap};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Once;

const FORWARDED: &str = "x-forwarded-for";
/// Said once: whoever writes the header must not be able to fill the log.
static DISBELIEVED: Once = Once::new();

/// The other end of the connection, put into each request by the listener.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// The client's address: the other end of the connection or, when that is a trusted proxy, the
/// last address in `X-Forwarded-For` that is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ClientIp(pub(crate) IpAddr);

impl ClientIp {
    /// Finds the address of a request.
    pub(crate) fn of(extensions: &Extensions, headers: &HeaderMap, trusted: &[Network]) -> Self {
        // A request without a connection exists in tests only.
        let peer = extensions.get::<Peer>().map_or(Ipv4Addr::UNSPECIFIED.into(), |p| p.0.ip());
        let mut address = peer.to_canonical();
        if !headers.contains_key(FORWARDED) {
            return Self(address);
        }
        if is_trusted(address, trusted) {
            let forwarded = headers.get_all(FORWARDED);
            // Right to left: each proxy appends whom it saw, and what stands left of an address
            // that is not a proxy of ours was written by that stranger.
            let hops = forwarded.iter().rev().filter_map(|v| v.to_str().ok());
            for hop in hops.flat_map(|v| v.rsplit(',')) {
                let Ok(hop) = hop.trim().parse::<IpAddr>() else { break };
                address = hop.to_canonical();
                if !is_trusted(address, trusted) {
                    break;
                }
            }
        } else {
            DISBELIEVED.call_once(|| {
                tracing::warn!(
                    "X-Forwarded-For from an address that is not in [server] trusted_proxies is \
                     not believed; if it is your reverse proxy, everybody behind it now counts \
                     as one"
                );
            });
        }
        Self(address)
    }

    /// The address under which it is counted: of IPv6 the first 64 bits, since one customer has
    /// them all.
    pub(crate) fn bucket(self) -> u128 {
        match self.0 {
            IpAddr::V4(v4) => v4.to_ipv6_mapped().to_bits(),
            IpAddr::V6(v6) => v6.to_bits() & !u128::from(u64::MAX),
        }
    }
}

/// The network that a request came from, which pays for what it makes us ask.
pub(crate) fn source_of(extensions: &Extensions) -> Source {
    // A request without an address exists in tests only.
    let address = extensions.get::<ClientIp>().map(|client| client.0);
    Source::of(address.unwrap_or(Ipv4Addr::UNSPECIFIED.into()))
}

fn is_trusted(address: IpAddr, trusted: &[Network]) -> bool {
    trusted.iter().any(|network| network.contains(address))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut extensions = Extensions::new();
        extensions.insert(Peer(SocketAddr::new(peer.parse().unwrap(), 1)));
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        let trusted: Vec<_> = trusted.iter().map(|t| Network::parse(t).unwrap()).collect();
        ClientIp::of(&extensions, &headers, &trusted).0.to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        let proxies = ["10.0.0.0/8", "2001:db8::1"];
        assert_eq!(of("192.0.2.1", &["198.51.100.7"], &[]), "192.0.2.1");
        assert_eq!(of("192.0.2.1", &["198.51.100.7"], &proxies), "192.0.2.1");
        assert_eq!(of("10.0.0.1", &["198.51.100.7"], &proxies), "198.51.100.7");
        assert_eq!(of("::ffff:10.0.0.1", &["198.51.100.7"], &proxies), "198.51.100.7");
        assert_eq!(of("10.0.0.1", &["1.1.1.1, 198.51.100.7, 10.0.0.2"], &proxies), "198.51.100.7");
        assert_eq!(of("10.0.0.1", &["1.1.1.1", "198.51.100.7"], &proxies), "198.51.100.7");
        assert_eq!(of("10.0.0.1", &["1.1.1.1, nonsense"], &proxies), "10.0.0.1");
        assert_eq!(of("10.0.0.1", &[], &proxies), "10.0.0.1");
    }

    #[test]
    fn an_ipv6_customer_is_one() {
        let bucket = |text: &str| ClientIp(text.parse().unwrap()).bucket();
        assert_eq!(bucket("2001:db8:1:2::1"), bucket("2001:db8:1:2:ffff::9"));
        assert_ne!(bucket("2001:db8:1:2::1"), bucket("2001:db8:1:3::1"));
        assert_ne!(bucket("192.0.2.1"), bucket("192.0.2.2"));
    }
}
