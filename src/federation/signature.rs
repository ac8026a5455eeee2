//! Who sent a request: draft-cavage HTTP signatures with RSA-SHA256, in and out.
//!
//! The library makes the text that is signed; everything that decides whether a signature is
//! believed stands here: which headers must be covered, when it was made, whether the digest is
//! the body's. The key and its owner are looked up by [`crate::federation::inbox`].

mod header;
mod sign;
mod verify;

pub use header::SignatureHeader;
pub use sign::{digest, sign_get, sign_post};
pub use verify::{Refusal, SignedRequest, WINDOW_SECONDS, check_digest, inspect};
