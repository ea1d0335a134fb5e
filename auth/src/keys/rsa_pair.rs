//! RSA key pairs as PEM. Only here and in `signer.rs` is a private key ever in memory.

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::KeysError;

const PEM_LINE: usize = 64;

/// A new RSA-2048 pair.
pub(super) fn generate() -> Result<KeyPair, KeysError> {
    KeyPair::generate(KeySize::Rsa2048).map_err(|_| KeysError::Cryptography)
}

/// The private key: PKCS#8.
pub(super) fn private_pem(pair: &KeyPair) -> Result<String, KeysError> {
    let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| KeysError::Cryptography)?;
    Ok(pem("PRIVATE KEY", der.as_ref()))
}

/// The public key: SubjectPublicKeyInfo.
pub(super) fn public_pem(pair: &KeyPair) -> Result<String, KeysError> {
    let der: PublicKeyX509Der<'_> = pair.public_key().as_der().map_err(|_| KeysError::Cryptography)?;
    Ok(pem("PUBLIC KEY", der.as_ref()))
}

/// Reads a private key; `None` when the text is none.
pub(super) fn parse(private_pem: &str) -> Option<KeyPair> {
    let body = private_pem
        .trim()
        .strip_prefix("-----BEGIN PRIVATE KEY-----")?
        .strip_suffix("-----END PRIVATE KEY-----")?;
    let body: String = body.split_whitespace().collect();
    KeyPair::from_pkcs8(&STANDARD.decode(body).ok()?).ok()
}

fn pem(label: &str, der: &[u8]) -> String {
    let encoded = STANDARD.encode(der);
    let mut text = format!("-----BEGIN {label}-----\n");
    for start in (0..encoded.len()).step_by(PEM_LINE) {
        text.push_str(&encoded[start..encoded.len().min(start + PEM_LINE)]);
        text.push('\n');
    }
    text.push_str(&format!("-----END {label}-----\n"));
    text
}
