//! The kinds of actors, under the names of the table in the design.

use serde::{Deserialize, Serialize};

/// What an actor is. The wire type is in [`ActorKind::wire_type`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "lowercase")]
#[sqlx(type_name = "TEXT", rename_all = "lowercase")]
pub enum ActorKind {
    /// A citizen, an expert, an official: an account of some server.
    Person,
    /// An agency that must answer. `Service`, because several servers refuse other author types.
    Body,
    /// A board for a topic or an area: what people follow.
    Assembly,
    /// What people follow who want the news of one initiative only.
    Initiative,
    /// One server: signs its own requests for documents.
    Instance,
}

impl ActorKind {
    /// The ActivityStreams type under which this kind is published.
    pub const fn wire_type(self) -> &'static str {
        match self {
            Self::Person => "Person",
            Self::Body => "Service",
            Self::Assembly | Self::Initiative => "Group",
            Self::Instance => "Application",
        }
    }

    /// Whether it passes on what happens in it: an assembly, or the actor of an initiative.
    pub const fn is_group(self) -> bool {
        matches!(self, Self::Assembly | Self::Initiative)
    }

    /// The kind of a remote actor of this ActivityStreams type; `None` when it is not an actor.
    /// A `Group` is an assembly until its document names the initiative that it is about.
    pub fn from_wire_type(wire_type: &str) -> Option<Self> {
        match wire_type {
            "Person" => Some(Self::Person),
            "Service" | "Organization" => Some(Self::Body),
            "Group" => Some(Self::Assembly),
            "Application" => Some(Self::Instance),
            _ => None,
        }
    }
}

use super::{ActorId, Timestamp};

/// An actor as it is known here.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Actor {
    pub id: ActorId,
    /// Its id on the wire.
    pub uri: String,
    pub kind: ActorKind,
    /// Whether this instance is its home.
    pub local: bool,
    /// `preferredUsername`.
    pub handle: String,
    /// The host part of its address, with a port where there is one.
    pub host: String,
    /// The name to show; never empty.
    pub name: String,
    /// Cleaned HTML.
    pub summary: String,
    /// Its page.
    pub url: String,
    pub inbox: String,
    pub shared_inbox: Option<String>,
    pub outbox: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// When its document was last read from its home; for local actors the time of creation.
    pub fetched_at: Timestamp,
    pub deleted_at: Option<Timestamp>,
}

impl Actor {
    /// `name@host`.
    pub fn address(&self) -> String {
        format!("{}@{}", self.handle, self.host)
    }

    /// Where to send what concerns it: the inbox it shares with its neighbours, if any.
    pub fn delivery_inbox(&self) -> &str {
        self.shared_inbox.as_deref().unwrap_or(&self.inbox)
    }
}
