//! Taking part from one's own server: finding out where that server wants its people to be sent
//! (FEP-3b86 intents, else the older `subscribe` template), and telling others the same of ours.
//!
//! The visitor says which server; only that server's WebFinger document says where to go, and only
//! to an address that a browser may be sent to. Nothing of the visitor is sent along.

use super::webfinger::{self, Jrd};
use super::{Budget, Error};
use crate::app::App;
use crate::domain::{Address, Urls};
use serde_json::{Value, json};
use url::Url;

/// The namespace of the intents.
const INTENTS: &str = "https://w3id.org/fep/3b86/";
/// What a server has that knows no intents: a page for any object.
const SUBSCRIBE: &str = "http://ostatus.org/schema/1.0/subscribe";

/// What the visitor wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    Follow,
    Like,
    Announce,
    /// To answer.
    Create,
    /// To see it there.
    Object,
}

impl Intent {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Follow, Self::Like, Self::Announce, Self::Create, Self::Object];

    /// Its name in addresses and in the namespace.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Follow => "Follow",
            Self::Like => "Like",
            Self::Announce => "Announce",
            Self::Create => "Create",
            Self::Object => "Object",
        }
    }

    /// The intent of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|i| i.name() == name)
    }
}

/// What a visitor typed, as an address to ask for: a handle, or a server alone.
pub fn server_of(typed: &str) -> Option<Address> {
    let typed = typed.trim();
    let bare = typed.strip_prefix("https://").or_else(|| typed.strip_prefix("http://"));
    let host = bare.unwrap_or(typed).trim_end_matches('/');
    // A server alone is asked for the actor that bears its name.
    if host.contains('@') {
        return Address::parse(host);
    }
    let name = host.split(':').next().unwrap_or_default();
    Address::parse(&format!("{name}@{host}"))
}

/// Where the visitor's server wants them to be sent to do this with `object`.
pub async fn destination(
    app: &App,
    budget: &Budget,
    server: &Address,
    intent: Intent,
    object: &str,
) -> Result<Url, Error> {
    let jrd = webfinger::document_of(app, budget, server).await?;
    let template = template(&jrd, intent)
        .ok_or_else(|| Error::invalid(format!("{server} tells no way to do this there")))?;
    fill(&template, object, app.config.federation.allow_http)
        .filter(|url| !app.urls.is_local(url.as_str()))
        .ok_or_else(|| Error::invalid(format!("{server} tells a way that cannot be gone")))
}

/// The best that the server offers: the very intent, the page of any object, the older template.
/// FEP-3b86 writes `href`, most servers `template`.
fn template(jrd: &Jrd, intent: Intent) -> Option<String> {
    let wanted =
        [format!("{INTENTS}{}", intent.name()), format!("{INTENTS}Object"), SUBSCRIBE.to_owned()];
    wanted.iter().find_map(|rel| {
        let link = jrd.link(rel)?;
        link.text("template").or_else(|| link.text("href")).map(str::to_owned)
    })
}

/// The template with the object in it, if that is an address to send a browser to. The place of the
/// object must not be in the part that says where the address leads.
fn fill(template: &str, object: &str, allow_http: bool) -> Option<Url> {
    let rest = template
        .strip_prefix("https://")
        .or_else(|| template.strip_prefix("http://").filter(|_| allow_http))?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.is_empty() || authority.contains(['{', '}', '@', '\\', '%']) {
        return None;
    }
    let encoded: String = url::form_urlencoded::byte_serialize(object.as_bytes()).collect();
    let mut filled = String::with_capacity(template.len() + encoded.len());
    let mut left = template;
    while let Some((before, after)) = left.split_once('{') {
        let (name, after) = after.split_once('}')?;
        filled.push_str(before);
        if matches!(name, "uri" | "object" | "inReplyTo") {
            filled.push_str(&encoded);
        }
        left = after;
    }
    filled.push_str(left);
    if filled.len() > 4_000 || filled.contains(|c: char| c.is_control() || c.is_whitespace()) {
        return None;
    }
    let url = Url::parse(&filled).ok()?;
    let plain = url.username().is_empty() && url.password().is_none() && url.host_str().is_some();
    plain.then_some(url)
}

