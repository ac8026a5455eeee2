//! `[federation]`: what is allowed on the way to and from other servers.

use super::server::ipnet_text::Network;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Federation {
    /// Speak plain http, with any port and any kind of host name. For trials and tests.
    pub allow_http: bool,
    /// Give documents only to servers that sign their requests. The instance actor stays readable.
    pub authorized_fetch: bool,
    /// Networks that may be reached although they are private. For trials and tests.
    pub allow_addresses: Vec<Network>,
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
        Ok(())
    }
}
