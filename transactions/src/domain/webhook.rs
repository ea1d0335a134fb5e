//! How webhooks are signed, as [Standard Webhooks](https://www.standardwebhooks.com/) says.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use rand::RngExt as _;
use service::Secret;
use sha2::Sha256;

/// A new `whsec_…` secret, of 32 random bytes.
pub fn new_secret() -> Secret {
    let bytes: [u8; 32] = rand::rng().random();
    Secret::new(format!("whsec_{}", STANDARD.encode(bytes)))
}

/// The value of `webhook-signature`: HMAC-SHA256 over id, time and body, once for each secret that is in use. `None` when
/// one is no `whsec_…`.
pub fn sign<'a>(
    secrets: impl IntoIterator<Item = &'a Secret>,
    event_id: &str,
    sent_at_seconds: i64,
    body: &str,
) -> Option<String> {
    let signatures = secrets.into_iter().map(|secret| {
        let key = STANDARD.decode(secret.expose().strip_prefix("whsec_")?).ok()?;
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
        mac.update(format!("{event_id}.{sent_at_seconds}.{body}").as_bytes());
        Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
    });
    Some(signatures.collect::<Option<Vec<_>>>()?.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_implementation_verifies_what_we_sign() {
        let (new, old, stranger) = (
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
            "whsec_plJ3nmyCDGBKInavdOK15jsl",
        );
        let now = service::Clock::system().now().seconds();
        let body = r#"{"type":"payment.succeeded"}"#;
        let secrets = [Secret::new(new), Secret::new(old)];
        let signature = sign(&secrets, "evt_1", now, body).unwrap();
        let mut headers = http::HeaderMap::new();
        headers.insert("webhook-id", "evt_1".parse().unwrap());
        headers.insert("webhook-timestamp", now.to_string().parse().unwrap());
        headers.insert("webhook-signature", signature.parse().unwrap());
        for secret in [new, old] {
            let receiver = standardwebhooks::Webhook::new(secret).unwrap();
            receiver.verify(body.as_bytes(), &headers).unwrap();
            receiver.verify(b"{}", &headers).unwrap_err();
        }
        let receiver = standardwebhooks::Webhook::new(stranger).unwrap();
        receiver.verify(body.as_bytes(), &headers).unwrap_err();
    }
}
