//! A remote server that does what a test wrote down: serves documents, answers as scripted,
//! remembers all that it is sent.

use super::{RemoteActor, Software, hostile, loopback_client};
use crate::domain::SignatureScheme;
use crate::federation::CONTENT_TYPE;
use crate::net::Client;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, Method, StatusCode, Uri, header};
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

/// What the peer answers at a path.
#[derive(Clone, Debug)]
pub enum Answer {
    /// This status, without a body.
    Status(u16),
    /// This status with one header.
    Header(u16, &'static str, String),
    /// This status after a while.
    Late(Duration, u16),
    /// A document of this type.
    Typed(&'static str, String),
    /// As many bytes as this.
    Huge(usize),
    /// A byte now and then, without end.
    Drip,
    /// Bytes as fast as they are taken, without end.
    Endless,
    /// A gzip file that unpacks to so many bytes.
    Packed(usize),
    /// A document, after the key of whoever asks was read at its home, unsigned. 401 if it cannot
    /// be had. So do servers that show nothing to strangers.
    AfterAsking(String),
    /// Nothing, ever.
    Silence,
}

/// What is answered below a path: made anew for each address.
#[derive(Clone)]
struct Maker(Arc<dyn Fn(&str) -> Answer + Send + Sync>);

impl fmt::Debug for Maker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Maker")
    }
}

/// A request that the peer got.
#[derive(Clone, Debug)]
pub struct Received {
    pub method: Method,
    pub path: String,
    pub headers: HeaderMap,
    /// Null where there was no JSON.
    pub body: Value,
    pub at: Instant,
}

impl Received {
    /// The id of the activity.
    pub fn id(&self) -> &str {
        self.body["id"].as_str().unwrap_or_default()
    }
}

#[derive(Debug, Default)]
struct Script {
    documents: BTreeMap<String, (u16, Value)>,
    answers: BTreeMap<String, VecDeque<Answer>>,
    always: BTreeMap<String, Answer>,
    below: Vec<(String, Maker)>,
    received: Vec<Received>,
    refused: Option<SignatureScheme>,
}

/// A remote server. It ends when it is dropped.
#[derive(Debug)]
pub struct ScriptedPeer {
    base: String,
    script: Arc<Mutex<Script>>,
    client: Client,
    _listener: JoinSet<()>,
}

impl ScriptedPeer {
    /// Starts one on a free port of 127.0.0.1.
    pub async fn start() -> Self {
        Self::at("127.0.0.1").await
    }

    /// Starts one at another address of this machine, which makes it another host.
    pub async fn at(ip: &str) -> Self {
        let listener = TcpListener::bind((ip, 0)).await.expect("a port is free");
        let base = format!("http://{}", listener.local_addr().expect("it is bound"));
        let script = Arc::new(Mutex::new(Script::default()));
        let router = Router::new().fallback(handle).with_state(Arc::clone(&script));
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            axum::serve(listener, router).await.expect("the listener works");
        });
        Self { base, script, client: loopback_client(), _listener: tasks }
    }

    /// Where it is, without a slash at the end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Makes an actor of this kind of server, with a key of its own; its document is served.
    pub fn actor(&self, name: &str, software: Software) -> RemoteActor {
        let actor = RemoteActor::new(&self.base, name, software, &self.client);
        for (path, document) in actor.documents() {
            self.serve(&path, document);
        }
        let finger = format!("/.well-known/webfinger?resource=acct:{}", actor.address());
        self.serve(&finger, actor.webfinger());
        actor
    }

    /// Serves a document at a path.
    pub fn serve(&self, path: &str, document: Value) {
        self.lock().documents.insert(path.to_owned(), (200, document));
    }

    /// Serves a tombstone (410) at a path.
    pub fn bury(&self, path: &str) {
        let tombstone = json!({ "@context": "https://www.w3.org/ns/activitystreams",
            "id": format!("{}{path}", self.base), "type": "Tombstone" });
        self.lock().documents.insert(path.to_owned(), (410, tombstone));
    }

    /// Answers 401 to whatever is signed in this form; without one, to nothing.
    pub fn refuse(&self, scheme: Option<SignatureScheme>) {
        self.lock().refused = scheme;
    }

    /// Answers in this way at a path from now on.
    pub fn always(&self, path: &str, answer: Answer) {
        self.lock().always.insert(path.to_owned(), answer);
    }

    /// Answers in this way once, before what it answers always.
    pub fn once(&self, path: &str, answer: Answer) {
        self.lock().answers.entry(path.to_owned()).or_default().push_back(answer);
    }

    /// Answers every address that begins with this by what the function makes of it: threads and
    /// collections without end.
    pub fn below(&self, prefix: &str, make: impl Fn(&str) -> Answer + Send + Sync + 'static) {
        self.lock().below.push((prefix.to_owned(), Maker(Arc::new(make))));
    }

    /// All requests so far.
    pub fn received(&self) -> Vec<Received> {
        self.lock().received.clone()
    }

    /// The activities of this type that were posted to it.
    pub fn posted(&self, kind: &str) -> Vec<Received> {
        let all = self.received().into_iter();
        all.filter(|r| r.method == Method::POST && r.body["type"] == kind).collect()
    }

    /// How often a path was asked for.
    pub fn asked(&self, path: &str) -> usize {
        self.received().iter().filter(|r| r.method == Method::GET && r.path == path).count()
    }

    fn lock(&self) -> MutexGuard<'_, Script> {
        self.script.lock().expect("no holder panicked")
    }
}

