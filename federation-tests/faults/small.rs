//! A small disk of its own for what must find its disk full: memory that is mounted in a namespace
//! of its own. Nobody else sees it, the real disk stays as it is, and it is gone when its keeper is.
//! It needs no root where the system lets users have namespaces.

use super::{is_root, system};
use std::path::PathBuf;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// The disk, as long as this lives.
#[derive(Debug)]
pub(super) struct SmallDisk {
    folder: tempfile::TempDir,
    /// Ends when its input does, and so also when this process is killed.
    keeper: Child,
}

impl SmallDisk {
    /// A disk of so many megabytes.
    pub(super) async fn new(megabytes: usize) -> Self {
        let folder = tempfile::Builder::new().prefix("veche-disk-").tempdir_in("/tmp");
        let folder = folder.expect("a folder can be made");
        let path = folder.path().to_str().expect("a plain path").to_owned();
        let whose: &[&str] =
            if is_root() { &[] } else { &["--user", "--map-current-user", "--keep-caps"] };
        let script = "mount -t tmpfs -o size=\"$1\" tmpfs \"$2\" && echo ready && cat; \
            umount \"$2\"; rmdir \"$2\"";
        let mut keeper = Command::new("unshare")
            .args(whose)
            .args(["--mount", "sh", "-c", script, "sh", &format!("{megabytes}m"), &path])
            .kill_on_drop(true)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("unshare is there (scripts/setup test)");
        let mut lines = BufReader::new(keeper.stdout.take().expect("it was piped")).lines();
        let line = lines.next_line().await.expect("it can be read");
        let hint = "neither root nor user namespaces: a full disk cannot be made here";
        assert_eq!(line.as_deref(), Some("ready"), "{hint}");
        Self { folder, keeper }
    }

    /// What a command begins with to see the disk.
    pub(super) fn enter(&self) -> Vec<String> {
        let keeper = self.keeper.id().expect("it runs").to_string();
        let mut words = vec!["nsenter".to_owned(), "--target".to_owned(), keeper];
        if !is_root() {
            words.extend(["--user", "--preserve-credentials"].map(str::to_owned));
        }
        words.extend(["--mount", "--"].map(str::to_owned));
        words
    }

    /// Runs a command that must succeed and sees the disk.
    pub(super) async fn system(&self, command: &[&str]) -> String {
        let enter = self.enter();
        let whole: Vec<&str> =
            enter.iter().map(String::as_str).chain(command.iter().copied()).collect();
        system(&whole).await
    }

    /// A file on it.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Takes all the space that is left.
    pub(super) async fn fill(&self) {
        let junk = self.file("junk");
        let script = "head -c 1G /dev/zero > \"$0\" 2>/dev/null; test -s \"$0\"";
        self.system(&["sh", "-c", script, junk.to_str().expect("a plain path")]).await;
    }

    /// Gives it back.
    pub(super) async fn make_room(&self) {
        self.system(&["rm", self.file("junk").to_str().expect("a plain path")]).await;
    }
}
