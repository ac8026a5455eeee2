//! Veche among other servers: over real HTTP, with real signatures, on both database engines.
//!
//! * `stories`: two and three Veche servers in this process.
//! * `peers`, `pasture`: independent implementations, started from `peers/` (see its README).
//! * `fixtures`: what each kind of server sends, in `fixtures/SOFTWARE/*.json`.
//! * `passed_on`: what somebody else than its actor sends, and that its home confirms or not.
//! * `hostility`: each row of what must be withstood, through every way in.
//! * `proofs`, `schemes`: whose word is believed when others pass it on, and the two forms of signatures.
//! * `inbox_statuses`, `delivery`: what our inboxes answer, and what we make of others' answers.
//! * `addresses`: names at another host than that of the actor.
//! * `threadiverse`: what comes back after it was deleted, reports to communities, warnings.
//! * `threads`: threads that are at home elsewhere, and how they could make us ask without end.
//! * `quotes`: leave to quote, asked for, given, refused, taken back.
//! * `leave`: leave to answer, asked for and given.
//! * `interaction`: the way of a visitor from our pages to their own server, and back.
//! * `peerlog`: what the shell tells an admin of what was sent, taken and refused.
//! * `kill`, `start`: the real binary, killed and started in unfavourable conditions.
//! * `faults`: processes, disks, databases and peers that fail, with the real binary.
//!
//! The names of tests carry engine and peer (`peers::fedify2::…::postgres`), so that it can be
//! counted what ran. Nothing is skipped: what cannot run fails and says what to install.

mod addresses;
mod binary;
mod delivery;
mod faults;
mod fixtures;
mod hostility;
mod inbox_statuses;
mod interaction;
mod kill;
mod leave;
mod node;
mod passed_on;
mod pasture;
mod peerlog;
mod peers;
mod proofs;
mod quotes;
mod schemes;
mod start;
mod stories;
mod support;
mod threadiverse;
mod threads;
