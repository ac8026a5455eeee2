//! The other servers: one listener that answers for the whole of 127.0.0.0/8, so that every
//! address of it is a host of its own. Actors' documents, and inboxes that accept everything.

use crate::grown::{DEAD, SLOW};
use crate::load::content_length;
use anyhow::Context as _;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// Where actor number `index` lives.
pub(crate) fn host(index: usize, port: u16) -> String {
    format!("127.20.{}.{}:{port}", index / 250, index % 250 + 1)
}

/// The servers. They end with this value.
pub(crate) struct Peers {
    pub(crate) port: u16,
    shared: Arc<Shared>,
    _listener: JoinSet<()>,
}

struct Shared {
    /// Public keys in PEM; actor `n` has number `n % len`.
    keys: Vec<String>,
    delay_millis: AtomicU64,
    /// The same, of the slow hosts only.
    slow_millis: AtomicU64,
    posts: AtomicUsize,
}

impl Peers {
    pub(crate) async fn start(keys: Vec<String>) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("0.0.0.0:0").await?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Shared {
            keys,
            delay_millis: AtomicU64::new(0),
            slow_millis: AtomicU64::new(0),
            posts: AtomicUsize::new(0),
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self { port, shared, _listener: tasks })
    }

    /// How long inboxes think before they answer.
    pub(crate) fn answer_after(&self, delay: Duration) {
        let millis = u64::try_from(delay.as_millis()).unwrap_or(0);
        self.shared.delay_millis.store(millis, Ordering::Relaxed);
    }

    /// How long the inboxes of a few hosts think before they answer.
    pub(crate) fn few_answer_after(&self, delay: Duration) {
        let millis = u64::try_from(delay.as_millis()).unwrap_or(0);
        self.shared.slow_millis.store(millis, Ordering::Relaxed);
    }

    /// How many activities came in.
    pub(crate) fn posts(&self) -> usize {
        self.shared.posts.load(Ordering::Relaxed)
    }

    /// Waits until `count` activities have come in.
    pub(crate) async fn received(&self, count: usize) -> anyhow::Result<()> {
        let deadline = Instant::now() + Duration::from_mins(5);
        while self.posts() < count {
            anyhow::ensure!(Instant::now() < deadline, "{} of {count} deliveries", self.posts());
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Ok(())
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let shared = Arc::clone(&shared);
        connections.spawn(async move {
            // It ends when the server closes it.
            let _ = serve(stream, &shared).await;
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(mut stream: TcpStream, shared: &Shared) -> anyhow::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(4 * 1024);
    loop {
        let end = loop {
            if let Some(at) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break at;
            }
            if stream.read_buf(&mut buffer).await? == 0 {
                return Ok(());
            }
        };
        let head = std::str::from_utf8(buffer.get(..end).unwrap_or_default())?.to_owned();
        let whole = end + 4 + content_length(&head).unwrap_or(0);
        while buffer.len() < whole {
            if stream.read_buf(&mut buffer).await? == 0 {
                return Ok(());
            }
        }
        buffer.drain(..whole);
        let answer = answer(&head, shared).await.context("a request that nobody sends")?;
        stream.write_all(answer.as_bytes()).await?;
    }
}

async fn answer(head: &str, shared: &Shared) -> Option<String> {
    let mut words = head.split(' ');
    let (method, path) = (words.next()?, words.next()?);
    if method == "POST" {
        let mut delay = shared.delay_millis.load(Ordering::Relaxed);
        let slow = shared.slow_millis.load(Ordering::Relaxed);
        if slow > 0 && is_slow(host_of(head)?) {
            delay = delay.max(slow);
        }
        if delay > 0 {
            tokio::time::sleep(Duration::from_millis(delay)).await;
        }
        shared.posts.fetch_add(1, Ordering::Relaxed);
        return Some("HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n".to_owned());
    }
    let index: usize = path.strip_prefix("/u/a")?.parse().ok()?;
    let key = shared.keys.get(index % shared.keys.len())?;
    let host = host_of(head)?;
    let id = format!("http://{host}{path}");
    let body = json!({
        "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
        "id": id, "type": "Person", "preferredUsername": format!("a{index}"),
        "name": format!("Actor {index}"), "summary": "<p>Somebody elsewhere</p>", "url": id,
        "inbox": format!("{id}/inbox"), "outbox": format!("{id}/outbox"),
        "endpoints": { "sharedInbox": format!("http://{host}/inbox") },
        "publicKey": { "id": format!("{id}#main-key"), "owner": id, "publicKeyPem": key },
    })
    .to_string();
    let length = body.len();
    Some(format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/activity+json\r\n\
         content-length: {length}\r\n\r\n{body}"
    ))
}

fn host_of(head: &str) -> Option<&str> {
    head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("host").then(|| value.trim())
    })
}

/// The slow hosts: those after the dead ones.
fn is_slow(host: &str) -> bool {
    let port = host.rsplit(':').next().and_then(|p| p.parse().ok()).unwrap_or(0);
    (DEAD..DEAD + SLOW).any(|index| self::host(index, port) == host)
}
