//! Requests on connections that stay open. Plain bytes, so that making load costs little of the
//! cores that it shares with the server.

use anyhow::{Context as _, ensure};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// The longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// An answer.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

/// A connection to the server.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(16 * 1024) })
    }

    /// Sends a request and reads its answer.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> anyhow::Result<Reply> {
        tokio::time::timeout(PATIENCE, self.exchange_at_leisure(request))
            .await
            .context("no answer in time")?
    }

    async fn exchange_at_leisure(&mut self, request: &[u8]) -> anyhow::Result<Reply> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let end = loop {
            let read = self.stream.read_buf(&mut self.buffer).await?;
            ensure!(read > 0, "the server closed the connection");
            if let Some(at) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break at;
            }
        };
        let head = std::str::from_utf8(self.buffer.get(..end).unwrap_or_default())?;
        let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).context("no status")?;
        let length = content_length(head).context("an answer without a length")?;
        while self.buffer.len() < end + 4 + length {
            let read = self.stream.read_buf(&mut self.buffer).await?;
            ensure!(read > 0, "the server closed the connection");
        }
        Ok(Reply { status, body: self.buffer.get(end + 4..).unwrap_or_default().to_vec() })
    }
}

/// The length of the body that a head announces.
pub(crate) fn content_length(head: &str) -> Option<usize> {
    head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    })
}

/// A GET as bytes.
pub(crate) fn get(address: SocketAddr, path: &str, accept: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nAccept: {accept}\r\n\r\n").into_bytes()
}

/// Sends all requests over `connections` connections; each must be answered with `status`.
pub(crate) async fn send_all(
    address: SocketAddr,
    requests: Vec<Vec<u8>>,
    connections: usize,
    status: u16,
) -> anyhow::Result<()> {
    let requests = Arc::new(requests);
    let next = Arc::new(AtomicUsize::new(0));
    let mut senders = JoinSet::new();
    for _ in 0..connections.min(requests.len()) {
        let (requests, next) = (Arc::clone(&requests), Arc::clone(&next));
        senders.spawn(async move {
            let mut connection = Connection::open(address).await?;
            while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
                let reply = connection.exchange(request).await?;
                let text = String::from_utf8_lossy(reply.body.get(..200).unwrap_or(&reply.body));
                ensure!(reply.status == status, "the server answered {}: {text}", reply.status);
            }
            Ok(())
        });
    }
    while let Some(outcome) = senders.join_next().await {
        outcome??;
    }
    Ok(())
}
