//! What this instance thinks of other servers: rules by domain, and which of them holds for a
//! host.
//!
//! Pure. The table is small and kept in memory; `services::policies` changes it, and everything
//! that deals with another server asks it.

pub mod csv;

use super::{Timestamp, host};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// How a domain is treated.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, sqlx::Type,
)]
#[serde(rename_all = "lowercase")]
#[sqlx(rename_all = "lowercase", type_name = "TEXT")]
pub enum Severity {
    /// As everybody else. In allow-list mode: this domain may take part.
    Accept,
    /// What it sends is kept, but not listed to those who do not follow, and shown collapsed.
    Silence,
    /// Nothing comes in and nothing goes out.
    Reject,
}

impl Severity {
    /// Every severity, the mildest first.
    pub const ALL: [Self; 3] = [Self::Accept, Self::Silence, Self::Reject];

    /// The name in the database, the shell and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Silence => "silence",
            Self::Reject => "reject",
        }
    }

    /// The severity of this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == text)
    }
}

/// Who may take part when no rule speaks of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Everybody.
    #[default]
    Open,
    /// Nobody: only domains with a rule that accepts or silences them.
    AllowList,
}

impl Mode {
    /// The name in the configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::AllowList => "allow_list",
        }
    }
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct DomainPolicy {
    /// In the form of [`host::canonical`].
    pub domain: String,
    pub severity: Severity,
    /// Pictures and files of the domain are neither fetched nor shown.
    pub reject_media: bool,
    /// Reports from the domain are not taken.
    pub reject_reports: bool,
    /// In public lists the middle of the name is hidden.
    pub obfuscate: bool,
    /// The reason that everybody may read.
    pub public_comment: String,
    /// The reason for those who run the instance.
    pub private_comment: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// What holds for one host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    pub severity: Severity,
    pub reject_media: bool,
    pub reject_reports: bool,
    /// Whether a rule says so, or else the mode.
    pub by_rule: bool,
}

impl Standing {
    const OPEN: Self = Self {
        severity: Severity::Accept,
        reject_media: false,
        reject_reports: false,
        by_rule: false,
    };
    const UNLISTED: Self = Self { severity: Severity::Reject, ..Self::OPEN };

    /// Whether nothing is exchanged with the host.
    pub fn is_rejected(&self) -> bool {
        self.severity == Severity::Reject
    }

    /// Whether what comes from there is not listed to strangers.
    pub fn is_silenced(&self) -> bool {
        self.severity == Severity::Silence
    }

    /// Why the host is rejected, for logs and answers.
    pub fn reason(&self) -> &'static str {
        if self.by_rule {
            "policy: this instance does not exchange anything with that server"
        } else {
            "policy: this instance exchanges only with servers on its list"
        }
    }
}

/// All rules, ready to be asked.
#[derive(Clone, Debug, Default)]
pub struct PolicyTable {
    mode: Mode,
    rules: HashMap<String, Standing>,
}

impl PolicyTable {
    /// The table of these rules.
    pub fn new(mode: Mode, rules: &[DomainPolicy]) -> Self {
        let standing = |rule: &DomainPolicy| Standing {
            severity: rule.severity,
            reject_media: rule.reject_media,
            reject_reports: rule.reject_reports,
            by_rule: true,
        };
        let rules = rules.iter().map(|r| (r.domain.clone(), standing(r))).collect();
        Self { mode, rules }
    }

    /// What holds for a host, given with its port where it has one: the rule for the longest name
    /// decides.
    pub fn of_host(&self, host: &str) -> Standing {
        let otherwise = match self.mode {
            Mode::Open => Standing::OPEN,
            Mode::AllowList => Standing::UNLISTED,
        };
        if self.rules.is_empty() {
            return otherwise;
        }
        std::iter::once(host)
            .chain(host::and_above(host))
            .find_map(|name| self.rules.get(name))
            .copied()
            .unwrap_or(otherwise)
    }

    /// What holds for the host of an address. What is no address of a server is rejected.
    pub fn of_uri(&self, uri: &str) -> Standing {
        if self.rules.is_empty() && self.mode == Mode::Open {
            return Standing::OPEN;
        }
        host::of_uri(uri).map_or(Standing::UNLISTED, |host| self.of_host(&host))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(domain: &str, severity: Severity) -> DomainPolicy {
        DomainPolicy {
            domain: domain.to_owned(),
            severity,
            reject_media: false,
            reject_reports: false,
            obfuscate: false,
            public_comment: String::new(),
            private_comment: String::new(),
            created_at: Timestamp::from_millis(0),
            updated_at: Timestamp::from_millis(0),
        }
    }

    #[test]
    fn the_longest_name_decides() {
        let rules = [
            rule("evil.example", Severity::Reject),
            rule("good.evil.example", Severity::Accept),
            rule("loud.example", Severity::Silence),
            rule("127.0.0.1:81", Severity::Reject),
        ];
        let table = PolicyTable::new(Mode::Open, &rules);
        for (uri, severity) in [
            ("https://evil.example/u/1", Severity::Reject),
            ("https://a.b.evil.example/u/1", Severity::Reject),
            ("https://EVIL.example./u/1", Severity::Reject),
            ("https://evil.example:8443/u/1", Severity::Reject),
            ("https://good.evil.example/u/1", Severity::Accept),
            ("https://x.good.evil.example/u/1", Severity::Accept),
            ("https://notevil.example/u/1", Severity::Accept),
            ("https://loud.example/u/1", Severity::Silence),
            ("http://127.0.0.1:81/u/1", Severity::Reject),
            ("http://127.0.0.1:82/u/1", Severity::Accept),
            ("https://good.example@evil.example/u/1", Severity::Reject),
        ] {
            assert_eq!(table.of_uri(uri).severity, severity, "{uri}");
        }
    }

    #[test]
    fn with_an_allow_list_only_who_is_on_it_takes_part() {
        let rules =
            [rule("friend.example", Severity::Accept), rule("dull.example", Severity::Silence)];
        let table = PolicyTable::new(Mode::AllowList, &rules);
        assert!(!table.of_uri("https://friend.example/").is_rejected());
        assert!(!table.of_uri("https://sub.friend.example/").is_rejected());
        assert!(table.of_uri("https://dull.example/").is_silenced());
        let stranger = table.of_uri("https://stranger.example/");
        assert!(stranger.is_rejected() && stranger.reason().contains("list"));
        assert!(PolicyTable::new(Mode::AllowList, &[]).of_host("x.example").is_rejected());
    }
}
