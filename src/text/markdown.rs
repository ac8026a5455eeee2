//! Markdown as people here write it.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// Nesting deeper than this is flattened: no text needs it, and it is how parsers are attacked.
const MAX_DEPTH: usize = 16;

/// Turns Markdown into clean HTML. Headings become bold paragraphs (other servers do the same),
/// images become links, raw HTML is shown as text.
pub fn to_html(source: &str) -> String {
    let mut depth = 0_usize;
    let events = Parser::new_ext(source, Options::ENABLE_STRIKETHROUGH).flat_map(move |event| {
        let kept = match &event {
            Event::Start(Tag::BlockQuote(_) | Tag::List(_)) => {
                depth += 1;
                depth <= MAX_DEPTH
            }
            Event::End(TagEnd::BlockQuote(_) | TagEnd::List(_)) => {
                depth = depth.saturating_sub(1);
                depth < MAX_DEPTH
            }
            _ => true,
        };
        if !kept {
            return Vec::new();
        }
        match event {
            Event::Start(Tag::Heading { .. }) => {
                vec![Event::Start(Tag::Paragraph), Event::Start(Tag::Strong)]
            }
            Event::End(TagEnd::Heading(_)) => {
                vec![Event::End(TagEnd::Strong), Event::End(TagEnd::Paragraph)]
            }
            Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
                vec![Event::Start(Tag::Link { link_type, dest_url, title, id })]
            }
            Event::End(TagEnd::Image) => vec![Event::End(TagEnd::Link)],
            Event::Html(text) | Event::InlineHtml(text) => vec![Event::Text(text)],
            Event::SoftBreak => vec![Event::HardBreak],
            other => vec![other],
        }
    });
    let mut html = String::with_capacity(source.len() * 3 / 2);
    pulldown_cmark::html::push_html(&mut html, events);
    super::clean(&html).trim_end().to_owned()
}

/// Plain words as Markdown that shows them as they are.
pub fn escaped(words: &str) -> String {
    let mut out = String::with_capacity(words.len() + 8);
    for letter in words.chars() {
        if letter.is_ascii_punctuation() {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_forms() {
        assert_eq!(to_html("a *b*\nc"), "<p>a <em>b</em><br>\nc</p>");
        assert_eq!(to_html("# Title"), "<p><strong>Title</strong></p>");
        assert_eq!(to_html("<script>x</script>"), "&lt;script&gt;x&lt;/script&gt;");
        assert!(to_html("![alt](https://a.example/i.png)").contains(">alt</a>"));
        assert!(!to_html("[x](javascript:alert(1))").contains("javascript"));
    }

    #[test]
    fn deep_nesting_stays_shallow() {
        let html = to_html(&format!("{} deep", ">".repeat(5_000)));
        assert!(html.matches("<blockquote>").count() <= MAX_DEPTH, "{}", html.len());
    }

    #[test]
    fn escaped_words_are_only_words() {
        let words = "Buses *now* & <b>[here](x)</b> _1_ \\";
        let html = to_html(&escaped(words));
        assert_eq!(html.trim(), "<p>Buses *now* &amp; &lt;b&gt;[here](x)&lt;/b&gt; _1_ \\</p>");
    }
}
