//! What the kernel says about a process: CPU time and memory, from `/proc`.

use anyhow::Context as _;
use std::time::Duration;

/// The kernel reports CPU time to programs in hundredths of a second.
const TICK: Duration = Duration::from_millis(10);

/// Fields of `/proc/PID/stat` after the name, from the state on.
fn stat(pid: &str) -> Option<Vec<String>> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = text.rsplit_once(')')?;
    Some(rest.split_ascii_whitespace().map(str::to_owned).collect())
}

/// The sum of the fields at `places`, as time.
fn ticks(fields: &[String], places: std::ops::Range<usize>) -> Duration {
    let sum: u32 =
        fields.get(places).unwrap_or_default().iter().flat_map(|f| f.parse::<u32>()).sum();
    TICK * sum
}

/// CPU time of a process and its threads, in the program and in the kernel for it.
pub(crate) fn cpu(pid: u32) -> anyhow::Result<Duration> {
    let fields = stat(&pid.to_string()).context("the process is gone")?;
    Ok(ticks(&fields, 11..13))
}

/// CPU time of a process, its children, and those that ended.
pub(crate) fn cpu_of_family(pid: u32) -> anyhow::Result<Duration> {
    let parent = pid.to_string();
    let mut total = ticks(&stat(&parent).context("the process is gone")?, 11..15);
    for entry in std::fs::read_dir("/proc")?.flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str().filter(|n| n.bytes().all(|b| b.is_ascii_digit())) else {
            continue;
        };
        if let Some(fields) = stat(name).filter(|fields| fields.get(1) == Some(&parent)) {
            total += ticks(&fields, 11..13);
        }
    }
    Ok(total)
}

/// Memory of a process in MiB: now, and the most so far.
pub(crate) fn memory(pid: u32) -> anyhow::Result<(f64, f64)> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let field = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        let kilobytes = line.and_then(|l| l.split_ascii_whitespace().next()?.parse::<u32>().ok());
        kilobytes.map(|kb| f64::from(kb) / 1024.0).context("no memory figures")
    };
    Ok((field("VmRSS:")?, field("VmHWM:")?))
}

/// Asks a process to end, by its id.
pub(crate) async fn signal(pid: u32, name: &str) -> anyhow::Result<()> {
    let status =
        tokio::process::Command::new("kill").arg(name).arg(pid.to_string()).status().await?;
    anyhow::ensure!(status.success(), "process {pid} took no signal");
    Ok(())
}

/// Waits for the end of a child that was asked to end; after half a minute it is ended.
pub(crate) async fn wait(child: &mut tokio::process::Child) -> anyhow::Result<()> {
    if tokio::time::timeout(Duration::from_secs(30), child.wait()).await.is_err() {
        child.kill().await?;
        anyhow::bail!("a process had to be killed");
    }
    Ok(())
}

/// A port of 127.0.0.1 that was free a moment ago.
pub(crate) fn free_port() -> anyhow::Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
