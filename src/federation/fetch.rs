//! Getting a document from its home: signed, typed, under the id that was asked for.

use super::budget::Leave;
use super::knock;
use super::proof::{self, Standing};
use super::vocab::{Node, is_uri, without_fragment};
use super::{Budget, Error, json, limits};
use crate::app::{App, Failed};
use crate::domain::urls::same_origin;
use crate::net::Reply;
use crate::services::{self, actors::ensure_instance};
use http::{HeaderMap, Method};
use serde_json::Value;
use std::sync::Arc;
use url::Url;

/// Redirects that are followed, each signed anew and checked like the first address.
const MAX_REDIRECTS: usize = 2;
/// How long an address that failed is not asked again.
const PAUSE_SECONDS: i64 = 5 * 60;

/// Gets the document of this id. Its `id` is then exactly `uri` (without fragment) or, where the
/// server knows it under another name of the same origin, that name.
pub async fn document(app: &App, budget: &Budget, uri: &str) -> Result<Value, Error> {
    let uri = without_fragment(uri);
    if app.urls.is_local(uri) {
        return Err(Error::invalid("a document of this instance is not fetched"));
    }
    if let Some((at, failed)) = app.caches.unreachable.get(uri)
        && app.now().seconds() - at.seconds() < PAUSE_SECONDS
    {
        let text = |reason| format!("{uri} failed recently: {reason}");
        return Err(match failed {
            Failed::Missing => Error::Gone,
            Failed::Unusable(reason) => Error::Invalid(text(reason)),
            Failed::Away(reason) => Error::Unreachable(text(reason)),
        });
    }
    let outcome = document_uncached(app, budget, uri).await;
    let failed = match &outcome {
        Err(Error::Gone) => Failed::Missing,
        Err(error @ (Error::Invalid(_) | Error::Forbidden(_))) => {
            Failed::Unusable(Arc::from(error.to_string()))
        }
        Err(error @ Error::Unreachable(_)) => Failed::Away(Arc::from(error.to_string())),
        _ => return outcome,
    };
    app.caches.unreachable.insert(uri.to_owned(), (app.now(), failed));
    outcome
}

/// As [`document`], for an address that failed a moment ago and may not now.
pub async fn document_uncached(app: &App, budget: &Budget, uri: &str) -> Result<Value, Error> {
    let (found, at) = get(app, budget, uri).await?;
    let id = Node(&found).id().map(str::to_owned);
    match id {
        Some(id)
            if id == at.as_str()
                || id == without_fragment(uri) && same_origin(&id, at.as_str()) =>
        {
            Ok(found)
        }
        // Another name at the same origin: it must be what that name gives.
        Some(id) if same_origin(&id, at.as_str()) && !app.urls.is_local(&id) => {
            let (again, _) = get(app, budget, &id).await?;
            if Node(&again).id() == Some(id.as_str()) {
                Ok(again)
            } else {
                Err(Error::invalid(format!("{uri} and its id {id} do not agree")))
            }
        }
        // Given by somebody else, but with the proof of its author.
        Some(id) if id == without_fragment(uri) && is_proven(app, &found).await? => Ok(found),
        Some(id) => Err(Error::invalid(format!("{at} gives a document of another origin: {id}"))),
        None => Err(Error::invalid(format!("{at} gives a document without an id"))),
    }
}

/// Whether a document carries a good proof of its author, whose key is known already.
async fn is_proven(app: &App, document: &Value) -> Result<bool, Error> {
    let node = Node(document);
    let Some(id) = node.id() else { return Ok(false) };
    let author = node.uri("attributedTo").or_else(|| node.uri("actor"));
    let Some(author) = author.filter(|author| same_origin(author, id)) else { return Ok(false) };
    match Box::pin(proof::check(app, document, author, &Budget::nothing())).await {
        Ok(standing) => Ok(matches!(standing, Standing::Proven(_))),
        Err(Error::NeedsNetwork | Error::Gone) => Ok(false),
        Err(error) => Err(error),
    }
}

