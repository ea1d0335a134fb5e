//! A key pair that signs whatever a forger might, with headers of the test's choice.
#![allow(dead_code)]

use std::path::Path;

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaEncoding};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// The time of all these tests.
pub const NOW: i64 = 1_800_000_000;

/// An RSA key pair with a name.
pub struct Key {
    pair: KeyPair,
    /// Its name.
    pub kid: String,
}

impl Key {
    /// A new one.
    pub fn generate(kid: &str) -> Self {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        Self {
            pair,
            kid: kid.to_owned(),
        }
    }

    /// Its public half, as in a file.
    pub fn public_pem(&self) -> String {
        let der: PublicKeyX509Der<'_> = self.pair.public_key().as_der().unwrap();
        let text = STANDARD.encode(der.as_ref());
        let lines: Vec<&str> = text
            .as_bytes()
            .chunks(64)
            .map(|line| std::str::from_utf8(line).unwrap())
            .collect();
        format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
            lines.join("\n")
        )
    }

    /// Puts its public half where services look for it.
    pub fn publish(&self, keys_dir: &Path) {
        let folder = keys_dir.join("public");
        std::fs::create_dir_all(&folder).unwrap();
        // As a rotation does: never half a file.
        let draft = folder.join("draft");
        std::fs::write(&draft, self.public_pem()).unwrap();
        std::fs::rename(draft, folder.join(format!("{}.pem", self.kid))).unwrap();
    }

    /// A header that is in order.
    pub fn header(&self) -> Value {
        json!({ "alg": "RS256", "typ": "JWT", "kid": self.kid })
    }

    /// Signs with SHA-256.
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        self.sign_with(&RSA_PKCS1_SHA256, header, claims)
    }

    /// Signs some other way.
    pub fn sign_with(&self, encoding: &'static dyn RsaEncoding, header: &Value, claims: &Value) -> String {
        let signed = unsigned(header, claims);
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(encoding, &SystemRandom::new(), signed.as_bytes(), &mut signature)
            .unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// Header and claims without signature.
pub fn unsigned(header: &Value, claims: &Value) -> String {
    format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header.to_string()),
        URL_SAFE_NO_PAD.encode(claims.to_string())
    )
}

/// Claims that are in order, with this role.
pub fn claims(role: &str) -> Value {
    json!({
        "iss": "sawit", "aud": "sawit", "sub": "usr_1", "exp": NOW + 900, "iat": NOW, "jti": "t-1", "role": role,
    })
}

/// Claims with something changed, or (with null) taken out.
pub fn claims_with(name: &str, value: Value) -> Value {
    let mut claims = claims("Nasabah");
    let fields = claims.as_object_mut().unwrap();
    if value.is_null() {
        fields.remove(name);
    } else {
        fields.insert(name.to_owned(), value);
    }
    claims
}
