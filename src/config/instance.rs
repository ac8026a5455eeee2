//! `[instance]`: how the instance presents itself.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Instance {
    /// The name in the header of every page.
    pub name: String,
    /// One or two sentences about who runs it and for whom.
    pub description: String,
    /// An address for questions, shown on the about page; may be empty.
    pub contact: String,
    /// Where the source of the running program can be had, shown on the about page as the
    /// licence asks of a program that was changed; may be empty.
    pub source: String,
    /// The language of pages for readers whose browser asks for none that exists.
    pub language: String,
    /// Whether anybody may register an account.
    pub registrations: bool,
}

impl Default for Instance {
    fn default() -> Self {
        Self {
            name: "Veche".to_owned(),
            description: String::new(),
            contact: String::new(),
            source: String::new(),
            language: "en".to_owned(),
            registrations: true,
        }
    }
}

impl Instance {
    pub(super) fn validate(&self) -> Result<(), String> {
        if self.name.trim().is_empty() {
            return Err("[instance] name must not be empty".to_owned());
        }
        if !self.source.is_empty() && !self.source.starts_with("https://") {
            return Err("[instance] source must be an https address".to_owned());
        }
        if !crate::i18n::Lang::is_supported(&self.language) {
            return Err(format!("[instance] language must be en or ru, not {:?}", self.language));
        }
        Ok(())
    }
}
