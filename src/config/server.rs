//! `[server]`: where the program listens and under which address it is known.

use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use url::Url;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// The address and port to listen on.
    pub listen: SocketAddr,
    /// The public address of the instance. It is part of everything ever published.
    pub url: Url,
    /// Reverse proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<ipnet_text::Network>,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            url: default_url(),
            trusted_proxies: Vec::new(),
        }
    }
}

fn default_url() -> Url {
    #[expect(clippy::expect_used, reason = "a constant that parses")]
    Url::parse("http://localhost:8080").expect("the default address parses")
}

impl Server {
    pub(super) fn validate(&self) -> Result<(), String> {
        if !matches!(self.url.scheme(), "http" | "https") || self.url.host().is_none() {
            return Err(format!("[server] url must be http(s)://HOST, not {}", self.url));
        }
        if self.url.path() != "/" || self.url.query().is_some() || !self.url.username().is_empty() {
            return Err(format!(
                "[server] url must have no path, query or user name, but is {}",
                self.url
            ));
        }
        Ok(())
    }
}

/// Networks in CIDR form, as text in the file.
pub(crate) mod ipnet_text {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::net::IpAddr;

    /// A network such as `10.0.0.0/8`; a lone address stands for itself.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Network(ipnet::IpNet);

    impl Network {
        /// Whether the address lies in the network.
        pub fn contains(&self, address: IpAddr) -> bool {
            self.0.contains(&address)
        }

        /// Reads `10.0.0.0/8` or `10.0.0.1`.
        pub fn parse(text: &str) -> Option<Self> {
            let lone = text.parse::<IpAddr>().ok().map(ipnet::IpNet::from);
            text.parse::<ipnet::IpNet>().ok().or(lone).map(Self)
        }
    }

    impl Serialize for Network {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_str(&self.0)
        }
    }

    impl<'de> Deserialize<'de> for Network {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let text = String::deserialize(deserializer)?;
            Self::parse(&text).ok_or_else(|| {
                serde::de::Error::custom(format!(
                    "{text} is not a network; write it as 10.0.0.0/8 or 192.0.2.1"
                ))
            })
        }
    }
}
