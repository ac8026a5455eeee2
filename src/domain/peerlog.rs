//! The words of the federation log: what can be checked of an arrival, which checks it passed,
//! and what became of what was sent and received.
//!
//! Pure. The guard writes a [`Trace`] without allocating; `services::peerlog` reads and explains.

/// Names every check with its bit and its name, in the order in which they are made.
macro_rules! checks {
    ($($(#[$doc:meta])* $name:ident $bit:literal $text:literal;)*) => {
        /// A check that an arrival must pass.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Check {
            $($(#[$doc])* $name,)*
        }

        impl Check {
            /// Every check, in the order in which they are made.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The name in the database, the shell, the API and the metrics.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }

            const fn bit(self) -> u32 {
                match self {
                    $(Self::$name => 1 << $bit,)*
                }
            }
        }
    };
}

checks! {
    /// The inbox exists and its owner is not gone.
    Inbox 0 "inbox";
    /// The body is said to be ActivityPub.
    ContentType 1 "content_type";
    /// No header that decides comes twice.
    Headers 2 "headers";
    /// There is a signature that can be read, of a kind that we know.
    Form 3 "signature_form";
    /// The signature covers what it must.
    Coverage 4 "coverage";
    /// The signature is neither old nor from the future.
    Time 5 "time";
    /// The body is one JSON object without keywords that change its meaning.
    Json 6 "json";
    /// The activity has an id, a type and one actor.
    Identity 7 "identity";
    /// The digest is the body's.
    Digest 8 "digest";
    /// Id and actor are of one origin, which is not ours.
    Origin 9 "origin";
    /// No rule of this instance is against the sender.
    Policy 10 "policy";
    /// The key can be had.
    Key 11 "key";
    /// The key is the actor's.
    Owner 12 "key_owner";
    /// The key made the signature.
    Signature 13 "signature";
    /// The proof that it carries, if it does, is the actor's.
    Proof 17 "proof";
    /// The host does not send too much.
    Budget 14 "budget";
    /// The actor may say this about that.
    Ownership 15 "ownership";
    /// It could be stored.
    Store 16 "store";
}

impl Check {
    /// The check of this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|check| check.as_str() == text)
    }
}

/// How far an arrival came. Begins each check before it is made: when one fails, the last begun
/// is the one that failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    passed: u32,
    at: Option<Check>,
}

impl Trace {
    /// The check begun before was passed; this one begins.
    pub fn begin(&mut self, check: Check) {
        self.passed |= self.at.map_or(0, Check::bit);
        self.at = Some(check);
    }

    /// The check begun last.
    pub fn last(&self) -> Option<Check> {
        self.at
    }

    /// The checks passed, as stored.
    pub fn bits(&self) -> i64 {
        i64::from(self.passed)
    }

    /// The trace stored as the checks passed and the one that failed.
    pub fn from_stored(bits: i64, failed: &str) -> Self {
        Self { passed: u32::try_from(bits).unwrap_or(0), at: Check::parse(failed) }
    }

    /// Every check with whether it was passed; `None` where it was not reached.
    pub fn table(&self) -> impl Iterator<Item = (Check, Option<bool>)> + '_ {
        Check::ALL.iter().map(|check| {
            let passed = self.passed & check.bit() != 0;
            let failed = self.at == Some(*check);
            (*check, if failed { Some(false) } else { passed.then_some(true) })
        })
    }
}

/// What became of an arrival or a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fate {
    /// An arrival took effect.
    Applied,
    /// An arrival was taken and changed nothing; the reason says why.
    NoEffect,
    /// It waits, for its turn or for the next attempt.
    Waiting,
    /// An arrival was refused, at the door or when it was applied.
    Refused,
    /// A delivery was taken by the other server.
    Delivered,
    /// It is given up.
    Dead,
    /// It was given up, and an admin has read that.
    Dismissed,
}

impl Fate {
    /// Every fate.
    pub const ALL: [Self; 7] = [
        Self::Applied,
        Self::NoEffect,
        Self::Waiting,
        Self::Refused,
        Self::Delivered,
        Self::Dead,
        Self::Dismissed,
    ];

    /// The name in the shell, the API and the pages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::NoEffect => "no_effect",
            Self::Waiting => "waiting",
            Self::Refused => "refused",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
            Self::Dismissed => "dismissed",
        }
    }

    /// The fate of this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fate| fate.as_str() == text)
    }

    /// What the states of the queues mean. An arrival that is done with a reason had no effect.
    pub fn of_state(state: &str, direction: Direction, reason: Option<&str>) -> Self {
        match state {
            "done" if reason.is_some() => Self::NoEffect,
            "done" => Self::Applied,
            "delivered" => Self::Delivered,
            "refused" => Self::Refused,
            "dead" => Self::Dead,
            "dismissed" => Self::Dismissed,
            _ if direction == Direction::Refused => Self::Refused,
            _ => Self::Waiting,
        }
    }
}

/// Which way something went, and where it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// It was taken in.
    In,
    /// It was refused at the door.
    Refused,
    /// It was sent.
    Out,
}

impl Direction {
    /// The name in the shell, the API and the pages: what was refused came in, too.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::In | Self::Refused => "in",
            Self::Out => "out",
        }
    }
}

/// `text` as one line without control characters, cut to `max` characters: what others wrote
/// must not be able to change a terminal or a log.
pub fn one_line(text: &str, max: usize) -> String {
    let visible = |c: char| if c.is_control() || is_invisible(c) { '\u{fffd}' } else { c };
    text.chars().take(max).map(visible).collect()
}

/// Characters that change the direction or the look of what follows.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_tells_passed_failed_and_not_reached() {
        let mut trace = Trace::default();
        for check in [Check::ContentType, Check::Headers, Check::Form, Check::Digest] {
            trace.begin(check);
        }
        let again = Trace::from_stored(trace.bits(), trace.last().unwrap().as_str());
        assert_eq!(trace, again);
        let of = |wanted| again.table().find(|(check, _)| *check == wanted).unwrap().1;
        assert_eq!(of(Check::Form), Some(true));
        assert_eq!(of(Check::Digest), Some(false));
        assert_eq!(of(Check::Signature), None);
    }

    #[test]
    fn checks_have_bits_and_names_of_their_own() {
        let bits = Check::ALL.iter().fold(0, |all, c| all | c.bit());
        assert_eq!(bits.count_ones(), u32::try_from(Check::ALL.len()).unwrap());
        for check in Check::ALL {
            assert_eq!(Check::parse(check.as_str()), Some(*check));
        }
    }

    #[test]
    fn foreign_words_stay_one_line() {
        assert_eq!(one_line("a\nb\u{1b}[31mc\u{202e}d", 100), "a\u{fffd}b\u{fffd}[31mc\u{fffd}d");
        assert_eq!(one_line(&"x".repeat(1_000_000), 10), "xxxxxxxxxx");
    }
}
