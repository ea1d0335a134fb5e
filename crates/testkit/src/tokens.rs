//! Signs tokens the way auth does, so that a service can be tested without auth.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::json;
use service::Clock;
use service::token::{AUDIENCE, Claims, ISSUER, PublicKeys, Role, TokenVerifier};

/// The end of every token made here: 2100-01-01, so that a test may turn its clock.
pub const EXPIRES_AT: i64 = 4_102_444_800;

/// A key pair whose public half lies in a keys folder.
pub struct Signer {
    key: &'static KeyPair,
    kid: String,
    keys_dir: PathBuf,
}

impl Signer {
    /// Puts a public key into `<keys_dir>/public` and signs with its private half. The pair is made once per test
    /// program, because making one takes long; folders made here share it.
    pub fn new(keys_dir: impl AsRef<Path>) -> Self {
        static PAIR: OnceLock<KeyPair> = OnceLock::new();
        Self::with_key(keys_dir.as_ref(), PAIR.get_or_init(generate))
    }

    /// A signer with a pair of its own, which no other signer's folder knows.
    pub fn stranger(keys_dir: impl AsRef<Path>) -> Self {
        static PAIR: OnceLock<KeyPair> = OnceLock::new();
        Self::with_key(keys_dir.as_ref(), PAIR.get_or_init(generate))
    }

    fn with_key(keys_dir: &Path, key: &'static KeyPair) -> Self {
        let signer = Self {
            key,
            kid: "2026-01-01T000000Z-test".to_owned(),
            keys_dir: keys_dir.to_owned(),
        };
        let folder = keys_dir.join("public");
        std::fs::create_dir_all(&folder).expect("the keys folder can be made");
        std::fs::write(folder.join(format!("{}.pem", signer.kid)), public_pem(key)).expect("a key can be written");
        signer
    }

    /// What a service checks these tokens with.
    pub fn verifier(&self, clock: &Clock) -> TokenVerifier {
        TokenVerifier::new(PublicKeys::in_keys_dir(&self.keys_dir), clock.clone())
    }

    /// A person's token.
    pub fn user(&self, id: impl AsRef<str>, role: Role) -> String {
        self.sign(&claims(id.as_ref(), role))
    }

    /// The token of one of our services.
    pub fn service(&self, name: impl AsRef<str>) -> String {
        self.sign(&claims(name.as_ref(), Role::Service))
    }

    /// A token with claims that the test chose, good or not.
    pub fn sign(&self, claims: &Claims) -> String {
        let header = json!({ "alg": "RS256", "typ": "JWT", "kid": self.kid });
        let claims = serde_json::to_vec(claims).expect("claims are JSON");
        let signed = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header.to_string()),
            URL_SAFE_NO_PAD.encode(claims)
        );
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                signed.as_bytes(),
                &mut signature,
            )
            .expect("the buffer has the modulus's size");
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// The claims of a good token.
pub fn claims(subject: &str, role: Role) -> Claims {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    Claims {
        iss: ISSUER.to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: subject.to_owned(),
        exp: EXPIRES_AT,
        iat: 1_767_225_600,
        jti: format!("test-{}", COUNT.fetch_add(1, Ordering::Relaxed)),
        role,
        sid: None,
        account_created_at: None,
        email_domain: None,
        zoneinfo: None,
    }
}

fn generate() -> KeyPair {
    KeyPair::generate(KeySize::Rsa2048).expect("a key pair can be made")
}

fn public_pem(key: &KeyPair) -> String {
    let der: PublicKeyX509Der<'_> = key.public_key().as_der().expect("a public key has a DER form");
    let text = STANDARD.encode(der.as_ref());
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).expect("base64 is ASCII"))
        .collect();
    format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        lines.join("\n")
    )
}

#[cfg(test)]
mod tests {
    use service::Timestamp;
    use service::token::TokenError;

    use super::*;

    #[test]
    fn a_service_takes_these_tokens_and_only_these() {
        let folder = tempfile::tempdir().unwrap();
        let signer = Signer::new(folder.path());
        let clock = Clock::manual(Timestamp::from_micros(1_767_225_600_000_000));
        let verifier = signer.verifier(&clock);
        let known = verifier.verify(&signer.user("usr_1", Role::Nasabah)).unwrap();
        assert_eq!((known.sub.as_str(), known.role), ("usr_1", Role::Nasabah));
        assert_eq!(
            verifier.verify(&signer.service("transactions")).unwrap().role,
            Role::Service
        );

        let elsewhere = tempfile::tempdir().unwrap();
        let stranger = Signer::stranger(elsewhere.path());
        let forged = stranger.user("usr_1", Role::Admin);
        assert_eq!(verifier.verify(&forged), Err(TokenError::Invalid));
        let expired = Claims {
            exp: 1,
            ..claims("usr_1", Role::Admin)
        };
        assert_eq!(verifier.verify(&signer.sign(&expired)), Err(TokenError::Expired));
        let foreign = Claims {
            aud: "else".into(),
            ..claims("usr_1", Role::Admin)
        };
        assert_eq!(verifier.verify(&signer.sign(&foreign)), Err(TokenError::Invalid));
    }
}
