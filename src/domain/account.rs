//! Who somebody is on this instance: e-mail address, roles, what a token may do, and the person
//! on whose behalf a service acts.

use super::{ActorId, Invalid};

/// An e-mail address in the form in which it is stored and compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// Longest address (RFC 5321, 4.5.3.1.3).
    pub const MAX: usize = 254;

    /// Reads an address: one `@`, something on both sides, no spaces or control characters.
    /// Lower case throughout, since no provider in use tells upper from lower.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim().to_lowercase();
        if text.is_empty() {
            return Err(Invalid::new("email", "required"));
        }
        let parts = text.split_once('@');
        let ok = text.len() <= Self::MAX
            && !text.chars().any(|c| c.is_whitespace() || c.is_control() || "<>,;\"".contains(c))
            && parts.is_some_and(|(local, host)| {
                !local.is_empty()
                    && !host.contains('@')
                    && !host.starts_with('.')
                    && !host.ends_with('.')
                    && (host.contains('.') || host == "localhost")
            });
        if ok { Ok(Self(text)) } else { Err(Invalid::new("email", "email")) }
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A password as typed, before it is hashed. Prints as `***`.
#[derive(Clone)]
pub struct Password(String);

impl Password {
    /// Shortest and longest password, in bytes after normalisation.
    pub const LENGTH: std::ops::RangeInclusive<usize> = 10..=256;

    /// Checks a new password: long enough, not the name or the address, not one repeated letter.
    /// (NIST 800-63B: length, no rules of composition.)
    pub fn parse_new(text: &str, handle: &str, email: &str) -> Result<Self, Invalid> {
        if text.chars().count() < *Self::LENGTH.start() {
            return Err(Invalid::limit("password", "too-short", *Self::LENGTH.start()));
        }
        if text.len() > *Self::LENGTH.end() {
            return Err(Invalid::limit("password", "too-long", *Self::LENGTH.end()));
        }
        let lower = text.to_lowercase();
        let mut letters: Vec<char> = lower.chars().collect();
        letters.sort_unstable();
        letters.dedup();
        let guessable = ["1234567890", "qwertyuiop", "passwordpassword", "йцукенгшщз"];
        if letters.len() < 4
            || lower == handle
            || lower == email
            || guessable.iter().any(|g| g.starts_with(&lower) || lower == *g)
        {
            return Err(Invalid::new("password", "weak"));
        }
        Ok(Self(text.to_owned()))
    }

    /// A password to compare: only cut off where it cannot be right.
    pub fn typed(text: &str) -> Self {
        Self(text.chars().take(*Self::LENGTH.end()).collect())
    }

    /// The secret itself, for the hash function only.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// What an account may do beyond taking part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Runs the instance: assemblies, bodies, roles.
    Admin,
    /// Looks after reports, and moderates every assembly of the instance.
    Moderator,
    /// Speaks for a body.
    Official,
}

impl Role {
    /// Every role, in the order in which they are listed.
    pub const ALL: [Self; 3] = [Self::Admin, Self::Moderator, Self::Official];

    /// The name in the database, the shell and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Moderator => "moderator",
            Self::Official => "official",
        }
    }

    /// The role of this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

/// What a bearer token may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// See what its account sees.
    Read,
    /// Act as its account.
    Write,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 2] = [Self::Read, Self::Write];

    /// The name in the database, the shell and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }

    /// The scope of this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text)
    }
}

/// Somebody signed in, by session or token: the "who" of every service that changes something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    /// The account, which is also its `Person`.
    pub id: ActorId,
    /// The account's handle.
    pub handle: String,
    /// The name to show.
    pub name: String,
    /// Its roles.
    pub roles: Vec<Role>,
}

impl Viewer {
    /// Whether the account has this role.
    pub fn is(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emails() {
        assert_eq!(
            Email::parse(" Ana@Example.org ").map(|e| e.0),
            Ok("ana@example.org".to_owned())
        );
        for bad in
            ["", "ana", "@b.org", "a@", "a@b", "a@.org", "a b@c.org", "a@b@c.org", "<a@b.org>"]
        {
            assert!(Email::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn passwords() {
        let parse = |p| Password::parse_new(p, "ana_maria_1", "ana@example.org");
        assert!(parse("correct horse battery").is_ok());
        assert!(parse("десятьбукв и ещё").is_ok());
        for bad in ["short", "aaaaaaaaaaaaaaa", "1234567890", "ana_maria_1", "ana@example.org"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        assert!(parse(&"ab cd".repeat(60)).is_err());
        assert_eq!(format!("{:?}", Password::typed("secret")), "***");
    }
}
