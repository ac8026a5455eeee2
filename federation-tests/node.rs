//! The Fedify peers as child processes, told what to do through their control API
//! (`peers/README.md`).

use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Mutex;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use url::Url;
use veche::net::Client;
use veche::testing::{loopback_client, text};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/federation-tests/peers");
const READY: Duration = Duration::from_mins(1);

/// One at a time installs.
static INSTALLING: Mutex<()> = Mutex::new(());

/// A running peer. It ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Peer {
    base: String,
    client: Client,
    _input: ChildStdin,
    _process: Child,
}

impl Peer {
    /// Starts the peer of this line (`fedify1`, `fedify2`).
    pub(crate) async fn start(line: &str) -> Self {
        let owned = line.to_owned();
        tokio::task::spawn_blocking(move || install(&owned)).await.expect("npm ends");
        let mut process = Command::new("node")
            .arg(format!("{FOLDER}/peer.mjs"))
            .args(["--line", line, "--port", "0"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|e| panic!("install Node 20 (Debian: apt-get install nodejs): {e}"));
        let input = process.stdin.take().expect("it was piped");
        let output = process.stdout.take().expect("it was piped");
        let mut line = String::new();
        tokio::time::timeout(READY, BufReader::new(output).read_line(&mut line))
            .await
            .expect("the peer is ready in time")
            .expect("its output can be read");
        let said: Value = serde_json::from_str(&line).expect("it says that it is ready");
        let base = format!("http://127.0.0.1:{}", said["port"]);
        Self { base, client: loopback_client(), _input: input, _process: process }
    }

    /// A call that must succeed.
    pub(crate) async fn tell(&self, call: &str, body: Value) -> Value {
        let answer = self.try_tell(call, body).await;
        assert_eq!(answer["ok"], true, "{call}: {answer}");
        answer
    }

    /// A call that may fail.
    pub(crate) async fn try_tell(&self, call: &str, body: Value) -> Value {
        self.send(http::Method::POST, call, Some(body)).await
    }

    /// A question.
    pub(crate) async fn ask(&self, call: &str) -> Value {
        self.send(http::Method::GET, call, None).await
    }

    async fn send(&self, method: http::Method, call: &str, body: Option<Value>) -> Value {
        let url = Url::parse(&format!("{}/control/{call}", self.base)).expect("an address");
        let body = body.map(|json| json.to_string().into());
        let headers = http::HeaderMap::new();
        let reply = self.client.send(method, &url, headers, body).await;
        let reply = reply.unwrap_or_else(|e| panic!("{call}: {e}"));
        serde_json::from_slice(&reply.body).expect("the control API speaks JSON")
    }

    /// The id of one of its actors.
    pub(crate) fn actor(&self, name: &str) -> String {
        format!("{}/users/{name}", self.base)
    }

    /// `NAME@HOST` of one of its actors.
    pub(crate) fn address(&self, name: &str) -> String {
        format!("{name}@{}", self.base.trim_start_matches("http://"))
    }

    /// What passed Fedify's verification, of one type.
    pub(crate) async fn received(&self, kind: &str) -> Vec<Value> {
        let all = self.ask("received").await["items"].as_array().expect("a list").clone();
        all.into_iter().filter(|item| item["type"] == kind).collect()
    }

    /// Likes, boosts and so on of an object: the id of the activity.
    pub(crate) async fn react(&self, call: &str, object: &str) -> String {
        text(&self.tell(call, json!({ "object": object })).await["activity"])
    }
}

/// Brings the packages of a line, as they are pinned.
fn install(line: &str) {
    let _one = INSTALLING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let folder = PathBuf::from(FOLDER).join(line);
    if folder.join("node_modules").is_dir() {
        return;
    }
    let done = std::process::Command::new("npm")
        .args(["ci", "--silent", "--no-audit", "--no-fund"])
        .current_dir(&folder)
        .status()
        .unwrap_or_else(|e| panic!("install npm (Debian: apt-get install npm): {e}"));
    assert!(done.success(), "npm ci failed in {}", folder.display());
}
