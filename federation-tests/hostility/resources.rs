//! DOS-12, DOS-16 to DOS-18, DOS-20: memory, time and the log.

use crate::binary::Installation;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::AsyncReadExt as _;
use veche::both_engines;
use veche::storage::Engine;
use veche::testing::{TestApp, TestDb, exchange};

#[test]
fn dos_16_no_matching_in_exponential_time() {
    let root = env!("CARGO_MANIFEST_DIR");
    let read = |file: &str| std::fs::read_to_string(format!("{root}/{file}")).expect("it is there");
    let banned = ["fancy-regex", "pcre2", "onig", "oniguruma"];
    for name in banned {
        let entry = format!("name = \"{name}\"\n");
        assert!(!read("Cargo.lock").contains(&entry), "{name} is in the tree");
    }
    assert!(read("deny.toml").contains("crate = \"fancy-regex\""));
}

both_engines! {
    async fn dos_17_lists_that_somebody_wants_too_long(app: TestApp) {
        let ana = app.account("ana").await;
        app.assembly("transport").await;
        for n in 0..3 {
            app.initiative(&ana, "transport", &format!("Number {n}")).await;
        }
        let host = app.urls.authority().to_owned();
        assert!(!host.is_empty());
        for query in [
            "limit=1000000000", "limit=-1", "limit=0", "limit=99999999999999999999", "limit=x", "before=-1",
            "before=9223372036854775807", "before=99999999999999999999", "before=x", "q=%25%25%25%25%25",
            "q=%00", "page=1000000000", "offset=1000000000",
        ] {
            for path in ["/api/civic/v1/initiatives", "/initiatives", "/search", "/"] {
                let answer = app.get(&format!("{path}?{query}")).await;
                assert!(answer.status() < 500, "{path}?{query}: {}", answer.status());
                assert!(answer.bytes().len() < 256 * 1024, "{path}?{query}");
            }
            let documents = app.document(&format!("/g/transport/outbox?page=true&{query}")).await;
            assert!(documents.status() < 500, "{query}: {}", documents.status());
        }
    }
}

#[test]
fn dos_18_many_who_sign_in_at_once_sqlite() {
    veche::testing::run(async {
        let app = TestApp::new(Engine::Sqlite).await;
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        // Each of these stands for a hash with its 19 MiB.
        let many = (0..500).map(|_| {
            let (running, most) = (Arc::clone(&running), Arc::clone(&most));
            app.calculate(move || {
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                std::thread::yield_now();
                running.fetch_sub(1, Ordering::SeqCst);
            })
        });
        let done = futures_util::future::join_all(many).await;
        assert!(done.iter().all(Option::is_some));
        assert!(most.load(Ordering::SeqCst) <= cores, "{} at once", most.load(Ordering::SeqCst));
        // And before that, only so many attempts of one address are looked at.
        let limited = TestApp::builder(Engine::Sqlite).limits(true).start().await;
        limited.account("ana").await;
        let mut refused = 0;
        for _ in 0..30 {
            let fields = [("login", "ana"), ("password", "wrong wrong wrong")];
            if limited.post_form("/sign-in", &fields).await.status() == 429 {
                refused += 1;
            }
        }
        assert!(refused >= 20, "{refused}");
    });
}

#[test]
fn dos_20_what_strangers_write_into_the_log_sqlite() {
    veche::testing::run(async {
        let db = TestDb::new(Engine::Sqlite).await;
        let home = Installation::on(&db);
        let mut program = home.serve_aloud(&[]);
        home.ready().await;
        let host = home.base.trim_start_matches("http://");
        let long = "A".repeat(20_000);
        for (path, more) in [
            ("/p/%0aERROR%20forged", String::new()),
            ("/.well-known/webfinger?resource=acct:%1b%5b31mx@y%0d%0aforged", String::new()),
            ("/search?q=%1b%5b2J%0aforged", String::new()),
            ("/", format!("user-agent: {long}\r\n")),
            ("/", "user-agent: \u{1b}[31mforged\r\n".to_owned()),
            ("/", "x-request-id: a\u{1b}[31mforged\r\n".to_owned()),
            ("/inbox", "signature: keyId=\"\u{1b}[31mforged\"\r\n".to_owned()),
        ] {
            let head =
                format!("GET {path} HTTP/1.1\r\nhost: {host}\r\n{more}connection: close\r\n\r\n");
            let _ = exchange(host, head.as_bytes()).await;
            let post = format!(
                "POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/activity+json\r\n\
                 {more}connection: close\r\ncontent-length: 28\r\n\r\n{{\"id\":\"\\n\\u001b[31mforged\\r\"}}"
            );
            let _ = exchange(host, post.as_bytes()).await;
        }
        program.start_kill().expect("it runs");
        let mut log = Vec::new();
        for stream in [program.stdout.take().map(either), program.stderr.take().map(either)]
            .into_iter()
            .flatten()
        {
            let mut stream = stream;
            let read = stream.read_to_end(&mut log);
            tokio::time::timeout(Duration::from_secs(10), read)
                .await
                .expect("it ends")
                .expect("it can be read");
        }
        let text = String::from_utf8_lossy(&log);
        assert!(text.contains("request"), "nothing was logged: {text}");
        assert!(!text.contains('\u{1b}'), "a control sequence reached the log: {text}");
        assert!(text.lines().all(|line| line.len() < 8_192), "a line is endless");
        assert!(!text.lines().any(
            |line| line.trim_start().starts_with("forged") || line.starts_with("ERROR forged")
        ));
    });
}

fn either(
    stream: impl tokio::io::AsyncRead + Send + Unpin + 'static,
) -> Box<dyn tokio::io::AsyncRead + Send + Unpin> {
    Box::new(stream)
}
