//! Markdown as people here write it.

use crate::domain::tag::{self, MAX_MENTIONS, MAX_TAGS, Piece};
use crate::domain::{Address, Urls};
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, TextMergeStream};

/// Nesting deeper than this is flattened: no text needs it, and it is how parsers are attacked.
const MAX_DEPTH: usize = 16;

/// Somebody whom a text may name, and where their page is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    pub address: Address,
    pub url: String,
}

/// Where hashtags and names in a text lead.
#[derive(Clone, Copy, Debug)]
pub struct Links<'a> {
    pub urls: &'a Urls,
    pub people: &'a [Named],
}

/// The hashtags and addresses in a text, each once, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// In their one spelling.
    pub tags: Vec<String>,
    pub mentions: Vec<Address>,
}

/// Turns Markdown into clean HTML. Headings become bold paragraphs (other servers do the same),
/// images become links, raw HTML is shown as text.
pub fn to_html(source: &str) -> String {
    render(source, None)
}

/// As [`to_html`], with hashtags and names as links.
pub fn to_linked_html(source: &str, links: &Links<'_>) -> String {
    let html = render(source, Some(links));
    // Cleaning gives every link the same relation; these are our own and lead to ourselves.
    html.replace(
        "class=\"mention hashtag\" rel=\"nofollow noopener noreferrer ugc\"",
        "class=\"mention hashtag\" rel=\"tag\"",
    )
}

/// What a text names, as far as it becomes a link.
pub fn found(source: &str) -> Found {
    let mut found = Found::default();
    let mut plain = Plain::default();
    for event in parse(source) {
        if let (true, Event::Text(text)) = (plain.is_plain(&event), &event) {
            for piece in tag::pieces(text) {
                found.take(piece);
            }
        }
    }
    found
}

impl Found {
    /// Takes a piece, if there is room; whether it did.
    fn take(&mut self, piece: Piece<'_>) -> bool {
        match piece {
            Piece::Plain(_) => false,
            Piece::Tag(written) => {
                let name = tag::normal(written);
                name.is_some_and(|name| take_once(&mut self.tags, name, MAX_TAGS))
            }
            Piece::Mention(written) => {
                let address = Address::parse(written);
                address.is_some_and(|a| take_once(&mut self.mentions, a, MAX_MENTIONS))
            }
        }
    }
}

fn take_once<T: PartialEq>(list: &mut Vec<T>, item: T, max: usize) -> bool {
    if list.contains(&item) {
        return true;
    }
    let room = list.len() < max;
    if room {
        list.push(item);
    }
    room
}

/// Keeps in mind whether one is inside a link or a block of code.
#[derive(Default)]
struct Plain(usize);

impl Plain {
    fn is_plain(&mut self, event: &Event<'_>) -> bool {
        match event {
            Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::CodeBlock(_)) => self.0 += 1,
            Event::End(TagEnd::Link | TagEnd::Image | TagEnd::CodeBlock) => {
                self.0 = self.0.saturating_sub(1);
            }
            _ => {}
        }
        self.0 == 0
    }
}

fn parse(source: &str) -> impl Iterator<Item = Event<'_>> {
    TextMergeStream::new(Parser::new_ext(source, Options::ENABLE_STRIKETHROUGH))
}

fn render(source: &str, links: Option<&Links<'_>>) -> String {
    let mut depth = 0_usize;
    let mut plain = Plain::default();
    let mut found = Found::default();
    let events = parse(source).flat_map(move |event| {
        let is_plain = plain.is_plain(&event);
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
            Event::Text(text) if is_plain => match links {
                Some(links) => linked(&text, links, &mut found),
                None => vec![Event::Text(text)],
            },
            other => vec![other],
        }
    });
    let mut html = String::with_capacity(source.len() * 3 / 2);
    pulldown_cmark::html::push_html(&mut html, events);
    super::clean(&html).trim_end().to_owned()
}

