//! A disk that is full or broken, a database that somebody holds, too few files, a log that nobody
//! reads (FLT-03, FLT-04, FLT-06, FLT-23, FLT-26).

use super::small::SmallDisk;
use super::{Place, end, stop, system};
use crate::binary::Installation;
use crate::support::until;
use std::path::Path;
use std::process::Stdio;
use veche::storage::Engine;
use veche::testing::{TestDb, run};

/// Writes until nothing is taken any more; how much was acknowledged to each. Nothing but success
/// and 503 may be answered.
pub(super) async fn until_refused(place: &Place) -> (usize, usize) {
    let (mut comments, mut arrivals) = (0, 0);
    let long = "All the words that fit. ".repeat(180);
    for n in 0..2_000 {
        let comment = place.comments(&long).await;
        assert!(matches!(comment, 201 | 503), "{comment}: {}", place.home.log());
        comments += usize::from(comment == 201);
        let arrival = place.says(&format!("full-{n}")).await;
        assert!(matches!(arrival, 202 | 503), "{arrival}: {}", place.home.log());
        arrivals += usize::from(arrival == 202);
        if comment == 503 && arrival == 503 {
            return (comments, arrivals);
        }
    }
    panic!("the disk never became full");
}

const COMMENTS: &str =
    "SELECT COUNT(*) FROM comments c JOIN objects o ON o.id = c.id WHERE o.local";
const ARRIVALS: &str = "SELECT COUNT(*) FROM inbox WHERE activity_uri LIKE '%/full-%'";

#[test]
fn flt_03_a_full_disk_refuses_writers_and_recovers_alone_sqlite() {
    run(async {
        let disk = SmallDisk::new(4).await;
        let file = disk.file("veche.db").to_str().expect("a plain path").to_owned();
        let home = Installation::new(&format!("sqlite:{file}")).within(disk.enter());
        let place = Place::at(home).await;
        let mut process = place.home.serve_in(&[], &[], "web");
        place.home.ready().await;
        disk.fill().await;
        let (comments, arrivals) = until_refused(&place).await;
        assert_eq!(place.reads().await, 200, "readers go on");
        disk.make_room().await;
        until(async || place.comments("There is room again.").await == 201).await;
        until(async || place.says("full-last").await == 202).await;
        assert_eq!(process.try_wait().expect("it can be asked"), None, "it is the same process");
        // Neither lost nor invented: a 201 and a 202 stand for a row each.
        for (sql, expected) in [(COMMENTS, comments + 1), (ARRIVALS, arrivals + 1)] {
            let found = disk.system(&["sqlite3", "-readonly", &file, sql]).await;
            assert_eq!(found.trim(), expected.to_string(), "{sql}");
        }
        stop(&mut process).await;
        place.home.verify().await;
    });
}

#[test]
fn flt_03_a_limit_on_file_sizes_refuses_writers_and_recovers_alone_sqlite() {
    run(async {
        let db = TestDb::new(Engine::Sqlite).await;
        let place = Place::new(db.url()).await;
        let size = std::fs::metadata(Path::new(db.url().trim_start_matches("sqlite:")))
            .expect("a file")
            .len();
        // The soft limit, since nobody else could raise the other one again.
        let limit = format!("--fsize={}:", size + 100_000);
        let mut process = place.home.serve_in(&["prlimit", &limit], &[], "web");
        place.home.ready().await;
        let (comments, arrivals) = until_refused(&place).await;
        assert_eq!(place.reads().await, 200, "readers go on");
        let pid = process.id().expect("it runs").to_string();
        system(&["prlimit", "--pid", &pid, "--fsize=unlimited:"]).await;
        until(async || place.comments("There is room again.").await == 201).await;
        until(async || place.says("full-last").await == 202).await;
        assert_eq!(process.try_wait().expect("it can be asked"), None, "it is the same process");
        let found = db.count("objects", "WHERE local AND kind = 'comment'").await;
        assert_eq!(found, comments + 1);
        assert_eq!(db.count("inbox", "WHERE activity_uri LIKE '%/full-%'").await, arrivals + 1);
        stop(&mut process).await;
        place.home.verify().await;
    });
}

#[test]
fn flt_04_a_flush_that_fails_ends_the_process_sqlite() {
    run(async {
        let db = TestDb::new(Engine::Sqlite).await;
        let place = Place::new(db.url()).await;
        // The thread that writes has its flushes counted: some work, then none does. Should strace be
        // killed, the program is too.
        let broken = [
            "strace",
            "-f",
            "--seccomp-bpf",
            "-qq",
            "-o",
            "/dev/null",
            "-e",
            "trace=fsync,fdatasync",
            "-e",
            "inject=fsync,fdatasync:error=EIO:when=40+",
            "setpriv",
            "--pdeathsig",
            "KILL",
        ];
        let mut process = place.home.serve_in(&broken, &[], "web");
        place.home.ready().await;
        let (mut said, mut n) = (0, 0);
        // From some moment on every flush fails; what is acknowledged before it is kept.
        let status = loop {
            if let Some(status) = process.try_wait().expect("it can be asked") {
                break status;
            }
            match place.says(&format!("full-{n}")).await {
                202 => said += 1,
                other => assert!(matches!(other, 0 | 503), "{other}"),
            }
            n += 1;
            assert!(n < 10_000, "it went on");
        };
        assert_eq!(status.code(), Some(74), "{}", place.home.log());
        assert!(place.home.log().contains("the disk did not take"), "{}", place.home.log());
        assert!(said > 5, "{said}");
        let mut process = place.home.serve("web,worker");
        place.home.ready().await;
        let stored = db.count("inbox", "WHERE activity_uri LIKE '%/full-%'").await;
        assert!((said..=said + 1).contains(&stored), "{stored} of {said}");
        until(async || db.count("inbox", "WHERE state = 'pending'").await == 0).await;
        stop(&mut process).await;
        place.home.verify().await;
    });
}

