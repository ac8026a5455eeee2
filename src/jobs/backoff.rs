//! When to try again: 1 min · 2ⁿ with up to a quarter more at random, at most 12 hours.

use crate::crypto;
use crate::domain::Timestamp;

const FIRST_SECONDS: i64 = 60;
const LONGEST_SECONDS: i64 = 12 * 60 * 60;
/// A delivery is given up after this long.
pub(super) const GIVE_UP_SECONDS: i64 = 7 * 24 * 60 * 60;

/// The moment for the next attempt after `attempts` failures.
pub(super) fn next(now: Timestamp, attempts: i64) -> Timestamp {
    let doublings = u32::try_from(attempts.clamp(1, 20) - 1).unwrap_or(0);
    let base = FIRST_SECONDS.saturating_mul(1_i64 << doublings).min(LONGEST_SECONDS);
    let quarter = u64::try_from(base * 250).unwrap_or(1).max(1);
    let jitter = i64::try_from(crypto::random_u64() % quarter).unwrap_or(0);
    now.plus_seconds(base).plus_millis(jitter)
}

/// After how many failed attempts the waits add up to [`GIVE_UP_SECONDS`]: 1+2+…+512 minutes are
/// 17 hours, then half a day each.
pub(super) const MAX_ATTEMPTS: i64 = 10 + (GIVE_UP_SECONDS - 1_023 * 60) / LONGEST_SECONDS;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flt_07_waits_double_up_to_half_a_day_and_add_up_to_a_week() {
        let start = Timestamp::from_millis(0);
        let mut total = 0;
        for attempt in 1..=MAX_ATTEMPTS {
            let wait = next(start, attempt).seconds();
            let base = (60_i64 << (attempt - 1).min(20)).min(LONGEST_SECONDS);
            assert!((base..=base + base / 4).contains(&wait), "{attempt}: {wait}");
            total += base;
        }
        let (day, week) = (86_400, GIVE_UP_SECONDS);
        assert!((week - day..=week + day).contains(&total), "{total}");
    }
}
