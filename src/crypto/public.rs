//! Public keys of everybody, in the forms in which actors publish them, and the signatures that
//! we verify with them.

use super::ed25519::{PUBLIC_CODEC, from_multibase};
use aws_lc_rs::rsa::PublicKey as RsaPublicKey;
use aws_lc_rs::signature::{
    ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA512,
    UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// 2048 to 8192 bits.
const MODULUS_BYTES: std::ops::RangeInclusive<usize> = 256..=1_024;
/// The multicodec of an RSA public key, as a varint.
const RSA_CODEC: [u8; 2] = [0x85, 0x24];

/// Why a key was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("the key is not in PEM form")]
    NotPem,
    #[error("the key is private and must not be published")]
    Private,
    #[error("the key is not an RSA key of 2048 to 8192 bits")]
    NotRsa,
    #[error("the key is neither an Ed25519 nor an RSA Multikey")]
    NotUsable,
}

/// How a signature was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// PKCS#1 v1.5 with SHA-256.
    RsaSha256,
    /// PSS with SHA-512.
    RsaPssSha512,
    Ed25519,
}

/// A public key, parsed once and kept.
#[derive(Clone, Debug)]
pub enum PublicKey {
    Rsa { key: ParsedPublicKey, der: Vec<u8> },
    Ed25519(ParsedPublicKey),
}

impl PublicKey {
    /// Reads a key as it is stored: PEM, or the value of a Multikey.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        if text.starts_with('z') { Self::from_multibase(text) } else { Self::from_pem(text) }
    }

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
        Self::from_rsa_der(STANDARD.decode(compact).map_err(|_| KeyError::NotPem)?)
    }

    fn from_rsa_der(der: Vec<u8>) -> Result<Self, KeyError> {
        // 8192 bits of modulus and the wrapping fit in this.
        if der.len() > 1_200 {
            return Err(KeyError::NotRsa);
        }
        let size = RsaPublicKey::from_der(&der).map_err(|_| KeyError::NotRsa)?.modulus_len();
        if !MODULUS_BYTES.contains(&size) {
            return Err(KeyError::NotRsa);
        }
        let key = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &der)
            .map_err(|_| KeyError::NotRsa)?;
        Ok(Self::Rsa { key, der })
    }

    /// Reads the value of a Multikey (FEP-521a): Ed25519, or RSA in the PKCS#1 form.
    pub fn from_multibase(text: &str) -> Result<Self, KeyError> {
        let bytes = from_multibase(text).ok_or(KeyError::NotUsable)?;
        match bytes.split_first_chunk() {
            Some((&PUBLIC_CODEC, point)) if point.len() == 32 => {
                ParsedPublicKey::new(&ED25519, point)
                    .map(Self::Ed25519)
                    .map_err(|_| KeyError::NotUsable)
            }
            Some((&RSA_CODEC, der)) => Self::from_rsa_der(der.to_vec()),
            _ => Err(KeyError::NotUsable),
        }
    }

    /// The algorithm of a signature that does not name one.
    pub fn usual_algorithm(&self) -> Algorithm {
        match self {
            Self::Rsa { .. } => Algorithm::RsaSha256,
            Self::Ed25519(_) => Algorithm::Ed25519,
        }
    }

    /// Whether the signature belongs to the message. A key of another kind made no signature.
    pub fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        match (self, algorithm) {
            (Self::Rsa { key, .. }, Algorithm::RsaSha256)
            | (Self::Ed25519(key), Algorithm::Ed25519) => {
                key.verify_sig(message, signature).is_ok()
            }
            (Self::Rsa { der, .. }, Algorithm::RsaPssSha512) => {
                let key = UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA512, der);
                key.verify(message, signature).is_ok()
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ProofKey, SigningKey, multibase};
    use super::*;

    #[test]
    fn a_signature_fits_only_its_message_key_and_algorithm() {
        let (key, der) = SigningKey::generate("k".to_owned()).unwrap();
        let again = SigningKey::from_pkcs8("k".to_owned(), &der).unwrap();
        let public = PublicKey::parse(&again.public_pem().unwrap()).unwrap();
        let signature = STANDARD.decode(key.sign_base64(b"message").unwrap()).unwrap();
        assert!(public.verifies(Algorithm::RsaSha256, b"message", &signature));
        assert!(!public.verifies(Algorithm::RsaSha256, b"another", &signature));
        assert!(!public.verifies(Algorithm::RsaPssSha512, b"message", &signature));
        assert!(!public.verifies(Algorithm::Ed25519, b"message", &signature));
        assert!(!public.verifies(Algorithm::RsaSha256, b"message", b"short"));

        let (key, seed) = ProofKey::generate("e".to_owned()).unwrap();
        let again = ProofKey::from_seed("e".to_owned(), &seed).unwrap();
        assert_eq!(again.public_multibase(), key.public_multibase());
        let public = PublicKey::parse(&key.public_multibase()).unwrap();
        let signature = key.sign(b"message");
        assert_eq!(signature, again.sign(b"message"));
        assert!(public.verifies(Algorithm::Ed25519, b"message", &signature));
        assert!(!public.verifies(Algorithm::Ed25519, b"another", &signature));
        assert!(!public.verifies(Algorithm::RsaSha256, b"message", &signature));
    }

    #[test]
    fn the_test_key_of_the_standard_has_its_name() {
        // The secret and the public half in W3C vc-di-eddsa, B.
        let secret = from_multibase("z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq").unwrap();
        let key = ProofKey::from_seed("k".to_owned(), &secret[2..]).unwrap();
        let public = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2";
        assert_eq!(key.public_multibase(), public);
    }

    #[test]
    fn crooked_keys_are_refused() {
        assert_eq!(PublicKey::from_pem("hello").unwrap_err(), KeyError::NotPem);
        let private = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
        assert_eq!(PublicKey::from_pem(private).unwrap_err(), KeyError::Private);
        let short = "-----BEGIN PUBLIC KEY-----\nMFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKj34GkxFhD90vcNLYLInFEX6Ppy1tPf\n9Cnzj4p4WGeKLs1Pt8QuKUpRKfFLfRYC9AIKjbJTWit+CqvjWYzvQwECAwEAAQ==\n-----END PUBLIC KEY-----\n";
        assert_eq!(PublicKey::from_pem(short).unwrap_err(), KeyError::NotRsa);
        let mut long = PUBLIC_CODEC.to_vec();
        long.extend([7; 33]);
        for text in
            ["z", "z0", "u7QEB", &multibase(&long), &multibase(&[0xed]), &"z1".repeat(2_000)]
        {
            assert_eq!(PublicKey::from_multibase(text).unwrap_err(), KeyError::NotUsable, "{text}");
        }
    }
}
