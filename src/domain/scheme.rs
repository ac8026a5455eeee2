//! In which form requests to other servers are signed.

/// A form of HTTP signatures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SignatureScheme {
    /// draft-cavage-12: what most servers understand.
    #[default]
    Cavage,
    /// HTTP Message Signatures (RFC 9421).
    Rfc9421,
}

impl SignatureScheme {
    /// The name under which it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cavage => "draft-cavage",
            Self::Rfc9421 => "rfc9421",
        }
    }

    /// The scheme of this name; the usual one for names that are unknown.
    pub fn parse(name: &str) -> Self {
        if name == Self::Rfc9421.as_str() { Self::Rfc9421 } else { Self::Cavage }
    }

    /// The one to try when this one is refused.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Cavage => Self::Rfc9421,
            Self::Rfc9421 => Self::Cavage,
        }
    }
}
