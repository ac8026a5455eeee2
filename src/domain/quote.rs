//! Quotes (FEP-044f): a text that shows another one, with the leave of who wrote it.

use super::{ActorId, ObjectId, QuoteId, Timestamp};

/// How a quote stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
pub enum QuoteState {
    /// The author of what is quoted was asked and has not answered.
    Pending,
    /// There is an authorization.
    Approved,
    /// The author refused.
    Refused,
    /// The authorization was taken back.
    Revoked,
    /// Nothing shows that anybody was asked.
    Unasked,
}

/// What a text quotes.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Quote {
    /// The text that quotes.
    pub object_id: ObjectId,
    /// The id on the wire of what it quotes.
    pub target_uri: String,
    /// The id of our request for leave.
    pub request_uri: Option<String>,
    /// Where the authorization is.
    pub authorization_uri: Option<String>,
    pub state: QuoteState,
}

/// Leave that an author here gave.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct QuoteAuthorization {
    pub id: QuoteId,
    /// What may be quoted.
    pub object_id: ObjectId,
    /// Who quotes it.
    pub actor_id: ActorId,
    /// With which text.
    pub instrument_uri: String,
    pub created_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
}
