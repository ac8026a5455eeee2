//! The API over HTTP as a person's program uses it.

use crate::net::Client;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header};
use serde_json::{Value, json};
use url::Url;

/// Somebody with (or without) a token. Every act fails the test when it is refused.
#[derive(Clone, Debug)]
pub struct Citizen {
    client: Client,
    base: String,
    token: Option<String>,
    key: Option<String>,
    /// The handle of the account.
    pub handle: String,
}

impl Citizen {
    /// Somebody who speaks to the server at `base`.
    pub fn new(client: Client, base: &str, token: Option<String>, handle: &str) -> Self {
        Self { client, base: base.to_owned(), token, key: None, handle: handle.to_owned() }
    }

    /// The same person, whose requests carry an `Idempotency-Key`.
    #[must_use]
    pub fn under_key(&self, key: &str) -> Self {
        Self { key: Some(key.to_owned()), ..self.clone() }
    }

    /// One call; the status and the JSON of the answer (null when there is none). An unreachable
    /// server gives status 0.
    pub async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> (u16, Value) {
        let url = Url::parse(&format!("{}/api/civic/v1{path}", self.base)).expect("an address");
        let mut headers = HeaderMap::new();
        if let Some(token) = &self.token {
            let value = HeaderValue::from_str(&format!("Bearer {token}")).expect("plain text");
            headers.insert(header::AUTHORIZATION, value);
        }
        if let Some(key) = &self.key {
            headers.insert("idempotency-key", key.parse().expect("plain text"));
        }
        let bytes = body.map(|json| {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            Bytes::from(json.to_string())
        });
        match self.client.send(method, &url, headers, bytes).await {
            Ok(reply) => (reply.status, serde_json::from_slice(&reply.body).unwrap_or_default()),
            Err(_) => (0, Value::Null),
        }
    }

    /// A call that must succeed.
    pub async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let (status, answer) = self.call(method.clone(), path, body.as_ref()).await;
        assert!((200..300).contains(&status), "{method} {path} answered {status}: {answer}");
        answer
    }

    /// Follows an actor by handle, address or link; the actor's id here.
    pub async fn follow(&self, actor: &str) -> String {
        let body = json!({ "actor": actor });
        id_of(&self.ask(Method::POST, "/follows", Some(body)).await["actor"])
    }

    /// How the follow of an actor stands.
    pub async fn follow_state(&self, actor: &str) -> String {
        let body = json!({ "actor": actor });
        text(&self.ask(Method::POST, "/follows", Some(body)).await["state"])
    }

    /// Stops following.
    pub async fn unfollow(&self, id: &str) {
        self.ask(Method::DELETE, &format!("/follows/{id}"), None).await;
    }

    /// Writes and publishes an initiative.
    pub async fn publish(&self, assembly: &str, title: &str) -> Value {
        let mut form = text_of_initiative(title, "Let one run every hour of the night.");
        form["assembly"] = assembly.into();
        let draft = self.ask(Method::POST, "/initiatives", Some(form)).await;
        let path = format!("/initiatives/{}/publish", id_of(&draft));
        self.ask(Method::POST, &path, None).await
    }

    /// Gives an initiative a new proposal.
    pub async fn revise(&self, id: &str, title: &str, proposal: &str) -> Value {
        let form = text_of_initiative(title, proposal);
        self.ask(Method::PUT, &format!("/initiatives/{id}"), Some(form)).await
    }

    /// Takes an initiative back.
    pub async fn withdraw(&self, id: &str) -> Value {
        self.ask(Method::DELETE, &format!("/initiatives/{id}"), None).await
    }

    /// An initiative with its texts.
    pub async fn initiative(&self, id: &str) -> Value {
        self.ask(Method::GET, &format!("/initiatives/{id}"), None).await
    }

    /// All initiatives known here, newest first.
    pub async fn initiatives(&self) -> Vec<Value> {
        list(&self.ask(Method::GET, "/initiatives?limit=100", None).await)
    }

    /// The initiative with this id on the wire, if it is known here.
    pub async fn find(&self, uri: &str) -> Option<Value> {
        self.initiatives().await.into_iter().find(|i| i["uri"] == uri)
    }

    /// Comments on an initiative.
    pub async fn comments(&self, initiative: &str) -> Vec<Value> {
        let path = format!("/initiatives/{initiative}/comments?limit=100");
        list(&self.ask(Method::GET, &path, None).await)
    }

    /// The comment with this id on the wire.
    pub async fn comment_by_uri(&self, initiative: &str, uri: &str) -> Option<Value> {
        self.comments(initiative).await.into_iter().find(|c| c["uri"] == uri)
    }

    /// Writes a comment.
    pub async fn comment(&self, initiative: &str, text: &str) -> Value {
        let body = json!({ "text": text });
        self.ask(Method::POST, &format!("/initiatives/{initiative}/comments"), Some(body)).await
    }

    /// Answers a comment.
    pub async fn answer(&self, initiative: &str, comment: &str, text: &str) -> Value {
        let body = json!({ "text": text, "in_reply_to": comment });
        self.ask(Method::POST, &format!("/initiatives/{initiative}/comments"), Some(body)).await
    }

    /// Changes a comment.
    pub async fn edit(&self, comment: &str, text: &str) {
        let body = json!({ "text": text });
        self.ask(Method::PUT, &format!("/comments/{comment}"), Some(body)).await;
    }

    /// Deletes a comment.
    pub async fn delete(&self, comment: &str) {
        self.ask(Method::DELETE, &format!("/comments/{comment}"), None).await;
    }

    /// Endorses an initiative, or takes that back.
    pub async fn endorse(&self, initiative: &str, yes: bool) {
        self.react("endorsement", initiative, yes).await;
    }

    /// Boosts an initiative, or takes that back.
    pub async fn boost(&self, initiative: &str, yes: bool) {
        self.react("boost", initiative, yes).await;
    }

    async fn react(&self, what: &str, initiative: &str, yes: bool) {
        let method = if yes { Method::POST } else { Method::DELETE };
        self.ask(method, &format!("/initiatives/{initiative}/{what}"), None).await;
    }
}

fn text_of_initiative(title: &str, proposal: &str) -> Value {
    json!({
        "title": title,
        "problem": "The last bus leaves at 22:00.",
        "proposal": proposal,
        "language": "en",
    })
}

fn list(answer: &Value) -> Vec<Value> {
    assert!(answer["next"].is_null(), "more than one page: read on");
    answer["items"].as_array().expect("a list has items").clone()
}

/// The id in an answer.
pub fn id_of(answer: &Value) -> String {
    text(&answer["id"])
}

/// A text in an answer.
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is not a text")).to_owned()
}
