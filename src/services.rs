//! What can be done, one function per use case: check, change, record the event, commit.
//!
//! Pages, the API, the shell and what arrives from other servers all come through here. A service
//! owns its transaction ([`Unit`]) and never touches the network inside it. Functions that end in
//! `_in` work inside a unit that somebody else commits.
//!
//! To add a use case: a function in the file of its thing that takes [`crate::app::App`] (or a [`Unit`]) and
//! the [`crate::domain::Viewer`] on whose behalf it acts, and a test on both engines.

pub mod accounts;
pub mod actors;
pub mod assemblies;
pub mod audit;
pub mod ballots;
pub mod blocks;
pub mod comments;
mod error;
pub mod follows;
pub mod identity;
pub mod inbox;
pub mod initiatives;
pub mod instance;
pub mod letters;
pub mod mentions;
pub mod moderation;
pub mod moves;
pub mod notes;
pub mod once;
pub mod outbox;
pub mod peerlog;
pub mod policies;
pub mod profiles;
pub mod proof_keys;
pub mod queue;
pub mod quotes;
pub mod reactions;
pub mod record;
pub mod refusals;
pub mod removal;
pub mod replies;
pub mod reports;
pub mod schemes;
pub mod tags;
mod unit;
pub mod verify;
pub mod walks;

pub use error::{AGAIN, Error, Result};
pub use unit::Unit;
