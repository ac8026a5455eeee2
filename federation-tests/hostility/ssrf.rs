//! SSRF-04 to SSRF-10: that nobody makes us knock at doors that only we can reach. (SSRF-01 to
//! SSRF-03 are tables beside `net`.)

use crate::binary::Installation;
use crate::support::{activity, note, settled, until};
use http::{HeaderMap, Method};
use serde_json::{Value, json};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use url::Url;
use veche::both_engines;
use veche::config::{Federation, Network};
use veche::federation::{Budget, Error, fetch, resolve};
use veche::net::{Client, Names};
use veche::storage::Engine;
use veche::testing::{Answer, RawPeer, ScriptedPeer, Software, TestDb, TestServer};

const FINE: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";

/// A client for which 127.0.0.2 is as good as public, and nothing else of this machine.
fn client(table: impl Fn(&str) -> std::io::Result<Vec<IpAddr>> + Send + Sync + 'static) -> Client {
    let config = Federation {
        allow_http: true,
        allow_addresses: Network::parse("127.0.0.2").into_iter().collect(),
        ..Federation::default()
    };
    Client::with_names(&config, "test", Names::Given(Arc::new(table))).expect("a client")
}

fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

async fn get(client: &Client, url: &str) -> Option<u16> {
    let url = Url::parse(url).expect("an address");
    client.send(Method::GET, &url, HeaderMap::new(), None).await.ok().map(|reply| reply.status)
}

#[test]
fn ssrf_04_a_name_with_one_private_address_among_others() {
    veche::testing::run(async {
        let inside = RawPeer::saying("127.0.0.1", FINE).await;
        let port = inside.address.port();
        for private in ["127.0.0.1", "10.0.0.1", "::1", "::ffff:127.0.0.1", "169.254.169.254"] {
            for first in [true, false] {
                let mut found = vec![ip("127.0.0.2"), ip(private)];
                if first {
                    found.reverse();
                }
                let client = client(move |_| Ok(found.clone()));
                assert_eq!(get(&client, &format!("http://two.example:{port}/")).await, None);
            }
        }
        assert_eq!(inside.connections(), 0);
    });
}

#[test]
fn ssrf_05_a_name_that_leads_elsewhere_the_second_time() {
    veche::testing::run(async {
        let outside = RawPeer::saying("127.0.0.2", FINE).await;
        let port = outside.address.port();
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let client = client(move |_| {
            let first = count.fetch_add(1, Ordering::Relaxed) == 0;
            Ok(vec![ip(if first { "127.0.0.2" } else { "127.0.0.1" })])
        });
        let url = format!("http://turning.example:{port}/");
        assert_eq!(get(&client, &url).await, Some(200));
        // Listening at the inner address under the same port, it would see us come.
        let inside = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.expect("it is free");
        for _ in 0..3 {
            assert_eq!(get(&client, &url).await, None);
        }
        let nobody = tokio::time::timeout(Duration::from_millis(100), inside.accept()).await;
        assert!(nobody.is_err(), "the inner server was reached");
        assert!(asked.load(Ordering::Relaxed) >= 2);
        assert_eq!(outside.connections(), 1);
    });
}

