//! What an entry of the log means: what happens next, and what an admin can do.

use crate::domain::Timestamp;
use crate::domain::peerlog::{Check, Direction, Fate};
use crate::storage::peerlog::Row;

/// What happens next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing: it ended.
    Nothing,
    /// A worker has it at this moment.
    InFlight,
    /// It is tried at the time named.
    Attempt(Timestamp),
    /// The sender tries again, if it follows the rules.
    SenderTriesAgain,
    /// The sender takes the refusal as final.
    SenderGivesUp,
}

impl Next {
    /// The name in the API and the shell.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::InFlight => "in_flight",
            Self::Attempt(_) => "attempt",
            Self::SenderTriesAgain => "sender_tries_again",
            Self::SenderGivesUp => "sender_gives_up",
        }
    }
}

/// What an admin can do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Nothing is wrong.
    Nothing,
    /// Try it now, or give it up.
    RetryOrDrop,
    /// Try it again once the cause is gone.
    RetryWhenMended,
    /// A rule of this instance: look at it, change it if it is wrong.
    Policy,
    /// The other server refuses what comes from here: ask its admins.
    AskThem,
    /// Nobody lives there any more.
    Gone,
    /// The other server must sign otherwise: its software, or a proxy on the way.
    TheirSignature,
    /// A clock is wrong, here or there.
    Clock,
    /// A proxy changes the body, here or there.
    Proxy,
    /// The other server's key cannot be read from here.
    Key,
    /// The sender says what it may not: forged, or a fault of its software.
    Forged,
    /// The sender's software does not speak this protocol.
    TheirSoftware,
    /// It sends too much; raise the limit if it is welcome.
    Budget,
    /// Our database was in trouble.
    Database,
}

impl Advice {
    /// The name in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::RetryOrDrop => "retry_or_drop",
            Self::RetryWhenMended => "retry_when_mended",
            Self::Policy => "policy",
            Self::AskThem => "ask_them",
            Self::Gone => "gone",
            Self::TheirSignature => "their_signature",
            Self::Clock => "clock",
            Self::Proxy => "proxy",
            Self::Key => "key",
            Self::Forged => "forged",
            Self::TheirSoftware => "their_software",
            Self::Budget => "budget",
            Self::Database => "database",
        }
    }

    /// The advice as a sentence, for the shell.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Nothing => "Nothing needs to be done.",
            Self::RetryOrDrop => "Try it now with `retry`, or give it up with `drop`.",
            Self::RetryWhenMended => "When the cause is gone, begin anew with `retry`.",
            Self::Policy => {
                "A rule of this instance is against that server: see `policy list`; change it with \
                 `policy set` or `policy unset`, then `retry`."
            }
            Self::AskThem => {
                "The other server refuses what comes from here. Ask those who run it; then `retry`."
            }
            Self::Gone => "Nobody lives at that address any more; nothing needs to be done.",
            Self::TheirSignature => {
                "The other server does not sign as it must. Tell those who run it which check failed."
            }
            Self::Clock => "Compare the clock of this machine with the true time, then theirs.",
            Self::Proxy => {
                "Something changes the body on its way: a proxy there or here must pass it unchanged."
            }
            Self::Key => {
                "The sender's key cannot be read from here: see whether its server answers and \
                 whether this machine may reach it."
            }
            Self::Forged => {
                "The sender says what it has no right to say: forged, or a fault of its software. \
                 If it goes on, reject the server with `policy set`."
            }
            Self::TheirSoftware => {
                "The request is not what this protocol asks for. Tell those who run that server."
            }
            Self::Budget => {
                "That server sends more than [limits] allow. It is told to come back; raise the \
                 limit if it is welcome."
            }
            Self::Database => "The database was in trouble at that moment; the sender tries again.",
        }
    }
}

/// What happens next with an entry.
pub(super) fn next(row: &Row, direction: Direction, fate: Fate, now: Timestamp) -> Next {
    match (direction, fate) {
        (Direction::Refused, _) => match row.status {
            Some(429 | 503 | 500) => Next::SenderTriesAgain,
            _ => Next::SenderGivesUp,
        },
        (_, Fate::Waiting) if row.lease_until > now => Next::InFlight,
        (_, Fate::Waiting) => Next::Attempt(row.next_at),
        _ => Next::Nothing,
    }
}

/// What an admin can do about an entry.
pub(super) fn advice(row: &Row, direction: Direction, fate: Fate) -> Advice {
    let by_policy = row.reason.as_deref().is_some_and(|reason| reason.starts_with("policy:"));
    match (direction, fate) {
        (Direction::Refused, _) => of_check(Check::parse(&row.failed), row.status),
        (_, Fate::Dead | Fate::Refused) if by_policy => Advice::Policy,
        (_, Fate::Waiting) => Advice::RetryOrDrop,
        (Direction::Out, Fate::Dead) => match row.status {
            Some(401 | 403) => Advice::AskThem,
            Some(404 | 410) => Advice::Gone,
            Some(400..=499) => Advice::TheirSoftware,
            _ => Advice::RetryWhenMended,
        },
        (_, Fate::Dead) => Advice::RetryWhenMended,
        (_, Fate::Refused) => Advice::Forged,
        _ => Advice::Nothing,
    }
}

fn of_check(failed: Option<Check>, status: Option<i64>) -> Advice {
    if status == Some(503) {
        return Advice::Database;
    }
    match failed {
        Some(Check::Policy) => Advice::Policy,
        Some(Check::Form | Check::Coverage | Check::Signature) => Advice::TheirSignature,
        Some(Check::Time) => Advice::Clock,
        Some(Check::Digest) => Advice::Proxy,
        Some(Check::Key) => Advice::Key,
        Some(Check::Owner | Check::Origin | Check::Ownership) => Advice::Forged,
        Some(Check::Budget) => Advice::Budget,
        Some(Check::Store) => Advice::Database,
        Some(Check::Inbox) => Advice::Gone,
        _ => Advice::TheirSoftware,
    }
}
