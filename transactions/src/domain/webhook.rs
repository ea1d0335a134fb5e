//! Webhooks as [Standard Webhooks](https://www.standardwebhooks.com/) has them: what is said, and how it is signed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use money::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::json;
use service::{Secret, Timestamp};
use sha2::Sha256;

use super::transaction::Transaction;

/// An event on its way to a merchant. The body is made once, so that every attempt sends the same bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookEvent {
    /// `webhook-id`: the same for every attempt, so that a receiver knows a repetition.
    pub event_id: String,
    /// Whom it is for.
    pub merchant_id: String,
    /// The JSON that is sent.
    pub body: String,
}

impl WebhookEvent {
    /// `payment.succeeded`.
    pub fn payment_succeeded(transaction: &Transaction, paid_at: Timestamp) -> Option<Self> {
        let body = json!({
            "type": "payment.succeeded",
            "timestamp": paid_at.to_string(),
            "data": {
                "transactionId": transaction.transaction_id.as_str(),
                "vaNumber": transaction.va_number,
                "status": "SUCCESS",
                "amount": Decimal::from(transaction.amount),
                "currency": transaction.amount.currency().code(),
                "paidAt": paid_at.to_string(),
            },
        });
        Some(Self {
            event_id: transaction.transaction_id.retag::<ids::Event>().to_string(),
            merchant_id: transaction.merchant_id?.to_string(),
            body: body.to_string(),
        })
    }
}

/// The value of `webhook-signature`: HMAC-SHA256 over id, time and body. `None` when the secret is no `whsec_…`.
pub fn sign(secret: &Secret, event_id: &str, sent_at_seconds: i64, body: &str) -> Option<String> {
    let key = STANDARD.decode(secret.expose().strip_prefix("whsec_")?).ok()?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
    mac.update(format!("{event_id}.{sent_at_seconds}.{body}").as_bytes());
    Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_implementation_verifies_what_we_sign() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let now = service::Clock::system().now().seconds();
        let body = r#"{"type":"payment.succeeded"}"#;
        let signature = sign(&Secret::new(secret), "evt_1", now, body).unwrap();
        let mut headers = http::HeaderMap::new();
        headers.insert("webhook-id", "evt_1".parse().unwrap());
        headers.insert("webhook-timestamp", now.to_string().parse().unwrap());
        headers.insert("webhook-signature", signature.parse().unwrap());
        let receiver = standardwebhooks::Webhook::new(secret).unwrap();
        receiver.verify(body.as_bytes(), &headers).unwrap();
        receiver.verify(b"{}", &headers).unwrap_err();
    }
}
