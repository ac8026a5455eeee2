//! The listener over real connections.

use super::{Server, serve};
use crate::http::fixture::Fixture;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const WAIT: Duration = Duration::from_secs(20);

/// A fixture that listens; its address is that of the fixture's `[server] listen`.
async fn listening() -> (Fixture, std::net::SocketAddr) {
    let fixture = Fixture::new().await;
    let server = Server::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = server.address;
    let (router, state) = (fixture.router.clone(), fixture.app.state().clone());
    fixture.app.shutdown.spawn(serve(server, router, state));
    (fixture, address)
}

/// Sends bytes and reads until the server closes.
async fn exchange(address: std::net::SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let read = tokio::time::timeout(WAIT, stream.read_to_end(&mut answer)).await;
    let _ = read.expect("the server closes");
    String::from_utf8_lossy(&answer).into_owned()
}

fn head(path: &str, more: &str) -> String {
    format!("{path} HTTP/1.1\r\nHost: veche.example\r\nConnection: close\r\n{more}\r\n")
}

#[tokio::test]
async fn headers_have_limits() {
    let (_fixture, address) = listening().await;
    let fine = exchange(address, head("GET /livez", "").as_bytes()).await;
    assert!(fine.starts_with("HTTP/1.1 200"), "{fine}");
    let many = "x-same: 1\r\n".repeat(70);
    let answer = exchange(address, head("GET /livez", &many).as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    let long = format!("x-long: {}\r\n", "x".repeat(40_000));
    let answer = exchange(address, head("GET /livez", &long).as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
}

#[tokio::test]
async fn smuggled_and_oversized_bodies_are_refused() {
    let (_fixture, address) = listening().await;
    for more in [
        "Content-Length: 3\r\nContent-Length: 4\r\n",
        "Content-Length: x\r\n",
        "X-A: 1\r\n folded: 2\r\n",
    ] {
        let answer = exchange(address, head("POST /inbox", more).as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{more}: {answer}");
    }
    // Refused by what it says of itself: nothing of it is read.
    let large = head("POST /inbox", "Content-Length: 1048577\r\n");
    let answer = exchange(address, large.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    let mut endless = head("POST /inbox", "Transfer-Encoding: chunked\r\n").into_bytes();
    let chunk = [b"1000\r\n".as_slice(), &[b'x'; 0x1000], b"\r\n"].concat();
    endless.extend(chunk.repeat(257));
    let answer = exchange(address, &endless).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
}

#[tokio::test]
async fn stopping_closes_what_is_unused_and_waits_for_the_rest() {
    let (fixture, address) = listening().await;
    let mut unused = TcpStream::connect(address).await.unwrap();
    let mut kept = TcpStream::connect(address).await.unwrap();
    kept.write_all(b"GET /livez HTTP/1.1\r\nHost: veche.example\r\n\r\n").await.unwrap();
    let mut buffer = [0; 4_096];
    assert!(kept.read(&mut buffer).await.unwrap() > 0);
    // A request whose body is still on its way.
    let mut busy = TcpStream::connect(address).await.unwrap();
    busy.write_all(b"POST /inbox HTTP/1.1\r\nHost: veche.example\r\nContent-Length: 2\r\n\r\n{")
        .await
        .unwrap();
    // The one before it was answered, so it has been accepted and is being read.
    let probe = exchange(address, head("GET /livez", "").as_bytes()).await;
    assert!(probe.starts_with("HTTP/1.1 200"), "{probe}");
    fixture.app.shutdown.begin();
    for stream in [&mut unused, &mut kept] {
        let closed = tokio::time::timeout(WAIT, stream.read(&mut buffer)).await.unwrap();
        assert_eq!(closed.unwrap_or(0), 0);
    }
    busy.write_all(b"}").await.unwrap();
    let mut answer = String::new();
    tokio::time::timeout(WAIT, busy.read_to_string(&mut answer)).await.unwrap().unwrap();
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}
