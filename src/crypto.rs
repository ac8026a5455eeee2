//! Keys, digests and secrets: a leaf that wraps the one crypto library of the program.
//!
//! Nothing else may sign, verify, hash or draw random bytes.

mod ed25519;
mod password;
mod public;
mod rsa;

pub use ed25519::{ProofKey, from_multibase, multibase};
pub use password::{PasswordCost, hash_password, verify_password};
pub use public::{Algorithm, KeyError, PublicKey};
pub use rsa::SigningKey;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// SHA-256 as lower-case hex.
pub fn sha256_hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let digest = digest::digest(&digest::SHA256, bytes);
    digest.as_ref().iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// SHA-256 as bytes.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    out
}

/// SHA-256 in base64, as the `Digest` header carries it.
pub fn sha256_base64(bytes: &[u8]) -> String {
    STANDARD.encode(digest::digest(&digest::SHA256, bytes))
}

/// SHA-512 in base64, for senders that list it beside SHA-256.
pub fn sha512_base64(bytes: &[u8]) -> String {
    STANDARD.encode(digest::digest(&digest::SHA512, bytes))
}

/// Reads base64; `None` for anything else.
pub fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// A secret of 256 random bits, as text that is safe in URLs and cookies.
pub fn random_secret() -> String {
    let mut bytes = [0_u8; 32];
    #[expect(
        clippy::expect_used,
        reason = "the system's random source does not fail once running"
    )]
    aws_lc_rs::rand::fill(&mut bytes).expect("the system has random bytes");
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A random number, for spreading retries.
pub fn random_u64() -> u64 {
    let mut bytes = [0_u8; 8];
    #[expect(
        clippy::expect_used,
        reason = "the system's random source does not fail once running"
    )]
    aws_lc_rs::rand::fill(&mut bytes).expect("the system has random bytes");
    u64::from_le_bytes(bytes)
}

/// Compares without telling by the time taken where the texts differ.
pub fn same_secret(a: &str, b: &str) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(a.as_bytes(), b.as_bytes()).is_ok()
}
