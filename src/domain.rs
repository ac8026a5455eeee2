//! What exists and what is allowed.
//!
//! Everything here is pure and synchronous: values that cannot be built wrongly, the states of an
//! initiative and who may move it, the addresses of things. Nothing here may touch a database, the
//! network, the clock or another module of the program.
//!
//! To add a thing: one file with its newtypes (private field, `parse`, `as_str`), its limits as
//! named constants beside them, and its rules as plain functions with their tests.

pub mod account;
pub mod actor;
pub mod attempts;
pub mod ballot;
pub mod comment;
pub mod event;
pub mod handle;
pub mod host;
pub mod ids;
pub mod initiative;
pub mod invalid;
pub mod moderation;
pub mod page;
pub mod peerlog;
pub mod policy;
pub mod profile;
pub mod quote;
pub mod reaction;
pub mod reply;
pub mod report;
pub mod scheme;
pub mod tag;
pub mod time;
pub mod urls;

pub use account::{Email, Role, Scope, Viewer};
pub use actor::ActorKind;
pub use comment::CommentText;
pub use event::Event;
pub use handle::{Address, Handle};
pub use ids::{
    ActivityId, ActorId, DeliveryId, EventId, InboxId, JobId, ObjectId, OptionId, QuoteId, ReplyId,
    ReportId, TokenId,
};
pub use initiative::{InitiativeText, State};
pub use invalid::Invalid;
pub use page::{Page, PageRequest};
pub use profile::Profile;
pub use reaction::Reaction;
pub use scheme::SignatureScheme;
pub use time::Timestamp;
pub use urls::{LocalRef, Urls};
