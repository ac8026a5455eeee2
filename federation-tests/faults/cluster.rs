//! PostgreSQL whose disk is full (FLT-03), that is restarted, killed, or read-only (FLT-05). Each
//! test has a cluster of its own, which flushes to the disk as one in earnest does.

use super::disk::until_refused;
use super::small::SmallDisk;
use super::{Place, is_root, postgres_program, stop, system};
use crate::support::{DEADLINE, until};
use std::process::Stdio;
use std::time::Duration;
use tokio::time::Instant;
use veche::storage::Db;
use veche::testing::{run, wait_until};

/// A PostgreSQL of one test.
struct Cluster {
    folder: tempfile::TempDir,
    /// Stops it and removes its files when its input ends: when this is dropped, and also when this
    /// process is killed.
    guard: Option<std::process::Child>,
}

/// What makes a command somebody's who may run PostgreSQL: root may not.
fn owner() -> Vec<String> {
    let words = "setpriv --reuid=postgres --regid=postgres --clear-groups";
    if is_root() { words.split(' ').map(str::to_owned).collect() } else { Vec::new() }
}

impl Cluster {
    /// Starts it with a command before it, which may be none.
    async fn start(enter: Vec<String>) -> Self {
        let folder = tempfile::Builder::new().prefix("veche-fault-").tempdir_in("/tmp");
        let cluster = Self { folder: folder.expect("a folder"), guard: None };
        let path = cluster.path();
        cluster.give_to_owner(&path).await;
        let data = cluster.data();
        let words = "-U veche -A trust -E UTF8 --locale=C.UTF-8 --no-sync -D";
        let arguments: Vec<&str> = words.split(' ').chain([data.as_str()]).collect();
        cluster.owner("initdb", &arguments).await;
        let settings = format!(
            "listen_addresses = ''\nunix_socket_directories = '{path}'\nmax_connections = 60\n\
             shared_buffers = 32MB\nrestart_after_crash = on\n"
        );
        let conf = format!("{data}/postgresql.auto.conf");
        cluster.owner_writes(&conf, &settings).await;
        cluster.run(enter).await
    }

    /// A second one with everything that the first one has and will have.
    async fn standby(of: &Self) -> Self {
        let folder = tempfile::Builder::new().prefix("veche-fault-").tempdir_in("/tmp");
        let cluster = Self { folder: folder.expect("a folder"), guard: None };
        let (path, data, primary) = (cluster.path(), cluster.data(), of.path());
        cluster.give_to_owner(&path).await;
        let words = "-U veche --checkpoint=fast --no-sync -R";
        let arguments = words.split(' ').chain(["-h", &primary, "-D", &data]).collect::<Vec<_>>();
        cluster.owner("pg_basebackup", &arguments).await;
        // The later of two settings counts.
        let conf = format!("{data}/postgresql.auto.conf");
        cluster.owner_writes(&conf, &format!("unix_socket_directories = '{path}'\n")).await;
        cluster.run(Vec::new()).await
    }

    /// Starts it, with what stops it.
    async fn run(mut self, enter: Vec<String>) -> Self {
        let (data, path) = (self.data(), self.path());
        let script =
            format!("cat >/dev/null; \"$@\" stop -m immediate -D '{data}'; rm -rf '{path}'");
        let mut words = vec!["-c".to_owned(), script, "sh".to_owned()];
        words.extend(owner());
        let guard = std::process::Command::new("sh")
            .args(words)
            .arg(postgres_program("pg_ctl").await)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        self.guard = Some(guard.expect("a shell"));
        self.control(enter, "start", "").await;
        self
    }

    fn path(&self) -> String {
        self.folder.path().to_str().expect("a plain path").to_owned()
    }

    fn data(&self) -> String {
        format!("{}/data", self.path())
    }

    fn url(&self) -> String {
        format!("postgres://veche@localhost/home?host={}", self.path())
    }

    async fn give_to_owner(&self, path: &str) {
        if is_root() {
            system(&["chown", "postgres", path]).await;
        }
        system(&["chmod", "755", path]).await;
    }

    async fn owner(&self, program: &str, arguments: &[&str]) -> String {
        let (owner, program) = (owner(), postgres_program(program).await);
        let mut command: Vec<&str> = owner.iter().map(String::as_str).collect();
        command.push(&program);
        command.extend(arguments);
        system(&command).await
    }

