//! What the queues and the connections promise, on both engines.

mod connection;
mod deliveries;
mod inbox;
mod jobs;
