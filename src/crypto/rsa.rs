//! RSA keys of actors: PKCS#1 v1.5 with SHA-256, which every server understands.

use super::KeyError;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A private key, parsed once and kept.
#[derive(Debug)]
pub struct SigningKey {
    /// Where others find the public half.
    pub key_id: String,
    pair: KeyPair,
}

impl SigningKey {
    /// Makes a new RSA-2048 key; its PKCS#8 form is returned for storage. Takes about 100 ms:
    /// call it on a blocking thread.
    pub fn generate(key_id: String) -> Option<(Self, Vec<u8>)> {
        let pair = KeyPair::generate(KeySize::Rsa2048).ok()?;
        let der: Pkcs8V1Der<'_> = pair.as_der().ok()?;
        let der = der.as_ref().to_vec();
        Some((Self { key_id, pair }, der))
    }

    /// Reads a key back from storage.
    pub fn from_pkcs8(key_id: String, der: &[u8]) -> Result<Self, KeyError> {
        let pair = KeyPair::from_pkcs8(der).map_err(|_| KeyError::NotRsa)?;
        Ok(Self { key_id, pair })
    }

    /// The public half in PEM (`BEGIN PUBLIC KEY`).
    pub fn public_pem(&self) -> Option<String> {
        let der: PublicKeyX509Der<'_> = self.pair.public_key().as_der().ok()?;
        let text = STANDARD.encode(der.as_ref());
        let mut pem = String::from("-----BEGIN PUBLIC KEY-----\n");
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let (line, tail) = rest.split_at(rest.len().min(64));
            pem.push_str(line);
            pem.push('\n');
            rest = tail;
        }
        pem.push_str("-----END PUBLIC KEY-----\n");
        Some(pem)
    }

    /// Signs a message; the signature in base64. 0.64 ms for 2048 bits.
    pub fn sign_base64(&self, message: &[u8]) -> Option<String> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).ok()?;
        Some(STANDARD.encode(signature))
    }
}
