//! What the marketplace can be told.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, ensure};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use reqwest::Url;

use crate::secrets::ReturnKey;

/// Who makes the virtual-account number of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum VaSource {
    /// The marketplace itself; the provider asks `getOrderByVA` before it debits.
    Own,
    /// The provider, by `generateInvoiceVA`.
    Provider,
}

/// The settings of one marketplace.
#[derive(Clone)]
pub struct Config {
    /// Where the database and the token secret are kept; made if missing.
    pub data_dir: PathBuf,
    /// The address to listen on.
    pub host: IpAddr,
    /// The port of the users endpoint; 0 takes a free one.
    pub users_port: u16,
    /// The port of the orders endpoint and of the webhook receiver; 0 takes a free one.
    pub orders_port: u16,
    /// The provider's GraphQL endpoint.
    pub provider_url: String,
    /// `whsec_` and the base64 of the secret shared with the provider; without it no webhook is accepted.
    pub webhook_secret: Option<String>,
    /// The provider's checkout page, where buyers are sent with `?va=…`.
    pub checkout_url: String,
    /// Who makes virtual-account numbers.
    pub va_source: VaSource,
    /// How long a bill can be paid.
    pub bill_ttl: Duration,
    /// How long after that the goods stay reserved, for a payment that began in time and is still under way.
    pub expiry_grace: Duration,
    /// Where buyers reach the pages, which is the orders endpoint; that port of this machine if left out.
    pub public_url: Option<String>,
    /// `whsec_` and the base64 of the secret the provider signs return URLs with; without it they are not checked.
    pub signing_secret: Option<String>,
    /// Whether the unsigned `updatePaymentStatus` marks an order paid. Anyone can call it, so a marketplace whose
    /// provider signs its webhooks turns this off; on, it is as trusting as the marketplaces first deployed.
    pub trust_graphql_notification: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: "data/blackdoctrine".into(),
            host: IpAddr::V4(Ipv4Addr::LOCALHOST),
            users_port: 7001,
            orders_port: 7003,
            provider_url: "http://127.0.0.1:8000/graphql".to_owned(),
            webhook_secret: None,
            checkout_url: "http://127.0.0.1:8000/pay".to_owned(),
            va_source: VaSource::Own,
            bill_ttl: Duration::from_secs(24 * 60 * 60),
            expiry_grace: Duration::from_secs(120),
            public_url: None,
            signing_secret: None,
            trust_graphql_notification: true,
        }
    }
}

/// Written out so that no secret can reach a log.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("data_dir", &self.data_dir)
            .field("host", &self.host)
            .field("users_port", &self.users_port)
            .field("orders_port", &self.orders_port)
            .field("provider_url", &self.provider_url)
            .field("webhook_secret", &self.webhook_secret.as_ref().map(|_| "…"))
            .field("checkout_url", &self.checkout_url)
            .field("va_source", &self.va_source)
            .field("bill_ttl", &self.bill_ttl)
            .field("expiry_grace", &self.expiry_grace)
            .field("public_url", &self.public_url)
            .field("signing_secret", &self.signing_secret.as_ref().map(|_| "…"))
            .field("trust_graphql_notification", &self.trust_graphql_notification)
            .finish()
    }
}

impl Config {
    pub(crate) fn validate(&self) -> anyhow::Result<()> {
        let year = Duration::from_secs(366 * 24 * 60 * 60);
        ensure!(
            !self.bill_ttl.is_zero() && self.bill_ttl <= year,
            "a bill lives longer than nothing and at most a year"
        );
        ensure!(self.expiry_grace <= year, "the grace after expiry is at most a year");
        for (name, url) in [
            ("provider_url", &self.provider_url),
            ("checkout_url", &self.checkout_url),
        ] {
            let url: Url = url.parse().with_context(|| format!("{name} is not a URL"))?;
            ensure!(matches!(url.scheme(), "http" | "https"), "{name} is not an HTTP URL");
        }
        Ok(())
    }

