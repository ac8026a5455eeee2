//! HTTP/2 frame by frame, over a connection that says from the first byte that it speaks it.

use bytes::Bytes;
use h2::client::SendRequest;
use tokio::net::TcpStream;
use veche::testing::Wire;

/// A connection to the server, driven in the background.
pub(crate) async fn connect(authority: &str) -> SendRequest<Bytes> {
    let stream = TcpStream::connect(authority).await.expect("the server listens");
    let (sender, connection) = h2::client::handshake(stream).await.expect("it speaks HTTP/2");
    #[expect(clippy::disallowed_methods, reason = "it ends with the sender")]
    tokio::spawn(async move {
        // However it ends: the server may have had enough.
        let _ = connection.await;
    });
    sender
}

/// Sends a signed POST without a `Host` header; the status.
pub(crate) async fn post(authority: &str, address: &str, wire: &Wire) -> u16 {
    let mut request = http::Request::post(address);
    for (name, value) in wire.lines().iter().filter(|(name, _)| name != "host") {
        request = request.header(name, value);
    }
    let mut sender = connect(authority).await.ready().await.expect("it takes requests");
    let request = request.body(()).expect("a request");
    let (answer, mut body) = sender.send_request(request, false).expect("it is sent");
    // A refusal may come before the body is wanted.
    let _ = body.send_data(Bytes::from(wire.body.clone()), true);
    answer.await.expect("an answer").status().as_u16()
}

/// Sends a plain GET; the status, or none where the server refused the stream.
pub(crate) async fn get(sender: &SendRequest<Bytes>, address: &str) -> Option<u16> {
    let mut sender = sender.clone().ready().await.expect("it takes requests");
    let request = http::Request::get(address).body(()).expect("a request");
    let (answer, _) = sender.send_request(request, true).expect("it is sent");
    match answer.await {
        Ok(answer) => Some(answer.status().as_u16()),
        Err(error) if error.reason() == Some(h2::Reason::REFUSED_STREAM) => None,
        Err(error) => panic!("{error}"),
    }
}
