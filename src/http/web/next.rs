//! Where to go after signing in: only ever a path of this instance.
//!
//! Must not be built from anything but [`NextPath::parse`], which turns whatever is not plainly a
//! path of ours into the home page.

/// A path on this instance, with its query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::http) struct NextPath(String);

impl NextPath {
    /// Longest path that is kept.
    const MAX: usize = 2_000;

    /// Reads what a form or an address says.
    pub(in crate::http) fn parse(text: &str) -> Self {
        let mut letters = text.chars();
        let rooted = letters.next() == Some('/') && !matches!(letters.next(), Some('/' | '\\'));
        let plain = text.len() <= Self::MAX
            && !text.chars().any(|c| c == '\\' || c.is_control() || c.is_whitespace());
        // Signing out again at once, or signing in twice, is nobody's aim.
        let useful = !text.starts_with("/sign-in") && !text.starts_with("/sign-out");
        if rooted && plain && useful { Self(text.to_owned()) } else { Self("/".to_owned()) }
    }

    /// The path as text.
    pub(in crate::http) fn as_str(&self) -> &str {
        &self.0
    }

    /// Percent-encoded, as the value of a query parameter.
    pub(in crate::http) fn encoded(&self) -> String {
        url::form_urlencoded::byte_serialize(self.0.as_bytes()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_our_own() {
        let good = ["/", "/p/12", "/write?assembly=transport", "/search?q=a%20b", "/%2f%2fevil"];
        for path in good {
            assert_eq!(NextPath::parse(path).as_str(), path);
        }
        let bad = [
            "",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https:evil.example",
            "https://evil.example/",
            "javascript:alert(1)",
            "p/12",
            "/\t/evil.example",
            "/\n/evil.example",
            " /p/1",
            "/a\\b",
            "/sign-in?next=/",
            "/sign-out",
        ];
        for path in bad {
            assert_eq!(NextPath::parse(path).as_str(), "/", "{path:?}");
        }
        // However it is encoded, it stays below our own host.
        let base = url::Url::parse("https://veche.example").unwrap();
        for path in good {
            assert_eq!(base.join(path).unwrap().host_str(), Some("veche.example"), "{path}");
        }
    }

    #[test]
    fn encoding_keeps_it_one_parameter() {
        assert_eq!(NextPath::parse("/search?q=a&b=c").encoded(), "%2Fsearch%3Fq%3Da%26b%3Dc");
    }
}
