//! The address of everything, made and read back in this one file.
//!
//! One host for all, paths for actors, no fragments in ids but the key's, no query strings in
//! inboxes: what other servers cope with best. Services need addresses before anything is
//! federated, so this lives in the domain.
//!
//! To add a kind of thing: a method that makes its address, a [`LocalRef`], an arm in
//! [`Urls::parse`], and the row in the round-trip test.

use super::{ActivityId, ActorKind, ObjectId, QuoteId, ReplyId, handle};
use std::sync::Arc;
use url::Url;

/// The addresses of one instance.
#[derive(Clone, Debug)]
pub struct Urls {
    /// Without a trailing slash: `https://veche.example`.
    base: Arc<str>,
    /// Host, with the port where it is not the scheme's: `veche.example`, `127.0.0.1:8080`.
    authority: Arc<str>,
}

/// What a local address points to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LocalRef {
    /// The instance actor.
    Instance,
    /// A person or a body, by handle.
    User(String),
    /// An assembly, by handle.
    Assembly(String),
    /// An initiative.
    Initiative(ObjectId),
    /// The actor of an initiative.
    InitiativeActor(ObjectId),
    /// A comment.
    Comment(ObjectId),
    /// A ballot.
    Ballot(ObjectId),
    /// An activity made here.
    Activity(ActivityId),
    /// Leave to quote something.
    Quote(QuoteId),
}

impl Urls {
    /// The addresses below `base`, which must have a host; its path is ignored.
    pub fn new(base: &Url) -> Option<Self> {
        let origin = base.origin();
        if !origin.is_tuple() {
            return None;
        }
        let text = origin.ascii_serialization();
        let authority = text.split_once("://").map(|(_, rest)| rest.to_owned())?;
        Some(Self { base: text.into(), authority: authority.into() })
    }

