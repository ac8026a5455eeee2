//! A comment (interop form J): a `Note` that answers something. Whoever is answered is mentioned
//! in the text, in `tag` and in `cc`, or nobody would be told.

use super::quote::{Quoted, add_quote, fallback};
use super::reply::interaction_policy;
use super::{counted, text_context, with_context};
use crate::domain::Urls;
use crate::domain::comment::Comment;
use crate::domain::urls;
use crate::federation::PUBLIC;
use serde_json::{Value, json};

/// Somebody who is mentioned.
#[derive(Clone, Debug)]
pub struct Mention {
    pub uri: String,
    /// Their page.
    pub url: String,
    pub handle: String,
    pub host: String,
}

/// What a note needs to know besides the comment itself.
#[derive(Clone, Debug)]
pub struct Note<'a> {
    pub comment: &'a Comment,
    /// The id on the wire of what it answers.
    pub in_reply_to: &'a str,
    /// The initiative it belongs to.
    pub root: &'a str,
    pub assembly: &'a str,
    /// Who is answered, unless it is the author.
    pub mention: Option<&'a Mention>,
    /// What it quotes.
    pub quote: Option<&'a Quoted>,
    /// Whether its thread takes no answers any more.
    pub closed: bool,
}

/// The document of a local comment. `replies` is the collection of answers, inline in what is
/// served (with the tallies), an address in what is sent.
pub fn note(urls: &Urls, parts: &Note<'_>, replies: Option<Value>) -> Value {
    with_context(text_context(urls), bare_note(urls, parts, replies))
}

/// As [`note`], without the context: to be embedded.
pub(super) fn bare_note(urls: &Urls, parts: &Note<'_>, replies: Option<Value>) -> Value {
    let comment = parts.comment;
    let uri = &comment.uri;
    let mut html = match parts.mention {
        Some(mention) => with_mention(&comment.html, mention),
        None => comment.html.clone(),
    };
    if let Some(quoted) = parts.quote {
        html = fallback(quoted) + &html;
    }
    let mut cc = vec![urls::actor::followers(&comment.author_uri)];
    cc.extend(parts.mention.map(|m| m.uri.clone()));
    cc.push(parts.assembly.to_owned());
    let mention = parts.mention.iter().map(|m| {
        json!({ "type": "Mention", "href": m.uri, "name": format!("@{}@{}", m.handle, m.host) })
    });
    let tag: Vec<Value> = mention.chain(super::hashtags(urls, &comment.source)).collect();
    let served = replies.is_some();
    let count = |uri: String, n: i64| if served { counted(&uri, n) } else { uri.into() };
    let mut note = json!({
        "id": uri,
        "type": "Note",
        "attributedTo": comment.author_uri,
        "inReplyTo": parts.in_reply_to,
        "content": html,
        "contentMap": { comment.language.as_str(): html },
        "language": super::article::language_of(&comment.language),
        "source": { "content": comment.source, "mediaType": "text/markdown" },
        "url": comment.url,
        "to": [PUBLIC],
        "cc": cc,
        "audience": parts.assembly,
        "attachment": [],
        "tag": tag,
        "sensitive": false,
        "published": comment.created_at.to_rfc3339(),
        "context": urls::object::context(parts.root),
        "replies": replies.unwrap_or_else(|| urls::object::replies(uri).into()),
        "likes": count(urls::object::likes(uri), comment.likes),
        "shares": count(urls::object::shares(uri), comment.boosts),
        "interactionPolicy": interaction_policy(&comment.author_uri, parts.closed),
    });
    if let Some(map) = note.as_object_mut() {
        if let Some(edited) = comment.edited_at {
            map.insert("updated".to_owned(), edited.to_rfc3339().into());
        }
        if let Some(quoted) = parts.quote {
            add_quote(map, quoted);
        }
    }
    note
}

/// Puts the mention at the beginning of the first paragraph.
fn with_mention(html: &str, mention: &Mention) -> String {
    let anchor = format!(
        "<span class=\"h-card\"><a href=\"{}\" class=\"u-url mention\">@<span>{}</span></a></span> ",
        crate::text::strip(&mention.url).replace('"', "%22"),
        crate::text::strip(&mention.handle),
    );
    match html.strip_prefix("<p>") {
        Some(rest) => format!("<p>{anchor}{rest}"),
        None => format!("<p>{}</p>{html}", anchor.trim_end()),
    }
}

/// What stands in the place of a deleted comment (form K, answered with 410).
pub fn note_tombstone(comment: &Comment) -> Value {
    let at = comment.deleted_at.unwrap_or(comment.created_at);
    let tombstone = super::article::tombstone(&comment.uri, "Note", at);
    super::article::with_reason(tombstone, comment.removal.as_deref())
}