#[test]
fn flt_06_a_database_held_by_another_process_refuses_writers_until_it_is_free_sqlite() {
    run(async {
        let db = TestDb::new(Engine::Sqlite).await;
        let place = Place::new(db.url()).await;
        let mut process = place.home.serve_in(&[], &[], "web,worker");
        place.home.ready().await;
        let lock = db.lock().await;
        let (comment, arrival, read) =
            tokio::join!(place.comments("Now?"), place.says("held"), place.reads());
        assert_eq!((comment, arrival, read), (503, 503, 200));
        assert_eq!(db.count("comments", "").await, 0);
        lock.release().await;
        until(async || place.says("held").await == 202).await;
        until(async || place.comments("Now.").await == 201).await;
        until(async || db.count("comments", "").await == 2).await;
        stop(&mut process).await;
        place.home.verify().await;
    });
}

#[test]
fn flt_23_too_few_files_and_much_traffic_end_nothing_sqlite() {
    run(async {
        let db = TestDb::new(Engine::Sqlite).await;
        let place = Place::new(db.url()).await;
        let mut process = place.home.serve_in(&["prlimit", "--nofile=64"], &[], "web,worker");
        place.home.ready().await;
        assert_eq!(place.comments("Before").await, 201);
        let address = place.home.base.trim_start_matches("http://").to_owned();
        let mut idle = Vec::new();
        for _ in 0..120 {
            idle.push(tokio::net::TcpStream::connect(&address).await.expect("it is queued"));
        }
        // Whoever has a connection is answered, if only with 503; whoever has none waits.
        let answer = place.comments("Meanwhile").await;
        assert!(matches!(answer, 0 | 201 | 503), "{answer}");
        drop(idle);
        until(async || place.comments("After").await == 201).await;
        until(async || place.says("after").await == 202).await;
        // Large bodies, many at once: none is kept.
        let bodies = (0..300).map(|n| place.says_at_length(n));
        futures_util::future::join_all(bodies).await;
        let pid = process.id().expect("it runs");
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
        let kilobytes: u64 = peak.trim().trim_end_matches(" kB").parse().expect("a number");
        assert!(kilobytes < 256 * 1024, "{peak}");
        assert_eq!(process.try_wait().expect("it can be asked"), None, "it is the same process");
        stop(&mut process).await;
        place.home.verify().await;
    });
}

impl Place {
    /// A body of a quarter of a megabyte that nobody signed well.
    async fn says_at_length(&self, n: usize) -> u16 {
        let mut recipe = self
            .bob
            .recipe(&self.inbox, &serde_json::json!({ "id": format!("{}/{n}", self.bob.id) }));
        recipe.body.extend(vec![b' '; 250_000]);
        recipe.send().await.0
    }
}

#[test]
fn flt_26_a_log_that_nobody_reads_holds_up_nobody_sqlite() {
    run(async {
        let db = TestDb::new(Engine::Sqlite).await;
        let place = Place::new(db.url()).await;
        // The pipe holds 64 kB, and nobody takes anything out of it.
        let mut process = place
            .home
            .command(&["serve"])
            .env("VECHE__LOG__FILTER", "trace")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        place.home.ready().await;
        for n in 0..150 {
            assert_eq!(place.says(&format!("s{n}")).await, 202);
            assert_eq!(place.reads().await, 200);
        }
        assert_eq!(place.comments("Still here").await, 201);
        stop(&mut process).await;
        place.home.verify().await;
    });
}

#[test]
fn flt_03_a_full_disk_of_the_log_holds_up_nobody_sqlite() {
    run(async {
        let db = TestDb::new(Engine::Sqlite).await;
        let place = Place::new(db.url()).await;
        let full = std::fs::File::options().write(true).open("/dev/full").expect("it is there");
        let mut process = place
            .home
            .command(&["serve"])
            .env("VECHE__LOG__FILTER", "trace")
            .stdout(Stdio::null())
            .stderr(full)
            .spawn()
            .expect("the program starts");
        place.home.ready().await;
        for n in 0..20 {
            assert_eq!(place.says(&format!("s{n}")).await, 202);
        }
        assert_eq!(place.comments("Still here").await, 201);
        assert_eq!(process.try_wait().expect("it can be asked"), None, "it is the same process");
        end(&mut process).await;
        place.home.verify().await;
    });
}
