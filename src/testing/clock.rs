//! A clock that stands still until a test moves it.

use crate::app::Clock;
use crate::domain::Timestamp;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// When every test begins: 2026-11-23, 10:00 UTC.
const START: i64 = 1_795_428_000_000;

/// The clock of a [`super::TestApp`].
#[derive(Clone, Debug)]
pub struct TestClock(Arc<AtomicI64>);

impl Default for TestClock {
    fn default() -> Self {
        Self(Arc::new(AtomicI64::new(START)))
    }
}

impl TestClock {
    /// What the clock shows.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }

    /// Moves it forwards.
    pub fn advance(&self, by: Duration) {
        let millis = i64::try_from(by.as_millis()).expect("the step is of human size");
        self.0.fetch_add(millis, Ordering::Relaxed);
    }

    /// Moves it forwards by whole seconds.
    pub fn advance_seconds(&self, seconds: u64) {
        self.advance(Duration::from_secs(seconds));
    }

    /// Sets it.
    pub fn set(&self, to: Timestamp) {
        self.0.store(to.millis(), Ordering::Relaxed);
    }

    pub(super) fn source(&self) -> Clock {
        Clock::Manual(Arc::clone(&self.0))
    }
}
