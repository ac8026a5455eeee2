//! The failed attempts of a delivery or an arrival, in a text that is stored beside it: written
//! only when an attempt fails, bounded, the oldest forgotten first.

use super::Timestamp;
use super::peerlog::one_line;
use serde::{Deserialize, Serialize};

/// Attempts that are remembered.
const MAX: usize = 10;
/// Longest reason that is remembered, in characters.
const MAX_REASON: usize = 200;

/// A failed attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// The HTTP status, if there was an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    pub error: String,
}

/// The attempts of a stored text, oldest first.
pub fn read(text: Option<&str>) -> Vec<Attempt> {
    text.and_then(|t| serde_json::from_str(t).ok()).unwrap_or_default()
}

/// The text with one attempt more.
pub fn add(text: Option<&str>, at: Timestamp, status: Option<u16>, error: &str) -> String {
    let mut all = read(text);
    if all.len() >= MAX {
        all.drain(..=all.len() - MAX);
    }
    all.push(Attempt { at: at.millis(), status, error: one_line(error, MAX_REASON) });
    serde_json::to_string(&all).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_attempts_are_remembered() {
        let mut text = None;
        for n in 0..25 {
            let at = Timestamp::from_millis(n);
            text = Some(add(text.as_deref(), at, Some(500), &"long\n".repeat(1_000)));
        }
        let all = read(text.as_deref());
        assert_eq!(all.iter().map(|a| a.at).collect::<Vec<_>>(), (15..25).collect::<Vec<_>>());
        assert!(all.iter().all(|a| a.error.chars().count() == 200 && !a.error.contains('\n')));
        assert_eq!(read(None), []);
        assert_eq!(read(Some("nonsense")), []);
    }
}
