//! Waking workers of other processes. A process that works wakes itself; one that only answers
//! requests has nobody to wake, so it rings for the others, and those that work listen.
//!
//! A bell that is lost costs a patrol (half a second), nothing else.

use super::recover;
use crate::app::{App, Wake};
use crate::services::queue::{self, Bell};
use std::time::Duration;
use tokio::sync::Notify;

/// Between two bells of a kind: what is committed meanwhile is rung for once.
const PAUSE: Duration = Duration::from_millis(20);

fn own(wake: &Wake, bell: Bell) -> &Notify {
    match bell {
        Bell::Jobs => &wake.jobs,
        Bell::Acts => &wake.acts,
        Bell::Inbox => &wake.inbox,
        Bell::Deliveries => &wake.deliveries,
    }
}

/// Passes the bells of other processes on to the workers of this one.
pub(super) async fn listen(app: App) {
    while !app.shutdown.has_begun() {
        match app.db.listen().await {
            // Nobody rings here.
            Ok(None) => return,
            Ok(Some(mut listener)) => loop {
                let heard = tokio::select! {
                    heard = listener.next() => heard,
                    () = app.shutdown.begun() => return,
                };
                match heard {
                    Ok(Some(bell)) => own(&app.wake, bell).notify_one(),
                    Ok(None) => Bell::ALL.iter().for_each(|b| own(&app.wake, *b).notify_one()),
                    Err(error) => {
                        recover(&app, "bells", &error).await;
                        break;
                    }
                }
            },
            Err(error) => recover(&app, "bells", &error).await,
        }
    }
}

/// Rings one bell for others whenever it is rung here.
pub(super) async fn ring(app: App, bell: Bell) {
    loop {
        tokio::select! {
            () = own(&app.wake, bell).notified() => {}
            () = app.shutdown.begun() => return,
        }
        if let Err(error) = queue::ring(&app, bell).await {
            tracing::debug!(%error, "a bell was not rung; the work is found without it");
        }
        tokio::time::sleep(PAUSE).await;
    }
}
