//! The server as a child process.

use crate::load::{self, Connection};
use crate::process;
use anyhow::{Context as _, ensure};
use serde_json::Value;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, Command};

/// How to start it.
pub(crate) struct Program {
    path: PathBuf,
    config: PathBuf,
    log: PathBuf,
    pub(crate) address: SocketAddr,
    pub(crate) base: String,
}

/// It runs.
pub(crate) struct Running {
    pub(crate) pid: u32,
    /// From the start of the process to its first answer.
    pub(crate) started_in: Duration,
    child: Child,
}

impl Program {
    /// Writes the configuration: loopback, no limits.
    pub(crate) fn configure(path: &Path, folder: &Path, database: &str) -> anyhow::Result<Self> {
        let address = SocketAddr::from(([127, 0, 0, 1], process::free_port()?));
        let base = format!("http://{address}");
        let config = folder.join("veche.toml");
        let text = format!(
            "[server]\nlisten = \"{address}\"\nurl = \"{base}\"\n\
             [database]\nurl = \"{database}\"\n\
             [federation]\nallow_http = true\nallow_addresses = [\"127.0.0.0/8\"]\n\
             [limits]\nenabled = false\n[log]\nfilter = \"warn\"\n"
        );
        std::fs::write(&config, text)?;
        Ok(Self { path: path.to_owned(), config, log: folder.join("veche.log"), address, base })
    }

    /// Starts the server and waits for its first answer.
    pub(crate) async fn start(&self) -> anyhow::Result<Running> {
        let log = std::fs::File::options().create(true).append(true).open(&self.log)?;
        let begun = Instant::now();
        let mut child = Command::new(&self.path)
            .arg("serve")
            .arg("--config")
            .arg(&self.config)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()?;
        let pid = child.id().context("the server ended at once")?;
        let request = load::get(self.address, "/livez", "*/*");
        loop {
            if let Ok(mut connection) = Connection::open(self.address).await
                && connection.exchange(&request).await.is_ok_and(|reply| reply.status == 200)
            {
                break;
            }
            ensure!(child.try_wait()?.is_none(), "the server ended at once: {}", self.complaint());
            ensure!(begun.elapsed() < Duration::from_secs(30), "the server does not answer");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Ok(Running { pid, started_in: begun.elapsed(), child })
    }

    /// The last line of the log.
    fn complaint(&self) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        text.lines().last().unwrap_or_default().to_owned()
    }

    /// Runs `veche admin …`; what it made, as JSON.
    pub(crate) async fn admin(&self, arguments: &[&str], input: &str) -> anyhow::Result<Value> {
        let mut child = Command::new(&self.path)
            .arg("--config")
            .arg(&self.config)
            .arg("admin")
            .args(arguments)
            .arg("--json")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut stdin = child.stdin.take().context("no input")?;
        // A command that reads nothing may have ended already.
        let _ = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
        let output = child.wait_with_output().await?;
        ensure!(output.status.success(), "veche admin {arguments:?} failed");
        Ok(serde_json::from_slice(&output.stdout)?)
    }
}

impl Running {
    /// Stops it as an admin would.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        process::signal(self.pid, "-TERM").await?;
        process::wait(&mut self.child).await
    }
}
