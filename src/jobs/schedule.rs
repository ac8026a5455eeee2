//! What is done again and again: forgetting what ended long ago.

use super::recover;
use crate::app::App;
use crate::services::{accounts, peerlog, queue};
use std::time::Duration;

const EVERY: Duration = Duration::from_mins(10);
const DAY: i64 = 24 * 60 * 60;
/// Deliveries that ended are kept this long, to be looked at.
const DELIVERIES_SECONDS: i64 = 14 * DAY;
/// Ids of arrivals are remembered this long, so that a repetition is recognised.
const SEEN_SECONDS: i64 = 30 * DAY;

pub(super) async fn run(app: App) {
    while !app.shutdown.has_begun() {
        if let Err(error) = sweep(&app).await {
            recover(&app, "schedule", &error).await;
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = app.shutdown.begun() => {}
        }
    }
}

async fn sweep(app: &App) -> anyhow::Result<()> {
    accounts::sweep(app).await?;
    peerlog::sweep(app).await?;
    let now = app.now();
    queue::forget_requests(app, now.plus_seconds(-DAY)).await?;
    let (delivered, seen) =
        (now.plus_seconds(-DELIVERIES_SECONDS), now.plus_seconds(-SEEN_SECONDS));
    while queue::prune(app, delivered, seen).await? > 0 && !app.shutdown.has_begun() {}
    Ok(())
}
