//! An initiative (interop form D): an `Article` with `civic:` properties. No `summary`, which
//! several servers take for a content warning; no `updated` before the first edit.

use super::reply::interaction_policy;
use super::{counted, plain_context, text_context, with_context};
use crate::domain::initiative::Initiative;
use crate::domain::urls;
use crate::domain::{Timestamp, Urls};
use crate::federation::PUBLIC;
use serde_json::{Map, Value, json};

/// The tallies that a document reports: only the home's own.
#[derive(Clone, Copy, Debug)]
pub struct Tallies {
    pub likes: i64,
    pub boosts: i64,
}

/// The document of a public local initiative. `replies` is the collection of answers, inline in
/// what is served, an address in what is sent.
pub fn article(
    urls: &Urls,
    initiative: &Initiative,
    tallies: Option<Tallies>,
    replies: Option<Value>,
) -> Value {
    with_context(text_context(urls), bare_article(urls, initiative, tallies, replies))
}

/// As [`article`], without the context: to be embedded.
pub(super) fn bare_article(
    urls: &Urls,
    initiative: &Initiative,
    tallies: Option<Tallies>,
    replies: Option<Value>,
) -> Value {
    let uri = &initiative.uri;
    let language = initiative.language.as_str();
    let published = initiative.published_at.unwrap_or(initiative.created_at).to_rfc3339();
    let source = source(initiative);
    let mut article = json!({
        "id": uri,
        "type": "Article",
        "attributedTo": initiative.author_uri,
        "name": initiative.title,
        "content": initiative.html,
        "mediaType": "text/html",
        "contentMap": { language: initiative.html },
        "language": language_of(language),
        "source": { "content": source, "mediaType": "text/markdown" },
        "url": initiative.url,
        "to": [PUBLIC, initiative.assembly_uri],
        "cc": [urls::actor::followers(&initiative.author_uri)],
        "audience": initiative.assembly_uri,
        "attachment": [],
        "tag": super::hashtags(urls, &format!("{}\n\n{}", initiative.problem, initiative.proposal)),
        "sensitive": false,
        "published": published,
        "context": urls::object::context(uri),
        "replies": replies.unwrap_or_else(|| urls::object::replies(uri).into()),
        "likes": total(urls::object::likes(uri), tallies.map(|t| t.likes)),
        "shares": total(urls::object::shares(uri), tallies.map(|t| t.boosts)),
        "interactionPolicy": interaction_policy(
            &initiative.author_uri,
            initiative.locked_at.is_some(),
        ),
        "civic:stage": initiative.state.as_str(),
        "civic:revision": initiative.revision,
        "civic:digest": format!("sha-256:{}", initiative.digest),
        "civic:problem": initiative.problem,
        "civic:proposal": initiative.proposal,
        "civic:record": urls::object::record(uri),
    });
    if let Some(map) = article.as_object_mut() {
        if let Some(edited) = initiative.edited_at {
            map.insert("updated".to_owned(), edited.to_rfc3339().into());
        }
        map.insert("civic:group".to_owned(), urls.initiative_actor(initiative.id).into());
        if let Some(handle) = &initiative.body_handle {
            let body = urls.actor(crate::domain::ActorKind::Body, handle);
            map.insert("civic:addressee".to_owned(), body.into());
        }
    }
    article
}

fn total(uri: String, count: Option<i64>) -> Value {
    match count {
        Some(count) => counted(&uri, count),
        None => uri.into(),
    }
}

fn source(initiative: &Initiative) -> String {
    if initiative.problem.is_empty() {
        return initiative.proposal.clone();
    }
    let lang = crate::i18n::Lang::parse(&initiative.language).unwrap_or(crate::i18n::Lang::En);
    format!(
        "**{}**\n\n{}\n\n**{}**\n\n{}",
        lang.text("article-problem"),
        initiative.problem,
        lang.text("article-proposal"),
        initiative.proposal
    )
}

/// The language of a text as the threadiverse reads it.
pub(super) fn language_of(tag: &str) -> Value {
    json!({ "identifier": tag, "name": language_name(tag) })
}

/// The name of a language in itself, where we know it; servers show it in a list.
pub(super) fn language_name(tag: &str) -> &'static str {
    match tag.split('-').next().unwrap_or_default() {
        "ru" => "Русский",
        "de" => "Deutsch",
        "fr" => "Français",
        "es" => "Español",
        "uk" => "Українська",
        "be" => "Беларуская",
        "kk" => "Қазақша",
        "en" => "English",
        _ => "Undetermined",
    }
}

/// What stands in the place of a withdrawn initiative (form K, answered with 410).
pub fn article_tombstone(initiative: &Initiative) -> Value {
    let at = initiative.deleted_at.unwrap_or(initiative.created_at);
    with_reason(tombstone(&initiative.uri, "Article", at), initiative.removal.as_deref())
}

/// Says why the moderators removed something.
pub(super) fn with_reason(mut tombstone: Value, reason: Option<&str>) -> Value {
    if let (Some(reason), Some(map)) = (reason, tombstone.as_object_mut()) {
        map.insert("summary".to_owned(), reason.into());
    }
    tombstone
}

pub(super) fn tombstone(uri: &str, former_type: &str, deleted: Timestamp) -> Value {
    with_context(plain_context(), bare_tombstone(uri, former_type, deleted))
}

pub(super) fn bare_tombstone(uri: &str, former_type: &str, deleted: Timestamp) -> Value {
    let mut map = Map::new();
    map.insert("id".to_owned(), uri.into());
    map.insert("type".to_owned(), "Tombstone".into());
    map.insert("formerType".to_owned(), former_type.into());
    map.insert("deleted".to_owned(), deleted.to_rfc3339().into());
    Value::Object(map)
}
