//! Which addresses may be reached: global unicast, less everything reserved.
//!
//! The check runs on the address that is about to be connected to, after the name was resolved,
//! so that a name cannot point somewhere else between the check and the use.

use crate::config::Federation;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether `address` may be reached under this configuration.
pub(super) fn is_allowed(address: IpAddr, config: &Federation) -> bool {
    let address = address.to_canonical();
    is_global(address) || config.allow_addresses.iter().any(|net| net.contains(address))
}

fn is_global(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_global_v4(v4),
        IpAddr::V6(v6) => is_global_v6(v6),
    }
}

/// IANA's special-purpose registry for IPv4, as (network, prefix length).
const RESERVED_V4: &[([u8; 4], u32)] = &[
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
];

fn is_global_v4(address: Ipv4Addr) -> bool {
    let bits = address.to_bits();
    !RESERVED_V4.iter().any(|(network, length)| {
        let mask = u32::MAX << (32 - length);
        bits & mask == u32::from_be_bytes(*network) & mask
    })
}

/// Only `2000::/3` is given out at all; of that, IANA's special-purpose registry is left out.
fn is_global_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let handed_out = a & 0xe000 == 0x2000;
    let teredo_and_protocols = a == 0x2001 && b < 0x0200;
    let documentation = (a == 0x2001 && b == 0x0db8) || (a == 0x3fff && b < 0x1000);
    let six_to_four = a == 0x2002;
    handed_out && !teredo_and_protocols && !documentation && !six_to_four
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ssrf_01_and_ssrf_02_private_and_reserved_addresses_are_refused() {
        let config = Federation::default();
        for text in [
            "0.0.0.0",
            "0.0.0.1",
            "127.0.0.1",
            "127.255.255.255",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "10.255.255.255",
            "169.254.169.254",
            "100.127.255.255",
            "100.64.0.1",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "fc00::1",
            "fd00::1",
            "fe80::1",
            "ff02::1",
            "2001:db8::1",
            "3fff::1",
            "2001::1",
            "2002::1",
            "64:ff9b::a00:1",
            "64:ff9b:1::1",
        ] {
            assert!(!is_allowed(text.parse().unwrap(), &config), "{text}");
        }
        for text in ["1.1.1.1", "172.32.0.1", "100.128.0.1", "2a00:1450::1", "2606:4700::1111"] {
            assert!(is_allowed(text.parse().unwrap(), &config), "{text}");
        }
    }

    #[test]
    fn an_allowed_network_is_an_exception_for_itself_only() {
        let config = Federation {
            allow_http: true,
            authorized_fetch: false,
            allow_addresses: vec![crate::config::Network::parse("127.0.0.0/8").unwrap()],
            ..Federation::default()
        };
        assert!(is_allowed("127.0.0.2".parse().unwrap(), &config));
        assert!(is_allowed("::ffff:127.0.0.2".parse().unwrap(), &config));
        assert!(!is_allowed("10.0.0.1".parse().unwrap(), &config));
    }
}