    async fn owner_writes(&self, file: &str, text: &str) {
        let owner = owner();
        let mut command: Vec<&str> = owner.iter().map(String::as_str).collect();
        command.extend(["sh", "-c", "printf %s \"$1\" >> \"$0\"", file, text]);
        system(&command).await;
    }

    async fn control(&self, before: Vec<String>, what: &str, mode: &str) {
        let (data, log) = (self.data(), format!("{}/log", self.path()));
        let log = if what == "start" { vec!["-l", log.as_str()] } else { vec![] };
        let mode = if what == "stop" { vec!["-m", mode] } else { vec![] };
        let mut words = before;
        words.extend(owner());
        words.push(postgres_program("pg_ctl").await);
        // The server would keep the pipes of the command open.
        let status = tokio::process::Command::new(&words[0])
            .args(&words[1..])
            .args([what, "-w", "-t", "60", "-D", &data])
            .args(mode)
            .args(log)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .await
            .expect("pg_ctl runs");
        assert!(status.success(), "pg_ctl {what}");
    }

    async fn sql(&self, statement: &str) -> String {
        let path = self.path();
        let outside = ["CREATE DATABASE", "CREATE TABLESPACE"].iter();
        let outside = outside.copied().any(|start| statement.starts_with(start));
        let database = if outside { "postgres" } else { "home" };
        self.owner("psql", &["-h", &path, "-U", "veche", "-d", database, "-Atqc", statement]).await
    }

    async fn number(&self, statement: &str) -> usize {
        self.sql(statement).await.trim().parse().expect("a number")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(mut guard) = self.guard.take() {
            drop(guard.stdin.take());
            let _ = guard.wait();
        }
    }
}

/// Bob speaks and Ana writes until both are heard again; in between only 503 is answered, or
/// nothing. How much of each was acknowledged.
async fn through(place: &Place, name: &str, mut told: (usize, usize)) -> (usize, usize) {
    let end = Instant::now() + DEADLINE;
    for n in 0.. {
        let called = format!("{name}-{n}");
        let (said, wrote) = tokio::join!(place.says(&called), place.comments("Words"));
        let good = matches!(said, 0 | 202 | 503) && matches!(wrote, 0 | 201 | 503);
        assert!(good, "{said} {wrote}: {}", place.home.log());
        told.0 += usize::from(said == 202);
        told.1 += usize::from(wrote == 201);
        if said == 202 && wrote == 201 {
            break;
        }
        assert!(Instant::now() < end, "{name}: {said} {wrote} after {DEADLINE:?}");
    }
    told
}

const COMMENTS: &str = "SELECT COUNT(*) FROM objects WHERE local AND kind = 'comment'";
const FULL: &str = "SELECT COUNT(*) FROM inbox WHERE activity_uri LIKE '%/full-%'";

#[test]
fn flt_03_a_full_disk_refuses_writers_and_recovers_alone_postgres() {
    run(async {
        let disk = SmallDisk::new(40).await;
        let cluster = Cluster::start(disk.enter()).await;
        let space = disk.file("space").to_str().expect("a plain path").to_owned();
        disk.system(&["mkdir", &space]).await;
        if is_root() {
            disk.system(&["chown", "postgres", &space]).await;
        }
        cluster.sql(&format!("CREATE TABLESPACE small LOCATION '{space}'")).await;
        cluster.sql("CREATE DATABASE home TABLESPACE small").await;
        let place = Place::new(&cluster.url()).await;
        let mut process = place.home.serve_in(&[], &[], "web");
        place.home.ready().await;
        disk.fill().await;
        let (comments, arrivals) = until_refused(&place).await;
        assert_eq!(place.reads().await, 200, "readers go on");
        disk.make_room().await;
        until(async || place.comments("There is room again.").await == 201).await;
        until(async || place.says("full-last").await == 202).await;
        assert_eq!(process.try_wait().expect("it can be asked"), None, "it is the same process");
        assert_eq!(cluster.number(COMMENTS).await, comments + 1);
        assert_eq!(cluster.number(FULL).await, arrivals + 1);
        stop(&mut process).await;
        place.home.verify().await;
    });
}

