//! Which door a request goes through.

use crate::http::{api, negotiate};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Door {
    /// Pages for people.
    Web,
    /// Documents and inboxes for other servers.
    Ap,
    /// Programs.
    Api,
    /// Whoever watches the instance.
    Health,
}

impl Door {
    /// The door of a path, after documents were told from pages.
    pub(super) fn of(path: &str) -> Self {
        if path.starts_with("/api/") || path == "/api" {
            debug_assert!(api::PREFIX.starts_with("/api/"), "the API hangs below /api");
            Self::Api
        } else if path.starts_with(negotiate::PREFIX)
            || path.ends_with("/inbox")
            || path.starts_with("/.well-known/")
            || path.starts_with("/nodeinfo")
        {
            Self::Ap
        } else {
            Self::Web
        }
    }

    /// Its name in figures.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Ap => "ap",
            Self::Api => "api",
            Self::Health => "health",
        }
    }
}
