//! DOS-01 to DOS-03, DOS-05, DOS-19: connections that never come to an end, over bare TCP and
//! frame by frame.

use super::h2_client;
use super::scene::Scene;
use bytes::Bytes;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use veche::storage::Engine;
use veche::testing::{TestServer, exchange};

/// Longer than the longest deadline of ours, on a machine that is busy.
const PATIENCE: Duration = Duration::from_mins(1);

/// Somebody else is answered meanwhile.
async fn others_are_answered(server: &TestServer) {
    let started = Instant::now();
    let head =
        format!("GET /livez HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", server.authority());
    assert_eq!(exchange(server.authority(), head.as_bytes()).await.status, 200);
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}

/// Reads until the server closes; what it said, and how long that took.
async fn until_closed(stream: &mut TcpStream) -> (String, Duration) {
    let started = Instant::now();
    let mut said = Vec::new();
    // A reset is an end, too.
    let _ = timeout(PATIENCE, stream.read_to_end(&mut said)).await.expect("the server closes");
    (String::from_utf8_lossy(&said).into_owned(), started.elapsed())
}

/// Writes the same again and again until the server has had enough; how many bytes it took.
async fn flood(stream: &mut TcpStream, block: &[u8], most: usize) -> usize {
    let mut written = 0;
    while written < most {
        match timeout(Duration::from_secs(5), stream.write_all(block)).await {
            Ok(Ok(())) => written += block.len(),
            Ok(Err(_)) | Err(_) => break,
        }
    }
    written
}

#[test]
fn dos_01_bodies_longer_than_they_say_sqlite() {
    veche::testing::run(async {
        let scene = Scene::new(Engine::Sqlite).await;
        let before = scene.server.database.record().await;
        let to = scene.server.authority();
        let head = |more: &str| {
            format!(
                "POST /inbox HTTP/1.1\r\nhost: {to}\r\ncontent-type: application/activity+json\r\n{more}\r\n"
            )
        };
        scene
            .doors("a byte too much", &[413], |wire| wire.carry(vec![b' '; 1024 * 1024 + 1]))
            .await;
        // Refused by what it says of itself, before anything of it is read.
        let said = exchange(to, head("content-length: 99999999\r\n").as_bytes()).await;
        assert_eq!(said.status, 413, "{}", said.text);
        for bad in [
            "content-length: 99999999999999999999\r\n",
            "content-length: -1\r\n",
            "content-length: 1\r\ncontent-length: 2\r\n",
            "transfer-encoding: chunked, identity\r\n",
        ] {
            assert_eq!(exchange(to, head(bad).as_bytes()).await.status, 400, "{bad}");
        }
        // In pieces without end: it stops reading soon after the limit.
        let mut stream = TcpStream::connect(to).await.expect("it listens");
        stream.write_all(head("transfer-encoding: chunked\r\n").as_bytes()).await.expect("sent");
        let piece = [b"4000\r\n".as_slice(), &[b' '; 0x4000], b"\r\n"].concat();
        let written = flood(&mut stream, &piece, 64 * 1024 * 1024).await;
        // What the system keeps in its own buffers counts here, too.
        assert!(written < 32 * 1024 * 1024, "{written} bytes were taken");
        let (said, _) = until_closed(&mut stream).await;
        assert!(said.is_empty() || said.starts_with("HTTP/1.1 413"), "{said}");
        others_are_answered(&scene.server).await;
        assert!(before == scene.server.database.record().await);
    });
}

#[test]
fn dos_02_clients_that_take_their_time_sqlite() {
    veche::testing::run(async {
        let server = TestServer::new(Engine::Sqlite).await;
        let to = server.authority().to_owned();
        let mut idle = Vec::new();
        for _ in 0..2_000 {
            idle.push(TcpStream::connect(&to).await.expect("it listens"));
        }
        others_are_answered(&server).await;
        let drip = async |head: String| {
            let mut stream = TcpStream::connect(&to).await.expect("it listens");
            let started = Instant::now();
            let _ = stream.write_all(head.as_bytes()).await;
            let mut byte = [0];
            // A byte each half second, until the server closes or answers.
            while started.elapsed() < PATIENCE {
                if stream.write_all(b"x").await.is_err() {
                    break;
                }
                if timeout(Duration::from_millis(500), stream.read(&mut byte)).await.is_ok() {
                    break;
                }
            }
            started.elapsed()
        };
        let body = format!(
            "POST /inbox HTTP/1.1\r\nhost: {to}\r\ncontent-type: application/activity+json\r\n\
             content-length: 1000\r\n\r\n"
        );
        let header = format!("GET / HTTP/1.1\r\nhost: {to}\r\nx-slow: ");
        let (header, body) = tokio::join!(drip(header), drip(body));
        assert!(header < Duration::from_secs(20), "the header took {header:?}");
        assert!(body < Duration::from_secs(45), "the body took {body:?}");
        // By now those who said nothing were sent away.
        let mut first = idle.swap_remove(0);
        assert!(until_closed(&mut first).await.1 < Duration::from_secs(1));
        others_are_answered(&server).await;
    });
}

