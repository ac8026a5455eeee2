//! Looking up names: with the system's resolver, or from a table that a test wrote.
//!
//! Whoever looks up, each address is checked before it is handed out, at the moment of the
//! connection. A name with one forbidden address among others is refused as a whole. Nothing in
//! the configuration can put another resolver here.

use super::address;
use crate::config::Federation;
use futures_util::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

type Found = BoxFuture<'static, io::Result<Vec<IpAddr>>>;

/// The addresses of a name, now.
pub type Table = dyn Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync;

/// Where the addresses of names come from.
#[derive(Clone, Default)]
pub enum Names {
    /// The system's resolver.
    #[default]
    System,
    /// A function that is asked at each new connection. For tests: it can answer differently from
    /// one time to the next, or fail.
    Given(Arc<Table>),
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::System => "System",
            Self::Given(_) => "Given",
        })
    }
}

impl Names {
    fn look_up(&self, name: &str) -> Found {
        match self {
            Self::System => {
                let name = name.to_owned();
                Box::pin(async move {
                    let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
                    Ok(found.map(|address| address.ip()).collect())
                })
            }
            Self::Given(table) => Box::pin(std::future::ready(table(name))),
        }
    }
}

/// The fence between names and connections.
pub(super) struct Resolver {
    pub(super) names: Names,
    pub(super) config: Arc<Federation>,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let config = Arc::clone(&self.config);
        let found = self.names.look_up(name.as_str());
        Box::pin(async move {
            let found = found.await?;
            if let Some(bad) = found.iter().find(|ip| !address::is_allowed(**ip, &config)) {
                let name = name.as_str();
                return Err(format!("{name} leads to {bad}, which may not be reached").into());
            }
            let addresses: Addrs = Box::new(found.into_iter().map(|ip| SocketAddr::from((ip, 0))));
            Ok(addresses)
        })
    }
}
