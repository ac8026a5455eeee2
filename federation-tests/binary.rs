//! The real program as a child process, configured as an administrator would.

use serde_json::Value;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, Command};
use url::Url;
use veche::testing::{Citizen, TestDb, loopback_client, text, wait_until};

const PROGRAM: &str = env!("CARGO_BIN_EXE_veche");

/// An installation: a configuration file and a port.
#[derive(Debug)]
pub(crate) struct Installation {
    folder: tempfile::TempDir,
    pub(crate) base: String,
    /// What each command begins with; mostly nothing.
    within: Vec<String>,
}

impl Installation {
    /// On this database, on a port that is free now.
    pub(crate) fn new(database_url: &str) -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let listen = free.local_addr().expect("it is bound");
        Self::at(format!("http://{listen}"), database_url)
    }

    fn at(base: String, database_url: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let listen = base.trim_start_matches("http://");
        let config = format!(
            "[server]\nlisten = \"{listen}\"\nurl = \"{base}\"\n\
             [database]\nurl = \"{database_url}\"\n\
             [federation]\nallow_http = true\nallow_addresses = [\"127.0.0.0/8\"]\n\
             [limits]\nenabled = false\n[log]\nfilter = \"warn\"\n"
        );
        std::fs::write(folder.path().join("veche.toml"), config).expect("it can be written");
        Self { folder, base, within: Vec::new() }
    }

    /// The same address with another database, in another folder.
    pub(crate) fn restored(self, database_url: &str) -> Self {
        Self::at(self.base, database_url)
    }

    /// The same, with each command started by another one.
    pub(crate) fn within(self, within: Vec<String>) -> Self {
        Self { within, ..self }
    }

    /// On this test database.
    pub(crate) fn on(db: &TestDb) -> Self {
        Self::new(db.url())
    }

    /// Starts a process in these roles, wrapped in another command, with further variables. What it
    /// logs goes to a file; see [`Self::log`].
    pub(crate) fn serve_in(
        &self,
        wrapper: &[&str],
        variables: &[(&str, &str)],
        roles: &str,
    ) -> Child {
        let words = wrapper.iter().copied().map(str::to_owned);
        let within: Vec<String> = self.within.iter().cloned().chain(words).collect();
        let log =
            std::fs::File::options().create(true).append(true).open(self.folder.path().join("log"));
        self.started_by(&within, &["serve", "--role", roles])
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log.expect("a file can be made"))
            .spawn()
            .expect("the program starts")
    }

    /// What the processes of [`Self::serve_in`] logged.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Everything that must always hold does hold (`veche verify`).
    pub(crate) async fn verify(&self) {
        let (code, output, errors) = self.run(&["verify", "--json"], "").await;
        assert_eq!(code, 0, "{output}{errors}");
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("veche.toml")
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        self.started_by(&self.within, arguments)
    }

    fn started_by(&self, within: &[String], arguments: &[&str]) -> Command {
        let mut words = within.iter().map(String::as_str).chain([PROGRAM]);
        let mut command = Command::new(words.next().unwrap_or(PROGRAM));
        command.args(words).arg("--config").arg(self.file()).args(arguments).kill_on_drop(true);
        command
    }

    /// Runs a command to its end: exit code, output, errors.
    pub(crate) async fn run(&self, arguments: &[&str], input: &str) -> (i32, String, String) {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut stdin = child.stdin.take().expect("it was piped");
        // A command that reads nothing may have ended already.
        let _ = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
        let output = child.wait_with_output().await.expect("it ends");
        let words = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let code = output.status.code().unwrap_or(-1);
        (code, words(&output.stdout), words(&output.stderr))
    }

    /// Makes an assembly and an account with a token, by the commands for that.
    pub(crate) async fn prepare(&self) -> Citizen {
        let account =
            ["admin", "account", "create", "ana", "--email", "ana@example.org", "--password-stdin"];
        for (arguments, input) in [
            (&account[..], "correct horse battery\n"),
            (&["admin", "assembly", "create", "transport", "--name", "Transport"][..], ""),
        ] {
            let (code, _, errors) = self.run(arguments, input).await;
            assert_eq!(code, 0, "{errors}");
        }
        let token =
            ["admin", "token", "create", "ana", "--scope", "read", "--scope", "write", "--json"];
        let (code, output, errors) = self.run(&token, "").await;
        assert_eq!(code, 0, "{errors}");
        let made: Value = serde_json::from_str(&output).expect("--json gives JSON");
        Citizen::new(loopback_client(), &self.base, Some(text(&made["token"])), "ana")
    }

    /// Starts a process that logs all it does to its standard error, with these variables set.
    pub(crate) fn serve_aloud(&self, variables: &[(&str, &str)]) -> Child {
        let config = std::fs::read_to_string(self.file()).expect("it was written");
        let aloud = config.replace("filter = \"warn\"", "filter = \"debug\"");
        std::fs::write(self.file(), aloud).expect("it can be written");
        self.command(&["serve"])
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts")
    }

    /// Starts a process in these roles.
    pub(crate) fn serve(&self, roles: &str) -> Child {
        self.command(&["serve", "--role", roles])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts")
    }

    /// Waits until it answers.
    pub(crate) async fn ready(&self) {
        let (client, url) = (loopback_client(), format!("{}/readyz", self.base));
        let url = Url::parse(&url).expect("an address");
        wait_until(Duration::from_secs(30), async || {
            let reply = client.send(http::Method::GET, &url, http::HeaderMap::new(), None).await;
            reply.is_ok_and(|reply| reply.status == 200)
        })
        .await;
    }
}
