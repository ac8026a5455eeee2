//! What anyone on the fediverse can do with an initiative or a comment besides answering it.

/// An endorsement or a boost. At most one of each per actor and object.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, sqlx::Type,
)]
#[serde(rename_all = "lowercase")]
#[sqlx(type_name = "TEXT", rename_all = "lowercase")]
pub enum Reaction {
    /// Support from the fediverse (`Like`). Never a signature.
    Like,
    /// Passing it on (`Announce`).
    Boost,
}

impl Reaction {
    /// The ActivityStreams type of the activity that carries it.
    pub const fn wire_type(self) -> &'static str {
        match self {
            Self::Like => "Like",
            Self::Boost => "Announce",
        }
    }
}
