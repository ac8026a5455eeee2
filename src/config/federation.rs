//! `[federation]`: what is allowed on the way to and from other servers.

use super::server::ipnet_text::Network;
use crate::domain::policy::Mode;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Federation {
    /// Speak plain http, with any port and any kind of host name. For trials and tests.
    pub allow_http: bool,
    /// Give documents only to servers that sign their requests. The instance actor stays readable.
    pub authorized_fetch: bool,
    /// Networks that may be reached although they are private. For trials and tests.
    pub allow_addresses: Vec<Network>,
    /// Whether everybody may take part, or only servers with a rule that accepts them.
    pub mode: Mode,
    /// Whether the rules about servers, with their public comments, stand on the about page.
    pub publish_policies: bool,
    /// Days for which what was sent, taken and refused is kept for the admins.
    pub log_days: u32,
    /// Refused requests that are kept, at the most.
    pub log_refusals: u32,
}

impl Default for Federation {
    fn default() -> Self {
        Self {
            allow_http: false,
            authorized_fetch: false,
            allow_addresses: Vec::new(),
            mode: Mode::Open,
            publish_policies: false,
            log_days: 14,
            log_refusals: 10_000,
        }
    }
}

impl Federation {
    pub(super) fn validate(&self, https: bool) -> Result<(), String> {
        if https && self.allow_http {
            return Err("[federation] allow_http is for trials on http and must be off \
                        together with an https url"
                .to_owned());
        }
        if https && !self.allow_addresses.is_empty() {
            return Err("[federation] allow_addresses is for trials on http and must be empty \
                        together with an https url"
                .to_owned());
        }
        if !https && !self.allow_http {
            return Err("[server] url must be https; for a trial on http set [federation] \
                        allow_http = true"
                .to_owned());
        }
        if !(1..=30).contains(&self.log_days) {
            return Err("[federation] log_days must be from 1 to 30".to_owned());
        }
        if !(100..=1_000_000).contains(&self.log_refusals) {
            return Err("[federation] log_refusals must be from 100 to 1000000".to_owned());
        }
        Ok(())
    }
}
