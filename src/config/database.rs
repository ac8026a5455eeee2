//! `[database]`: where everything is kept.

use serde::{Deserialize, Serialize};

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/NAME`.
    pub url: String,
}

impl Default for Database {
    fn default() -> Self {
        Self { url: "sqlite:data/veche.db".to_owned() }
    }
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Database({})", self.masked_url())
    }
}

impl Database {
    pub(super) fn validate(&self) -> Result<(), String> {
        if self.url.starts_with("sqlite:")
            || self.url.starts_with("postgres://")
            || self.url.starts_with("postgresql://")
        {
            return Ok(());
        }
        Err("[database] url must begin with sqlite: or postgres://".to_owned())
    }

    pub(super) fn mask(&mut self) {
        self.url = self.masked_url();
    }

    /// The address without its password, for logs.
    pub fn masked_url(&self) -> String {
        let Some((head, host)) = self.url.rsplit_once('@') else { return self.url.clone() };
        let Some((scheme, user)) = head.split_once("://") else { return self.url.clone() };
        match user.split_once(':') {
            Some((user, _)) => format!("{scheme}://{user}:***@{host}"),
            None => self.url.clone(),
        }
    }
}