/// The links by which others send their people to us, under both keys that are in use.
pub fn links(urls: &Urls) -> Vec<Value> {
    let mut links: Vec<Value> = Intent::ALL
        .into_iter()
        .map(|intent| {
            let place = if intent == Intent::Create { "inReplyTo" } else { "object" };
            let path = format!("/authorize_interaction?intent={}&uri={{{place}}}", intent.name());
            let address = urls.page(&path);
            json!({ "rel": format!("{INTENTS}{}", intent.name()), "template": address,
                    "href": address })
        })
        .collect();
    let subscribe = urls.page("/authorize_interaction?uri={uri}");
    links.push(json!({ "rel": SUBSCRIBE, "template": subscribe }));
    links
}

#[cfg(test)]
mod tests {
    use super::*;

    const OBJECT: &str = "https://veche.example/p/1?a=b&c=d";

    #[test]
    fn a_template_leads_only_where_it_says() {
        let good =
            fill("https://m.example/authorize_interaction?uri={uri}", OBJECT, false).unwrap();
        assert_eq!(
            good.as_str(),
            "https://m.example/authorize_interaction?uri=https%3A%2F%2Fveche.example%2Fp%2F1%3Fa%3Db%26c%3Dd"
        );
        let intent = "https://m.example/i?o={object}&then={on-success}&r={inReplyTo}";
        let filled = fill(intent, "https://v.example/1", false).unwrap();
        assert_eq!(
            filled.query(),
            Some("o=https%3A%2F%2Fv.example%2F1&then=&r=https%3A%2F%2Fv.example%2F1")
        );
        for bad in [
            "http://m.example/x?uri={uri}",
            "javascript:alert(1)//{uri}",
            "data:text/html,{uri}",
            "{uri}",
            "https://{uri}",
            "https://m.example{uri}",
            "https://user@m.example/?uri={uri}",
            "https://m.example:x@evil.example/?uri={uri}",
            "https://m.example\\@evil.example/?uri={uri}",
            "//m.example/?uri={uri}",
            "https:///x?uri={uri}",
            "https://m.example/?uri={uri",
            "https://m.example/\n?uri={uri}",
            "https://m%2eexample/?uri={uri}",
            "",
        ] {
            assert_eq!(fill(bad, OBJECT, false), None, "{bad}");
        }
        assert!(fill("http://127.0.0.1:8080/x?uri={uri}", OBJECT, true).is_some());
    }

    #[test]
    fn what_visitors_type() {
        for (typed, expected) in [
            ("@bob@m.example", Some("bob@m.example")),
            ("bob@M.example", Some("bob@m.example")),
            ("acct:bob@m.example", Some("bob@m.example")),
            ("m.example", Some("m.example@m.example")),
            ("https://m.example/", Some("m.example@m.example")),
            ("https://m.example/@bob", None),
            ("m.example/path", None),
            ("javascript:alert(1)", None),
            ("", None),
        ] {
            assert_eq!(server_of(typed).map(|a| a.to_string()).as_deref(), expected, "{typed}");
        }
    }

    #[test]
    fn the_best_way_is_taken() {
        let jrd = |links: Value| Jrd::new(json!({ "links": links }));
        let link = |rel: &str, key: &str, to: &str| json!({ "rel": rel, key: to });
        let (like, object) = (format!("{INTENTS}Like"), format!("{INTENTS}Object"));
        let all = jrd(json!([
            link(SUBSCRIBE, "template", "s"),
            link(&object, "template", "o"),
            link(&like, "href", "l"),
        ]));
        assert_eq!(template(&all, Intent::Like).as_deref(), Some("l"));
        assert_eq!(template(&all, Intent::Follow).as_deref(), Some("o"));
        let old = jrd(json!([link(SUBSCRIBE, "template", "s")]));
        assert_eq!(template(&old, Intent::Create).as_deref(), Some("s"));
        assert_eq!(template(&jrd(json!([])), Intent::Like), None);
    }
}
