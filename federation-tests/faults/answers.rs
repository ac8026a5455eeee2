//! What peers answer, half answer or do not answer; what they send half; names that lead nowhere;
//! and a clock that jumps (FLT-19 to FLT-22). The statuses are in `delivery.rs`.

use super::system;
use crate::support::{activity, settled, until};
use bytes::Bytes;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;
use tokio::task::JoinSet;
use veche::both_engines;
use veche::federation::deliver::{Verdict, deliver};
use veche::storage::Engine;
use veche::testing::{
    RemoteActor, ScriptedPeer, Software, TestApp, TestServer, id_of, run, stopped_clock,
};

async fn verdict(app: &TestApp, who: &RemoteActor, inbox: &str) -> Verdict {
    let body = Bytes::from_static(b"{}");
    let digest = veche::crypto::sha256_base64(&body);
    deliver(app, who.key(), inbox, body, &digest).await
}

/// A peer that takes a request and answers with these bytes, then closes.
async fn raw_peer(answer: &'static [u8]) -> (String, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4_096];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(answer).await;
        }
    });
    (address.to_string(), tasks)
}

/// Who sends.
async fn sender() -> TestApp {
    TestApp::builder(Engine::Sqlite).real_clock().start().await
}

async fn who() -> (ScriptedPeer, RemoteActor) {
    let peer = ScriptedPeer::start().await;
    let bob = peer.actor("bob", Software::Mastodon);
    (peer, bob)
}

#[test]
fn flt_20_half_an_answer_is_tried_again() {
    run(async {
        let ((_peer, bob), app) = (who().await, sender().await);
        let halves: [&'static [u8]; 4] = [
            b"",
            b"HTTP/1.1 2",
            b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"half",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"hal",
        ];
        for answer in halves {
            let (address, _tasks) = raw_peer(answer).await;
            let inbox = format!("http://{address}/inbox");
            let found = verdict(&app, &bob, &inbox).await;
            assert!(matches!(found, Verdict::HostDown { status: None, .. }), "{found:?}");
        }
    });
}

#[test]
fn flt_21_broken_encryption_and_bad_certificates_are_tried_again_with_the_reason() {
    run(async {
        let ((_peer, bob), app) = (who().await, sender().await);
        let (garbage, _tasks) = raw_peer(b"this is not TLS at all").await;
        let found = verdict(&app, &bob, &format!("https://{garbage}/inbox")).await;
        assert!(matches!(found, Verdict::HostDown { status: None, .. }), "{found:?}");

        let folder = tempfile::tempdir().expect("a folder can be made");
        let file = |name: &str| folder.path().join(name).to_str().expect("a plain path").to_owned();
        let (cert, key) = (file("cert.pem"), file("key.pem"));
        system(&[
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=127.0.0.1",
            "-keyout",
            &key,
            "-out",
            &cert,
        ])
        .await;
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = free.local_addr().expect("it is bound").port().to_string();
        drop(free);
        let _server = Command::new("openssl")
            .args(["s_server", "-quiet", "-www", "-accept", &port, "-cert", &cert, "-key", &key])
            .kill_on_drop(true)
            .spawn()
            .expect("openssl is there (scripts/setup test)");
        until(async || TcpStream::connect(format!("127.0.0.1:{port}")).await.is_ok()).await;
        let found = verdict(&app, &bob, &format!("https://127.0.0.1:{port}/inbox")).await;
        let Verdict::HostDown { status: None, reason, .. } = found else { panic!("{found:?}") };
        assert!(reason.contains("certificate"), "{reason}");
    });
}

