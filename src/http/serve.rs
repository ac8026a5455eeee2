//! The listener: connections with deadlines, until the program stops.

use super::State;
use axum::Router;
use std::net::SocketAddr;
use tokio::net::TcpListener;

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

/// Serves until the program stops.
pub async fn serve(server: Server, router: Router, state: State) -> std::io::Result<()> {
    let shutdown = state.app.shutdown.clone();
    axum::serve(server.listener, router)
        .with_graceful_shutdown(async move { shutdown.begun().await })
        .await
}