/// One frame of HTTP/2 (RFC 9113, 4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a short payload").to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

#[test]
fn dos_03_frames_without_end_sqlite() {
    veche::testing::run(async {
        let server = TestServer::new(Engine::Sqlite).await;
        let to = server.authority();
        let page = format!("{}/livez", server.base());
        // Requests that are taken back at once, by the thousand.
        let mut sender = h2_client::connect(to).await;
        let mut taken = 0;
        for _ in 0..10_000 {
            let Ok(ready) = timeout(Duration::from_secs(5), sender.clone().ready()).await else {
                break;
            };
            let Ok(ready) = ready else { break };
            sender = ready;
            let request = http::Request::get(&page).body(()).expect("a request");
            let Ok((answer, mut stream)) = sender.send_request(request, false) else { break };
            stream.send_reset(h2::Reason::CANCEL);
            drop(answer);
            taken += 1;
            tokio::task::yield_now().await;
        }
        assert!(taken > 0);
        others_are_answered(&server).await;
        // More streams at once than are allowed wait or are refused; none ends the server.
        let sender = h2_client::connect(to).await;
        let many = (0..300).map(|_| h2_client::get(&sender, &page));
        let answers =
            timeout(PATIENCE, futures_util::future::join_all(many)).await.expect("all end");
        assert!(answers.iter().all(|status| status.is_none_or(|status| status == 200)));
        assert!(answers.iter().flatten().count() >= 100);
        // A header that never ends, and bodies of nothing.
        let start = [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".as_slice(), &frame(4, 0, 0, &[])].concat();
        for (what, first, again) in [
            ("continuation", frame(1, 0, 1, &[0x82, 0x86]), frame(9, 0, 1, &[0x40; 4_000])),
            ("small continuation", frame(1, 0, 1, &[0x82]), frame(9, 0, 1, &[])),
            ("settings", Vec::new(), frame(4, 0, 0, &[0, 3, 0, 0, 0, 100])),
            ("ping", Vec::new(), frame(6, 0, 0, &[0; 8])),
        ] {
            let mut stream = TcpStream::connect(to).await.expect("it listens");
            let _ = stream.write_all(&[start.clone(), first].concat()).await;
            let block = again.repeat(64);
            let written = flood(&mut stream, &block, 16 * 1024 * 1024).await;
            assert!(written < 16 * 1024 * 1024, "{what}: {written} bytes were taken");
            others_are_answered(&server).await;
        }
        let mut post = h2_client::connect(to).await.ready().await.expect("it takes requests");
        let request =
            http::Request::post(format!("{}/inbox", server.base())).body(()).expect("a request");
        let (answer, mut body) = post.send_request(request, false).expect("it is sent");
        for _ in 0..20_000 {
            if body.send_data(Bytes::new(), false).is_err() {
                break;
            }
        }
        drop(body);
        // Refused or ended; what matters is that it does end.
        let _ = timeout(PATIENCE, answer).await.expect("an end");
        others_are_answered(&server).await;
    });
}

#[test]
fn dos_05_packed_requests_sqlite() {
    veche::testing::run(async {
        let scene = Scene::new(Engine::Sqlite).await;
        for coding in ["gzip", "br", "deflate", "zstd", "identity, gzip", "compress"] {
            scene.doors(coding, &[415], |wire| wire.set("content-encoding", coding)).await;
        }
    });
}

#[test]
fn dos_19_readers_that_do_not_read_sqlite() {
    veche::testing::run(async {
        let server = TestServer::new(Engine::Sqlite).await;
        server.assembly("transport").await;
        let ana = server.citizen("ana").await;
        for n in 0..20 {
            ana.publish("transport", &format!("Number {n}")).await;
        }
        let head = format!(
            "GET /api/civic/v1/initiatives?limit=100 HTTP/1.1\r\nhost: {}\r\n\r\n",
            server.authority()
        );
        let mut slow = Vec::new();
        for _ in 0..100 {
            let mut stream = TcpStream::connect(server.authority()).await.expect("it listens");
            // Many questions in a row, of which no answer is read.
            let _ =
                timeout(Duration::from_millis(100), stream.write_all(head.repeat(50).as_bytes()))
                    .await;
            slow.push(stream);
        }
        others_are_answered(&server).await;
        assert_eq!(ana.initiatives().await.len(), 20);
    });
}
