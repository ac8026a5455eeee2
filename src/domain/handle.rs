//! Names: the handle of a local actor, and the `name@host` address of any actor.

use super::{Invalid, ObjectId};

/// Names that nobody may register, because people would take them for the instance itself.
const RESERVED: &[&str] = &[
    "about",
    "actor",
    "admin",
    "administrator",
    "api",
    "assembly",
    "body",
    "clerk",
    "government",
    "help",
    "inbox",
    "info",
    "instance",
    "mail",
    "me",
    "moderator",
    "nodeinfo",
    "official",
    "page",
    "postmaster",
    "privacy",
    "root",
    "rules",
    "search",
    "security",
    "server",
    "settings",
    "staff",
    "support",
    "system",
    "veche",
    "verified",
    "www",
];

/// The name under which the instance actor is found (`veche.internal@host`). Its dot keeps it
/// out of reach of every [`Handle`].
pub const INSTANCE_HANDLE: &str = "veche.internal";

/// The handle of the body that speaks for the instance where nobody else is answerable. Reserved
/// for people.
pub const OFFICE_HANDLE: &str = "clerk";

/// How the handles of initiatives' actors begin; the id of the initiative follows. Nobody else can
/// have a name that begins so.
const INITIATIVE_PREFIX: &str = "initiative_";

/// The handle of the actor of an initiative.
pub fn of_initiative(id: ObjectId) -> String {
    format!("{INITIATIVE_PREFIX}{id}")
}

/// The initiative whose actor has this handle, if it is a handle of that form.
pub fn initiative_of(handle: &str) -> Option<ObjectId> {
    let id: ObjectId = handle.strip_prefix(INITIATIVE_PREFIX)?.parse().ok()?;
    (of_initiative(id) == handle).then_some(id)
}

/// The local part of a local actor's address: lower case, `[a-z][a-z0-9_]{1,29}`.
///
/// Narrower than what other servers allow, because several of them compare or route by it
/// case-sensitively.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Handle(String);

impl Handle {
    /// Reads a handle for `field`; upper case is folded.
    pub fn parse(field: &'static str, text: &str) -> Result<Self, Invalid> {
        let text = text.trim().trim_start_matches('@').to_ascii_lowercase();
        let mut letters = text.chars();
        let well_begun = letters.next().is_some_and(|c| c.is_ascii_lowercase());
        let well_formed = letters.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if !(well_begun && well_formed && (2..=30).contains(&text.len())) {
            return Err(Invalid::new(field, "handle"));
        }
        if text.starts_with(INITIATIVE_PREFIX) {
            return Err(Invalid::new(field, "reserved"));
        }
        Ok(Self(text))
    }

    /// As [`Self::parse`], and refuses names that look like the instance speaking.
    pub fn parse_for_person(field: &'static str, text: &str) -> Result<Self, Invalid> {
        let handle = Self::parse(field, text)?;
        if RESERVED.contains(&handle.as_str()) {
            return Err(Invalid::new(field, "reserved"));
        }
        Ok(handle)
    }

    /// The handle as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `name@host`, as people write it, with or without a leading `@`, `!` or `acct:`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Address {
    name: String,
    host: String,
}

impl Address {
    /// Reads an address. The host is folded to lower case; the name is kept as written.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix("acct:").unwrap_or(text);
        let text = text.strip_prefix(['@', '!']).unwrap_or(text);
        let (name, host) = text.split_once('@')?;
        let name_ok = !name.is_empty()
            && name.len() <= 128
            && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-'));
        let host_ok = !host.is_empty()
            && host.len() <= 255
            && host
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']'));
        (name_ok && host_ok).then(|| Self { name: name.to_owned(), host: host.to_lowercase() })
    }

    /// The part before the `@`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The part after the `@`, with the port where there is one.
    pub fn host(&self) -> &str {
        &self.host
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}@{}", self.name, self.host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_are_folded_and_checked() {
        assert_eq!(Handle::parse("handle", " @Ana_1 ").map(|h| h.0), Ok("ana_1".to_owned()));
        for bad in ["", "a", "1ana", "_ana", "ana-b", "ána", "a b", &"a".repeat(31)] {
            assert!(Handle::parse("handle", bad).is_err(), "{bad}");
        }
        assert!(Handle::parse_for_person("handle", "Admin").is_err());
        assert!(Handle::parse("handle", INSTANCE_HANDLE).is_err());
    }

    #[test]
    fn actors_of_initiatives_have_names_that_nobody_can_take() {
        let id = ObjectId::from(117_468_921_004_032_007);
        let handle = of_initiative(id);
        assert!(handle.len() <= 30, "{handle}");
        assert_eq!(initiative_of(&handle), Some(id));
        for other in ["initiative_", "initiative_x", "initiative_007", "initiative", "ana"] {
            assert_eq!(initiative_of(other), None, "{other}");
        }
        for taken in [handle.as_str(), "initiative_x", "Initiative_7"] {
            let refused = Handle::parse("handle", taken);
            assert_eq!(refused, Err(Invalid::new("handle", "reserved")), "{taken}");
        }
    }

    #[test]
    fn addresses_in_every_spelling() {
        for text in
            ["acct:ana@Example.org", "@ana@example.org", "!ana@example.org", "ana@example.org"]
        {
            let address = Address::parse(text).map(|a| a.to_string());
            assert_eq!(address.as_deref(), Some("ana@example.org"), "{text}");
        }
        let with_port = Address::parse("@transport@127.0.0.1:8080").map(|a| a.host().to_owned());
        assert_eq!(with_port.as_deref(), Some("127.0.0.1:8080"));
        for bad in ["ana", "@example.org", "ana@", "a b@example.org", "ana@exa/mple.org", "a@b@c"] {
            assert_eq!(Address::parse(bad), None, "{bad}");
        }
    }
}
