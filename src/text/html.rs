//! Cleaning HTML: a short list of elements, web links only, nothing that acts.

use ammonia::Builder;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let tags = HashSet::from([
        "p",
        "br",
        "a",
        "span",
        "strong",
        "em",
        "b",
        "i",
        "u",
        "del",
        "ul",
        "ol",
        "li",
        "blockquote",
        "code",
        "pre",
    ]);
    let mut builder = Builder::default();
    builder
        .tags(tags)
        .clean_content_tags(HashSet::from(["script", "style", "template", "title", "textarea"]))
        .tag_attributes(HashMap::from([("a", HashSet::from(["href"]))]))
        .generic_attributes(HashSet::new())
        .allowed_classes(HashMap::from([
            ("a", HashSet::from(["mention", "u-url", "hashtag"])),
            ("span", HashSet::from(["h-card", "invisible", "ellipsis"])),
        ]))
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(ammonia::UrlRelative::Deny)
        .link_rel(Some("nofollow noopener noreferrer ugc"))
        .strip_comments(true);
    builder
});

static STRIPPER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::default();
    builder.tags(HashSet::new()).strip_comments(true);
    builder
});

/// HTML from anywhere, reduced to what may be shown.
///
/// A byte order mark at the start says nothing and is dropped: a reader of HTML would drop it the
/// next time, and what was cleaned once has to stay as it is.
pub fn clean(html: &str) -> String {
    CLEANER.clean(html).to_string().trim_start_matches('\u{feff}').to_owned()
}

/// Plain text as HTML that shows it.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// HTML with every element removed; still HTML, with its entities.
pub fn strip(html: &str) -> String {
    STRIPPER.clean(html).to_string()
}

/// The words of an HTML text, on one line, entities resolved.
pub fn plain(html: &str) -> String {
    let spaced = html.replace("</p>", "</p> ").replace("<br", " <br").replace("</li>", "</li> ");
    let text = strip(&spaced)
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&nbsp;", " ")
        .replace("&amp;", "&");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_acts_is_gone_and_what_reads_stays() {
        let rows = [
            ("<p>Hi <b>you</b></p>", "<p>Hi <b>you</b></p>"),
            ("<script>alert(1)</script>a", "a"),
            ("<p onclick=\"x()\" style=\"color:red\">a</p>", "<p>a</p>"),
            ("<svg><set to=\"javascript:x\"></set></svg>b", "b"),
            ("<img src=x onerror=alert(1)>c", "c"),
            ("<h1>Title</h1>", "Title"),
            (
                "<a href=\"javascript:x()\">d</a>",
                "<a rel=\"nofollow noopener noreferrer ugc\">d</a>",
            ),
            (
                "<a href=\"//evil.example\">e</a>",
                "<a rel=\"nofollow noopener noreferrer ugc\">e</a>",
            ),
            (
                "<a href=\"https://a.example/@b\" class=\"u-url mention evil\">@b</a>",
                "<a href=\"https://a.example/@b\" class=\"u-url mention\" rel=\"nofollow noopener noreferrer ugc\">@b</a>",
            ),
        ];
        for (input, expected) in rows {
            assert_eq!(clean(input), expected, "{input}");
        }
    }

    #[test]
    fn a_byte_order_mark_at_the_start_is_dropped() {
        for text in ["\0\u{feff}a", "\u{feff}\u{feff}a", "&#xFEFF;a", "<script></script>\u{feff}a"]
        {
            assert_eq!(clean(text), "a", "{text:?}");
        }
    }

    #[test]
    fn plain_text_is_words() {
        assert_eq!(
            plain("<p>One &amp; <b>two</b></p><p>three<br>four</p>"),
            "One & two three four"
        );
    }

    proptest! {
        #[test]
        fn cleaning_twice_is_cleaning_once(text in ".{0,200}") {
            let once = clean(&text);
            prop_assert_eq!(clean(&once), once);
        }

        #[test]
        fn tag_soup_never_keeps_a_handler(parts in proptest::collection::vec(
            prop_oneof![
                Just("<p"), Just(">"), Just("<a href=javascript:x>"), Just(" onload=x"), Just("</p>"),
                Just("<math><mtext>"), Just("<style><!--"), Just("--><img onerror=x src=y>"),
                Just("<noscript>"), Just("<svg>"), Just("\""), Just("'"), Just("text"),
            ], 0..20)) {
            let cleaned = clean(&parts.concat());
            prop_assert!(!cleaned.contains("<img") && !cleaned.contains("<svg") && !cleaned.contains("<style"));
            prop_assert_eq!(clean(&cleaned), cleaned);
        }
    }
}