#[test]
fn flt_05_a_database_that_is_restarted_killed_or_read_only_is_survived_postgres() {
    run(async {
        let cluster = Cluster::start(Vec::new()).await;
        cluster.sql("CREATE DATABASE home").await;
        let place = Place::new(&cluster.url()).await;
        let mut process = place.home.serve_in(&[], &[], "web,worker");
        place.home.ready().await;
        let mut told = through(&place, "before", (0, 0)).await;

        // Stopped without a word, and started again.
        cluster.control(Vec::new(), "stop", "immediate").await;
        for _ in 0..2 {
            assert_eq!((place.says("down").await, place.comments("Down").await), (503, 503));
        }
        cluster.control(Vec::new(), "start", "").await;
        told = through(&place, "restarted", told).await;

        // One of its processes is killed: it throws out everybody and recovers.
        let pid = cluster
            .sql("SELECT pid FROM pg_stat_activity WHERE application_name = 'veche' LIMIT 1")
            .await;
        system(&["kill", "-9", pid.trim()]).await;
        told = through(&place, "killed", told).await;

        // After a fail-over the connections lead to a server that does not write any more (25006).
        cluster.sql("ALTER SYSTEM SET default_transaction_read_only = on").await;
        cluster.sql("SELECT pg_reload_conf()").await;
        until(async || place.comments("Old primary").await == 503).await;
        assert_eq!((place.says("old").await, place.reads().await), (503, 200));
        cluster.sql("ALTER SYSTEM RESET default_transaction_read_only").await;
        cluster.control(Vec::new(), "reload", "").await;
        // What was refused comes again and is taken.
        told = through(&place, "writable", told).await;
        until(async || place.says("old").await == 202).await;

        assert_eq!(process.try_wait().expect("it can be asked"), None, "it is the same process");
        // The follow, Bob's acknowledged words, and the one that came again.
        assert!(cluster.number("SELECT COUNT(*) FROM inbox").await >= told.0 + 2);
        assert!(cluster.number(COMMENTS).await >= told.1);
        let unread = "SELECT COUNT(*) FROM inbox WHERE state = 'pending' AND lease_until = 0";
        wait_until(Duration::from_mins(1), async || cluster.number(unread).await == 0).await;
        stop(&mut process).await;
        // The database itself is whole.
        Db::open(&cluster.url()).await.expect("it answers").close().await;
        place.home.verify().await;
    });
}

#[test]
fn flt_05_a_fail_over_to_a_new_primary_is_survived_postgres() {
    run(async {
        let old = Cluster::start(Vec::new()).await;
        old.sql("CREATE DATABASE home").await;
        let new = Cluster::standby(&old).await;
        // The address of the database leads now to the one, later to the other.
        let names = tempfile::tempdir().expect("a folder can be made");
        let current = names.path().join("current").to_str().expect("a plain path").to_owned();
        system(&["ln", "-s", &old.path(), &current]).await;
        let place = Place::new(&format!("postgres://veche@localhost/home?host={current}")).await;
        let mut process = place.home.serve_in(&[], &[], "web,worker");
        place.home.ready().await;
        let mut told = through(&place, "before", (0, 0)).await;
        // The old one lives on and keeps its connections, but writes nothing any more (25006).
        old.sql("ALTER SYSTEM SET default_transaction_read_only = on").await;
        old.control(Vec::new(), "reload", "").await;
        until(async || place.comments("Old primary").await == 503).await;
        let last = old.sql("SELECT pg_current_wal_lsn()").await;
        let caught_up =
            format!("SELECT CAST(pg_last_wal_replay_lsn() >= '{}' AS int)", last.trim());
        until(async || new.number(&caught_up).await == 1).await;
        new.control(Vec::new(), "promote", "").await;
        system(&["ln", "-sfn", &new.path(), &current]).await;
        told = through(&place, "after", told).await;
        assert_eq!(process.try_wait().expect("it can be asked"), None, "it is the same process");
        assert!(new.number("SELECT COUNT(*) FROM inbox").await > told.0);
        assert!(new.number(COMMENTS).await >= told.1);
        stop(&mut process).await;
        place.home.verify().await;
    });
}
