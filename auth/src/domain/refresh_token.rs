//! Refresh tokens: opaque, random, stored as a hash.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use service::Secret;
use sha2::{Digest as _, Sha256};

/// Lets a scanner of leaked secrets recognise one.
const PREFIX: &str = "sawit_rt_";
const RANDOM_BYTES: usize = 32;

/// What the database keeps of a token. The token has 256 random bits, so a plain hash gives nothing away.
pub(crate) type RefreshTokenHash = [u8; 32];

/// A token in the hands of its user.
#[derive(Clone, Debug)]
pub(crate) struct RefreshToken(Secret);

impl RefreshToken {
    pub(crate) fn generate() -> Self {
        let random = URL_SAFE_NO_PAD.encode(rand::random::<[u8; RANDOM_BYTES]>());
        Self(Secret::new(format!("{PREFIX}{random}")))
    }

    /// `None` for what cannot be one of ours, so that it never reaches the database.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let random = URL_SAFE_NO_PAD.decode(text.strip_prefix(PREFIX)?).ok()?;
        (random.len() == RANDOM_BYTES).then(|| Self(Secret::new(text)))
    }

    pub(crate) fn hash(&self) -> RefreshTokenHash {
        Sha256::digest(self.0.expose().as_bytes()).into()
    }

    pub(crate) fn expose(&self) -> &str {
        self.0.expose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_tokens_are_read() {
        let token = RefreshToken::generate();
        let again = RefreshToken::parse(token.expose()).unwrap();
        assert_eq!(again.hash(), token.hash());
        assert_ne!(RefreshToken::generate().hash(), token.hash());
        for bad in [
            "",
            "sawit_rt_",
            "sawit_rt_AAAA",
            &token.expose()[1..],
            &format!("{}A", token.expose()),
        ] {
            assert!(RefreshToken::parse(bad).is_none(), "{bad:?}");
        }
    }
}
