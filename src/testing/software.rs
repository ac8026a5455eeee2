//! How other servers name their actors, their keys, and what they sign (interop §6.1, §14).

use super::server::{real_now, some_key};
use crate::crypto::{self, ProofKey, SigningKey};
use crate::domain::{SignatureScheme, Timestamp};
use crate::federation::proof::attach;
use crate::federation::signature::sign_request;
use crate::net::Client;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::{Value, json};
use std::sync::Arc;
use url::Url;

const ACTIVITY_JSON: &str = "application/activity+json";
const LD_JSON: &str = "application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"";

/// A kind of server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Software {
    Mastodon,
    GoToSocial,
    Lemmy,
    Misskey,
    Mitra,
    Pleroma,
    PieFed,
    Streams,
    Bonfire,
}

impl Software {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Mastodon,
        Self::GoToSocial,
        Self::Lemmy,
        Self::Misskey,
        Self::Mitra,
        Self::Pleroma,
        Self::PieFed,
        Self::Streams,
        Self::Bonfire,
    ];

    /// The name of its folder among the fixtures.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mastodon => "mastodon",
            Self::GoToSocial => "gotosocial",
            Self::Lemmy => "lemmy",
            Self::Misskey => "misskey",
            Self::Mitra => "mitra",
            Self::Pleroma => "pleroma",
            Self::PieFed => "piefed",
            Self::Streams => "streams",
            Self::Bonfire => "bonfire",
        }
    }

    fn covered(self) -> Vec<&'static str> {
        match self {
            Self::Mastodon | Self::PieFed | Self::Streams | Self::Bonfire => {
                vec!["host", "date", "digest", "content-type", "(request-target)"]
            }
            Self::GoToSocial | Self::Mitra => vec!["(request-target)", "host", "date", "digest"],
            Self::Lemmy => vec!["(request-target)", "content-type", "date", "digest", "host"],
            Self::Misskey => vec!["(request-target)", "date", "host", "digest"],
            Self::Pleroma => vec!["(request-target)", "content-length", "date", "digest", "host"],
        }
    }

    fn algorithm(self) -> &'static str {
        match self {
            Self::GoToSocial | Self::Lemmy => "hs2019",
            _ => "rsa-sha256",
        }
    }

    fn content_type(self) -> &'static str {
        if self == Self::GoToSocial { LD_JSON } else { ACTIVITY_JSON }
    }

    fn path(self, name: &str) -> String {
        match (self, name) {
            (Self::Lemmy, "instance") => "/".to_owned(),
            (_, "instance") => "/actor".to_owned(),
            (Self::Lemmy, _) => format!("/u/{name}"),
            _ => format!("/users/{name}"),
        }
    }

    fn key_of(self, id: &str) -> String {
        if self == Self::GoToSocial { format!("{id}/main-key") } else { format!("{id}#main-key") }
    }
}

/// An actor of a scripted peer.
#[derive(Clone, Debug)]
pub struct RemoteActor {
    pub id: String,
    pub name: String,
    pub software: Software,
    base: String,
    key: Arc<SigningKey>,
    proof_key: Arc<ProofKey>,
    client: Client,
}

impl RemoteActor {
    pub(super) fn new(base: &str, name: &str, software: Software, client: &Client) -> Self {
        let id = format!("{base}{}", software.path(name));
        let key = SigningKey::from_pkcs8(software.key_of(&id), &some_key()).expect("a good key");
        Self {
            name: name.to_owned(),
            software,
            base: base.to_owned(),
            key: Arc::new(key),
            proof_key: proof_key_of(&id),
            id,
            client: client.clone(),
        }
    }

    /// `NAME@HOST`.
    pub fn address(&self) -> String {
        format!("{}@{}", self.name, self.base.trim_start_matches("http://"))
    }

    /// Its own inbox.
    pub fn inbox(&self) -> String {
        format!("{}/inbox", self.id.trim_end_matches('/'))
    }

    /// The path of its id.
    pub fn path(&self) -> String {
        self.software.path(&self.name)
    }

    /// What it signs with.
    pub fn key(&self) -> &Arc<SigningKey> {
        &self.key
    }

