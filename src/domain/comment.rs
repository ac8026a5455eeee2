//! Comments: every reply to an initiative, from here and from the fediverse.

use super::invalid::{Invalid, bounded};

/// The text of a comment written here, as Markdown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommentText(String);

impl CommentText {
    /// Longest comment, in characters: shorter than what any known server cuts off.
    pub const MAX: usize = 5_000;

    /// Reads the text of a form or of the API.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        bounded("text", text, Self::MAX).map(Self)
    }

    /// The Markdown source.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

use super::{ActorId, ActorKind, ObjectId, Timestamp};

/// A comment with what its reader needs to know of its author.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Comment {
    pub id: ObjectId,
    /// Its id on the wire.
    pub uri: String,
    /// Its page.
    pub url: String,
    pub local: bool,
    /// The initiative it belongs to.
    pub root_id: ObjectId,
    /// What it answers: the initiative or another comment.
    pub parent_id: Option<ObjectId>,
    pub language: String,
    /// When it was written here or received.
    pub created_at: Timestamp,
    /// When its author claims to have written it.
    pub claimed_at: Timestamp,
    pub edited_at: Option<Timestamp>,
    /// Set on a tombstone, whose text is empty.
    pub deleted_at: Option<Timestamp>,
    pub likes: i64,
    pub boosts: i64,
    pub replies: i64,
    /// Cleaned HTML.
    pub html: String,
    /// Markdown, for what was written here.
    pub source: String,
    pub author_id: ActorId,
    pub author_uri: String,
    pub author_name: String,
    pub author_handle: String,
    pub author_host: String,
    pub author_url: String,
    pub author_local: bool,
    /// Whether a person wrote it, or a body or the instance did.
    pub author_kind: ActorKind,
    /// Why the moderators removed it, if they did.
    pub removal: Option<String>,
    /// What its reader is warned of first; empty where its author gave no words for it.
    pub warning: Option<String>,
}

impl Comment {
    /// What may be shown of it to who did not ask for it: the warning, if there is one.
    pub fn teaser(&self) -> &str {
        self.warning.as_deref().unwrap_or(&self.html)
    }

    /// Whether a body or the instance speaks.
    pub fn is_official(&self) -> bool {
        matches!(self.author_kind, ActorKind::Body | ActorKind::Instance)
    }
}
