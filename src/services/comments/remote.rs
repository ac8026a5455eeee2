//! Comments as other servers describe them, before they are stored.

use crate::domain::{ActorId, Timestamp};
use crate::services::quotes::RemoteQuote;

/// A comment as its home describes it, checked and cleaned.
#[derive(Clone, Debug)]
pub struct RemoteComment {
    pub uri: String,
    pub url: String,
    pub author: ActorId,
    /// The id on the wire of what it answers.
    pub in_reply_to: String,
    /// Clean HTML.
    pub html: String,
    pub language: String,
    pub claimed_at: Timestamp,
    /// When its home says that this text replaced another one.
    pub updated: Option<Timestamp>,
    /// Hashtags in their one spelling.
    pub tags: Vec<String>,
    /// What it quotes.
    pub quote: Option<RemoteQuote>,
}

/// What became of a comment that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// It is stored; its thread belongs to this assembly, which is local or not.
    Stored { assembly: ActorId, assembly_local: bool },
    /// It was known, dead, or its thread is closed: nothing to do.
    Ignored,
    /// What it answers is not known here.
    UnknownParent,
}

impl Received {
    /// Why it changed nothing, for the federation log.
    pub fn why_nothing(&self) -> Option<&'static str> {
        match self {
            Self::Stored { .. } => None,
            Self::Ignored => {
                Some("a text that is here already, was deleted, or answers what takes no answers")
            }
            Self::UnknownParent => Some("an answer to what is not here"),
        }
    }
}