    /// The same actor after it changed its key.
    #[must_use]
    pub fn with_another_key(&self) -> Self {
        let key = SigningKey::generate(self.key.key_id.clone()).expect("a key can be made").0;
        Self { key: Arc::new(key), ..self.clone() }
    }

    /// The same actor after it changed the key with which it makes proofs.
    #[must_use]
    pub fn with_another_proof_key(&self) -> Self {
        Self { proof_key: proof_key_of(&self.id), ..self.clone() }
    }

    /// The activity with this actor's proofs.
    pub fn seal(&self, mut activity: Value) -> Value {
        let now = real_now();
        if activity["object"]["attributedTo"] == self.id.as_str() {
            let mut inner = activity["object"].take();
            inner["@context"] = activity["@context"].clone();
            activity["object"] = attach(&self.proof_key, inner, now);
        }
        attach(&self.proof_key, activity, now)
    }

    /// Signs and sends an activity in one of the two forms; the status of the answer.
    pub async fn send_as(&self, scheme: SignatureScheme, inbox: &str, activity: &Value) -> u16 {
        let body = activity.to_string();
        let url = Url::parse(inbox).expect("an address");
        let digest = crypto::sha256_base64(body.as_bytes());
        let headers = sign_request(scheme, &self.key, &url, Some(&digest), real_now());
        let headers = headers.expect("it can be signed");
        let body = Some(Bytes::from(body));
        let answer = self.client.send(Method::POST, &url, headers, body).await;
        answer.map_or(0, |reply| reply.status)
    }

    /// Asks for a document, signed in one of the two forms; status and headers of the answer.
    pub async fn read_as(&self, scheme: SignatureScheme, address: &str) -> (u16, HeaderMap) {
        let url = Url::parse(address).expect("an address");
        let headers = sign_request(scheme, &self.key, &url, None, real_now());
        let headers = headers.expect("it can be signed");
        let answer = self.client.send(Method::GET, &url, headers, None).await;
        answer.map_or((0, HeaderMap::new()), |reply| (reply.status, reply.headers))
    }

    /// Its documents, by path: the actor and, where the key has an address of its own, the key.
    pub fn documents(&self) -> Vec<(String, Value)> {
        let document = self.document();
        let mut all = vec![(self.path(), document.clone())];
        if self.software == Software::GoToSocial {
            let stub = json!({
                "@context": ["https://w3id.org/security/v1", "https://www.w3.org/ns/activitystreams"],
                "id": self.id, "type": "Person", "preferredUsername": self.name,
                "publicKey": document["publicKey"],
            });
            all.push((format!("{}/main-key", self.path()), stub));
        }
        all
    }

    /// Its actor document.
    pub fn document(&self) -> Value {
        let kind = match (self.name.as_str(), self.software) {
            ("instance", Software::GoToSocial) => "Service",
            ("instance", _) => "Application",
            _ => "Person",
        };
        json!({
            "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
            "id": self.id, "type": kind, "preferredUsername": self.name, "name": self.name,
            "inbox": self.inbox(), "outbox": format!("{}/outbox", self.id.trim_end_matches('/')),
            "followers": format!("{}/followers", self.id.trim_end_matches('/')),
            "endpoints": { "sharedInbox": format!("{}/inbox", self.base) },
            "publicKey": { "id": self.key.key_id, "owner": self.id,
                "publicKeyPem": self.key.public_pem().expect("the key has a public half") },
            "assertionMethod": [{ "id": self.proof_key.key_id, "type": "Multikey",
                "controller": self.id, "publicKeyMultibase": self.proof_key.public_multibase() }],
        })
    }

    /// The answer to a WebFinger question about it.
    pub fn webfinger(&self) -> Value {
        json!({ "subject": format!("acct:{}", self.address()),
            "links": [{ "rel": "self", "type": ACTIVITY_JSON, "href": self.id }] })
    }

    /// Signs and sends an activity as its software does; the status of the answer.
    pub async fn send(&self, inbox: &str, activity: &Value) -> u16 {
        self.recipe(inbox, activity).send().await.0
    }

