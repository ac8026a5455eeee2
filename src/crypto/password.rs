//! Passwords: argon2id, in the PHC string form that carries its own parameters.

use crate::domain::account::Password;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use unicode_normalization::UnicodeNormalization;

/// How much work a hash takes.
#[derive(Clone, Copy, Debug)]
pub enum PasswordCost {
    /// OWASP's minimum for argon2id: 19 MiB, two passes.
    Normal,
    /// As little as the algorithm allows, for tests.
    Trivial,
}

impl PasswordCost {
    fn hasher(self) -> Argon2<'static> {
        let params = match self {
            Self::Normal => Params::DEFAULT,
            Self::Trivial => Params::new(Params::MIN_M_COST, 1, 1, None).unwrap_or_default(),
        };
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
    }
}

/// Two spellings of one password are one password (RFC 8265: NFKC comes close enough).
fn normalise(password: &Password) -> String {
    password.expose().nfkc().collect()
}

/// Hashes a password. Takes tens of milliseconds: call it on a blocking thread.
pub fn hash_password(password: &Password, cost: PasswordCost) -> Option<String> {
    let text = normalise(password);
    cost.hasher().hash_password(text.as_bytes()).ok().map(|hash| hash.to_string())
}

/// Whether the password belongs to the hash. As slow as hashing.
pub fn verify_password(password: &Password, hash: &str) -> bool {
    let Ok(parsed) = PasswordHash::new(hash) else { return false };
    Argon2::default().verify_password(normalise(password).as_bytes(), &parsed).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_password_fits_in_any_spelling() {
        let password = Password::typed("пароль с ё и \u{e9}");
        let hash = hash_password(&password, PasswordCost::Trivial).unwrap();
        assert!(hash.starts_with("$argon2id$"), "{hash}");
        assert!(verify_password(&Password::typed("пароль с ё и e\u{301}"), &hash));
        assert!(!verify_password(&Password::typed("пароль с е и é"), &hash));
        assert!(!verify_password(&password, "nonsense"));
    }
}
