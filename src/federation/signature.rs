//! Who sent a request: HTTP signatures in the two forms that are in use, in and out.
//!
//! * `header` and a library read the draft's form (draft-cavage-12, RSA-SHA256); `message` reads
//!   RFC 9421 (RSA, Ed25519). A request with `Signature-Input` is of the second form and only that.
//! * `verify` decides whether a signature is believed: what must be covered, when it was made.
//! * `digest` decides whether the body is the signed one.
//! * `sign` makes both forms; which one a host gets is decided by [`crate::federation::knock`].
//!
//! The key and its owner are looked up by whoever asks: `inbox` for what is sent to us, `reader`
//! for who reads us.

mod digest;
mod header;
mod message;
mod sign;
mod verify;

pub use digest::{check_content_digest, check_digest, digest};
pub use header::SignatureHeader;
pub use sign::{sign_post, sign_request};
pub use verify::{Refusal, SignedRequest, WINDOW_SECONDS, inspect};
