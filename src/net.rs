//! Asking other servers: the one HTTP client of the program and the fence around it.
//!
//! A leaf: it knows addresses and bytes, nothing of activities. Whatever fetches, delivers or
//! looks up goes through [`Client`]; nothing else may open a connection to a foreign server.

mod address;
mod client;
mod names;

pub use client::{Client, Failure, Reply};
pub use names::{Names, Table};
