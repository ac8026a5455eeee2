//! The faults of `docs/RELIABILITY.md`, each with the real program where a process, a disk or a
//! database is what fails. The names of the tests carry their row (`flt_03_…`).
//!
//! * `points`: killed at named points, and stopped by a signal, in the middle of work.
//! * `disk`: full, broken, locked; too few files; a log that nobody reads.
//! * `cluster`: PostgreSQL restarted, its processes killed, read-only.
//! * `schema`: migrations killed, run twice, run by two; databases that do not fit.
//! * `pair`: several processes on one queue.
//! * `backup`: taken under load, and restored.
//! * `crowd`: many hosts, many repetitions, a week without an answer.
//! * `answers`: what peers answer, half answer, or do not answer.

mod answers;
mod backup;
mod cluster;
mod crowd;
mod disk;
mod pair;
mod points;
mod schema;
mod small;

use crate::binary::Installation;
use crate::support::{DEADLINE, activity, note, until};
use serde_json::{Value, json};
use tokio::process::Child;
use veche::testing::{Citizen, RemoteActor, ScriptedPeer, Software, id_of, text};

/// An installation with an initiative, and somebody elsewhere who follows its assembly.
struct Place {
    home: Installation,
    ana: Citizen,
    peer: ScriptedPeer,
    bob: RemoteActor,
    inbox: String,
    /// The initiative: its id on the wire, and here.
    about: String,
    id: String,
}

impl Place {
    /// Made by a process that is asked to stop again, so that everything is written down.
    async fn new(url: &str) -> Self {
        Self::at(Installation::new(url)).await
    }

    /// The same in an installation that is there.
    async fn at(home: Installation) -> Self {
        let ana = home.prepare().await;
        let peer = ScriptedPeer::start().await;
        let bob = peer.actor("bob", Software::Mastodon);
        let inbox = format!("{}/inbox", home.base);
        let mut process = home.serve("web,worker");
        home.ready().await;
        let group = format!("{}/g/transport", home.base);
        let follow = activity(&format!("{}/follow", bob.id), "Follow", &bob.id, group);
        assert_eq!(bob.send(&inbox, &follow).await, 202);
        until(async || peer.posted("Accept").len() == 1).await;
        let made = ana.publish("transport", "The first").await;
        until(async || peer.posted("Announce").len() == 2).await;
        end(&mut process).await;
        let (about, id) = (text(&made["uri"]), id_of(&made));
        Self { home, ana, peer, bob, inbox, about, id }
    }

    /// The same place, with its address and its friends, on another database.
    fn restored(self, url: &str) -> Self {
        Self { home: self.home.restored(url), ..self }
    }

    /// An answer of Bob's under this name: the status.
    async fn says(&self, name: &str) -> u16 {
        let id = format!("{}/{name}", self.bob.id);
        let said = note(&id, &self.bob.id, &self.about, &format!("Called {name}"));
        let create = activity(&format!("{id}/activity"), "Create", &self.bob.id, said);
        self.bob.send(&self.inbox, &create).await
    }

    /// Ana writes and publishes under this name, with keys: the status and the answer of the last
    /// request, 0 when there was none.
    async fn publishes(&self, name: &str) -> (u16, Value) {
        let form = json!({ "title": name, "problem": "It is late.", "proposal": "Earlier.",
            "language": "en", "assembly": "transport" });
        let first = self.ana.under_key(&format!("draft-{name}"));
        let (status, draft) = first.call(http::Method::POST, "/initiatives", Some(&form)).await;
        if status != 201 {
            return (status, draft);
        }
        let path = format!("/initiatives/{}/publish", id_of(&draft));
        self.ana.under_key(&format!("publish-{name}")).call(http::Method::POST, &path, None).await
    }

    /// A comment of Ana's: the status.
    async fn comments(&self, words: &str) -> u16 {
        let path = format!("/initiatives/{}/comments", self.id);
        self.ana.call(http::Method::POST, &path, Some(&json!({ "text": words }))).await.0
    }

    /// Whether the initiative can be read.
    async fn reads(&self) -> u16 {
        let path = format!("/initiatives/{}", self.id);
        self.ana.call(http::Method::GET, &path, None).await.0
    }
}

/// Kills a process, as the system does.
async fn stop(process: &mut Child) {
    process.start_kill().expect("it runs");
    process.wait().await.expect("it ends");
}

/// Asks a process to end, and waits until it has.
async fn end(process: &mut Child) {
    let pid = process.id().expect("it runs").to_string();
    system(&["kill", "-TERM", &pid]).await;
    let status = tokio::time::timeout(DEADLINE, process.wait()).await;
    let status = status.expect("it ends within half a minute").expect("it ends");
    assert!(status.success(), "{status}");
}

/// Whether this process may become others.
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").expect("this process runs").uid() == 0
}

/// Runs a command of the system that must succeed.
async fn system(command: &[&str]) -> String {
    let output = tokio::process::Command::new(command[0]).args(&command[1..]).output().await;
    let output = output.unwrap_or_else(|e| panic!("{command:?}: {e}; see scripts/setup test"));
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{command:?}: {errors}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Where a program of PostgreSQL is.
async fn postgres_program(name: &str) -> String {
    let look = "ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1 | grep . \
        || dirname \"$(command -v initdb)\"";
    format!("{}/{name}", system(&["sh", "-c", look]).await.trim())
}