#[test]
fn flt_21_times_to_wait_are_believed_within_reason() {
    run(async {
        let ((_peer, bob), app) = (who().await, sender().await);
        let answers: [(&'static [u8], Option<i64>); 5] = [
            (b"HTTP/1.1 429 T\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n", Some(120)),
            (b"HTTP/1.1 429 T\r\nRetry-After: 99999999999\r\nContent-Length: 0\r\n\r\n", Some(86_400)),
            (b"HTTP/1.1 503 S\r\nRetry-After: -7\r\nContent-Length: 0\r\n\r\n", Some(1)),
            (b"HTTP/1.1 503 S\r\nRetry-After: 999999999999999999999999\r\nContent-Length: 0\r\n\r\n", None),
            (b"HTTP/1.1 429 T\r\nRetry-After: soon\r\nContent-Length: 0\r\n\r\n", None),
        ];
        for (answer, expected) in answers {
            let (address, _tasks) = raw_peer(answer).await;
            let inbox = format!("http://{address}/inbox");
            let found = verdict(&app, &bob, &inbox).await;
            let Verdict::HostDown { after_seconds, .. } = found else { panic!("{found:?}") };
            assert_eq!(after_seconds, expected);
        }
    });
}

#[test]
fn flt_22_names_that_cannot_be_looked_up_are_tried_again() {
    run(async {
        let (_peer, bob) = who().await;
        let plan = || TestApp::builder(Engine::Sqlite).real_clock();
        let app = plan().names(|_: &str| Err(std::io::Error::other("no resolver"))).start().await;
        let found = verdict(&app, &bob, "http://peer.example/inbox").await;
        let Verdict::HostDown { status: None, reason, .. } = found else { panic!("{found:?}") };
        assert!(reason.contains("no resolver"), "{reason}");
        let app = plan().names(|_: &str| Ok(Vec::new())).start().await;
        let found = verdict(&app, &bob, "http://peer.example/inbox").await;
        assert!(matches!(found, Verdict::HostDown { status: None, .. }), "{found:?}");
    });
}

both_engines! {
    async fn flt_20_half_a_request_changes_nothing(engine: Engine) {
        let server = TestServer::new(engine).await;
        let address = server.authority().to_owned();
        let before = server.database.record().await;
        let head = |length: usize| format!(
            "POST /inbox HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/activity+json\r\nContent-Length: {length}\r\n\r\n"
        );
        // The body is complete, its JSON is not.
        let mut stream = TcpStream::connect(&address).await.expect("it listens");
        let half = "{\"id\":\"https://peer.example/1\",\"type\":\"Li";
        stream.write_all(format!("{}{half}", head(half.len())).as_bytes()).await.expect("sent");
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.expect("an answer");
        assert_eq!(&answer, b"HTTP/1.1 400");
        // The connection breaks in the middle of the body, again and again.
        for _ in 0..20 {
            let mut stream = TcpStream::connect(&address).await.expect("it listens");
            stream.write_all(format!("{}{half}", head(100_000)).as_bytes()).await.expect("sent");
            stream.set_zero_linger().expect("it can be set");
            drop(stream);
        }
        assert!(before == server.database.record().await, "half a request changed something");
        assert_eq!(server.stranger().initiatives().await.len(), 0, "it answers");
    }

    async fn flt_19_a_clock_that_jumps_confuses_nothing_for_good(engine: Engine) {
        let clock = stopped_clock();
        let server = TestServer::plan(engine).clock(&clock).start().await;
        server.assembly("transport").await;
        let ana = server.citizen("ana").await;
        let (peer, bob) = who().await;
        let inbox = format!("{}/inbox", server.base());
        let right = clock.now();
        let about = ana.publish("transport", "At noon").await;
        let mut ids = vec![id_of(&about).parse::<i64>().expect("a number")];
        let like = |n: usize| activity(&format!("{}/like/{n}", bob.id), "Like", &bob.id, about["uri"].clone());
        assert_eq!(bob.send(&inbox, &like(0)).await, 202);
        settled(&server).await;
        let hour = 3_600;
        for (n, jump) in [2 * hour, -2 * hour, -10 * 365 * 24 * hour].into_iter().enumerate() {
            clock.set(right.plus_seconds(jump));
            // Signed at the right time, which is not ours: refused, and taken when ours is right.
            assert_eq!(bob.send(&inbox, &like(n + 1)).await, 401, "{jump}");
            let made = ana.publish("transport", &format!("After {jump}")).await;
            ids.push(id_of(&made).parse().expect("a number"));
            assert_eq!(ana.initiatives().await[0]["id"], made["id"], "the latest is first");
        }
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "{ids:?}");
        // A restart in the wrong time, too.
        clock.set(right.plus_seconds(-10 * 365 * 24 * hour));
        let server = server.stop().await.start().await;
        let made = ana.publish("transport", "After the restart").await;
        assert!(id_of(&made).parse::<i64>().expect("a number") > ids[3]);
        clock.set(right);
        assert_eq!(bob.send(&inbox, &like(1)).await, 202);
        clock.advance(Duration::from_hours(3));
        settled(&server).await;
        drop(peer);
    }
}
