//! Named points at which a test ends the program, or makes it panic, to see what is left.
//!
//! Only in builds with debug assertions. In a release build [`hit`] is empty and nothing can arm a
//! point. A test that starts the real program names the points in `VECHE_FAILPOINTS`, which the
//! configuration reads; a test in this process calls [`arm`].
//!
//! To add a point: one call of [`hit`] with a name that says where it is, and `detail` to tell one
//! item from another.

/// What happens at a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The process ends at once, as by a kill: nothing is flushed, nothing is rolled back.
    Abort,
    /// The task panics.
    Panic,
}

#[cfg(debug_assertions)]
mod armed {
    use super::Action;
    use std::sync::{Mutex, PoisonError};

    #[derive(Debug)]
    struct Point {
        name: String,
        detail: String,
        action: Action,
        /// Hits that pass before it acts.
        passes: u32,
    }

    static POINTS: Mutex<Vec<Point>> = Mutex::new(Vec::new());

    /// From now on `action` happens at the point of this name whenever its detail contains
    /// `detail`, after that many hits that pass.
    pub fn arm(name: &str, detail: &str, action: Action, passes: u32) {
        let point = Point { name: name.to_owned(), detail: detail.to_owned(), action, passes };
        POINTS.lock().unwrap_or_else(PoisonError::into_inner).push(point);
    }

    /// Arms what a text says: `NAME`, `NAME~DETAIL`, each with `=panic` or `*PASSES` behind it,
    /// several with commas between them.
    pub fn arm_all(text: &str) {
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (part, action) = match part.strip_suffix("=panic") {
                Some(rest) => (rest, Action::Panic),
                None => (part, Action::Abort),
            };
            let (part, passes) = part.split_once('*').unwrap_or((part, "0"));
            let (name, detail) = part.split_once('~').unwrap_or((part, ""));
            arm(name, detail, action, passes.parse().unwrap_or(0));
        }
    }

    /// A point was reached.
    pub fn hit(name: &str, detail: &str) {
        let action = {
            let mut points = POINTS.lock().unwrap_or_else(PoisonError::into_inner);
            let met = points.iter_mut().find(|p| p.name == name && detail.contains(&p.detail));
            let Some(point) = met else { return };
            if point.passes > 0 {
                point.passes -= 1;
                return;
            }
            point.action
        };
        match action {
            Action::Abort => std::process::abort(),
            Action::Panic => std::panic::panic_any(format!("the failpoint {name}")),
        }
    }
}

#[cfg(debug_assertions)]
pub use armed::{arm, arm_all, hit};

/// A point was reached: nothing happens in a release build.
#[cfg(not(debug_assertions))]
#[inline]
pub fn hit(_name: &str, _detail: &str) {}

/// Nothing can be armed in a release build.
#[cfg(not(debug_assertions))]
#[inline]
pub fn arm_all(_text: &str) {}

#[cfg(all(test, debug_assertions))]
mod tests {
    use super::*;

    #[test]
    fn a_point_acts_on_its_detail_after_its_passes() {
        arm_all("here~this*1=panic, there");
        hit("here", "that");
        hit("nowhere", "this");
        hit("here", "all of this");
        let outcome = std::panic::catch_unwind(|| hit("here", "all of this"));
        assert!(outcome.is_err());
    }
}
