//! The worse answers of a scripted peer, and a peer that speaks no HTTP of its own at all.

use super::loopback_client;
use super::peer::{plain, typed};
use crate::federation::CONTENT_TYPE;
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::stream;
use http::{HeaderMap, HeaderValue, Method, header};
use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use url::Url;

/// Sent again and again by what never ends.
const BLOCK: &[u8] = &[b' '; 64 * 1024];

pub(super) fn endless() -> Response {
    let blocks = stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(BLOCK)));
    let mut response = Response::new(Body::from_stream(blocks));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
    response
}

/// Spaces, packed a thousand to one.
pub(super) fn packed(bytes: usize) -> Response {
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    for _ in 0..bytes / BLOCK.len() {
        out.write_all(BLOCK).expect("writing into memory");
    }
    let body = out.finish().expect("writing into memory");
    let mut response = typed(200, CONTENT_TYPE, String::new());
    *response.body_mut() = Body::from(body);
    response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    response
}

/// The key by which a request is signed.
pub(super) fn key_id(headers: &HeaderMap) -> Option<String> {
    let text = headers.get("signature")?.to_str().ok()?;
    let (_, rest) = text.split_once("keyId=\"").or_else(|| text.split_once("keyid=\""))?;
    rest.split_once('"').map(|(id, _)| id.to_owned())
}

/// Reads the key at its home before anything is shown.
pub(super) async fn after_asking(key_id: Option<&str>, document: String) -> Response {
    let Some(url) = key_id.and_then(|id| Url::parse(id).ok()) else { return plain(401) };
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT, HeaderValue::from_static(CONTENT_TYPE));
    match loopback_client().send(Method::GET, &url, headers, None).await {
        Ok(reply) if reply.status == 200 => typed(200, CONTENT_TYPE, document),
        _ => plain(401),
    }
}

/// Answers every connection with the same bytes, and counts the connections.
#[derive(Debug)]
pub struct RawPeer {
    pub address: SocketAddr,
    connections: Arc<AtomicUsize>,
    _listener: JoinSet<()>,
}

impl RawPeer {
    /// Starts one at a free port of this address. What it says need not be HTTP.
    pub async fn saying(ip: &str, answer: impl Into<Vec<u8>>) -> Self {
        let listener = TcpListener::bind((ip, 0)).await.expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let connections = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&connections);
        let answer = Arc::new(answer.into());
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut talks = JoinSet::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::Relaxed);
                let answer = Arc::clone(&answer);
                talks.spawn(async move {
                    let mut request = [0; 8_192];
                    let _ = stream.read(&mut request).await;
                    let _ = stream.write_all(&answer).await;
                    let _ = stream.shutdown().await;
                });
            }
        });
        Self { address, connections, _listener: tasks }
    }

    /// How many connections came.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    /// Where it is, without a slash at the end.
    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }
}
