//! A disk that is full or broken, a database that somebody holds, too few files, a log that nobody
//! reads (FLT-03, FLT-04, FLT-06, FLT-23, FLT-26).

use super::{Place, stop, system};
use crate::support::until;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;
use tokio::process::Command;
use veche::storage::Engine;
use veche::testing::{TestDb, run};

/// A small disk of its own; it is unmounted when it is dropped.
struct Disk(tempfile::TempDir);

impl Disk {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let path = folder.path().to_str().expect("a plain path").to_owned();
        system(&["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", &path]).await;
        Self(folder)
    }

    fn url(&self) -> String {
        format!("sqlite:{}", self.0.path().join("veche.db").display())
    }

    /// Takes all the space that is left.
    fn fill(&self) {
        let mut junk = std::fs::File::create(self.0.path().join("junk")).expect("a file");
        while junk.write_all(&[0; 512]).is_ok() {}
    }

    fn make_room(&self) {
        std::fs::remove_file(self.0.path().join("junk")).expect("it is there");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

/// Writes until nothing is taken any more; how much was acknowledged to each. Nothing but success
/// and 503 may be answered.
async fn until_refused(place: &Place) -> (usize, usize) {
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

/// How many rows there are, asked from outside.
async fn rows(url: &str, sql: &str) -> usize {
    let file = url.trim_start_matches("sqlite:");
    let found = system(&["sqlite3", "-readonly", file, sql]).await;
    found.trim().parse().expect("a number")
}

const COMMENTS: &str =
    "SELECT COUNT(*) FROM comments c JOIN objects o ON o.id = c.id WHERE o.local";
const ARRIVALS: &str = "SELECT COUNT(*) FROM inbox WHERE activity_uri LIKE '%/full-%'";

#[test]
fn flt_03_a_full_disk_refuses_writers_and_recovers_alone_sqlite() {
    run(async {
        let disk = Disk::new().await;
        let place = Place::new(&disk.url()).await;
        let mut process = place.home.serve_in(&[], &[], "web");
        place.home.ready().await;
        disk.fill();
        let (comments, arrivals) = until_refused(&place).await;
        assert_eq!(place.reads().await, 200, "readers go on");
        disk.make_room();
        until(async || place.comments("There is room again.").await == 201).await;
        until(async || place.says("full-last").await == 202).await;
        assert_eq!(process.try_wait().expect("it can be asked"), None, "it is the same process");
        // Neither lost nor invented: a 201 and a 202 stand for a row each.
        assert_eq!(rows(&disk.url(), COMMENTS).await, comments + 1);
        assert_eq!(rows(&disk.url(), ARRIVALS).await, arrivals + 1);
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
        // The signal that comes with it is ignored, as a service manager does it.
        let limit = format!("--fsize={}", size + 100_000);
        let ignoring = ["sh", "-c", "trap '' XFSZ; exec prlimit \"$@\"", "sh", &limit];
        let mut process = place.home.serve_in(&ignoring, &[], "web");
        place.home.ready().await;
        let (comments, arrivals) = until_refused(&place).await;
        assert_eq!(place.reads().await, 200, "readers go on");
        let pid = process.id().expect("it runs").to_string();
        system(&["prlimit", "--pid", &pid, "--fsize=unlimited"]).await;
        until(async || place.comments("There is room again.").await == 201).await;
        until(async || place.says("full-last").await == 202).await;
        assert_eq!(process.try_wait().expect("it can be asked"), None, "it is the same process");
        assert_eq!(rows(db.url(), COMMENTS).await, comments + 1);
        assert_eq!(rows(db.url(), ARRIVALS).await, arrivals + 1);
        stop(&mut process).await;
        place.home.verify().await;
    });
}

#[test]
fn flt_04_a_flush_that_fails_ends_the_process_sqlite() {
    run(async {
        let db = TestDb::new(Engine::Sqlite).await;
        let place = Place::new(db.url()).await;
        let mut process = place.home.serve_in(&[], &[], "web");
        place.home.ready().await;
        let mut said = 0;
        for n in 0..5 {
            said += usize::from(place.says(&format!("full-{n}")).await == 202);
        }
        assert_eq!(said, 5);
        let pid = process.id().expect("it runs").to_string();
        let mut broken = Command::new("strace")
            .args(["-f", "-q", "-o", "/dev/null", "-p", &pid, "-e", "trace=fsync,fdatasync"])
            .args(["-e", "inject=fsync,fdatasync:error=EIO"])
            .kill_on_drop(true)
            .spawn()
            .expect("strace is there (scripts/setup test)");
        // From some moment on every flush fails; what is acknowledged before it is kept.
        let mut n = 5;
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
        let _ = broken.wait().await;
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