async fn handle(
    State(script): State<Arc<Mutex<Script>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string);
    let path = path.replace("%3A", ":").replace("%40", "@");
    let asked_by = hostile::key_id(&headers);
    let answer = {
        let mut script = script.lock().expect("no holder panicked");
        let scheme = if headers.contains_key("signature-input") {
            SignatureScheme::Rfc9421
        } else {
            SignatureScheme::Cavage
        };
        let refused = headers.contains_key("signature") && script.refused == Some(scheme);
        script.received.push(Received {
            method: method.clone(),
            path: path.clone(),
            headers,
            body: serde_json::from_slice(&body).unwrap_or_default(),
            at: Instant::now(),
        });
        if refused {
            return plain(401);
        }
        let next = script.answers.get_mut(&path).and_then(VecDeque::pop_front);
        match next.or_else(|| script.always.get(&path).cloned()) {
            Some(answer) => Ok(answer),
            None => match script.below.iter().find(|(prefix, _)| path.starts_with(prefix)) {
                Some((_, make)) => Ok(make.0(&path)),
                None => Err(script.documents.get(&path).cloned()),
            },
        }
    };
    match answer {
        Ok(Answer::AfterAsking(document)) => {
            hostile::after_asking(asked_by.as_deref(), document).await
        }
        Ok(answer) => play(answer).await,
        Err(_) if method == Method::POST => plain(202),
        Err(Some((status, document))) => {
            let kind = if path.starts_with("/.well-known/webfinger") {
                "application/jrd+json"
            } else {
                CONTENT_TYPE
            };
            typed(status, kind, document.to_string())
        }
        Err(None) => plain(404),
    }
}

async fn play(answer: Answer) -> Response {
    match answer {
        Answer::Status(status) => plain(status),
        Answer::Header(status, name, value) => {
            let mut response = plain(status);
            response.headers_mut().insert(name, value.parse().expect("the value is plain"));
            response
        }
        Answer::Late(wait, status) => {
            sleep(wait).await;
            plain(status)
        }
        Answer::Typed(kind, body) => typed(200, kind, body),
        Answer::Huge(bytes) => typed(200, CONTENT_TYPE, " ".repeat(bytes)),
        Answer::Drip => {
            let drops = stream::unfold((), async |()| {
                sleep(Duration::from_millis(500)).await;
                Some((Ok::<_, std::io::Error>(Bytes::from_static(b" ")), ()))
            });
            Response::new(Body::from_stream(drops))
        }
        Answer::Endless => hostile::endless(),
        Answer::Packed(bytes) => hostile::packed(bytes),
        Answer::AfterAsking(_) | Answer::Silence => std::future::pending().await,
    }
}

pub(super) fn plain(status: u16) -> Response {
    typed(status, "text/plain", String::new())
}

pub(super) fn typed(status: u16, kind: &'static str, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).expect("a status");
    response.headers_mut().insert(header::CONTENT_TYPE, kind.parse().expect("a type"));
    response
}
