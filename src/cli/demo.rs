//! `veche demo`: a region and an NGO on this machine, filled with a debate, federating with each
//! other over real HTTP with real signatures. Everything is thrown away at the end.
//!
//! The debate itself is in `demo/script.rs`; this file starts, waits and ends.

mod script;
mod site;

use super::{Failure, output};
use crate::config::Log;
use crate::telemetry;
use site::Site;
use std::path::PathBuf;
use std::process::ExitCode;

/// The password of everybody in the demonstration.
const PASSWORD: &str = "a long demo password";

/// A folder that is removed when the demonstration ends.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> std::io::Result<Self> {
        let name = format!("veche-demo-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Runs the demonstration until Ctrl-C.
pub(super) async fn run() -> Result<ExitCode, Failure> {
    telemetry::init(&Log { filter: "error".to_owned(), ..Log::default() });
    let folder = Scratch::new().map_err(|e| Failure::general(format!("no place to work: {e}")))?;
    output::line("Starting a region and an NGO …");
    let region =
        Site::start(&folder.0, "region", "Северная область · Northern Region", 8080).await?;
    let ngo = Site::start(&folder.0, "ngo", "Open Assembly (NGO)", 8081).await?;
    output::line("They introduce themselves and begin to debate …");
    let story = script::play(&region, &ngo).await?;
    for line in describe(&region, &ngo, &story) {
        output::line(&line);
    }
    wait_for_the_end().await;
    output::line("\nStopping …");
    region.stop().await;
    ngo.stop().await;
    Ok(ExitCode::SUCCESS)
}

fn describe(region: &Site, ngo: &Site, story: &script::Story) -> Vec<String> {
    let (here, there) = (region.base(), ngo.base());
    vec![
        String::new(),
        "Two instances are running and federating:".to_owned(),
        format!("  the region   {here}"),
        format!("  the NGO      {there}   (mirrors the region's assembly)"),
        String::new(),
        "One initiative, seen from both sides:".to_owned(),
        format!("  at home      {here}/p/{}", story.initiative),
        format!("  mirrored     {there}/p/{}", story.mirrored),
        format!(
            "  the NGO's people replied ({}), endorsed ({}) and boosted ({}) it there; \
             the region counted it here.",
            story.comments, story.likes, story.boosts
        ),
        String::new(),
        format!(
            "Sign in on the region as ana, boris or marina (admin), on the NGO as vera, pavel or desk (admin); the password is “{PASSWORD}”."
        ),
        format!("From a fediverse server on this machine, follow {}", story.assembly),
        String::new(),
        "Ctrl-C ends it and removes everything.".to_owned(),
    ]
}

async fn wait_for_the_end() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut term) = signal(SignalKind::terminate()) else { return };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = term.recv() => {}
    }
}
