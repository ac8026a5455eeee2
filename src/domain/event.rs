//! Recorded acts. A service writes one in its own transaction; the federation job turns it into
//! activities later. This is the outbox: nothing is sent that was not recorded first.
//!
//! To add one: a variant here, the service that records it, and its arm in `jobs/federate.rs`.

use super::{ActivityId, ActorId, ObjectId, Reaction};
use serde::{Deserialize, Serialize};

/// What happened, with ids only: everything else is read when the event is worked on, so that
/// what leaves is what is true then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A local initiative became public.
    InitiativePublished { initiative: ObjectId },
    /// A local initiative got a new revision.
    InitiativeRevised { initiative: ObjectId },
    /// A local initiative was withdrawn by its author.
    InitiativeWithdrawn { initiative: ObjectId },
    /// The followable actor of a local initiative was made.
    GroupOpened { initiative: ObjectId },
    /// The office said something about a local initiative, in this comment.
    OfficialNote { note: ObjectId },
    /// Somebody here wrote a comment.
    CommentPosted { comment: ObjectId },
    /// Somebody here changed a comment.
    CommentEdited { comment: ObjectId },
    /// Somebody here deleted a comment.
    CommentDeleted { comment: ObjectId },
    /// An activity about something in a local assembly arrived and was applied: the assembly
    /// passes `raw` on as it came (FEP-1b12).
    Relayed { assembly: ActorId, raw: String },
    /// Somebody here endorsed or boosted something, with this activity.
    Reacted { actor: ActorId, object: ObjectId, reaction: Reaction, activity: ActivityId },
    /// Somebody here took back the endorsement or boost made with this activity.
    Unreacted { actor: ActorId, object: ObjectId, reaction: Reaction, activity: ActivityId },
    /// Somebody here asks to follow a remote actor.
    FollowRequested { follower: ActorId, target: ActorId, activity: ActivityId },
    /// Somebody here stops following a remote actor.
    Unfollowed { follower: ActorId, target: ActorId, activity: ActivityId },
    /// A remote actor now follows a local one; `activity` is the address of its `Follow`.
    FollowAccepted { follower: ActorId, target: ActorId, activity: String },
    /// A local actor changed its public profile.
    ActorChanged { actor: ActorId },
}

impl Event {
    /// The name under which it is stored and counted.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::InitiativePublished { .. } => "initiative_published",
            Self::InitiativeRevised { .. } => "initiative_revised",
            Self::InitiativeWithdrawn { .. } => "initiative_withdrawn",
            Self::GroupOpened { .. } => "group_opened",
            Self::OfficialNote { .. } => "official_note",
            Self::CommentPosted { .. } => "comment_posted",
            Self::CommentEdited { .. } => "comment_edited",
            Self::CommentDeleted { .. } => "comment_deleted",
            Self::Relayed { .. } => "relayed",
            Self::Reacted { .. } => "reacted",
            Self::Unreacted { .. } => "unreacted",
            Self::FollowRequested { .. } => "follow_requested",
            Self::Unfollowed { .. } => "unfollowed",
            Self::FollowAccepted { .. } => "follow_accepted",
            Self::ActorChanged { .. } => "actor_changed",
        }
    }
}
