//! Functions that read what strangers wrote, fed with any bytes. None may panic, and each holds
//! what it promises.
//!
//! Two drivers share this list: `cargo fuzz` (`fuzz/`, on a nightly compiler, for hours) and
//! `tests::fuzz`, which tries seeds and mutations of them in every run. To add one: its function,
//! its line in [`TARGETS`], a folder of seeds in `fuzz/seeds/`, a line in `fuzz/Cargo.toml`.

use crate::config::Federation;
use crate::crypto::{Algorithm, PublicKey};
use crate::domain::peerlog::Trace;
use crate::domain::urls::{authority_of, same_origin};
use crate::domain::{Address, PageRequest, Timestamp, Urls};
use crate::federation::vocab::{Node, is_uri};
use crate::federation::{actors, json, objects, signature, webfinger};
use crate::http::negotiate;
use crate::net::Client;
use crate::text;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use std::sync::LazyLock;
use url::{Host, Url};

/// A function that takes any bytes.
pub type Target = fn(&[u8]);

/// All of them, by name.
pub const TARGETS: [(&str, Target); 10] = [
    ("signature", signature),
    ("digest", digest),
    ("activity", activity),
    ("webfinger", webfinger),
    ("accept", accept),
    ("html", html),
    ("cursor", cursor),
    ("address", address),
    ("acct", acct),
    ("key", key),
];

/// Runs one by its name.
pub fn run(name: &str, data: &[u8]) {
    let found = TARGETS.iter().find(|(known, _)| *known == name);
    found.unwrap_or_else(|| panic!("nothing is called {name}")).1(data);
}

const NOW: Timestamp = Timestamp::from_millis(1_788_343_200_000);
const BASE: &str = "https://veche.example";
const SENDER: &str = "https://a.example/users/bob";

fn words(data: &[u8]) -> String {
    String::from_utf8_lossy(data).into_owned()
}

/// Lines `name: value`, as far as they can be headers.
fn headers(data: &[u8]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in data.split(|byte| *byte == b'\n').take(64) {
        let Some(at) = line.iter().position(|byte| *byte == b':') else { continue };
        let (name, value) = line.split_at(at);
        let value = value.get(1..).unwrap_or_default().trim_ascii();
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(name), HeaderValue::from_bytes(value))
        {
            headers.append(name, value);
        }
    }
    headers
}

fn signature(data: &[u8]) {
    let headers = headers(data);
    let uri = Uri::from_static("/inbox?page=1");
    if let Ok(signed) =
        signature::inspect(&Method::POST, BASE, &uri, &headers, NOW, &mut Trace::default())
    {
        assert!(!signed.key_id.is_empty(), "a signature of nobody was accepted");
    }
    let _ = signature::inspect(&Method::GET, BASE, &uri, &headers, NOW, &mut Trace::default());
    let _ = signature::SignatureHeader::parse(&words(data));
}

fn digest(data: &[u8]) {
    let headers = headers(data);
    // Nobody can guess the digest of a body that holds the guess.
    for check in [signature::check_digest, signature::check_content_digest] {
        assert!(check(&headers, data).is_err(), "a digest fits a body that contains it");
    }
}

fn activity(data: &[u8]) {
    let Ok(value) = json::parse(data) else { return };
    // Who reads it again reads the same.
    let again = json::parse(value.to_string().as_bytes());
    assert_eq!(again.as_ref(), Ok(&value), "two readings differ");
    let node = Node(&value);
    if let Some(id) = node.id() {
        assert!(Url::parse(id).map_or(true, |url| url.username().is_empty()), "{id}");
    }
    for node in [Some(node), node.object("object")].into_iter().flatten() {
        for key in ["actor", "object", "attributedTo", "inReplyTo", "to"] {
            let _ = (node.uri(key), node.uris(key).len(), node.text(key));
        }
        let _ = (node.is_public(), node.time("published"), node.total_of("likes"));
        if let Ok(comment) = objects::comment(node, 1.into(), SENDER, NOW) {
            assert!(same_origin(&comment.uri, SENDER), "{}", comment.uri);
            assert_clean(&comment.html);
        }
        if let Ok(initiative) = objects::initiative(node, 1.into(), SENDER, 2.into(), NOW) {
            assert!(same_origin(&initiative.uri, SENDER), "{}", initiative.uri);
            assert_clean(&initiative.html);
        }
        if let Ok(actor) = actors::parse(node, None) {
            assert!(same_origin(&actor.inbox, &actor.uri), "{}", actor.inbox);
            assert_clean(&actor.summary);
        }
    }
}