    /// The receiver that checks webhook signatures, if a secret is set.
    pub(crate) fn webhook_verifier(&self) -> anyhow::Result<Option<standardwebhooks::Webhook>> {
        let Some(secret) = &self.webhook_secret else {
            return Ok(None);
        };
        let key = decode_secret(secret).context("the webhook secret")?;
        Ok(Some(standardwebhooks::Webhook::from_bytes(key)?))
    }

    /// What return URLs are checked with, if a secret is set.
    pub(crate) fn return_key(&self) -> anyhow::Result<Option<ReturnKey>> {
        let secret = self.signing_secret.as_deref();
        secret
            .map(|secret| Ok(ReturnKey::new(decode_secret(secret).context("the signing secret")?)))
            .transpose()
    }

    /// Where buyers reach the pages, knowing the port that the orders endpoint got.
    pub(crate) fn pages_url(&self, orders_port: u16) -> anyhow::Result<Url> {
        let url = match &self.public_url {
            Some(url) => url.clone(),
            None => format!("http://127.0.0.1:{orders_port}"),
        };
        let url: Url = url.parse().context("public_url is not a URL")?;
        ensure!(
            matches!(url.scheme(), "http" | "https"),
            "public_url is not an HTTP URL"
        );
        // Links and cookies of the pages begin at the root.
        ensure!(
            url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty(),
            "public_url is scheme, host and port alone"
        );
        Ok(url)
    }
}

fn decode_secret(secret: &str) -> anyhow::Result<Vec<u8>> {
    let encoded = secret.strip_prefix("whsec_").context("it starts with `whsec_`")?;
    let key = BASE64_STANDARD.decode(encoded).context("it is base64 after `whsec_`")?;
    // The sizes Standard Webhooks asks for.
    ensure!((24..=64).contains(&key.len()), "it has 24 to 64 bytes");
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_checked_and_never_shown() {
        for (secret, ok) in [
            (None, true),
            (Some("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), true),
            (Some("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), false),
            (Some("whsec_short"), false),
            (Some("whsec_c2hvcnQ="), false),
            (Some(""), false),
        ] {
            let config = Config {
                webhook_secret: secret.map(str::to_owned),
                signing_secret: secret.map(str::to_owned),
                ..Config::default()
            };
            assert_eq!(config.webhook_verifier().is_ok(), ok, "{secret:?}");
            assert_eq!(config.return_key().is_ok(), ok, "{secret:?}");
            assert!(!format!("{config:?}").contains("MfKQ"));
        }
    }

    #[test]
    fn pages_are_where_the_setting_says_or_at_the_port() {
        for (public_url, expect) in [
            (None, Some("http://127.0.0.1:7003/")),
            (Some("https://shop.example"), Some("https://shop.example/")),
            (Some("https://shop.example/"), Some("https://shop.example/")),
            (Some("http://localhost:9000"), Some("http://localhost:9000/")),
            (Some("https://shop.example/toko"), None),
            (Some("https://shop.example/?a=b"), None),
            (Some("https://me@shop.example/"), None),
            (Some("ftp://shop.example/"), None),
            (Some("shop.example"), None),
        ] {
            let config = Config {
                public_url: public_url.map(str::to_owned),
                ..Config::default()
            };
            let url = config.pages_url(7003).ok();
            assert_eq!(url.as_ref().map(Url::as_str), expect, "{public_url:?}");
        }
    }

    #[test]
    fn senseless_settings_are_refused() {
        assert!(Config::default().validate().is_ok());
        assert!(
            Config {
                bill_ttl: Duration::ZERO,
                ..Config::default()
            }
            .validate()
            .is_err()
        );
        assert!(
            Config {
                provider_url: "ftp://x".to_owned(),
                ..Config::default()
            }
            .validate()
            .is_err()
        );
        assert!(
            Config {
                checkout_url: "nowhere".to_owned(),
                ..Config::default()
            }
            .validate()
            .is_err()
        );
    }
}
