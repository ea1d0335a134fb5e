//! Tokens that stand in every form: who sends the form has seen the page it is on.

use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::error::Error;

/// Makes and checks form tokens. Each belongs to a cookie, so that nobody can use a token of their own on somebody else's
/// behalf, and nothing has to be stored.
#[derive(Clone)]
pub(crate) struct FormTokens {
    secret: Arc<[u8]>,
}

impl FormTokens {
    pub(crate) fn new(secret: &[u8]) -> Self {
        Self { secret: secret.into() }
    }

    pub(crate) fn issue(&self, cookie: &str) -> Result<String, Error> {
        Ok(BASE64_URL_SAFE_NO_PAD.encode(self.mac(cookie)?.finalize().into_bytes()))
    }

    pub(crate) fn is_good(&self, cookie: &str, token: &str) -> Result<bool, Error> {
        let Ok(tag) = BASE64_URL_SAFE_NO_PAD.decode(token) else {
            return Ok(false);
        };
        Ok(self.mac(cookie)?.verify_slice(&tag).is_ok())
    }

    fn mac(&self, cookie: &str) -> Result<Hmac<Sha256>, Error> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.secret).map_err(Error::internal)?;
        // The secret signs logins too: what is signed here must never read as one.
        mac.update(b"form\0");
        mac.update(cookie.as_bytes());
        Ok(mac)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_with_its_cookie_alone() {
        let tokens = FormTokens::new(&[1; 32]);
        let token = tokens.issue("cookie").unwrap();
        let foreign = FormTokens::new(&[2; 32]).issue("cookie").unwrap();
        for (cookie, token, expect) in [
            ("cookie", token.as_str(), true),
            ("other", &token, false),
            ("", &token, false),
            ("cookie", &token[1..], false),
            ("cookie", "", false),
            ("cookie", "no base64!", false),
            ("cookie", &foreign, false),
        ] {
            assert_eq!(tokens.is_good(cookie, token).unwrap(), expect, "{cookie} {token}");
        }
    }
}