async fn get(app: &App, budget: &Budget, uri: &str) -> Result<(Value, Url), Error> {
    if !is_uri(uri) {
        return Err(Error::invalid("not an http(s) address"));
    }
    let mut url = Url::parse(uri).map_err(|_| Error::invalid(format!("not an address: {uri}")))?;
    url.set_fragment(None);
    for _ in 0..=MAX_REDIRECTS {
        if app.urls.is_own(&url) {
            return Err(Error::invalid("a document of this instance is not fetched"));
        }
        let reply = signed_get(app, budget, &url).await?;
        match reply.status {
            200 => return Ok((parse(&reply, &url)?, url)),
            301 | 302 | 303 | 307 | 308 => {
                let target = reply.header("location").and_then(|l| url.join(l).ok());
                url = target.ok_or_else(|| Error::invalid(format!("{url} redirects nowhere")))?;
            }
            404 | 410 => return Err(Error::Gone),
            status @ (401 | 403) => {
                return Err(Error::Unreachable(format!("{url} answered {status}")));
            }
            status @ 400..=499 if status != 408 && status != 429 => {
                return Err(Error::invalid(format!("{url} answered {status}")));
            }
            status => return Err(Error::Unreachable(format!("{url} answered {status}"))),
        }
    }
    Err(Error::invalid(format!("{uri} redirects too often")))
}

/// Whether its home says of this id that it is gone for good (410), and not just missing.
pub async fn is_gone_for_good(app: &App, budget: &Budget, uri: &str) -> Result<bool, Error> {
    let mut url = Url::parse(uri).map_err(|_| Error::invalid(format!("not an address: {uri}")))?;
    url.set_fragment(None);
    Ok(signed_get(app, budget, &url).await?.status == 410)
}

async fn signed_get(app: &App, budget: &Budget, url: &Url) -> Result<Reply, Error> {
    app.client.check(url)?;
    let leave = budget.ask(app, url).await?;
    let instance = ensure_instance(app).await?;
    let key = services::actors::signing_key(app, instance.id).await?;
    metrics::counter!("federation_fetches_total").increment(1);
    let answer = tokio::time::timeout(leave.time, knock::send(app, &key, url, None)).await;
    let reply = answer.map_err(|_| budget.over())??;
    limits::answered(app, url.as_str(), reply.remote).await?;
    Ok(reply)
}

/// Sends a request for which leave was given, and gives up when the time for it is over.
pub(super) async fn send(
    app: &App,
    budget: &Budget,
    leave: Leave,
    url: &Url,
    headers: HeaderMap,
) -> Result<Reply, Error> {
    let answer = app.client.send(Method::GET, url, headers, None);
    match tokio::time::timeout(leave.time, answer).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(budget.over()),
    }
}

fn parse(reply: &Reply, url: &Url) -> Result<Value, Error> {
    let content_type = reply.header("content-type").unwrap_or_default();
    if !is_activity_type(content_type) {
        return Err(Error::invalid(format!("{url} is not an ActivityPub document")));
    }
    json::parse_document(&reply.body)
        .map_err(|e| Error::invalid(format!("{url} cannot be read: {e}")))
}

/// Whether a media type is one of ActivityPub's (ActivityPub, 3.2). Anything else could be a file
/// that somebody uploaded.
pub fn is_activity_type(content_type: &str) -> bool {
    let mut parts = content_type.split(';').map(str::trim);
    let kind = parts.next().unwrap_or_default();
    if kind.eq_ignore_ascii_case(super::CONTENT_TYPE) {
        return true;
    }
    kind.eq_ignore_ascii_case("application/ld+json")
        && parts.any(|p| {
            p.to_ascii_lowercase().starts_with("profile=")
                && p.contains("https://www.w3.org/ns/activitystreams")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_types_of_documents() {
        let profile = "application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"";
        for (text, good) in [
            ("application/activity+json", true),
            ("application/activity+json;charset=utf-8", true),
            ("application/activity+json; charset=utf-8", true),
            ("Application/Activity+JSON", true),
            (profile, true),
            (&format!("{profile}; charset=utf-8"), true),
            ("application/ld+json", false),
            ("application/json", false),
            ("text/html", false),
            ("image/png", false),
            ("", false),
        ] {
            assert_eq!(is_activity_type(text), good, "{text}");
        }
    }
}
