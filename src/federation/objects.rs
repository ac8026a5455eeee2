//! Remote notes and articles: reading their documents as comments and initiatives.

use super::vocab::{Node, is_uri};
use super::{Budget, Error, actors, fetch};
use crate::app::App;
use crate::domain::initiative::parse_language;
use crate::domain::invalid::without_controls;
use crate::domain::tag::{self, MAX_REMOTE_TAGS};
use crate::domain::urls::same_origin;
use crate::domain::{ActorId, InitiativeText, Timestamp};
use crate::services::comments::RemoteComment;
use crate::services::initiatives::RemoteInitiative;
use crate::services::quotes::RemoteQuote;
use crate::text;

/// Types that are a text with a title.
const ARTICLES: [&str; 4] = ["Article", "Page", "Event", "Document"];
/// Longest HTML that is kept of one text, in bytes, before cleaning.
const MAX_HTML: usize = 200_000;

/// Whether the object is an answer to something.
pub fn is_reply(object: Node<'_>) -> bool {
    object.uri("inReplyTo").is_some()
}

/// Reads an answer by `author`. The id must be of the author's origin, and nobody else may be
/// named as its author.
pub fn comment(
    object: Node<'_>,
    author: ActorId,
    author_uri: &str,
    now: Timestamp,
) -> Result<RemoteComment, Error> {
    let id = own_id(object, author_uri)?;
    let in_reply_to =
        object.uri("inReplyTo").ok_or_else(|| Error::invalid(format!("{id} answers nothing")))?;
    comment_on(object, author, author_uri, in_reply_to.to_owned(), now)
}

/// As [`comment`], of a text that answers what it does not name.
pub fn comment_on(
    object: Node<'_>,
    author: ActorId,
    author_uri: &str,
    in_reply_to: String,
    now: Timestamp,
) -> Result<RemoteComment, Error> {
    let id = own_id(object, author_uri)?;
    if !matches!(object.kind(), "Note" | "Article" | "Page" | "Question" | "ChatMessage") {
        return Err(Error::invalid(format!("{id} is a {}, not a text", object.kind())));
    }
    let html = html(object);
    if html.is_empty() && object.get("attachment").is_none() {
        return Err(Error::invalid(format!("{id} has no text")));
    }
    Ok(RemoteComment {
        uri: id.to_owned(),
        url: page(object, id),
        author,
        in_reply_to,
        html,
        warning: warning(object),
        language: language(object),
        claimed_at: object.time("published").unwrap_or(now),
        quote: quote(object),
        updated: updated(object),
        tags: hashtags(object),
    })
}

/// Longest warning, in characters.
const MAX_WARNING: usize = 500;

/// What readers are warned of: the `summary` of a text without a title, or that it is `sensitive`.
/// The `summary` of an article sums it up.
fn warning(object: Node<'_>) -> Option<String> {
    let words = object.text("summary").filter(|_| !ARTICLES.contains(&object.kind()));
    let words = words.map(|words| text::excerpt(text::plain(words).trim(), MAX_WARNING));
    let sensitive = object.get("sensitive").and_then(serde_json::Value::as_bool);
    words.filter(|w| !w.is_empty()).or_else(|| (sensitive == Some(true)).then(String::new))
}

/// What a text quotes, under whichever name its server has for it: FEP-044f, Fedibird, older
/// servers, Misskey, and last a link of FEP-e232.
pub fn quote(object: Node<'_>) -> Option<RemoteQuote> {
    let named = ["quote", "quoteUri", "quoteUrl", "_misskey_quote"];
    let linked = || {
        let tags = object.get("tag")?.as_array()?;
        tags.iter().take(100).map(Node).find(|tag| is_quote_link(*tag))?.text("href")
    };
    let target = named.into_iter().find_map(|key| object.uri(key)).or_else(linked);
    let target = target.filter(|uri| is_uri(uri) && object.id() != Some(uri))?;
    let authorization = object.uri("quoteAuthorization").filter(|uri| is_uri(uri));
    Some(RemoteQuote { target: target.to_owned(), authorization: authorization.map(str::to_owned) })
}

fn is_quote_link(tag: Node<'_>) -> bool {
    let media = tag.text("mediaType").unwrap_or_default();
    let rel = tag.text("rel").unwrap_or("https://misskey-hub.net/ns#_misskey_quote");
    tag.kind() == "Link"
        && fetch::is_activity_type(media)
        && (rel.ends_with("_misskey_quote") || rel.ends_with("quote"))
}