fn webfinger(data: &[u8]) {
    if let Ok(jrd) = json::parse_document(data) {
        let _ = webfinger::Jrd::new(jrd).actor().map(str::len);
    }
}

fn accept(data: &[u8]) {
    let mut headers = HeaderMap::new();
    for part in data.split(|byte| *byte == b'\n').take(8) {
        if let Ok(value) = HeaderValue::from_bytes(part) {
            headers.append(http::header::ACCEPT, value);
        }
    }
    let wanted = negotiate::wants_document(&headers);
    let named = headers
        .values()
        .any(|value| value.as_bytes().to_ascii_lowercase().windows(4).any(|w| w == b"json"));
    assert!(!wanted || named, "a document for somebody who did not ask for one");
}

fn assert_clean(html: &str) {
    assert_eq!(text::clean(html), html, "cleaning twice changes something");
    let lower = html.to_ascii_lowercase();
    for element in
        ["<script", "<style", "<svg", "<math", "<iframe", "<img", "<form", "<input", "<!--"]
    {
        assert!(!lower.contains(element), "{element} is left in {html}");
    }
    for tag in lower.split('<').skip(1) {
        let inside = tag.split('>').next().unwrap_or_default();
        let outside_quotes: String = inside.split('"').step_by(2).collect();
        let acts = outside_quotes.split_whitespace().any(|attribute| attribute.starts_with("on"));
        assert!(!acts && !inside.contains("javascript:"), "something acts in {html}");
    }
}

fn html(data: &[u8]) {
    let html = words(data);
    // Cleaning twice parses what the first cleaning wrote: from the second on nothing changes.
    assert_clean(&text::clean(&text::clean(&html)));
    let plain = text::plain(&html);
    assert!(!plain.contains('\n'), "plain text has lines");
}

fn cursor(data: &[u8]) {
    let text = words(data);
    let mut numbers = text.split([',', '\n']).map(|n| n.trim().parse::<i64>().ok());
    let page = PageRequest::new(numbers.next().flatten(), numbers.next().flatten());
    assert!((1..=PageRequest::MAX).contains(&page.limit), "{}", page.limit);
    let _ = page.upper_bound();
    let base = Url::parse("https://veche.example").ok();
    if let Some(urls) = base.as_ref().and_then(Urls::new) {
        let uri = urls.page(&format!("/p/{text}"));
        assert!(urls.is_local(&uri), "{uri}");
        let _ = urls.parse(&uri);
    }
}

static CLIENT: LazyLock<Option<Client>> =
    LazyLock::new(|| Client::new(&Federation::default(), "fuzz").ok());

/// Only names with a dot and numbers that are public are ever connected to.
fn address(data: &[u8]) {
    let text = words(data);
    let Ok(url) = Url::parse(&text) else { return };
    if CLIENT.as_ref().is_some_and(|client| client.check(&url).is_ok()) {
        assert!(url.scheme() == "https" && url.port().is_none(), "{url}");
        assert!(url.username().is_empty() && url.password().is_none(), "{url}");
        match url.host() {
            Some(Host::Domain(name)) => {
                assert!(name.contains('.') && !name.ends_with('.'), "{url}");
            }
            Some(Host::Ipv4(v4)) => {
                assert!(!(v4.is_private() || v4.is_loopback() || v4.is_link_local()), "{url}");
            }
            Some(Host::Ipv6(v6)) => {
                assert!(!(v6.is_loopback() || v6.to_ipv4_mapped().is_some()), "{url}");
            }
            None => panic!("{url} has no host"),
        }
    }
    if is_uri(&text) {
        // One canonical form: whoever writes it out gets the same origin again.
        let host = authority_of(&text);
        assert_eq!(host, authority_of(url.as_str()), "{text}");
        assert!(same_origin(&text, url.as_str()), "{text}");
    }
}

fn acct(data: &[u8]) {
    let text = words(data);
    if let Some(address) = Address::parse(&text) {
        assert_eq!(Address::parse(&address.to_string()).as_ref(), Some(&address), "{text}");
        assert!(!address.host().contains(['/', '@', '?', '#']), "{text}");
    }
}

fn key(data: &[u8]) {
    let text = words(data);
    let read = PublicKey::from_pem(&text);
    assert!(read.is_err() || !text.contains("PRIVATE KEY"), "a private key was taken");
    let wrapped = format!("-----BEGIN PUBLIC KEY-----\n{text}\n-----END PUBLIC KEY-----\n");
    if let Ok(key) = PublicKey::from_pem(&wrapped) {
        assert!(
            !key.verifies(Algorithm::RsaSha256, b"message", text.as_bytes()),
            "a key is its own signature"
        );
    }
}