both_engines! {
    async fn ssrf_06_redirects_to_where_nobody_may_go(engine: Engine) {
        let server = TestServer::new(engine).await;
        let (peer, far) = (ScriptedPeer::start().await, ScriptedPeer::at("127.0.0.2").await);
        let started = Instant::now();
        for (n, target) in [
            "http://10.0.0.1/", "http://169.254.169.254/latest/meta-data/", "http://[fe80::1]/", "http://192.168.0.1:22/",
            "file:///etc/passwd", "data:application/activity+json,{}", "gopher://10.0.0.1/", "ftp://10.0.0.1/", "//10.0.0.1/", "",
        ].into_iter().enumerate() {
            for status in [301, 302, 303, 307, 308] {
                let path = format!("/r{n}-{status}");
                peer.always(&path, Answer::Header(status, "location", target.to_owned()));
                assert!(fetch::document(&server.app, &Budget::person(), &format!("{}{path}", peer.base())).await.is_err(), "{target}");
            }
        }
        assert!(started.elapsed() < Duration::from_secs(5), "somebody was waited for");
        // What only browsers follow is not followed.
        peer.always("/refresh", Answer::Header(200, "refresh", format!("0; url={}/there", far.base())));
        let page = format!("<meta http-equiv=refresh content='0;url={}/there'>", far.base());
        peer.always("/meta", Answer::Typed("text/html", page));
        for path in ["/refresh", "/meta"] {
            assert!(fetch::document(&server.app, &Budget::person(), &format!("{}{path}", peer.base())).await.is_err());
        }
        assert!(far.received().is_empty());
        // Another origin gets a signature of its own, for its own host.
        let uri = format!("{}/there", far.base());
        far.serve("/there", json!({ "id": uri, "type": "Note" }));
        peer.always("/away", Answer::Header(302, "location", uri));
        fetch::document(&server.app, &Budget::person(), &format!("{}/away", peer.base())).await.expect("a document");
        let (here, there) = (peer.received().pop().expect("a request"), far.received().pop().expect("a request"));
        assert_ne!(here.headers["signature"], there.headers["signature"]);
        assert_eq!(there.headers["host"], far.base().trim_start_matches("http://"));
    }

    async fn ssrf_08_every_way_to_make_us_ask(engine: Engine) {
        let server = TestServer::plan(engine).with_limits(|config| {
            config.federation.allow_addresses = Network::parse("127.0.0.2").into_iter().collect();
        }).start().await;
        server.assembly("transport").await;
        let ana = server.citizen("ana").await;
        let made = ana.publish("transport", "Night buses").await;
        let uri = veche::testing::text(&made["uri"]);
        let inside = RawPeer::saying("127.0.0.1", FINE).await;
        let private = inside.base();
        let host = private.trim_start_matches("http://");
        let peer = ScriptedPeer::at("127.0.0.2").await;
        let (bob, board) = (peer.actor("bob", Software::Mastodon), peer.actor("board", Software::Mastodon));
        let app = &server.app;
        // An address, a handle, a handle whose link leads inside, a redirect.
        let finger = format!("/.well-known/webfinger?resource=acct:in@{}", peer.base().trim_start_matches("http://"));
        peer.always(&finger, Answer::Typed("application/jrd+json", json!({ "links": [{ "rel": "self",
            "type": "application/activity+json", "href": format!("{private}/u/x") }] }).to_string()));
        peer.always("/away", Answer::Header(302, "location", format!("{private}/x")));
        for query in [
            format!("{private}/u/x"), format!("@x@{host}"), format!("@in@{}", peer.base().trim_start_matches("http://")),
            format!("{}/away", peer.base()),
        ] {
            assert!(resolve::lookup(app, &Budget::person(), &query).await.is_err(), "{query}");
        }
        // A key, and the owner of a key.
        let inbox = format!("{}/inbox", server.base());
        let like = |id: &str| activity(&format!("{}/{id}", bob.id), "Like", &bob.id, uri.as_str());
        let mut wire = bob.wire(&inbox, &like("key"));
        wire.key_id = format!("{private}/u/x#main-key");
        assert_eq!(wire.send().await.status, 401);
        let inner = activity(&format!("{private}/l"), "Like", &format!("{private}/u/x"), uri.as_str());
        let mut wire = bob.wire(&inbox, &inner);
        wire.key_id = format!("{private}/u/x#main-key");
        let answer = wire.send().await;
        assert_eq!(answer.status, 401, "{answer:?}");
        // What an activity names: an object, a parent, an author, a mention, an attachment.
        let mut said = note(&format!("{}/n", bob.id), &bob.id, &format!("{private}/parent"), "An answer.");
        said["tag"] = json!([{ "type": "Mention", "href": format!("{private}/u/x") }]);
        said["attachment"] = json!([{ "type": "Image", "url": format!("{private}/i.png") }]);
        said["replies"] = format!("{private}/replies").into();
        said["context"] = format!("{private}/context").into();
        let acts: Vec<(&str, Value)> = vec![
            ("Create", said), ("Announce", format!("{private}/n").into()), ("Update", format!("{private}/n").into()),
            ("Create", format!("{private}/n").into()), ("Follow", format!("{private}/g").into()),
            ("Delete", format!("{}/gone", bob.id).into()),
        ];
        for (n, (kind, object)) in acts.into_iter().enumerate() {
            let act = activity(&format!("{}/act{n}", bob.id), kind, &bob.id, object);
            let status = bob.send(&inbox, &act).await;
            assert!([202, 403].contains(&status), "{kind}: {status}");
        }
        // An assembly whose collections lead inside.
        let mut group = board.document();
        group["type"] = "Group".into();
        peer.serve(&board.path(), group);
        let outbox = format!("{}/outbox", board.id);
        for (n, collection) in [
            json!({ "id": outbox, "type": "OrderedCollection", "first": format!("{private}/page") }),
            json!({ "id": outbox, "type": "OrderedCollection", "orderedItems": [format!("{private}/n")], "next": format!("{private}/2") }),
        ].into_iter().enumerate() {
            peer.serve(&format!("{}/outbox", board.path()), collection);
            ana.follow(&board.id).await;
            let follow = crate::support::found(async || peer.posted("Follow").pop()).await;
            let accept = activity(&format!("{}/accept{n}", board.id), "Accept", &board.id, follow.id());
            assert_eq!(board.send(&inbox, &accept).await, 202);
            until(async || ana.follow_state(&board.id).await == "accepted").await;
        }
        until(async || server.database.count("inbox", "WHERE state = 'pending' AND attempts = 0").await == 0).await;
        assert_eq!(inside.connections(), 0, "somebody made us knock");
    }
}

