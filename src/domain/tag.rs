//! Hashtags and mentions in texts: what counts as one, and its one spelling.
//!
//! Both are found in plain text. Whether a piece of Markdown is plain text is for `text` to say.

use unicode_normalization::UnicodeNormalization as _;

/// Most hashtags that a text written here carries.
pub const MAX_TAGS: usize = 10;
/// Most hashtags that are kept of a text from elsewhere.
pub const MAX_REMOTE_TAGS: usize = 50;
/// Most people that a text written here names.
pub const MAX_MENTIONS: usize = 5;
/// Longest hashtag, in characters.
const MAX_LENGTH: usize = 100;

/// The one spelling of a hashtag: without the sign, in lower case and compatibility form. `None`
/// when it is none: no letter, a foreign character, too long.
pub fn normal(name: &str) -> Option<String> {
    let name = name.trim().trim_start_matches(['#', '＃']);
    let name: String = name.nfkc().flat_map(char::to_lowercase).collect();
    let good = !name.is_empty()
        && name.chars().count() <= MAX_LENGTH
        && name.chars().all(|c| c.is_alphanumeric() || c == '_' || is_mark(c))
        && name.chars().any(char::is_alphabetic);
    good.then_some(name)
}

/// Marks that combine with the letter before them, which several scripts need.
fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

/// A piece of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    Plain(&'a str),
    /// With its sign, as written.
    Tag(&'a str),
    /// `@name@host`, as written.
    Mention(&'a str),
}

/// Takes a plain text apart.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let (mut plain_from, mut at) = (0, 0);
    let mut before: Option<char> = None;
    while let Some(c) = text.get(at..).and_then(|t| t.chars().next()) {
        let rest = text.get(at..).unwrap_or_default();
        let fresh = before.is_none_or(|b| !(b.is_alphanumeric() || "_/&@#".contains(b)));
        let length = match c {
            '#' if fresh => tag_length(rest),
            '@' if fresh => mention_length(rest),
            _ => None,
        };
        let Some(length) = length else {
            before = Some(c);
            at += c.len_utf8();
            continue;
        };
        if let Some(plain) = text.get(plain_from..at).filter(|p| !p.is_empty()) {
            found.push(Piece::Plain(plain));
        }
        let piece = text.get(at..at + length).unwrap_or_default();
        found.push(if c == '#' { Piece::Tag(piece) } else { Piece::Mention(piece) });
        before = piece.chars().next_back();
        at += length;
        plain_from = at;
    }
    if let Some(plain) = text.get(plain_from..).filter(|p| !p.is_empty()) {
        found.push(Piece::Plain(plain));
    }
    found
}

fn tag_length(rest: &str) -> Option<usize> {
    let letters = rest.char_indices().skip(1);
    let end = letters
        .take_while(|(_, c)| c.is_alphanumeric() || *c == '_' || is_mark(*c))
        .last()
        .map(|(i, c)| i + c.len_utf8())?;
    normal(rest.get(..end)?).map(|_| end)
}

fn mention_length(rest: &str) -> Option<usize> {
    let name_end = run(rest, 1, |c| c.is_ascii_alphanumeric() || "_.-".contains(c))?;
    if !rest.get(name_end..)?.starts_with('@') {
        return None;
    }
    let mut end = run(rest, name_end + 1, |c| c.is_alphanumeric() || ".-:".contains(c))?;
    // The point at the end of a sentence is none of the host's.
    while rest.get(..end)?.ends_with(['.', '-', ':']) {
        end -= 1;
    }
    let host = rest.get(name_end + 1..end)?;
    let named = host.contains('.') || host.contains(':');
    (named && super::Address::parse(rest.get(..end)?).is_some()).then_some(end)
}

/// Where a run of such characters that begins at `from` ends; `None` when it is empty.
fn run(text: &str, from: usize, good: impl Fn(char) -> bool) -> Option<usize> {
    let rest = text.get(from..)?;
    let length = rest.find(|c| !good(c)).unwrap_or(rest.len());
    (length > 0).then_some(from + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashtags_have_one_spelling() {
        for (written, normal_form) in [
            ("#Transport", Some("transport")),
            ("ТРАНСПОРТ", Some("транспорт")),
            ("#ＡＢＣ", Some("abc")),
            ("#a_1", Some("a_1")),
            ("#2026", None),
            ("#a-b", None),
            ("#", None),
        ] {
            assert_eq!(normal(written).as_deref(), normal_form, "{written}");
        }
        assert_eq!(normal(&"a".repeat(101)), None);
    }

    #[test]
    fn a_text_is_taken_apart() {
        use Piece::{Mention, Plain, Tag};
        let rows: [(&str, &[Piece<'_>]); 8] = [
            ("a #bus, b", &[Plain("a "), Tag("#bus"), Plain(", b")]),
            ("#за и #Ночь_2", &[Tag("#за"), Plain(" и "), Tag("#Ночь_2")]),
            ("no 1 is #1", &[Plain("no 1 is #1")]),
            ("a#b c/#d &#39;", &[Plain("a#b c/#d &#39;")]),
            ("@ana@v.example.", &[Mention("@ana@v.example"), Plain(".")]),
            (
                "to @a.b@v.example:8080!",
                &[Plain("to "), Mention("@a.b@v.example:8080"), Plain("!")],
            ),
            ("mail a@b.example @ana @x@y", &[Plain("mail a@b.example @ana @x@y")]),
            ("##x", &[Plain("##x")]),
        ];
        for (text, expected) in rows {
            assert_eq!(pieces(text), expected, "{text}");
        }
    }
}
