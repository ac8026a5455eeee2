//! The only SQL in the program.
//!
//! One file per thing, with free functions that take a [`Conn`]: `actors::by_uri(conn, uri)`.
//! Each function runs one statement, written once for both engines in the subset that both
//! understand (`docs/DATABASE.md`). Absent is `Ok(None)`, a broken uniqueness is
//! [`Error::Conflict`]. Nothing here decides, sends or looks at the clock.
//!
//! To add a statement: a function with a `const` text, `on!` around the call, and a test that
//! runs it on both engines. Where the engines truly differ, two texts in a `dialect::Sql`.

mod bells;
mod connection;
mod dialect;
mod error;
mod migrate;

pub mod accounts;
pub mod activities;
pub mod actors;
pub mod assemblies;
pub mod audit;
pub mod ballots;
pub mod blocks;
pub mod comments;
pub mod dead_uris;
pub mod deliveries;
pub mod events;
pub mod follows;
pub mod hosts;
pub mod idempotency;
pub mod identities;
pub mod inbox;
pub mod initiatives;
pub mod jobs;
pub mod letters;
pub mod moderation;
pub mod notes;
pub mod objects;
pub mod peerlog;
pub mod policies;
pub mod profiles;
pub mod proof_keys;
pub mod quotes;
pub mod reactions;
pub mod record;
pub mod refusals;
pub mod replies;
pub mod reports;
pub mod sessions;
pub mod tags;
pub mod tokens;
pub mod verify;
pub mod walks;

pub use bells::{Bell, Listener, ring};
pub use connection::{Conn, Db, Engine, Reader, Tx};
pub use error::{Error, Result};
pub use migrate::{MigrateError, SchemaState};
