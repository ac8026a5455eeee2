//! PostgreSQL that is restarted, whose processes are killed, that becomes read-only (FLT-05). Each
//! test has a cluster of its own, which flushes to the disk as one in earnest does.

use super::{Place, stop, system};
use crate::support::{DEADLINE, until};
use std::path::PathBuf;
use std::time::Duration;
use tokio::time::Instant;
use veche::storage::Db;
use veche::testing::{run, wait_until};

/// A PostgreSQL of one test. It is stopped and removed when it is dropped.
struct Cluster {
    folder: tempfile::TempDir,
    bin: PathBuf,
}

impl Cluster {
    async fn start() -> Self {
        let found =
            system(&["sh", "-c", "ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1"]).await;
        let folder =
            tempfile::Builder::new().prefix("veche-fault-").tempdir_in("/tmp").expect("a folder");
        let cluster = Self { folder, bin: PathBuf::from(found.trim()) };
        let path = cluster.path();
        system(&["chown", "postgres", &path]).await;
        system(&["chmod", "755", &path]).await;
        let data = format!("{path}/data");
        let arguments = [
            "-D",
            &data,
            "-U",
            "veche",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ];
        cluster.owner("initdb", &arguments).await;
        let settings = format!(
            "listen_addresses = ''\nunix_socket_directories = '{path}'\nmax_connections = 60\n\
             shared_buffers = 32MB\nrestart_after_crash = on\n"
        );
        let file = format!("{data}/postgresql.conf");
        let mut conf = std::fs::read_to_string(&file).expect("it was made");
        conf.push_str(&settings);
        std::fs::write(&file, conf).expect("it can be written");
        cluster.control("start", "fast").await;
        cluster.sql("CREATE DATABASE home").await;
        cluster
    }

    fn path(&self) -> String {
        self.folder.path().to_str().expect("a plain path").to_owned()
    }

    fn url(&self) -> String {
        format!("postgres://veche@localhost/home?host={}", self.path())
    }

    async fn owner(&self, program: &str, arguments: &[&str]) -> String {
        let program = self.bin.join(program);
        let program = program.to_str().expect("a plain path");
        let mut command =
            vec!["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", program];
        command.extend(arguments);
        system(&command).await
    }

    async fn control(&self, what: &str, mode: &str) {
        let (data, log) = (format!("{}/data", self.path()), format!("{}/log", self.path()));
        let log = if what != "start" { vec![] } else { vec!["-l", log.as_str()] };
        let mode = if what != "stop" { vec![] } else { vec!["-m", mode] };
        let arguments = [vec![what, "-w", "-t", "60", "-D", data.as_str()], mode, log].concat();
        // The server would keep the pipes of the command open.
        let program = self.bin.join("pg_ctl");
        let status = tokio::process::Command::new("setpriv")
            .args(["--reuid=postgres", "--regid=postgres", "--clear-groups"])
            .arg(program)
            .args(arguments)
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .status()
            .await
            .expect("pg_ctl runs");
        assert!(status.success(), "pg_ctl {what}");
    }

    async fn sql(&self, statement: &str) -> String {
        let path = self.path();
        let database = if statement.starts_with("CREATE DATABASE") { "postgres" } else { "home" };
        self.owner("psql", &["-h", &path, "-U", "veche", "-d", database, "-Atqc", statement]).await
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = std::process::Command::new("setpriv")
            .args(["--reuid=postgres", "--regid=postgres", "--clear-groups"])
            .arg(self.bin.join("pg_ctl"))
            .args(["stop", "-m", "immediate", "-D", &format!("{}/data", self.path())])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .status();
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

#[test]
fn flt_05_a_database_that_is_restarted_killed_or_read_only_is_survived_postgres() {
    run(async {
        let cluster = Cluster::start().await;
        let place = Place::new(&cluster.url()).await;
        let mut process = place.home.serve_in(&[], &[], "web,worker");
        place.home.ready().await;
        let mut told = through(&place, "before", (0, 0)).await;

        // Stopped without a word, and started again.
        cluster.control("stop", "immediate").await;
        for _ in 0..2 {
            assert_eq!((place.says("down").await, place.comments("Down").await), (503, 503));
        }
        cluster.control("start", "").await;
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
        // psql is under the same rule, so that the session must say otherwise.
        cluster.sql("SET default_transaction_read_only = off; SELECT 1").await;
        let conf = format!("{}/data/postgresql.auto.conf", cluster.path());
        std::fs::write(&conf, "").expect("it can be written");
        cluster.control("reload", "").await;
        // What was refused comes again and is taken.
        told = through(&place, "writable", told).await;
        until(async || place.says("old").await == 202).await;

        assert_eq!(process.try_wait().expect("it can be asked"), None, "it is the same process");
        let count =
            async |sql: &str| -> usize { cluster.sql(sql).await.trim().parse().expect("a number") };
        // The follow, Bob's acknowledged words, and the one that came again.
        assert!(count("SELECT COUNT(*) FROM inbox").await >= told.0 + 2);
        assert!(
            count("SELECT COUNT(*) FROM objects WHERE local AND kind = 'comment'").await >= told.1
        );
        wait_until(Duration::from_mins(1), async || {
            count("SELECT COUNT(*) FROM inbox WHERE state = 'pending' AND lease_until = 0").await
                == 0
        })
        .await;
        stop(&mut process).await;
        // The database itself is whole.
        Db::open(&cluster.url()).await.expect("it answers").close().await;
        place.home.verify().await;
    });
}