    /// A well-made request, to be spoilt.
    pub fn recipe(&self, inbox: &str, activity: &Value) -> Recipe {
        Recipe {
            method: Method::POST,
            inbox: Url::parse(inbox).expect("an address"),
            body: activity.to_string().into_bytes(),
            signed_body: None,
            date: real_now(),
            covered: self.software.covered(),
            algorithm: Some(self.software.algorithm()),
            content_type: self.software.content_type(),
            host: None,
            signed: true,
            key_id: self.key.key_id.clone(),
            key: Arc::clone(&self.key),
            further: Vec::new(),
            client: self.client.clone(),
        }
    }
}

fn proof_key_of(id: &str) -> Arc<ProofKey> {
    Arc::new(ProofKey::generate(format!("{id}#ed25519-key")).expect("a key can be made").0)
}

/// A request before it is signed.
#[derive(Clone, Debug)]
pub struct Recipe {
    pub method: Method,
    pub inbox: Url,
    pub body: Vec<u8>,
    /// The body for which the digest is made, where it is another one.
    pub signed_body: Option<Vec<u8>>,
    pub date: Timestamp,
    pub covered: Vec<&'static str>,
    pub algorithm: Option<&'static str>,
    pub content_type: &'static str,
    /// Another host than that of the inbox.
    pub host: Option<String>,
    pub signed: bool,
    pub key_id: String,
    pub key: Arc<SigningKey>,
    /// Headers added after signing.
    pub further: Vec<(&'static str, String)>,
    client: Client,
}

impl Recipe {
    /// Signs and sends; status, headers and body of the answer. No answer is status 0.
    pub async fn send(self) -> (u16, HeaderMap, String) {
        let host = match (&self.host, self.inbox.port()) {
            (Some(host), _) => host.clone(),
            (None, Some(port)) => format!("{}:{port}", self.inbox.host_str().unwrap_or_default()),
            (None, None) => self.inbox.host_str().unwrap_or_default().to_owned(),
        };
        let digest = crypto::sha256_base64(self.signed_body.as_ref().unwrap_or(&self.body));
        let values = [
            ("host", host),
            ("date", self.date.to_http_date()),
            ("digest", format!("SHA-256={digest}")),
            ("content-type", self.content_type.to_owned()),
            ("content-length", self.body.len().to_string()),
        ];
        let mut headers = HeaderMap::new();
        for (name, value) in values.iter().filter(|(name, _)| *name != "content-length") {
            headers.insert(HeaderName::from_static(name), value.parse().expect("plain text"));
        }
        if self.signed {
            headers.insert("signature", self.signature(&values));
        }
        for (name, value) in &self.further {
            headers.append(HeaderName::from_static(name), value.parse().expect("plain text"));
        }
        let body = Some(Bytes::from(self.body));
        match self.client.send(self.method, &self.inbox, headers, body).await {
            Ok(reply) => {
                let text = String::from_utf8_lossy(&reply.body).into_owned();
                (reply.status, reply.headers, text)
            }
            Err(failure) => (0, HeaderMap::new(), failure.to_string()),
        }
    }

    fn signature(&self, values: &[(&str, String)]) -> HeaderValue {
        let target = match self.inbox.query() {
            Some(query) => format!("{}?{query}", self.inbox.path()),
            None => self.inbox.path().to_owned(),
        };
        let method = self.method.as_str().to_ascii_lowercase();
        let line = |name: &&str| match values.iter().find(|(known, _)| known == name) {
            Some((_, value)) => format!("{name}: {value}"),
            None => format!("(request-target): {method} {target}"),
        };
        let lines: Vec<String> = self.covered.iter().map(line).collect();
        let signed = self.key.sign_base64(lines.join("\n").as_bytes()).expect("it can be signed");
        let algorithm =
            self.algorithm.map(|name| format!("algorithm=\"{name}\",")).unwrap_or_default();
        let text = format!(
            "keyId=\"{}\",{algorithm}headers=\"{}\",signature=\"{signed}\"",
            self.key_id,
            self.covered.join(" "),
        );
        text.parse().expect("plain text")
    }
}
