//! What an actor says of itself beyond its name: fields, aliases, where it went.

use super::{Invalid, Timestamp, invalid::bounded};
use serde::{Deserialize, Serialize};

/// A labelled line of a profile (`PropertyValue`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    pub name: String,
    /// Plain text or a web address of people here; clean HTML of actors elsewhere.
    pub value: String,
}

impl Field {
    /// Longest label, in characters.
    pub const MAX_NAME: usize = 60;
    /// Longest value, in characters.
    pub const MAX_VALUE: usize = 200;

    /// Reads a line of a form; `None` when both halves are empty.
    pub fn parse(name: &str, value: &str) -> Result<Option<Self>, Invalid> {
        if name.trim().is_empty() && value.trim().is_empty() {
            return Ok(None);
        }
        let name = bounded("fields", name, Self::MAX_NAME)?;
        let value = bounded("fields", value, Self::MAX_VALUE)?;
        Ok(Some(Self { name, value }))
    }

    /// The address in the value, if the value is nothing else: what becomes a link with `rel=me`.
    pub fn link(&self) -> Option<&str> {
        is_link(&self.value).then_some(self.value.as_str())
    }
}

/// Whether a value is one web address and nothing else.
fn is_link(value: &str) -> bool {
    let web = value.starts_with("https://") || value.starts_with("http://");
    web && url::Url::parse(value).is_ok_and(|url| url.has_host())
        && !value.contains(|c: char| c.is_whitespace() || c.is_control() || "\"<>".contains(c))
}

/// A profile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    pub fields: Vec<Field>,
    /// Hosts whose pages may name the actor as their author (`attributionDomains`).
    pub domains: Vec<String>,
    /// Whether directories may list it.
    pub discoverable: bool,
    /// Whether searches may find what it wrote (FEP-5feb).
    pub indexable: bool,
    /// Who it says it is as well (`alsoKnownAs`): ids on the wire.
    pub aliases: Vec<String>,
    /// Who it says it has become (`movedTo`).
    pub moved_to: Option<String>,
    /// When it last moved away.
    pub moved_at: Option<Timestamp>,
}

impl Profile {
    /// Most fields of somebody here.
    pub const MAX_FIELDS: usize = 4;
    /// Most aliases that are kept of anybody.
    pub const MAX_ALIASES: usize = 20;
    /// Most hosts in `attributionDomains`.
    pub const MAX_DOMAINS: usize = 20;

    /// Whether the actor names `uri` as itself or as its successor.
    pub fn claims(&self, uri: &str) -> bool {
        self.aliases.iter().any(|a| a == uri) || self.moved_to.as_deref() == Some(uri)
    }
}

/// How long an actor must stay before it can move again, in seconds.
pub const MOVE_COOLDOWN_SECONDS: i64 = 30 * 24 * 60 * 60;

/// Whether an actor that last moved at `moved_at` may move at `now`.
pub fn may_move(moved_at: Option<Timestamp>, now: Timestamp) -> bool {
    moved_at.is_none_or(|at| now.seconds() - at.seconds() >= MOVE_COOLDOWN_SECONDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_web_addresses_are_links() {
        for (value, is) in [
            ("https://a.example/@ana", true),
            ("http://a.example", true),
            ("see https://a.example", false),
            ("https://a.example/ and more", false),
            ("https://a.example/\"onclick", false),
            ("javascript:x", false),
            ("https://", false),
        ] {
            let field = Field { name: "x".to_owned(), value: value.to_owned() };
            assert_eq!(field.link().is_some(), is, "{value}");
        }
    }

    #[test]
    fn a_field_has_both_halves_or_none() {
        assert_eq!(Field::parse(" ", ""), Ok(None));
        assert!(Field::parse("Site", "").is_err());
        assert!(Field::parse("", "x").is_err());
        assert!(Field::parse("Site", &"x".repeat(201)).is_err());
    }

    #[test]
    fn a_month_between_two_moves() {
        let then = Timestamp::from_millis(0);
        assert!(may_move(None, then));
        assert!(!may_move(Some(then), then.plus_seconds(MOVE_COOLDOWN_SECONDS - 1)));
        assert!(may_move(Some(then), then.plus_seconds(MOVE_COOLDOWN_SECONDS)));
    }
}
