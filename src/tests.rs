//! Tests that concern the whole crate, and the behaviour of services and storage on both engines.
//!
//! Rules about the source are in `layers`, `files` and `words`; `migrations` keeps the two schemas
//! equal; `orders` shuffles what other servers send; `examples` keeps `docs/federation` true.

mod advisories;
mod bells;
mod examples;
mod files;
pub(crate) mod fixtures;
mod fuzz;
mod layers;
mod migrations;
mod orders;
mod poison;
mod reliability;
mod services;
mod storage;
mod words;
