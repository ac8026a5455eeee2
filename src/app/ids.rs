//! New ids: `milliseconds << 16 | n`, always rising within a process, even when the clock is not.
//!
//! `n` begins at a random number in each millisecond, so that several processes on one database
//! rarely meet; where they do, the insert fails as a conflict and is tried again.

use crate::crypto;
use crate::domain::Timestamp;
use std::sync::atomic::{AtomicI64, Ordering};

#[derive(Debug, Default)]
pub(super) struct Generator {
    last: AtomicI64,
}

impl Generator {
    /// Ids that are later than this one, even when the clock has been put back since it was minted.
    pub(super) fn after(last: i64) -> Self {
        Self { last: AtomicI64::new(last) }
    }

    pub(super) fn next(&self, now: Timestamp) -> i64 {
        let start = i64::try_from(crypto::random_u64() & 0x7fff).unwrap_or(0);
        let candidate = (now.millis() << 16) | start;
        let mut last = self.last.load(Ordering::Relaxed);
        loop {
            let id = if candidate >> 16 > last >> 16 { candidate } else { last + 1 };
            match self.last.compare_exchange_weak(last, id, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return id,
                Err(seen) => last = seen,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flt_19_ids_rise_over_a_restart_with_a_clock_put_back() {
        let before = Generator::default().next(Timestamp::from_millis(9_000));
        let generator = Generator::after(before);
        assert!(generator.next(Timestamp::from_millis(1_000)) > before);
        assert!(generator.next(Timestamp::from_millis(1_000)) > before + 1);
    }

    #[test]
    fn ids_rise_even_when_the_clock_falls() {
        let generator = Generator::default();
        let mut last = 0;
        for millis in [5_000, 5_000, 5_001, 4_000, 4_000, 6_000] {
            let id = generator.next(Timestamp::from_millis(millis));
            assert!(id > last);
            last = id;
        }
        assert_eq!(last >> 16, 6_000);
    }
}
