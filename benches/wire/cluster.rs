//! A PostgreSQL cluster for one run, with its ordinary durability.

use crate::process;
use anyhow::{Context as _, ensure};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::process::{Child, Command};

/// Where distributions put the programs, newest first.
const FOLDERS: [&str; 5] = [
    "/usr/lib/postgresql/18/bin",
    "/usr/lib/postgresql/17/bin",
    "/usr/lib/postgresql/16/bin",
    "/usr/lib/postgresql/15/bin",
    "/usr/bin",
];

/// A running cluster.
pub(crate) struct Cluster {
    pub(crate) url: String,
    pub(crate) pid: u32,
    child: Child,
}

/// The command, as an ordinary user where we are root: PostgreSQL refuses root.
fn command(program: &Path, as_root: bool) -> Command {
    if !as_root {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", "postgres", "--regid", "postgres", "--init-groups"]).arg(program);
    command
}

impl Cluster {
    /// Makes a cluster below `folder` and waits until it answers.
    pub(crate) async fn start(folder: &Path) -> anyhow::Result<Self> {
        let programs = FOLDERS
            .iter()
            .map(PathBuf::from)
            .find(|folder| folder.join("postgres").exists())
            .context("PostgreSQL is not installed; use --engine sqlite")?;
        let as_root = std::fs::metadata("/proc/self")?.uid() == 0;
        let data = folder.join("cluster");
        std::fs::create_dir(&data)?;
        if as_root {
            // The folder above is ours alone; the user of the cluster must pass through it.
            let passable = std::os::unix::fs::PermissionsExt::from_mode(0o711);
            std::fs::set_permissions(folder, passable)?;
            let owned = Command::new("chown").arg("postgres:postgres").arg(&data).status().await?;
            ensure!(owned.success(), "the folder of the cluster cannot be given away");
        }
        let made = command(&programs.join("initdb"), as_root)
            .args(["-A", "trust", "-U", "veche", "-E", "UTF8", "--locale=C.UTF-8", "-D"])
            .arg(&data)
            .current_dir("/")
            .stdout(Stdio::null())
            .status()
            .await?;
        ensure!(made.success(), "initdb failed");
        let port = process::free_port()?;
        let mut child = command(&programs.join("postgres"), as_root)
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(&data)
            .args(["-c", "listen_addresses=127.0.0.1", "-p", &port.to_string()])
            .current_dir("/")
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(folder.join("postgres.log"))?)
            .kill_on_drop(true)
            .spawn()?;
        let pid = child.id().context("PostgreSQL ended at once")?;
        let url = format!("postgres://veche@127.0.0.1:{port}/postgres");
        let deadline = Instant::now() + Duration::from_secs(30);
        while veche::storage::Db::open(&url).await.is_err() {
            ensure!(Instant::now() < deadline, "PostgreSQL does not answer");
            ensure!(child.try_wait()?.is_none(), "PostgreSQL ended at once");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(Self { url, pid, child })
    }

    /// Stops it (a "fast" shutdown).
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        process::signal(self.pid, "-INT").await?;
        process::wait(&mut self.child).await
    }
}