/// The hashtags that the object names, each once, in their one spelling.
fn hashtags(object: Node<'_>) -> Vec<String> {
    let list = match object.get("tag") {
        Some(serde_json::Value::Array(list)) => list.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => return Vec::new(),
    };
    let mut found = Vec::new();
    for node in list.iter().take(200).map(Node).filter(|node| node.kind() == "Hashtag") {
        let name = node.text("name").and_then(tag::normal);
        found.extend(name.filter(|name| !found.contains(name)));
        if found.len() == MAX_REMOTE_TAGS {
            break;
        }
    }
    found
}

/// When a text replaced another one; several servers repeat the time of publication there.
fn updated(object: Node<'_>) -> Option<Timestamp> {
    object.time("updated").filter(|at| Some(*at) != object.time("published"))
}

/// Reads an initiative by `author` in `assembly`.
pub fn initiative(
    object: Node<'_>,
    author: ActorId,
    author_uri: &str,
    assembly: ActorId,
    now: Timestamp,
) -> Result<RemoteInitiative, Error> {
    let id = own_id(object, author_uri)?;
    if !(ARTICLES.contains(&object.kind()) || object.kind() == "Note") {
        return Err(Error::invalid(format!("{id} is a {}, not a text", object.kind())));
    }
    let html = html(object);
    let title = object.text("name").map(text::plain).filter(|t| !t.is_empty());
    let title = title.unwrap_or_else(|| text::excerpt(&text::plain(&html), 80));
    if title.is_empty() {
        return Err(Error::invalid(format!("{id} has no title and no text")));
    }
    let source = object
        .object("source")
        .filter(|s| s.text("mediaType") == Some("text/markdown"))
        .and_then(|s| s.text("content"))
        .unwrap_or_default();
    let language = language(object);
    let words = match (object.text("civic:problem"), object.text("civic:proposal")) {
        (Some(problem), Some(proposal)) => {
            InitiativeText::parse(&title, problem, proposal, &language).ok()
        }
        _ => None,
    };
    Ok(RemoteInitiative {
        words,
        number: object.get("civic:revision").and_then(serde_json::Value::as_i64),
        uri: id.to_owned(),
        url: page(object, id),
        author,
        assembly,
        title: text::excerpt(&title, InitiativeText::MAX_TITLE),
        html,
        source: without_controls(source).chars().take(2 * InitiativeText::MAX_BODY).collect(),
        language,
        claimed_at: object.time("published").unwrap_or(now),
        updated: updated(object),
        reported_likes: object.total_of("likes"),
        reported_boosts: object.total_of("shares"),
        tags: hashtags(object),
        group: object.uri("civic:group").filter(|group| same_origin(group, id)).map(str::to_owned),
    })
}

pub(super) fn own_id<'a>(object: Node<'a>, author_uri: &str) -> Result<&'a str, Error> {
    let id = object.id().ok_or_else(|| Error::invalid("the object has no id"))?;
    let named = object.get("attributedTo").is_some();
    if !same_origin(id, author_uri) || (named && !object.is_attributed_to(author_uri)) {
        return Err(Error::invalid(format!("{id} does not belong to {author_uri}")));
    }
    Ok(id)
}

pub(super) fn html(object: Node<'_>) -> String {
    let content = object.text("content").unwrap_or_default();
    let mut end = content.len().min(MAX_HTML);
    while !content.is_char_boundary(end) {
        end -= 1;
    }
    text::clean(content.get(..end).unwrap_or_default())
}

/// The page of an object: the first web address among those it names.
pub(super) fn page(object: Node<'_>, id: &str) -> String {
    object.uris("url").into_iter().find(|u| is_uri(u)).unwrap_or(id).to_owned()
}

/// The language: the one key of `contentMap`, or the `language` of the threadiverse.
pub(super) fn language(object: Node<'_>) -> String {
    let from_map = object
        .get("contentMap")
        .and_then(|m| m.as_object())
        .filter(|m| m.len() == 1)
        .and_then(|m| m.keys().next());
    let named = object.object("language").and_then(|l| l.text("identifier"));
    from_map
        .map(String::as_str)
        .or(named)
        .and_then(|tag| parse_language(tag).ok())
        .unwrap_or_else(|| "und".to_owned())
}

