//! The way back to the merchant: where it may lead, and the signature by which the merchant knows what the buyer brings.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use ids::PaymentSessionId;
use service::{ApiError, Secret};
use sha2::Sha256;
use url::Url;

use super::merchant::Merchant;
use super::session::SessionState;

const URL_BYTES_MAX: usize = 2_000;

/// What the way back tells the merchant.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// The session.
    pub session_id: PaymentSessionId,
    /// The merchant's own name for what is paid; empty without one.
    pub order_id: &'a str,
    /// Where the session stands.
    pub state: SessionState,
}

impl Merchant {
    /// Checks an address that buyers are to be sent to. `name` is the field's.
    pub fn parse_return_url(&self, name: &str, text: &str) -> Result<String, ApiError> {
        let problem = || format!("{name} is no address at one of the merchant's returnOrigins");
        let bad = || ApiError::bad_input(problem()).with("field", name);
        let url = (text.len() <= URL_BYTES_MAX)
            .then(|| Url::parse(text.trim()).ok())
            .flatten()
            .ok_or_else(bad)?;
        self.may_return_to(&url).then(|| url.to_string()).ok_or_else(bad)
    }

    /// An address that was checked before, as long as its origin is still one of the merchant's.
    pub fn still_returns_to<'a>(&self, text: Option<&'a str>) -> Option<&'a str> {
        text.filter(|text| Url::parse(text).is_ok_and(|url| self.may_return_to(&url)))
    }

    fn may_return_to(&self, url: &Url) -> bool {
        // Names and passwords before the host are how addresses pretend to be others.
        let plain = url.username().is_empty() && url.password().is_none();
        let origin = url.origin().ascii_serialization();
        plain && self.return_origins.contains(&origin)
    }
}

/// The address with what it tells, signed. `None` when the address or the secret cannot be read.
pub fn signed_return_url(return_url: &str, told: Told<'_>, secret: &Secret) -> Option<String> {
    let signature = sign(told, secret)?;
    let mut url = Url::parse(return_url).ok()?;
    url.query_pairs_mut()
        .append_pair("session_id", told.session_id.as_str())
        .append_pair("order_id", told.order_id)
        .append_pair("status", told.state.as_str())
        .append_pair("signature", &signature);
    Some(url.into())
}

/// HMAC-SHA256 over `session_id.order_id.status`, in lower-case hexadecimal digits.
fn sign(told: Told<'_>, secret: &Secret) -> Option<String> {
    let key = STANDARD.decode(secret.expose().strip_prefix("whsec_")?).ok()?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
    mac.update(format!("{}.{}.{}", told.session_id, told.order_id, told.state.as_str()).as_bytes());
    let bytes = mac.finalize().into_bytes();
    Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use service::Timestamp;

    use super::*;
    use crate::domain::{MerchantStatus, Notification};

    const SESSION: &str = "cks_01JD2Q3V4W5X6Y7Z8A9BCDEFGH";
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    fn url(return_url: &str, order_id: &str) -> String {
        let told = Told {
            session_id: SESSION.parse().unwrap(),
            order_id,
            state: SessionState::Paid,
        };
        signed_return_url(return_url, told, &Secret::new(SECRET)).unwrap()
    }

    /// Made by Python's `hmac` module, so that a merchant's own implementation can be checked by it.
    #[test]
    fn a_known_signature_stays_what_it_is() {
        let signature = "f1b5256df9e7626435a4cb9157f51d800c05362126d37f2ff4e8461b6cc0a2ec";
        assert_eq!(
            url("https://shop.example/done", "order-77"),
            format!(
                "https://shop.example/done?session_id={SESSION}&order_id=order-77&status=PAID&signature={signature}"
            )
        );
        let signature = "8dba51c3cf0cf7218afee91cfa88f3761e9814d47bab119de8c651740d1ebafc";
        assert_eq!(
            url("https://shop.example/done?cart=1#end", ""),
            format!(
                "https://shop.example/done?cart=1&session_id={SESSION}&order_id=&status=PAID&signature={signature}#end"
            )
        );
    }

    #[test]
    fn buyers_go_back_to_registered_origins_only() {
        let merchant = Merchant {
            merchant_id: Merchant::default_id(),
            owner_user_id: None,
            name: "Shop".into(),
            status: MerchantStatus::Active,
            va_prefix: None,
            order_url: None,
            notification: Notification::Both,
            return_origins: vec!["https://shop.example".into(), "http://127.0.0.1:7003".into()],
            signing_secret: Secret::new(SECRET),
            created_at: Timestamp::from_micros(0),
        };
        #[track_caller]
        fn check(merchant: &Merchant, text: &str, expect: bool) {
            assert_eq!(merchant.parse_return_url("returnUrl", text).is_ok(), expect, "{text}");
            assert_eq!(merchant.still_returns_to(Some(text)).is_some(), expect, "{text}");
        }
        check(&merchant, "https://shop.example/done?a=1", true);
        check(&merchant, "https://SHOP.example:443/", true);
        check(&merchant, "http://127.0.0.1:7003/orders/1", true);
        for elsewhere in [
            "https://evil.example/",
            "https://shop.example.evil.example/",
            "https://shop.example@evil.example/",
            "https://user@shop.example/",
            "https://shop.example:8443/",
            "http://shop.example/",
            "http://127.0.0.1/",
            "//shop.example/",
            "/done",
            "javascript:alert(1)//https://shop.example",
            "data:text/html,x",
            "",
        ] {
            check(&merchant, elsewhere, false);
        }
    }
}