#[test]
fn ssrf_08_only_the_one_client_can_connect() {
    let mut files = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
    let mut elsewhere = Vec::new();
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(
                std::fs::read_dir(&path).expect("a folder").map(|e| e.expect("an entry").path()),
            );
            continue;
        }
        let words = std::fs::read_to_string(&path).unwrap_or_default();
        let own = ["/src/net/", "/src/testing/", "/tests"]
            .iter()
            .any(|p| path.to_string_lossy().contains(p));
        let outside_tests = words.split("#[cfg(test)]").next().unwrap_or_default();
        let connects = ["reqwest::", "TcpStream::connect", "hyper_util::client"];
        if !own && connects.iter().any(|name| outside_tests.contains(name)) {
            elsewhere.push(path);
        }
    }
    assert!(elsewhere.is_empty(), "these open connections of their own: {elsewhere:?}");
}

#[test]
fn ssrf_10_proxies_of_the_environment_are_not_used_sqlite() {
    veche::testing::run(async {
        let db = TestDb::new(Engine::Sqlite).await;
        let home = Installation::on(&db);
        home.prepare().await;
        let proxy = RawPeer::saying("127.0.0.1", FINE).await;
        let address = proxy.base();
        let names =
            ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"];
        let variables = names.map(|name| (name, address.as_str()));
        let mut program = home.serve_aloud(&variables);
        home.ready().await;
        let peer = ScriptedPeer::start().await;
        let bob = peer.actor("bob", Software::Mastodon);
        let group = format!("{}/g/transport", home.base);
        let follow = activity(&format!("{}/follow", bob.id), "Follow", &bob.id, group);
        assert_eq!(bob.send(&format!("{}/inbox", home.base), &follow).await, 202);
        until(async || peer.posted("Accept").len() == 1).await;
        assert_eq!(proxy.connections(), 0);
        program.start_kill().expect("it runs");
    });
}

/// The errors of refused addresses are final: trying again cannot help.
#[test]
fn ssrf_06_a_refusal_is_final_sqlite() {
    veche::testing::run(async {
        let server = TestServer::new(Engine::Sqlite).await;
        let outcome = fetch::document(&server.app, &Budget::person(), "http://10.0.0.1/x").await;
        assert!(matches!(outcome, Err(Error::Forbidden(_))), "{outcome:?}");
        settled(&server).await;
    });
}