/// Fetches an object together with its author. The author's actor is known here afterwards.
pub async fn fetch_with_author(
    app: &App,
    budget: &Budget,
    uri: &str,
) -> Result<(serde_json::Value, crate::domain::actor::Actor), Error> {
    let document = fetch::document(app, budget, uri).await?;
    let node = Node(&document);
    if node.kind() == "Tombstone" {
        return Err(Error::Gone);
    }
    let author = node
        .uri("attributedTo")
        .filter(|a| node.is_attributed_to(a))
        .ok_or_else(|| Error::invalid(format!("{uri} has not exactly one author")))?
        .to_owned();
    if !same_origin(&author, uri) {
        return Err(Error::invalid(format!("{uri} and its author are of different origins")));
    }
    let actor = actors::require(app, budget, &author).await?;
    Ok((document, actor))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: Timestamp = Timestamp::from_millis(1_000);
    const BOB: &str = "https://m.example/users/bob";

    #[test]
    fn a_note_is_read_as_a_comment() {
        let note = json!({
            "id": "https://m.example/notes/1", "type": "Note", "attributedTo": BOB,
            "inReplyTo": "https://v.example/p/1", "content": "<p onclick=x>Да</p>",
            "contentMap": { "ru": "<p>Да</p>" }, "published": "2026-09-02T10:00:00Z",
            "url": ["https://m.example/@bob/1"]
        });
        let comment = comment(Node(&note), 1.into(), BOB, NOW).unwrap();
        assert_eq!(comment.html, "<p>Да</p>");
        assert_eq!(
            (comment.language.as_str(), comment.url.as_str()),
            ("ru", "https://m.example/@bob/1")
        );
        assert_eq!(comment.claimed_at.to_rfc3339(), "2026-09-02T10:00:00Z");
    }

    #[test]
    fn a_warning_is_a_summary_or_a_mark() {
        for (kind, summary, sensitive, expected) in [
            ("Note", json!("<b>Blood</b>"), json!(true), Some("Blood")),
            ("Note", json!("Blood"), json!(null), Some("Blood")),
            ("Question", json!("Blood"), json!(false), Some("Blood")),
            ("Note", json!(""), json!(true), Some("")),
            ("Note", json!(null), json!("true"), None),
            ("Note", json!([]), json!(false), None),
            ("Page", json!("In short"), json!(false), None),
            ("Article", json!("In short"), json!(true), Some("")),
        ] {
            let note = json!({ "type": kind, "summary": summary, "sensitive": sensitive });
            assert_eq!(warning(Node(&note)).as_deref(), expected, "{note}");
        }
    }

    #[test]
    fn quotes_have_many_names() {
        let uri = "https://v.example/p/1";
        let link = json!([{ "type": "Mention", "href": BOB }, { "type": "Link", "href": uri,
            "mediaType": "application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"",
            "name": "RE: it" }]);
        for (key, value) in [
            ("quote", json!(uri)),
            ("quote", json!({ "id": uri, "type": "Note" })),
            ("quoteUri", json!(uri)),
            ("quoteUrl", json!(uri)),
            ("_misskey_quote", json!(uri)),
            ("tag", link),
        ] {
            let note = json!({ "id": "https://m.example/1", "type": "Note", key: value });
            let read = quote(Node(&note)).unwrap_or_else(|| panic!("{note}"));
            assert_eq!((read.target.as_str(), read.authorization), (uri, None), "{note}");
        }
        for (key, value) in [
            ("quote", json!("https://m.example/1")),
            ("quote", json!("javascript:x")),
            ("quoteUrl", json!(3)),
            ("tag", json!([{ "type": "Link", "href": uri, "mediaType": "text/html" }])),
            ("tag", json!([{ "type": "Hashtag", "href": uri }])),
        ] {
            let note = json!({ "id": "https://m.example/1", "type": "Note", key: value });
            assert_eq!(quote(Node(&note)), None, "{note}");
        }
    }

    #[test]
    fn what_belongs_to_somebody_else_is_refused() {
        let make = |id: &str, author: serde_json::Value| {
            json!({ "id": id, "type": "Note", "attributedTo": author,
                "inReplyTo": "https://v.example/p/1", "content": "x" })
        };
        for note in [
            make("https://evil.example/1", json!(BOB)),
            make("https://m.example/1", json!("https://m.example/users/eve")),
            make("https://m.example/1", json!([BOB, "https://m.example/users/eve"])),
        ] {
            assert!(comment(Node(&note), 1.into(), BOB, NOW).is_err(), "{note}");
        }
    }

    #[test]
    fn an_article_is_read_as_an_initiative() {
        let article = json!({
            "id": "https://v.example/p/1", "type": "Article", "attributedTo": "https://v.example/u/ana",
            "name": "Night buses", "content": "<p>We ask</p>", "language": { "identifier": "en" },
            "likes": { "type": "Collection", "totalItems": 3 }, "shares": "https://v.example/p/1/shares"
        });
        let read =
            initiative(Node(&article), 1.into(), "https://v.example/u/ana", 2.into(), NOW).unwrap();
        assert_eq!((read.title.as_str(), read.language.as_str()), ("Night buses", "en"));
        assert_eq!((read.reported_likes, read.reported_boosts), (Some(3), None));
        // A post without a title takes its first words.
        let note = json!({ "id": "https://m.example/1", "type": "Note", "attributedTo": BOB, "content": "<p>First words</p>" });
        assert_eq!(
            initiative(Node(&note), 1.into(), BOB, 2.into(), NOW).unwrap().title,
            "First words"
        );
    }
}
