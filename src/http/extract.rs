//! What handlers take from a request.

mod bearer;
mod client_ip;
mod json;
mod known_reader;
pub(super) mod session;

pub(crate) use bearer::{Anyone, Reader, Writer, bearer_of};
pub(crate) use client_ip::{ClientIp, Peer, source_of};
pub(crate) use json::Json;
pub(crate) use known_reader::KnownReader;
