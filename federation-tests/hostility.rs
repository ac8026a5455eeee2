//! What an instance must withstand, row by row (`rows.txt`): each attack through every way by
//! which an activity can come in, with the status and the proof that nothing changed.
//!
//! The name of a test begins with the row that it covers; `scripts/test` lists all rows with their
//! tests and fails where one has none and is not said to have none. To add a row: its line in `rows.txt` and its test here, or
//! beside the code where the row is a table without a server.

mod documents;
mod fetches;
mod h2_client;
mod hosts;
mod json;
mod keys;
mod messages;
mod ownership;
mod relayed;
mod resources;
mod route;
mod scene;
mod signatures;
mod ssrf;
mod streams;
