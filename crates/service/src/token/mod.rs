//! Tokens: what they claim, and how every service checks them by itself.

mod caller;
mod claims;
mod key_ring;
mod keys;
mod verifier;

pub use caller::{API_KEY_PREFIX, Caller, bearer, caller};
pub use claims::{AUDIENCE, Claims, ISSUER, Role};
pub use keys::{PublicKey, PublicKeys, jwks};
pub use verifier::{TokenError, TokenVerifier};
