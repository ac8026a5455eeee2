//! `[log]`: what is written to standard error.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Lines for people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// `text` or `json`.
    pub format: LogFormat,
    /// What to log: `info`, or finer as in `info,veche::federation=debug`.
    pub filter: String,
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::Text, filter: "info".to_owned() }
    }
}

impl Log {
    pub(super) fn validate(&self) -> Result<(), String> {
        self.filter
            .parse::<tracing_subscriber::EnvFilter>()
            .map(|_| ())
            .map_err(|e| format!("[log] filter {:?} is not understood: {e}", self.filter))
    }
}
