//! RSA keys of actors: PKCS#1 v1.5 with SHA-256, which every server understands.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize, PublicKey as RsaPublicKey};
use aws_lc_rs::signature::{
    KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// 2048 to 8192 bits.
const MODULUS_BYTES: std::ops::RangeInclusive<usize> = 256..=1_024;

/// Why a key was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("the key is not in PEM form")]
    NotPem,
    #[error("the key is private and must not be published")]
    Private,
    #[error("the key is not an RSA key of 2048 to 8192 bits")]
    NotRsa,
}

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

/// A public key, parsed once and kept.
#[derive(Clone, Debug)]
pub struct PublicKey(ParsedPublicKey);

impl PublicKey {
    /// Reads PEM, in the X.509 or the PKCS#1 form. The size is checked before any arithmetic.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        if pem.contains("PRIVATE KEY") {
            return Err(KeyError::Private);
        }
        if pem.len() > 16_384 {
            return Err(KeyError::NotRsa);
        }
        let body = pem
            .split_once("PUBLIC KEY-----")
            .and_then(|(_, rest)| rest.split_once("-----END"))
            .map(|(body, _)| body)
            .ok_or(KeyError::NotPem)?;
        let compact: String = body.chars().filter(|c| !c.is_whitespace()).collect();
        let der = STANDARD.decode(compact).map_err(|_| KeyError::NotPem)?;
        // 8192 bits of modulus and the wrapping fit in this.
        if der.len() > 1_200 {
            return Err(KeyError::NotRsa);
        }
        let size = RsaPublicKey::from_der(&der).map_err(|_| KeyError::NotRsa)?.modulus_len();
        if !MODULUS_BYTES.contains(&size) {
            return Err(KeyError::NotRsa);
        }
        ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der)
            .map(Self)
            .map_err(|_| KeyError::NotRsa)
    }

    /// Whether the signature (base64) belongs to the message.
    pub fn verifies(&self, message: &[u8], signature_base64: &str) -> bool {
        STANDARD
            .decode(signature_base64)
            .is_ok_and(|signature| self.0.verify_sig(message, &signature).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_fits_only_its_message_and_key() {
        let (key, der) = SigningKey::generate("k".to_owned()).unwrap();
        let again = SigningKey::from_pkcs8("k".to_owned(), &der).unwrap();
        let public = PublicKey::from_pem(&again.public_pem().unwrap()).unwrap();
        let signature = key.sign_base64(b"message").unwrap();
        assert!(public.verifies(b"message", &signature));
        assert!(!public.verifies(b"another", &signature));
        assert!(!public.verifies(b"message", "AAAA"));
        assert!(!public.verifies(b"message", "not base64!"));
    }

    #[test]
    fn crooked_keys_are_refused() {
        assert_eq!(PublicKey::from_pem("hello").unwrap_err(), KeyError::NotPem);
        let private = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
        assert_eq!(PublicKey::from_pem(private).unwrap_err(), KeyError::Private);
        let short = "-----BEGIN PUBLIC KEY-----\nMFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKj34GkxFhD90vcNLYLInFEX6Ppy1tPf\n9Cnzj4p4WGeKLs1Pt8QuKUpRKfFLfRYC9AIKjbJTWit+CqvjWYzvQwECAwEAAQ==\n-----END PUBLIC KEY-----\n";
        assert_eq!(PublicKey::from_pem(short).unwrap_err(), KeyError::NotRsa);
    }
}
