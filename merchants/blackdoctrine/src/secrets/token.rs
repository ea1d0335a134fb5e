//! The marketplace's own login tokens: HS256 with a secret that never leaves its data folder.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, ensure};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::secrets::forms::FormTokens;

const NAME: &str = "blackdoctrine";
pub(crate) const LIFETIME_SECONDS: i64 = 12 * 60 * 60;
const SECRET_LEN: usize = 32;

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: String,
    iss: String,
    aud: String,
    iat: i64,
    exp: i64,
}

/// Makes and checks tokens.
#[derive(Clone)]
pub(crate) struct Tokens {
    keys: Arc<(EncodingKey, DecodingKey)>,
    forms: FormTokens,
}

impl Tokens {
    /// With the secret kept in `path`, made if it is not there.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        let secret = read_or_create_secret(path).with_context(|| format!("token secret {}", path.display()))?;
        Ok(Self::new(&secret))
    }

    fn new(secret: &[u8]) -> Self {
        Self {
            keys: Arc::new((EncodingKey::from_secret(secret), DecodingKey::from_secret(secret))),
            forms: FormTokens::new(secret),
        }
    }

    /// The tokens of forms, which hang on the same secret.
    pub(crate) fn forms(&self) -> &FormTokens {
        &self.forms
    }

    pub(crate) fn issue(&self, user_id: i64, now: Timestamp) -> Result<String, Error> {
        let iat = now.as_second();
        let claims = Claims {
            sub: user_id.to_string(),
            iss: NAME.to_owned(),
            aud: NAME.to_owned(),
            iat,
            exp: iat + LIFETIME_SECONDS,
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.keys.0).map_err(Error::internal)
    }

    /// The user a token was issued to, if it is ours and still good.
    pub(crate) fn verify(&self, token: &str) -> Option<i64> {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.leeway = 0;
        validation.set_issuer(&[NAME]);
        validation.set_audience(&[NAME]);
        validation.set_required_spec_claims(&["exp", "sub", "iss", "aud"]);
        let data = jsonwebtoken::decode::<Claims>(token, &self.keys.1, &validation).ok()?;
        data.claims.sub.parse().ok()
    }
}

fn read_or_create_secret(path: &Path) -> anyhow::Result<Vec<u8>> {
    let created = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    match created {
        Ok(mut file) => {
            let secret: [u8; SECRET_LEN] = rand::random();
            file.write_all(BASE64_STANDARD.encode(secret).as_bytes())?;
            file.sync_all()?;
            Ok(secret.to_vec())
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let secret = BASE64_STANDARD.decode(fs::read_to_string(path)?.trim())?;
            ensure!(
                secret.len() >= SECRET_LEN,
                "too short; delete the file and everybody logs in again"
            );
            Ok(secret)
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn only_our_own_living_tokens_are_good() {
        let now = Timestamp::now();
        let ours = Tokens::new(&[1; 32]);
        let past = now - jiff::SignedDuration::from_secs(LIFETIME_SECONDS + 1);
        let good = ours.issue(7, now).unwrap();
        let signature = good.rfind('.').unwrap();
        for (token, expect) in [
            (good.clone(), Some(7)),
            (ours.issue(7, past).unwrap(), None),
            (Tokens::new(&[2; 32]).issue(7, now).unwrap(), None),
            (good[..=signature].to_owned(), None),
            (String::new(), None),
            ("a.b.c".to_owned(), None),
        ] {
            assert_eq!(ours.verify(&token), expect, "{token}");
        }
        // The same claims without a signature.
        let unsigned = format!(
            "{}{}.",
            "eyJhbGciOiJub25lIn0",
            &good[good.find('.').unwrap()..signature]
        );
        assert_eq!(ours.verify(&unsigned), None);
    }

    #[test]
    fn the_secret_is_made_once_and_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token.secret");
        let token = Tokens::open(&path).unwrap().issue(7, Timestamp::now()).unwrap();
        assert_eq!(Tokens::open(&path).unwrap().verify(&token), Some(7));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::write(&path, "c2hvcnQ=").unwrap();
        assert!(Tokens::open(&path).is_err());
    }
}
