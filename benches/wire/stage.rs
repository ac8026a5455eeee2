//! The scene: a server with an author, an assembly and initiatives; people elsewhere; and the
//! taking of a measurement.

use crate::actors::{Actor, Keys};
use crate::child::{Program, Running};
use crate::cluster::Cluster;
use crate::database::Database;
use crate::load::{self, Connection, Reply};
use crate::peers::Peers;
use crate::process;
use crate::table::Cost;
use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use std::time::Instant;
use url::Url;

/// Where the API is.
const API: &str = "/api/civic/v1";

/// Everything a measurement needs.
pub(crate) struct Stage<'a> {
    pub(crate) program: &'a Program,
    pub(crate) running: &'a Running,
    pub(crate) cluster: Option<&'a Cluster>,
    pub(crate) database: Database,
    pub(crate) peers: Peers,
    pub(crate) keys: Keys,
    pub(crate) inbox: Url,
    token: String,
}

impl<'a> Stage<'a> {
    /// Makes people and boards on the running server.
    pub(crate) async fn set(
        program: &'a Program,
        running: &'a Running,
        cluster: Option<&'a Cluster>,
        database: &str,
    ) -> anyhow::Result<Self> {
        let account = ["account", "create", "ana", "--email", "ana@veche.test", "--password-stdin"];
        program.admin(&account, "correct horse battery\n").await?;
        program.admin(&["assembly", "create", "transport", "--name", "Transport"], "").await?;
        let token = ["token", "create", "ana", "--scope", "read", "--scope", "write"];
        let token = program.admin(&token, "").await?;
        let token = token.get("token").and_then(Value::as_str).context("no token")?.to_owned();
        let keys = Keys::make()?;
        let peers = Peers::start(keys.public()?).await?;
        Ok(Self {
            program,
            running,
            cluster,
            database: Database::open(database).await?,
            peers,
            keys,
            inbox: Url::parse(&format!("{}/inbox", program.base))?,
            token,
        })
    }

    /// The first `count` people elsewhere.
    pub(crate) fn actors(&self, count: usize) -> anyhow::Result<Vec<Actor>> {
        (0..count).map(|index| self.keys.actor(index, self.peers.port)).collect()
    }

    /// Runs `work`, waits until the queues are empty, and says what each of `items` cost.
    pub(crate) async fn cost(
        &self,
        items: usize,
        work: impl Future<Output = anyhow::Result<()>>,
    ) -> anyhow::Result<Cost> {
        let before = process::cpu(self.running.pid)?;
        let database_before = self.cluster.map(|c| process::cpu_of_family(c.pid)).transpose()?;
        let begun = Instant::now();
        work.await?;
        self.database.settled().await?;
        let wall = begun.elapsed();
        let database = match (self.cluster, database_before) {
            (Some(cluster), Some(before)) => {
                Some(process::cpu_of_family(cluster.pid)?.saturating_sub(before))
            }
            _ => None,
        };
        let server = process::cpu(self.running.pid)?.saturating_sub(before);
        let items = u32::try_from(items)?;
        Ok(Cost {
            server: server / items,
            database: database.map(|d| d / items),
            wall: wall / items,
        })
    }

    /// A request to the API as the author here.
    async fn call(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let (address, token, body) = (self.program.address, &self.token, body.to_string());
        let request = format!(
            "POST {API}{path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let reply = Connection::open(address).await?.exchange(request.as_bytes()).await?;
        let text = String::from_utf8_lossy(&reply.body);
        ensure!((200..300).contains(&reply.status), "POST {path}: {} {text}", reply.status);
        Ok(serde_json::from_slice(&reply.body)?)
    }

    /// A public initiative; its id.
    pub(crate) async fn initiative(&self, title: &str) -> anyhow::Result<String> {
        let text = "The last bus leaves at ten. Whoever works late walks home. ".repeat(8);
        let form = json!({
            "title": title, "problem": text, "proposal": text, "language": "en",
            "assembly": "transport",
        });
        let made = self.call("/initiatives", &form).await?;
        let id = made.get("id").and_then(Value::as_str).context("an initiative without an id")?;
        self.call(&format!("/initiatives/{id}/publish"), &json!({})).await?;
        Ok(id.to_owned())
    }

    /// A comment by the author here.
    pub(crate) async fn comment(&self, initiative: &str, text: &str) -> anyhow::Result<()> {
        self.call(&format!("/initiatives/{initiative}/comments"), &json!({ "text": text })).await?;
        Ok(())
    }

    /// The id of an initiative on the wire.
    pub(crate) fn uri(&self, initiative: &str) -> String {
        format!("{}/p/{initiative}", self.program.base)
    }

    /// One GET.
    pub(crate) async fn read(&self, path: &str, accept: &str) -> anyhow::Result<Reply> {
        let request = load::get(self.program.address, path, accept);
        Connection::open(self.program.address).await?.exchange(&request).await
    }
}
