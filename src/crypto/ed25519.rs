//! Ed25519 keys of actors: they sign what is passed on by others (object integrity proofs), about
//! seventy times as fast as RSA.

use super::KeyError;
use aws_lc_rs::encoding::AsBigEndian as _;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};

/// The multicodec of an Ed25519 public key, as a varint.
pub(super) const PUBLIC_CODEC: [u8; 2] = [0xed, 0x01];

/// A private key, parsed once and kept.
#[derive(Debug)]
pub struct ProofKey {
    /// Where others find the public half.
    pub key_id: String,
    pair: Ed25519KeyPair,
}

impl ProofKey {
    /// Makes a new key; its seed is returned for storage.
    pub fn generate(key_id: String) -> Option<(Self, Vec<u8>)> {
        let pair = Ed25519KeyPair::generate().ok()?;
        let seed = pair.seed().ok()?.as_be_bytes().ok()?.as_ref().to_vec();
        Some((Self { key_id, pair }, seed))
    }

    /// Reads a key back from its seed of 32 bytes.
    pub fn from_seed(key_id: String, seed: &[u8]) -> Result<Self, KeyError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| KeyError::NotUsable)?;
        Ok(Self { key_id, pair })
    }

    /// The public half as a Multikey value (`z6Mk…`, FEP-521a).
    pub fn public_multibase(&self) -> String {
        let mut bytes = PUBLIC_CODEC.to_vec();
        bytes.extend_from_slice(self.pair.public_key().as_ref());
        multibase(&bytes)
    }

    /// Signs a message; 64 bytes, always the same for the same message.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(message).as_ref().to_vec()
    }
}

/// Bytes in the base of Bitcoin's addresses, with its letter in front.
pub fn multibase(bytes: &[u8]) -> String {
    format!("z{}", bs58::encode(bytes).into_string())
}

/// Reads what [`multibase`] writes. `None` for other bases and for more than 2,000 letters, since
/// the work grows with their square.
pub fn from_multibase(text: &str) -> Option<Vec<u8>> {
    let letters = text.strip_prefix('z').filter(|rest| rest.len() <= 2_000)?;
    bs58::decode(letters).into_vec().ok()
}
