//! What goes over the wire: the forms of what we send, the reading of what we get, and the proof
//! of who said it.
//!
//! * `build/` makes outgoing documents: pure functions, one file per form.
//! * `receive/` applies incoming activities: one file per activity.
//! * `signature/` proves and checks who sent a request, `proof/` who wrote a document; `ownership`
//!   decides who may say what about whom, `reader` who may read.
//! * `budget` bounds what one cause may make us ask.
//! * `fetch`, `webfinger`, `actors`, `keys`, `objects`, `resolve` ask other servers; `questions` reads
//!   polls.
//! * `thread` goes up from an answer, `walk` down from a root; `collection` reads pages.
//! * `interaction` finds the way to a visitor's own server.
//! * `knock` sends one request, signed in the form that the host understands; `deliver` sends one
//!   activity to one inbox; `inbox` is the guard of ours.
//! * `limits` says how much another server may cause here.
//! * `policy` asks the rules of this instance about other servers, wherever one is met.
//!
//! What is lenient on the way in is in `vocab`; what we send is strict. Only `services` change
//! anything. Nothing here knows of queues or routes.
//!
//! To add an activity: a builder in `build/`, a file in `receive/` with its line in the table of
//! `receive.rs`, a fixture per kind of server in `federation-tests/fixtures`.

pub mod actors;
pub mod budget;
pub mod build;
pub mod collection;
pub mod deliver;
pub mod documents;
mod error;
pub mod fetch;
pub mod inbox;
pub mod interaction;
pub mod json;
pub mod keys;
pub mod knock;
pub mod limits;
pub mod moderation;
pub mod objects;
pub mod ownership;
pub mod policy;
pub mod proof;
pub mod questions;
pub mod reader;
pub mod receive;
pub mod resolve;
pub mod signature;
pub mod thread;
pub mod vocab;
pub mod walk;
pub mod webfinger;

pub use budget::Budget;
pub use error::Error;

/// The collection that stands for everybody (ActivityPub, 5.6).
pub const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";
/// The media type of what we send and serve.
pub const CONTENT_TYPE: &str = activitypub_federation::FEDERATION_CONTENT_TYPE;