fn linked<'a>(text: &str, links: &Links<'_>, found: &mut Found) -> Vec<Event<'a>> {
    let piece = |piece| {
        let anchor = if found.take(piece) { anchor(piece, links) } else { None };
        match (anchor, piece) {
            (Some(anchor), _) => Event::InlineHtml(CowStr::from(anchor)),
            (None, Piece::Plain(text) | Piece::Tag(text) | Piece::Mention(text)) => {
                Event::Text(CowStr::from(text.to_owned()))
            }
        }
    };
    tag::pieces(text).into_iter().map(piece).collect()
}

/// The link of a hashtag or of somebody known. Nothing in it needs escaping but the address.
fn anchor(piece: Piece<'_>, links: &Links<'_>) -> Option<String> {
    match piece {
        Piece::Plain(_) => None,
        Piece::Tag(written) => {
            let href = links.urls.tag(&tag::normal(written)?);
            let name = written.trim_start_matches(['#', '\u{ff03}']);
            Some(format!("<a href=\"{href}\" class=\"mention hashtag\">#<span>{name}</span></a>"))
        }
        Piece::Mention(written) => {
            let address = Address::parse(written)?;
            let person = links.people.iter().find(|p| p.address == address)?;
            let href = person.url.replace('&', "&amp;").replace('"', "%22");
            let name = address.name();
            Some(format!(
                "<span class=\"h-card\"><a href=\"{href}\" class=\"u-url mention\">@<span>{name}</span></a></span>"
            ))
        }
    }
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

    fn linked_here(source: &str) -> String {
        let urls = Urls::new(&url::Url::parse("https://v.example").unwrap()).unwrap();
        let address = Address::parse("bob@m.example").unwrap();
        let people = [Named { address, url: "https://m.example/@bob".to_owned() }];
        to_linked_html(source, &Links { urls: &urls, people: &people })
    }

    #[test]
    fn hashtags_and_names_are_links() {
        let tag = |name: &str, written: &str| {
            format!(
                "<a href=\"https://v.example/tags/{name}\" class=\"mention hashtag\" rel=\"tag\">#<span>{written}</span></a>"
            )
        };
        assert_eq!(
            linked_here("go #Night_bus!"),
            format!("<p>go {}!</p>", tag("night_bus", "Night_bus"))
        );
        assert_eq!(linked_here("#за"), format!("<p>{}</p>", tag("%D0%B7%D0%B0", "за")));
        assert!(linked_here("hi @bob@m.example").contains(
            "<span class=\"h-card\"><a href=\"https://m.example/@bob\" class=\"u-url mention\""
        ));
        // Whoever is not known stays words.
        assert_eq!(linked_here("hi @eve@m.example"), "<p>hi @eve@m.example</p>");
    }

    #[test]
    fn links_and_code_stay_as_they_are() {
        for source in ["`#bus`", "    #bus", "[#bus](https://a.example)", "a\\#bus"] {
            let html = linked_here(source);
            assert!(!html.contains("hashtag"), "{source}: {html}");
            assert_eq!(found(source), Found::default(), "{source}");
        }
    }

    #[test]
    fn a_text_names_so_many_and_no_more() {
        let words: String =
            (0..12).fold(String::new(), |text, n| text + &format!("#tag{n} @p{n}@m.example "));
        let named = found(&words);
        assert_eq!((named.tags.len(), named.mentions.len()), (MAX_TAGS, MAX_MENTIONS));
        assert_eq!(linked_here(&words).matches("hashtag").count(), MAX_TAGS);
        assert_eq!(found("#A #a #a").tags, ["a"]);
    }

    #[test]
    fn escaped_words_are_only_words() {
        let words = "Buses *now* & <b>[here](x)</b> _1_ \\";
        let html = to_html(&escaped(words));
        assert_eq!(html.trim(), "<p>Buses *now* &amp; &lt;b&gt;[here](x)&lt;/b&gt; _1_ \\</p>");
    }
}
