//! What the moderators of an assembly do: pin, close a thread, remove, ban, name each other.
//!
//! Every act is kept with its reason and can be read by anybody; nothing disappears silently.

use super::{ActivityId, ActorId, Invalid, ObjectId, Timestamp};

/// An act of a moderator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, sqlx::Type)]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
pub enum ModAct {
    /// An initiative is shown first (`Add` to `featured`).
    Pin,
    /// No longer (`Remove` from `featured`).
    Unpin,
    /// No further replies count in the thread of an initiative (`Lock`).
    Lock,
    /// They count again (`Undo{Lock}`).
    Unlock,
    /// A text becomes a tombstone with the reason (`Delete` with `summary`).
    Remove,
    /// It stands again, if its home still has it (`Undo{Delete}`).
    Restore,
    /// Somebody may not take part, perhaps for a time (`Block` with the assembly as `target`).
    Ban,
    /// They may again (`Undo{Block}`).
    Unban,
    /// Somebody becomes a moderator (`Add` to the moderators).
    Appoint,
    /// Somebody is one no longer (`Remove` from the moderators).
    Dismiss,
}

impl ModAct {
    /// The name in the API and in the keys of the pages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pin => "pin",
            Self::Unpin => "unpin",
            Self::Lock => "lock",
            Self::Unlock => "unlock",
            Self::Remove => "remove",
            Self::Restore => "restore",
            Self::Ban => "ban",
            Self::Unban => "unban",
            Self::Appoint => "appoint",
            Self::Dismiss => "dismiss",
        }
    }

    /// The key of its name on the pages.
    pub const fn text_key(self) -> &'static str {
        match self {
            Self::Pin => "moderation-act-pin",
            Self::Unpin => "moderation-act-unpin",
            Self::Lock => "moderation-act-lock",
            Self::Unlock => "moderation-act-unlock",
            Self::Remove => "moderation-act-remove",
            Self::Restore => "moderation-act-restore",
            Self::Ban => "moderation-act-ban",
            Self::Unban => "moderation-act-unban",
            Self::Appoint => "moderation-act-appoint",
            Self::Dismiss => "moderation-act-dismiss",
        }
    }

    /// Whether it needs a reason.
    pub const fn needs_reason(self) -> bool {
        matches!(self, Self::Remove | Self::Ban)
    }
}

/// What shall be done, before anything is checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    pub act: ModAct,
    /// The assembly in which it is done.
    pub assembly: ActorId,
    /// The initiative or comment, for acts about texts.
    pub object: Option<ObjectId>,
    /// The person, for acts about people.
    pub actor: Option<ActorId>,
    /// A code of [`REASONS`], or what another server gave in words.
    pub reason: String,
    /// When a ban ends; without a time it does not.
    pub until: Option<Timestamp>,
}

impl Order {
    /// An act about a text.
    pub fn about_text(act: ModAct, assembly: ActorId, object: ObjectId, reason: &str) -> Self {
        let (actor, until) = (None, None);
        Self { act, assembly, object: Some(object), actor, reason: reason.to_owned(), until }
    }

    /// An act about a person.
    pub fn about_person(act: ModAct, assembly: ActorId, actor: ActorId) -> Self {
        let (object, reason, until) = (None, String::new(), None);
        Self { act, assembly, object, actor: Some(actor), reason, until }
    }
}

/// An act as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Moderation {
    /// The number of the activity that told it, where that was made here.
    pub id: ActivityId,
    pub assembly_id: ActorId,
    pub moderator_id: ActorId,
    pub act: ModAct,
    pub object_id: Option<ObjectId>,
    pub actor_id: Option<ActorId>,
    pub reason: String,
    pub until: Option<Timestamp>,
    pub activity_uri: String,
    pub created_at: Timestamp,
}

/// Somebody who may not take part in an assembly.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Ban {
    pub actor_id: ActorId,
    pub actor_uri: String,
    pub actor_name: String,
    pub actor_handle: String,
    pub actor_host: String,
    pub reason: String,
    pub until: Option<Timestamp>,
    pub created_at: Timestamp,
}

/// The reasons that moderators here can give, as codes. The pages have a sentence for each.
pub const REASONS: [&str; 6] = ["spam", "insult", "personal-data", "illegal", "off-topic", "other"];

/// The key of the words for a reason; none for what another server gave in words.
pub fn reason_key(reason: &str) -> Option<&'static str> {
    Some(match reason {
        "spam" => "reason-spam",
        "insult" => "reason-insult",
        "personal-data" => "reason-personal-data",
        "illegal" => "reason-illegal",
        "off-topic" => "reason-off-topic",
        "other" => "reason-other",
        _ => return None,
    })
}

/// Longest reason that is kept of another server's words, in characters.
pub const MAX_REASON: usize = 300;

/// One of [`REASONS`].
pub fn parse_reason(code: &str) -> Result<&'static str, Invalid> {
    let known = REASONS.into_iter().find(|known| *known == code.trim());
    known.ok_or(Invalid::new("reason", "required"))
}

/// Why a reply that arrived does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
pub enum Verdict {
    /// The moderators had closed the thread.
    Locked,
    /// Its author may not take part in the assembly.
    Banned,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_a_closed_list() {
        assert_eq!(parse_reason(" spam "), Ok("spam"));
        assert!(REASONS.iter().all(|code| reason_key(code).is_some()));
        for other in ["", "Spam", "because"] {
            assert_eq!(parse_reason(other), Err(Invalid::new("reason", "required")), "{other}");
        }
    }
}
