//! Veche, a federated civic server.
//!
//! Citizens bring initiatives to an assembly; anyone on the fediverse follows, answers, endorses
//! and boosts them from the server they already use.
//!
//! The layers, from the ground up; each may use only what stands below it (a test keeps this):
//!
//! ```text
//!   cli ─ main              the shell
//!   http   jobs             front doors · workers
//!   federation              what goes over the wire, in and out
//!   services                use cases; own the transactions
//!   app                     shared state: configuration, database, clock, ids, caches
//!   storage                 the only SQL
//!   text net crypto i18n    leaves          config
//!   domain                  what exists and what is allowed; pure
//! ```
//!
//! A stranger starts with `docs/ARCHITECTURE.md`, then `services`, then follows one activity
//! through `http/ap/inbox.rs` → `jobs/receive.rs` → `federation/receive/` → `services`.

pub mod app;
pub mod cli;
pub mod config;
pub mod crypto;
pub mod domain;
pub mod failpoint;
pub mod federation;
pub mod http;
pub mod i18n;
pub mod jobs;
pub mod net;
pub mod services;
pub mod shutdown;
pub mod storage;
pub mod telemetry;
pub mod testing;
pub mod text;

#[cfg(test)]
mod tests;
