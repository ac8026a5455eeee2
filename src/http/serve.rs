//! The listener: connections with deadlines and a limit on their number, until the program stops.
//!
//! hyper limits headers and streams; what it cannot see is here: a client that sends nothing, or
//! drips its header, and connections that nobody uses any more.

mod activity;

use super::State;
use super::extract::Peer;
use activity::{Activity, Watched};
use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tower::Service as _;

/// Connections at the same time. More wait in the system's queue.
const CONNECTIONS: usize = 8_192;
/// Fields in a header, and its size in bytes: more is answered with 431.
const HEADER_FIELDS: usize = 64;
const HEADER_BYTES: usize = 32 * 1024;
/// The same for HTTP/2, and requests at the same time on one connection.
const H2_HEADER_BYTES: u32 = 16 * 1024;
const H2_STREAMS: u32 = 100;
/// How long to wait after the system could not give us a connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A listener that is bound, so that its address is known before it serves.
#[derive(Debug)]
pub struct Server {
    pub address: SocketAddr,
    listener: TcpListener,
}

impl Server {
    /// Binds the address; port 0 takes a free one.
    pub async fn bind(address: SocketAddr) -> std::io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        Ok(Self { address: listener.local_addr()?, listener })
    }
}

/// Serves until the program stops. Connections that still work on a request end by themselves;
/// [`crate::shutdown::Shutdown::finish`] waits for them.
pub async fn serve(server: Server, router: Router, state: State) -> std::io::Result<()> {
    let shutdown = state.app.shutdown.clone();
    let builder = Arc::new(builder());
    let permits = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { return Ok(()) };
        let accepted = tokio::select! {
            () = shutdown.begun() => return Ok(()),
            accepted = server.listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            // The client may have gone, or the files may have run out: neither ends the server.
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        // Small answers must not wait for more.
        let _ = stream.set_nodelay(true);
        let (builder, router, state) = (Arc::clone(&builder), router.clone(), state.clone());
        shutdown.spawn(async move {
            Box::pin(connection(&builder, stream, peer, router, state)).await;
            drop(permit);
        });
    }
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(activity::IDLE)
        .max_headers(HEADER_FIELDS)
        .max_buf_size(HEADER_BYTES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(H2_STREAMS)
        .max_header_list_size(H2_HEADER_BYTES);
    builder
}

async fn connection(
    builder: &Builder<TokioExecutor>,
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    state: State,
) {
    let activity = Activity::new();
    let counted = Arc::clone(&activity);
    let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        let running = counted.begin(request.version());
        let answer = router.clone().call(request);
        async move {
            let answer = answer.await;
            drop(running);
            answer
        }
    });
    let stream = TokioIo::new(Watched::new(stream, Arc::clone(&activity)));
    let mut served = Box::pin(builder.serve_connection(stream, service));
    let mut stopping = false;
    let mut deadline = activity.deadline();
    loop {
        tokio::select! {
            // How it ended is the client's affair.
            _ = &mut served => return,
            () = state.app.shutdown.begun(), if !stopping => {
                stopping = true;
                served.as_mut().graceful_shutdown();
            }
            () = tokio::time::sleep_until(deadline) => {
                deadline = activity.deadline();
                if deadline <= tokio::time::Instant::now() {
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
