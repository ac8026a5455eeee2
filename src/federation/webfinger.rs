//! Finding an actor by its address, and being found (RFC 7033).

use super::{Budget, Error, fetch};
use crate::app::App;
use crate::domain::handle::INSTANCE_HANDLE;
use crate::domain::{Address, LocalRef, handle};
use crate::services;
use activitypub_federation::fetch::webfinger::{
    Webfinger, WebfingerLink, build_webfinger_response,
};
use http::{HeaderMap, HeaderValue, header};
use serde_json::Value;
use url::Url;

/// Asks `address`'s host for the id of its actor.
pub async fn lookup(app: &App, budget: &Budget, address: &Address) -> Result<String, Error> {
    // On a trial without TLS everybody else is without TLS too.
    let scheme = if app.config.federation.allow_http { "http" } else { "https" };
    let mut url = Url::parse(&format!("{scheme}://{}/.well-known/webfinger", address.host()))
        .map_err(|_| Error::invalid(format!("{} is not a host", address.host())))?;
    if app.urls.is_own(&url) {
        return Err(Error::invalid("this instance does not ask itself"));
    }
    url.query_pairs_mut().append_pair("resource", &format!("acct:{address}"));
    let mut headers = HeaderMap::new();
    headers
        .insert(header::ACCEPT, HeaderValue::from_static("application/jrd+json, application/json"));
    let leave = budget.ask(app, &url).await?;
    let reply = fetch::send(app, budget, leave, &url, headers).await?;
    match reply.status {
        200 => {}
        404 | 410 => return Err(Error::Gone),
        status => return Err(Error::Unreachable(format!("{} answered {status}", address.host()))),
    }
    let jrd: Value = super::json::parse_document(&reply.body)
        .map_err(|_| Error::invalid(format!("{} gave no WebFinger document", address.host())))?;
    let found = actor_link(&jrd).map(str::to_owned);
    found.ok_or_else(|| Error::invalid(format!("{address} has no ActivityPub actor")))
}

/// The id of the actor in a WebFinger document (RFC 7033, 4.4.4).
pub fn actor_link(jrd: &Value) -> Option<&str> {
    jrd.get("links")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .find(|link| {
            link.get("rel").and_then(Value::as_str) == Some("self")
                && link.get("type").and_then(Value::as_str).is_some_and(fetch::is_activity_type)
        })
        .and_then(|link| link.get("href").and_then(Value::as_str))
}

/// The document about `resource`: `acct:name@host` or an address of ours. `None` when it is
/// nobody here.
pub async fn document(app: &App, resource: &str) -> Result<Option<Webfinger>, Error> {
    let Some(handle) = local_handle(app, resource) else { return Ok(None) };
    let found = services::actors::local_by_handle(app, &handle).await?;
    let Some(actor) = found.filter(|a| a.deleted_at.is_none()) else { return Ok(None) };
    let url = Url::parse(&actor.uri).map_err(|e| Error::invalid(e.to_string()))?;
    let mut document = build_webfinger_response(format!("acct:{}", actor.address()), url.clone());
    document.aliases.push(url);
    let template = app.urls.page("/authorize_interaction?uri={uri}");
    document.links.push(WebfingerLink {
        rel: Some("http://ostatus.org/schema/1.0/subscribe".to_owned()),
        template: Some(template),
        ..WebfingerLink::default()
    });
    Ok(Some(document))
}

fn local_handle(app: &App, resource: &str) -> Option<String> {
    match app.urls.parse(resource) {
        Some(LocalRef::User(handle) | LocalRef::Assembly(handle)) => return Some(handle),
        Some(LocalRef::InitiativeActor(id)) => return Some(handle::of_initiative(id)),
        Some(LocalRef::Instance) => return Some(INSTANCE_HANDLE.to_owned()),
        _ => {}
    }
    let address = Address::parse(resource.strip_prefix("acct:")?)?;
    (address.host() == app.urls.authority()).then(|| address.name().to_lowercase())
}
