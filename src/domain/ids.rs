//! Identifiers: 64-bit, sortable by time, in the layout `milliseconds << 16 | n`.
//!
//! They are minted by [`crate::app::App`] before the insert, so that the address of a thing is
//! known before it is stored. One newtype per kind of thing keeps them apart.

use serde::{Deserialize, Serialize};

/// Implemented by every id newtype, so that one generator can mint them all.
pub trait Id: From<i64> {}

macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, sqlx::Type,
        )]
        #[serde(transparent)]
        #[sqlx(transparent)]
        pub struct $name(i64);

        impl $name {
            /// The number as stored.
            pub const fn get(self) -> i64 {
                self.0
            }

            /// The moment at which this id was minted.
            pub const fn minted_at(self) -> super::Timestamp {
                super::Timestamp::from_millis(self.0 >> 16)
            }

            /// The lowest id that is minted at this moment or later.
            pub const fn first_at(at: super::Timestamp) -> Self {
                Self(at.millis() << 16)
            }
        }

        impl Id for $name {}

        impl From<i64> for $name {
            fn from(value: i64) -> Self {
                Self(value)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse::<i64>().map(Self)
            }
        }
    };
}

id_type!(
    /// Leave to quote something.
    QuoteId
);
id_type!(
    /// Leave to answer something.
    ReplyId
);
id_type!(
    /// An actor, local or remote. An account has the id of its `Person`.
    ActorId
);
id_type!(
    /// Something that can be answered, endorsed and boosted: an initiative, a comment, a
    /// ballot.
    ObjectId
);
id_type!(
    /// An option of a ballot: what votes are bound to, wherever it stands.
    OptionId
);
id_type!(
    /// An activity made by this instance.
    ActivityId
);
id_type!(
    /// One activity on its way to one inbox.
    DeliveryId
);
id_type!(
    /// An activity as it arrived, before it is applied.
    InboxId
);
id_type!(
    /// A unit of background work.
    JobId
);
id_type!(
    /// A recorded act: the outbox from which activities are made.
    EventId
);
id_type!(
    /// A bearer token of the API.
    TokenId
);
id_type!(
    /// A report to the moderators.
    ReportId
);
