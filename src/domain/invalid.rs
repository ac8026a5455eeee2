//! Why a value was refused, in a form that every front door can show.

use std::fmt;

/// One field of what somebody sent, and what is wrong with it.
///
/// `code` is the key of the sentence that pages show in the reader's language
/// (`error-<code>` in the Fluent files); `Display` is the English one for the API and the shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// The field's name as in forms and JSON.
    pub field: &'static str,
    /// A short stable code such as `too-long`.
    pub code: &'static str,
    /// The limit that was missed, when there is one.
    pub limit: Option<usize>,
}

impl Invalid {
    /// A refusal without a number.
    pub const fn new(field: &'static str, code: &'static str) -> Self {
        Self { field, code, limit: None }
    }

    /// A refusal because of a limit.
    pub const fn limit(field: &'static str, code: &'static str, limit: usize) -> Self {
        Self { field, code, limit: Some(limit) }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = self.field;
        match (self.code, self.limit) {
            ("required", _) => write!(f, "{field}: must not be empty"),
            ("too-long", Some(n)) => write!(f, "{field}: must have at most {n} characters"),
            ("too-short", Some(n)) => write!(f, "{field}: must have at least {n} characters"),
            ("handle", _) => write!(
                f,
                "{field}: must have 2 to 30 characters of a-z, 0-9 and _, and begin with a letter"
            ),
            ("reserved", _) => write!(f, "{field}: this name is reserved"),
            ("taken", _) => write!(f, "{field}: is already taken"),
            ("email", _) => write!(f, "{field}: is not an e-mail address"),
            ("language", _) => write!(f, "{field}: is not a language tag such as en or ru"),
            ("not-found", _) => write!(f, "{field}: was not found on this instance"),
            ("too-few", Some(n)) => write!(f, "{field}: needs at least {n}"),
            ("too-many", Some(n)) => write!(f, "{field}: at most {n} are possible"),
            ("twice", _) => write!(f, "{field}: the same twice"),
            ("too-soon", _) => write!(f, "{field}: must be at least an hour ahead"),
            ("too-late", _) => write!(f, "{field}: must be at most 90 days ahead"),
            ("unknown-option", _) => write!(f, "{field}: the ballot has no such option"),
            ("locked", _) => write!(f, "{field}: the moderators closed this thread"),
            ("banned", _) => {
                write!(f, "{field}: the moderators excluded you from this assembly")
            }
            ("past", _) => write!(f, "{field}: is in the past"),
            ("number", _) => write!(f, "{field}: is not a number that fits here"),
            ("weak", _) => write!(f, "{field}: is too easy to guess"),
            ("wrong", _) => write!(f, "{field}: is not right"),
            ("no-alias", _) => {
                write!(f, "{field}: does not name this account as another of its own")
            }
            ("self", _) => write!(f, "{field}: is the account itself"),
            ("host", _) => write!(f, "{field}: is not a host such as example.org"),
            (code, _) => write!(f, "{field}: {code}"),
        }
    }
}

impl std::error::Error for Invalid {}

/// `text` trimmed, when it has between 1 and `max` characters. Control characters, which no text
/// needs and one of the databases refuses, are left out.
pub fn bounded(field: &'static str, text: &str, max: usize) -> Result<String, Invalid> {
    let text = without_controls(text);
    let text = text.trim();
    if text.is_empty() {
        return Err(Invalid::new(field, "required"));
    }
    if text.chars().count() > max {
        return Err(Invalid::limit(field, "too-long", max));
    }
    Ok(text.to_owned())
}

/// `text` with one kind of line end and without control characters.
pub fn without_controls(text: &str) -> String {
    text.replace("\r\n", "\n").chars().filter(|c| !c.is_control() || "\n\t".contains(*c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_trimmed_counted_and_freed_of_controls() {
        assert_eq!(bounded("f", " a\u{0}b\r\nc\u{7} ", 10), Ok("ab\nc".to_owned()));
        assert_eq!(bounded("f", " \u{0} ", 10), Err(Invalid::new("f", "required")));
        assert_eq!(bounded("f", "ёжик", 3), Err(Invalid::limit("f", "too-long", 3)));
    }
}
