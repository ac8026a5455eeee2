//! Waiting for something that happens by itself.

use std::panic::Location;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How often the predicate is asked.
const STEP: Duration = Duration::from_millis(10);

/// Waits until the predicate holds; panics at the deadline, naming the line that waited.
#[track_caller]
pub fn wait_until<F, P>(deadline: Duration, mut predicate: F) -> impl Future<Output = ()>
where
    F: FnMut() -> P,
    P: Future<Output = bool>,
{
    let caller = Location::caller();
    async move {
        let end = Instant::now() + deadline;
        while !predicate().await {
            assert!(Instant::now() < end, "{caller}: it did not happen within {deadline:?}");
            sleep(STEP).await;
        }
    }
}

/// Waits until there is something to look at; panics at the deadline, naming the line that waited.
#[track_caller]
pub fn wait_for<T, F, P>(deadline: Duration, mut look: F) -> impl Future<Output = T>
where
    F: FnMut() -> P,
    P: Future<Output = Option<T>>,
{
    let caller = Location::caller();
    async move {
        let end = Instant::now() + deadline;
        loop {
            if let Some(found) = look().await {
                return found;
            }
            assert!(Instant::now() < end, "{caller}: nothing was there within {deadline:?}");
            sleep(STEP).await;
        }
    }
}
