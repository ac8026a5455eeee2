//! Leave to answer (interaction policies of `GoToSocial`): asked for by servers that honour the
//! `canReply` of a text.

use super::{ActorId, ObjectId, ReplyId, Timestamp};

/// Leave that was given.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ReplyAuthorization {
    pub id: ReplyId,
    /// What may be answered.
    pub object_id: ObjectId,
    /// Who answers it.
    pub actor_id: ActorId,
    /// With which text.
    pub instrument_uri: String,
    pub created_at: Timestamp,
}
