//! Finding an actor by its address, and being found (RFC 7033).

use super::vocab::Node;
use super::{Budget, Error, fetch};
use crate::app::App;
use crate::domain::handle::INSTANCE_HANDLE;
use crate::domain::{Address, LocalRef, handle};
use crate::services;
use activitypub_federation::fetch::webfinger::{Webfinger, build_webfinger_response};
use http::{HeaderMap, HeaderValue, header};
use serde_json::Value;
use url::Url;

/// What a server tells of somebody (a JSON Resource Descriptor).
#[derive(Clone, Debug)]
pub struct Jrd(Value);

impl Jrd {
    /// Takes a document as it came.
    pub const fn new(document: Value) -> Self {
        Self(document)
    }

    fn links(&self) -> impl Iterator<Item = Node<'_>> {
        let links = self.0.get("links").and_then(Value::as_array);
        links.into_iter().flatten().take(MAX_LINKS).map(Node)
    }

    /// The first link of this relation.
    pub fn link(&self, rel: &str) -> Option<Node<'_>> {
        self.links().find(|link| link.text("rel") == Some(rel))
    }

    /// The address under which the server knows whom it was asked for.
    pub(super) fn subject(&self) -> Option<Address> {
        Address::parse(self.0.get("subject")?.as_str()?.strip_prefix("acct:")?)
    }

    /// The id of the actor.
    pub fn actor(&self) -> Option<&str> {
        let actors = self.links().filter(|link| link.text("rel") == Some("self"));
        let mut typed = actors.filter(|l| l.text("type").is_some_and(fetch::is_activity_type));
        typed.next()?.text("href")
    }
}

/// Redirects that are followed, each checked like the first address.
const MAX_REDIRECTS: usize = 2;
/// Links of a document that are looked at.
const MAX_LINKS: usize = 100;

/// Asks `address`'s host what it tells of it.
pub async fn document_of(app: &App, budget: &Budget, address: &Address) -> Result<Jrd, Error> {
    // On a trial without TLS everybody else is without TLS too.
    let scheme = if app.config.federation.allow_http { "http" } else { "https" };
    let mut url = Url::parse(&format!("{scheme}://{}/.well-known/webfinger", address.host()))
        .map_err(|_| Error::invalid(format!("{} is not a host", address.host())))?;
    url.query_pairs_mut().append_pair("resource", &format!("acct:{address}"));
    let mut headers = HeaderMap::new();
    headers
        .insert(header::ACCEPT, HeaderValue::from_static("application/jrd+json, application/json"));
    for _ in 0..=MAX_REDIRECTS {
        if app.urls.is_own(&url) {
            return Err(Error::invalid("this instance does not ask itself"));
        }
        let leave = budget.ask(app, &url).await?;
        let reply = fetch::send(app, budget, leave, &url, headers.clone()).await?;
        match reply.status {
            200 => {
                let jrd: Value = super::json::parse_document(&reply.body).map_err(|_| {
                    Error::invalid(format!("{} gave no WebFinger document", address.host()))
                })?;
                return Ok(Jrd(jrd));
            }
            // The names of a domain are often served by another one.
            301 | 302 | 303 | 307 | 308 => {
                let target = reply.header("location").and_then(|l| url.join(l).ok());
                url = target.ok_or_else(|| Error::invalid(format!("{url} redirects nowhere")))?;
            }
            404 | 410 => return Err(Error::Gone),
            status => {
                return Err(Error::Unreachable(format!("{} answered {status}", address.host())));
            }
        }
    }
    Err(Error::invalid(format!("{} redirects too often", address.host())))
}

/// Asks `address`'s host for the id of its actor.
pub async fn lookup(app: &App, budget: &Budget, address: &Address) -> Result<String, Error> {
    let jrd = document_of(app, budget, address).await?;
    let actor = jrd.actor().map(str::to_owned);
    actor.ok_or_else(|| Error::invalid(format!("{address} has no ActivityPub actor")))
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
    if address.host() != app.urls.authority() {
        return None;
    }
    let name = address.name().to_lowercase();
    // Who knows only the server asks for the actor that bears its name.
    let host = address.host().split(':').next().unwrap_or_default();
    Some(if name == host { INSTANCE_HANDLE.to_owned() } else { name })
}
