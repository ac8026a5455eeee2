//! Which text stands for which word of the log. The texts are in the Fluent files.

use crate::domain::peerlog::{Check, Direction, Fate};
use crate::domain::policy::Severity;
use crate::services::peerlog::{Advice, Next};

pub(super) const fn check(check: Check) -> &'static str {
    match check {
        Check::Inbox => "fedlog-check-inbox",
        Check::ContentType => "fedlog-check-content-type",
        Check::Headers => "fedlog-check-headers",
        Check::Form => "fedlog-check-form",
        Check::Coverage => "fedlog-check-coverage",
        Check::Time => "fedlog-check-time",
        Check::Json => "fedlog-check-json",
        Check::Identity => "fedlog-check-identity",
        Check::Digest => "fedlog-check-digest",
        Check::Origin => "fedlog-check-origin",
        Check::Policy => "fedlog-check-policy",
        Check::Key => "fedlog-check-key",
        Check::Owner => "fedlog-check-owner",
        Check::Signature => "fedlog-check-signature",
        Check::Proof => "fedlog-check-proof",
        Check::Budget => "fedlog-check-budget",
        Check::Ownership => "fedlog-check-ownership",
        Check::Store => "fedlog-check-store",
    }
}

pub(super) const fn result(passed: Option<bool>) -> &'static str {
    match passed {
        Some(true) => "fedlog-passed",
        Some(false) => "fedlog-failed",
        None => "fedlog-not-reached",
    }
}

pub(super) const fn fate(fate: Fate) -> &'static str {
    match fate {
        Fate::Applied => "fedlog-fate-applied",
        Fate::NoEffect => "fedlog-fate-no-effect",
        Fate::Waiting => "fedlog-fate-waiting",
        Fate::Refused => "fedlog-fate-refused",
        Fate::Delivered => "fedlog-fate-delivered",
        Fate::Dead => "fedlog-fate-dead",
        Fate::Dismissed => "fedlog-fate-dismissed",
    }
}

pub(super) const fn direction(way: Direction) -> &'static str {
    match way {
        Direction::In | Direction::Refused => "fedlog-in",
        Direction::Out => "fedlog-out",
    }
}

pub(super) const fn next(next: Next) -> &'static str {
    match next {
        Next::Nothing => "fedlog-next-nothing",
        Next::InFlight => "fedlog-next-in-flight",
        Next::Attempt(_) => "fedlog-next-attempt",
        Next::SenderTriesAgain => "fedlog-next-sender-tries",
        Next::SenderGivesUp => "fedlog-next-sender-gives-up",
    }
}

pub(super) const fn advice(advice: Advice) -> &'static str {
    match advice {
        Advice::Nothing => "fedlog-advice-nothing",
        Advice::RetryOrDrop => "fedlog-advice-retry-or-drop",
        Advice::RetryWhenMended => "fedlog-advice-retry-when-mended",
        Advice::Policy => "fedlog-advice-policy",
        Advice::AskThem => "fedlog-advice-ask-them",
        Advice::Gone => "fedlog-advice-gone",
        Advice::TheirSignature => "fedlog-advice-their-signature",
        Advice::Clock => "fedlog-advice-clock",
        Advice::Proxy => "fedlog-advice-proxy",
        Advice::Key => "fedlog-advice-key",
        Advice::Forged => "fedlog-advice-forged",
        Advice::TheirSoftware => "fedlog-advice-their-software",
        Advice::Budget => "fedlog-advice-budget",
        Advice::Database => "fedlog-advice-database",
    }
}

pub(super) const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Accept => "policy-accept",
        Severity::Silence => "policy-silence",
        Severity::Reject => "policy-reject",
    }
}
