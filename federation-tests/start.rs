//! The real program at its start and in parts.

use crate::binary::Installation;
use crate::support::{activity, found, until};
use veche::both_engines;
use veche::storage::Engine;
use veche::testing::{ScriptedPeer, Software, TestDb, text};

/// `EX_UNAVAILABLE`, as `veche help` promises it.
const UNAVAILABLE: i32 = 69;

async fn refuses_with_one_line(url: &str, told: &str) {
    let home = Installation::new(url);
    let (code, output, errors) = home.run(&["serve"], "").await;
    assert_eq!(code, UNAVAILABLE, "{errors}");
    let lines: Vec<_> = errors.lines().filter(|line| line.starts_with("veche: ")).collect();
    assert_eq!(lines.len(), 1, "{errors}");
    assert!(lines[0].starts_with("veche: cannot ") && lines[0].contains(told), "{errors}");
    assert!(!errors.contains("geheim") && output.is_empty(), "{errors}{output}");
}

#[test]
fn an_unreachable_database_ends_the_start_postgres() {
    let url = "postgres://veche:geheim@127.0.0.1:1/veche";
    veche::testing::run(refuses_with_one_line(url, "Connection refused"));
}

#[test]
fn an_unreachable_database_ends_the_start_sqlite() {
    let url = "sqlite:/proc/nowhere/veche.db";
    veche::testing::run(refuses_with_one_line(url, "/proc/nowhere"));
}

both_engines! {
    async fn listener_and_worker_can_be_two_processes(engine: Engine) {
        let db = TestDb::new(engine).await;
        let home = Installation::on(&db);
        let ana = home.prepare().await;
        let mut web = home.serve("web");
        home.ready().await;
        let peer = ScriptedPeer::start().await;
        let bob = peer.actor("bob", Software::Mastodon);
        let group = format!("{}/g/transport", home.base);
        let follow = activity(&format!("{}/follow", bob.id), "Follow", &bob.id, group);
        assert_eq!(bob.send(&format!("{}/inbox", home.base), &follow).await, 202);
        // Taken and not worked on: that is the other one's part.
        assert_eq!(db.count("inbox", "WHERE state = 'pending'").await, 1);
        let mut worker = home.serve("worker");
        until(async || peer.posted("Accept").len() == 1).await;
        let made = ana.publish("transport", "Night buses").await;
        let seen = found(async || peer.posted("Announce").into_iter().find(|a| a.body["object"].is_string())).await;
        assert_eq!(seen.body["object"], text(&made["uri"]));
        for process in [&mut web, &mut worker] {
            process.start_kill().expect("it runs");
            process.wait().await.expect("it ends");
        }
    }
}