    /// Scheme, host and port, without a trailing slash.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The host (and port, unless the scheme's own), as in addresses `name@host`.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// `path` (with its leading slash) on this instance.
    pub fn page(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// The id, and page, of a local actor.
    pub fn actor(&self, kind: ActorKind, handle: &str) -> String {
        match kind {
            ActorKind::Person | ActorKind::Body => self.page(&format!("/u/{handle}")),
            ActorKind::Assembly => self.page(&format!("/g/{handle}")),
            ActorKind::Instance => self.page("/actor"),
            ActorKind::Initiative => {
                let id = handle::initiative_of(handle).unwrap_or(ObjectId::from(0));
                self.initiative_actor(id)
            }
        }
    }

    /// The page of a local actor: its id, but for the actor of an initiative the initiative.
    pub fn actor_page(&self, kind: ActorKind, handle: &str) -> String {
        match handle::initiative_of(handle).filter(|_| kind == ActorKind::Initiative) {
            Some(id) => self.initiative(id),
            None => self.actor(kind, handle),
        }
    }

    /// The id of the actor of an initiative.
    pub fn initiative_actor(&self, id: ObjectId) -> String {
        self.page(&format!("/i/{id}"))
    }

    /// The inbox that all local actors share.
    pub fn shared_inbox(&self) -> String {
        self.page("/inbox")
    }

    /// The id, and page, of an initiative.
    pub fn initiative(&self, id: ObjectId) -> String {
        self.page(&format!("/p/{id}"))
    }

    /// The id, and page, of a comment.
    pub fn comment(&self, id: ObjectId) -> String {
        self.page(&format!("/n/{id}"))
    }

    /// The id, and page, of a ballot.
    pub fn ballot(&self, id: ObjectId) -> String {
        self.page(&format!("/q/{id}"))
    }

    /// The id of an activity made here.
    pub fn activity(&self, id: ActivityId) -> String {
        self.page(&format!("/a/{id}"))
    }

    /// The id of the leave to quote something.
    pub fn quote(&self, id: QuoteId) -> String {
        self.page(&format!("/quotes/{id}"))
    }

    /// The id of the leave to answer something.
    pub fn reply(&self, id: ReplyId) -> String {
        self.page(&format!("/replies/{id}"))
    }

    /// The page of a hashtag, which is in its one spelling.
    pub fn tag(&self, name: &str) -> String {
        let name: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
        self.page(&format!("/tags/{name}"))
    }

    /// The JSON-LD context of the `civic:` properties.
    pub fn civic_context(&self) -> String {
        self.page("/ns#")
    }

    /// Whether `uri` belongs to this instance: same scheme, host and port.
    pub fn is_local(&self, uri: &str) -> bool {
        uri.strip_prefix(&*self.base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Whether a request to this address would come back here, however it is written.
    pub fn is_own(&self, url: &Url) -> bool {
        let Some(host) = url.host_str() else { return false };
        let host = host.trim_end_matches('.');
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        format!("{host}{port}") == *self.authority
    }

    /// What a local address points to; `None` for foreign addresses and for pages that are
    /// nothing of the above.
    pub fn parse(&self, uri: &str) -> Option<LocalRef> {
        let path = uri.strip_prefix(&*self.base)?;
        if path.is_empty() || path == "/" || path == "/actor" {
            return Some(LocalRef::Instance);
        }
        let (kind, name) = path.strip_prefix('/')?.split_once('/')?;
        match kind {
            "u" if is_name(name) => Some(LocalRef::User(name.to_owned())),
            "g" if is_name(name) => Some(LocalRef::Assembly(name.to_owned())),
            "i" => name.parse().ok().map(LocalRef::InitiativeActor),
            "p" => name.parse().ok().map(LocalRef::Initiative),
            "n" => name.parse().ok().map(LocalRef::Comment),
            "q" => name.parse().ok().map(LocalRef::Ballot),
            "a" => name.parse().ok().map(LocalRef::Activity),
            "quotes" => name.parse().ok().map(LocalRef::Quote),
            _ => None,
        }
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The collections and the key that hang below an actor's id.
pub mod actor {
    /// Where activities for this actor are sent.
    pub fn inbox(actor: &str) -> String {
        format!("{actor}/inbox")
    }

    /// What this actor did in public.
    pub fn outbox(actor: &str) -> String {
        format!("{actor}/outbox")
    }

    /// Who follows it (only how many).
    pub fn followers(actor: &str) -> String {
        format!("{actor}/followers")
    }

    /// Whom it follows (only how many).
    pub fn following(actor: &str) -> String {
        format!("{actor}/following")
    }

    /// What it pinned.
    pub fn featured(actor: &str) -> String {
        format!("{actor}/featured")
    }

    /// Who moderates an assembly.
    pub fn moderators(actor: &str) -> String {
        format!("{actor}/moderators")
    }

    /// The id of a vote that went out with this activity. Nobody can fetch it: who voted for what
    /// is for the poll's author alone.
    pub fn vote(actor: &str, activity: super::super::ActivityId) -> String {
        format!("{actor}#votes/{activity}")
    }

    /// The actor's Ed25519 key.
    pub fn proof_key(actor: &str) -> String {
        format!("{actor}#ed25519-key")
    }

    /// The actor's RSA key.
    pub fn main_key(actor: &str) -> String {
        format!("{actor}#main-key")
    }
}

/// The collections that hang below an initiative's or a comment's id.
pub mod object {
    /// The direct answers.
    pub fn replies(object: &str) -> String {
        format!("{object}/replies")
    }

    /// The whole thread, oldest first.
    pub fn context(object: &str) -> String {
        format!("{object}/context")
    }

    /// The object of which a collection is the whole thread, as long as it is named as ours are.
    pub fn of_context(context: &str) -> Option<&str> {
        context.strip_suffix("/context")
    }

    /// The signed activities about an initiative and its thread.
    pub fn record(object: &str) -> String {
        format!("{object}/record")
    }

    /// How many endorsements.
    pub fn likes(object: &str) -> String {
        format!("{object}/likes")
    }

    /// How many boosts.
    pub fn shares(object: &str) -> String {
        format!("{object}/shares")
    }
}

/// The host (with a port that is not the scheme's) of any absolute http(s) address.
pub fn authority_of(uri: &str) -> Option<String> {
    let url = Url::parse(uri).ok()?;
    let host = url.host_str()?;
    Some(match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

/// Whether two absolute http(s) addresses have the same scheme, host and port (FEP-fe34).
pub fn same_origin(a: &str, b: &str) -> bool {
    match (Url::parse(a), Url::parse(b)) {
        (Ok(a), Ok(b)) => {
            // A `blob:` has the origin of what it wraps, but is nobody's address.
            let web = |url: &Url| matches!(url.scheme(), "http" | "https");
            web(&a) && web(&b) && a.origin() == b.origin()
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn urls(base: &str) -> Urls {
        Urls::new(&Url::parse(base).unwrap()).unwrap()
    }

    #[test]
    fn addresses_are_read_back_as_what_they_are() {
        let urls = urls("https://Veche.example:443/ignored");
        assert_eq!(urls.authority(), "veche.example");
        let rows = [
            (urls.actor(ActorKind::Person, "ana"), LocalRef::User("ana".into())),
            (urls.actor(ActorKind::Body, "office"), LocalRef::User("office".into())),
            (urls.actor(ActorKind::Assembly, "transport"), LocalRef::Assembly("transport".into())),
            (urls.actor(ActorKind::Instance, ""), LocalRef::Instance),
            (urls.initiative(42.into()), LocalRef::Initiative(42.into())),
            (
                urls.actor(ActorKind::Initiative, "initiative_42"),
                LocalRef::InitiativeActor(42.into()),
            ),
            (urls.comment(7.into()), LocalRef::Comment(7.into())),
            (urls.ballot(8.into()), LocalRef::Ballot(8.into())),
            (urls.activity(9.into()), LocalRef::Activity(9.into())),
            (urls.quote(5.into()), LocalRef::Quote(5.into())),
        ];
        for (uri, expected) in rows {
            assert_eq!(urls.parse(&uri), Some(expected), "{uri}");
            assert!(urls.is_local(&uri));
        }
        let page = urls.actor_page(ActorKind::Initiative, "initiative_42");
        assert_eq!(page, urls.initiative(42.into()));
    }

    #[test]
    fn foreign_and_crooked_addresses_are_not_local() {
        let urls = urls("http://127.0.0.1:8080");
        for uri in [
            "http://127.0.0.1:80801/p/1",
            "https://127.0.0.1:8080/p/1",
            "http://127.0.0.1/p/1",
            "http://127.0.0.1:8080@evil.example/p/1",
            "",
        ] {
            assert!(!urls.is_local(uri), "{uri}");
            assert_eq!(urls.parse(uri), None, "{uri}");
        }
        assert_eq!(urls.parse("http://127.0.0.1:8080/u/ana/inbox"), None);
        assert_eq!(urls.parse("http://127.0.0.1:8080/p/x"), None);
    }

    #[test]
    fn origins() {
        assert!(same_origin("https://a.example/1", "https://a.example:443/2"));
        assert!(!same_origin("https://a.example/1", "http://a.example/1"));
        assert!(!same_origin("https://a.example/1", "https://b.a.example/1"));
        assert!(!same_origin("data:text/plain,a", "data:text/plain,a"));
    }
}
