//! Stopping: first no new work, then no work at all.

use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long running work may take to end after the first signal.
const GRACE: Duration = Duration::from_secs(25);

/// The two stages of stopping, and the tasks that are waited for.
#[derive(Clone, Debug, Default)]
pub struct Shutdown {
    soft: CancellationToken,
    hard: CancellationToken,
    tasks: TaskTracker,
}

impl Shutdown {
    /// Runs a task that the shutdown waits for.
    pub fn spawn<F>(&self, task: F)
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let hard = self.hard.clone();
        self.tasks.spawn(async move { hard.run_until_cancelled(task).await });
    }

    /// Begins to stop: loops end, listeners close, what is under way goes on.
    pub fn begin(&self) {
        self.soft.cancel();
        self.tasks.close();
    }

    /// Whether no new work should be taken on.
    pub fn has_begun(&self) -> bool {
        self.soft.is_cancelled()
    }

    /// Ends when stopping begins.
    pub async fn begun(&self) {
        self.soft.cancelled().await;
    }

    /// Waits until everything has ended, or ends it after the time of grace.
    pub async fn finish(&self) {
        if tokio::time::timeout(GRACE, self.tasks.wait()).await.is_err() {
            tracing::warn!(
                "some work did not end in time and is broken off; it is safe in the database"
            );
            self.hard.cancel();
            self.tasks.wait().await;
        }
    }

    /// Begins to stop at SIGTERM or SIGINT; a second signal ends everything at once.
    pub async fn on_signals(self) {
        outlive_full_files();
        wait_for_signal().await;
        tracing::info!("stopping; a second signal stops at once");
        self.begin();
        wait_for_signal().await;
        self.hard.cancel();
    }
}

/// `SIGXFSZ`: a file has reached the size it may have.
const FILE_FULL: i32 = 25;

/// A file that may not grow is an error of who writes to it, and not the end of the program: once
/// somebody has listened for the signal, the system does nothing else at it.
fn outlive_full_files() {
    use tokio::signal::unix::{SignalKind, signal};
    drop(signal(SignalKind::from_raw(FILE_FULL)));
}

async fn wait_for_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut term), Ok(mut int)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
}
