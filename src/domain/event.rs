//! Recorded acts. A service writes one in its own transaction; the federation job turns it into
//! activities later. This is the outbox: nothing is sent that was not recorded first.
//!
//! To add one: a variant here, the service that records it, and its arm in `jobs/federate.rs`.

use super::{ActivityId, ActorId, ObjectId, OptionId, QuoteId, Reaction, ReplyId, ReportId};
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
    /// A moderator here did something in a local assembly.
    Moderated { moderation: ActivityId },
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
    /// Somebody here asks with this activity to quote what was written elsewhere.
    QuoteRequested { comment: ObjectId, activity: ActivityId },
    /// Somebody elsewhere asked to quote what was written here; without an authorization: no.
    QuoteAnswered {
        object: ObjectId,
        requester: ActorId,
        request: String,
        instrument: String,
        authorization: Option<QuoteId>,
    },
    /// Somebody elsewhere asked to answer what was written here; without an authorization: no.
    ReplyAnswered {
        object: ObjectId,
        requester: ActorId,
        request: String,
        instrument: String,
        authorization: Option<ReplyId>,
    },
    /// Leave to quote was taken back.
    QuoteRevoked { authorization: QuoteId },
    /// A remote actor asked in vain to follow a local one; `activity` is the address of its
    /// `Follow`.
    FollowRejected { follower: ActorId, target: ActorId, activity: String },
    /// A body opened a ballot.
    BallotOpened { ballot: ObjectId },
    /// Votes were counted since the tallies of a ballot were last sent out.
    BallotTallied { ballot: ObjectId },
    /// The result of a ballot is final.
    BallotClosed { ballot: ObjectId },
    /// A ballot was removed.
    BallotRemoved { ballot: ObjectId },
    /// A vote from elsewhere, which came with `activity`, does not count.
    VoteRejected { ballot: ObjectId, voter: ActorId, activity: String },
    /// Somebody here chose an option of a ballot of elsewhere.
    VoteCast { ballot: ObjectId, voter: ActorId, option: OptionId, activity: ActivityId },
    /// A local actor changed its public profile.
    ActorChanged { actor: ActorId },
    /// A local actor moved to another one.
    ActorMoved { actor: ActorId, target: ActorId },
    /// An account here was deleted.
    ActorRemoved { actor: ActorId },
    /// Somebody here blocks a remote actor, with this activity.
    Blocked { blocker: ActorId, target: ActorId, activity: ActivityId },
    /// Somebody here takes back the block made with this activity.
    Unblocked { blocker: ActorId, target: ActorId, activity: ActivityId },
    /// A moderator here tells the home of what a report is about.
    ReportForwarded { report: ReportId },
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
            Self::Moderated { .. } => "moderated",
            Self::CommentPosted { .. } => "comment_posted",
            Self::CommentEdited { .. } => "comment_edited",
            Self::CommentDeleted { .. } => "comment_deleted",
            Self::Relayed { .. } => "relayed",
            Self::Reacted { .. } => "reacted",
            Self::Unreacted { .. } => "unreacted",
            Self::FollowRequested { .. } => "follow_requested",
            Self::Unfollowed { .. } => "unfollowed",
            Self::FollowAccepted { .. } => "follow_accepted",
            Self::QuoteRequested { .. } => "quote_requested",
            Self::QuoteAnswered { .. } => "quote_answered",
            Self::QuoteRevoked { .. } => "quote_revoked",
            Self::ReplyAnswered { .. } => "reply_answered",
            Self::FollowRejected { .. } => "follow_rejected",
            Self::BallotOpened { .. } => "ballot_opened",
            Self::BallotTallied { .. } => "ballot_tallied",
            Self::BallotClosed { .. } => "ballot_closed",
            Self::BallotRemoved { .. } => "ballot_removed",
            Self::VoteRejected { .. } => "vote_rejected",
            Self::VoteCast { .. } => "vote_cast",
            Self::ActorChanged { .. } => "actor_changed",
            Self::ActorMoved { .. } => "actor_moved",
            Self::ActorRemoved { .. } => "actor_removed",
            Self::Blocked { .. } => "blocked",
            Self::Unblocked { .. } => "unblocked",
            Self::ReportForwarded { .. } => "report_forwarded",
        }
    }
}
