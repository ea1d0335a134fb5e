//! Settings: from the environment, then `sawit.toml`, then defaults; checked once, at start.

mod sources;
mod table;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use money::{Currency, Money};
use url::Url;

use crate::name::ServiceName;
use crate::secret::Secret;
pub use sources::{SettingError, Sources};
pub use table::{SETTINGS, Setting, toml_key};

/// Sandbox or the real thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Money is play money: owners top up for free from a simulated bank.
    Sandbox,
    /// Refuses to start with what is only fit for a sandbox.
    Live,
}

impl Mode {
    /// True in the sandbox.
    pub const fn is_sandbox(self) -> bool {
        matches!(self, Self::Sandbox)
    }
}

/// The marketplace that the configuration itself names.
#[derive(Clone, Debug)]
pub struct MarketplaceSettings {
    /// Its GraphQL endpoint, for bills and the notification mutation.
    pub url: Url,
    /// What buyers read.
    pub name: String,
    /// Where its buyers may be sent back to: scheme, host and port, as `https://shop.example`.
    pub return_origins: Vec<String>,
    /// What the way back of its buyers is signed with; none: the provider makes one.
    pub signing_secret: Option<Secret>,
    /// Prefix of the VA numbers it makes itself, beside the provider's own.
    pub va_prefix: Option<String>,
    /// Where it takes webhooks, and the secret they are signed with. Both or none.
    pub webhook: Option<(Url, Secret)>,
}

/// Thresholds of the fraud rules.
#[derive(Clone, Debug)]
pub struct FraudSettings {
    /// Above: SUSPICIOUS.
    pub suspicious_above: Money,
    /// Above: FRAUD.
    pub block_above: Money,
    /// More payments than this in a minute, an hour, a day: SUSPICIOUS.
    pub count_per: [u32; 3],
    /// A larger sum than this in a minute, an hour, a day: SUSPICIOUS.
    pub sum_per: [Money; 3],
    /// Younger accounts are new.
    pub new_account_for: Duration,
    /// Above, from a new account: SUSPICIOUS.
    pub new_account_above: Money,
    /// More refused payments than this in an hour: SUSPICIOUS.
    pub failures_per_hour: u32,
}

/// All settings, checked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Sandbox or live.
    pub mode: Mode,
    /// Listening address.
    pub host: IpAddr,
    /// The gateway's port.
    pub gateway_port: u16,
    /// The services' ports.
    pub ports: BTreeMap<ServiceName, u16>,
    /// The services' base URLs, for a service that runs alone.
    pub urls: BTreeMap<ServiceName, Url>,
    /// Folder of the database files.
    pub data_dir: PathBuf,
    /// Folder of keys and service secrets.
    pub keys_dir: PathBuf,
    /// The admin made on first start.
    pub admin_email: String,
    /// Its password, if the operator chose one.
    pub admin_password: Option<Secret>,
    /// The default marketplace.
    pub marketplace: MarketplaceSettings,
    /// Fraud thresholds.
    pub fraud: FraudSettings,
    /// Where buyers reach the checkout; the base of its addresses.
    pub public_url: Url,
    /// Larger payments at the checkout are confirmed with password or PIN.
    pub checkout_confirm_above: Money,
    /// The port of the gRPC API for merchants; none: only at the port of transactions.
    pub grpc_port: Option<u16>,
    /// Whether webhooks may go to private addresses; never in live mode.
    pub webhook_private_addresses: bool,
    /// Whether the gateway answers introspection.
    pub introspection: bool,
    /// Whether attempts are limited.
    pub rate_limits: bool,
    /// The log filter.
    pub log: String,
}

impl Settings {
    /// Reads and checks everything. All that is wrong is reported, not only the first.
    pub fn load(sources: &Sources) -> Result<Self, Vec<SettingError>> {
        let mut reader = sources.reader();
        let settings = Self::read(&mut reader);
        reader.finish()?;
        settings.ok_or_else(Vec::new)
    }

    /// `None` only after an error was noted in `reader`.
    fn read(reader: &mut sources::Reader<'_>) -> Option<Self> {
        let mode = reader.one_of("SAWIT_MODE", &[("sandbox", Mode::Sandbox), ("live", Mode::Live)]);
        let host: Option<IpAddr> = reader.parse("SAWIT_HOST", "an IP address");
        let gateway_port: Option<u16> = reader.parse("SAWIT_PORT", "a port number");
        let mut ports = BTreeMap::new();
        let mut urls = BTreeMap::new();
        for name in ServiceName::ALL {
            let variable = |what: &str| format!("SAWIT_{}_{what}", name.as_str().to_ascii_uppercase());
            // With port 0 everybody takes a free one.
            let next = match gateway_port {
                Some(0) => 0,
                port => port.unwrap_or(8000).saturating_add(name.port_offset()),
            };
            let port = reader.parse_opt(&variable("PORT"), "a port number").unwrap_or(next);
            if port != 0 && (gateway_port == Some(port) || ports.values().any(|taken| *taken == port)) {
                reader.refuse(
                    &variable("PORT"),
                    &format!("the port {port} is taken by another part of the provider"),
                );
            }
            ports.insert(name, port);
            let url: Option<Url> = reader.parse_opt(&variable("URL"), "an http:// address");
            if url
                .as_ref()
                .is_some_and(|url| url.scheme() != "http" || url.host().is_none())
            {
                reader.refuse(
                    &variable("URL"),
                    "services call each other by http://, inside one network",
                );
            }
            urls.insert(
                name,
                url.or_else(|| Url::parse(&format!("http://127.0.0.1:{port}")).ok())?,
            );
        }
        let admin_email: Option<String> = reader.parse("SAWIT_ADMIN_EMAIL", "an e-mail address");
        if admin_email.as_ref().is_some_and(|email| !email.contains('@')) {
            reader.refuse("SAWIT_ADMIN_EMAIL", "an e-mail address is expected");
        }
        let marketplace = read_marketplace(reader);
        let fraud = read_fraud(reader);
        let on_off = [("on", true), ("off", false)];
        let webhook_private_addresses = reader.one_of("SAWIT_WEBHOOK_PRIVATE_ADDRESSES", &on_off);
        let public_url = read_public_url(reader, gateway_port);
        let checkout_confirm_above = read_amount(reader, "SAWIT_CHECKOUT_CONFIRM_ABOVE");
        let grpc_port: Option<u16> = reader.parse("SAWIT_GRPC_PORT", "a port number");
        let introspection = reader.one_of("SAWIT_INTROSPECTION", &on_off);
        let rate_limits = reader.one_of("SAWIT_RATE_LIMITS", &on_off);
        if mode == Some(Mode::Live) && rate_limits == Some(false) {
            reader.refuse("SAWIT_RATE_LIMITS", "limits can be switched off in sandbox only");
        }
        let settings = Self {
            mode: mode?,
            host: host?,
            gateway_port: gateway_port?,
            ports,
            urls,
            data_dir: reader.parse("SAWIT_DATA_DIR", "a folder")?,
            keys_dir: reader.parse("SAWIT_KEYS_DIR", "a folder")?,
            admin_email: admin_email?,
            admin_password: reader.text("SAWIT_ADMIN_PASSWORD").map(Secret::new),
            marketplace: marketplace?,
            fraud: fraud?,
            public_url: public_url?,
            checkout_confirm_above: checkout_confirm_above?,
            grpc_port: Some(grpc_port?).filter(|port| *port != 0),
            webhook_private_addresses: webhook_private_addresses? && mode == Some(Mode::Sandbox),
            introspection: introspection?,
            rate_limits: rate_limits?,
            log: reader.parse("SAWIT_LOG", "a log filter")?,
        };
        settings.refuse_sandbox_defaults_in_live_mode(reader);
        Some(settings)
    }

    fn refuse_sandbox_defaults_in_live_mode(&self, reader: &mut sources::Reader<'_>) {
        if self.mode.is_sandbox() {
            return;
        }
        if self.public_url.scheme() != "https" {
            reader.refuse("SAWIT_PUBLIC_URL", "in live mode buyers come by https:// only");
        }
        if self
            .marketplace
            .return_origins
            .iter()
            .any(|origin| !origin.starts_with("https://"))
        {
            reader.refuse(
                "SAWIT_MARKETPLACE_RETURN_ORIGINS",
                "in live mode buyers are sent back by https:// only",
            );
        }
        if self.marketplace.url.scheme() != "https" {
            reader.refuse(
                "SAWIT_MARKETPLACE_URL",
                "in live mode a merchant is called by https:// only",
            );
        }
        match &self.marketplace.webhook {
            Some((url, _)) if url.scheme() != "https" => {
                reader.refuse(
                    "SAWIT_MARKETPLACE_WEBHOOK_URL",
                    "in live mode a merchant is called by https:// only",
                );
            }
            _ => {}
        }
        for (variable, url) in [
            ("SAWIT_MARKETPLACE_URL", Some(&self.marketplace.url)),
            (
                "SAWIT_MARKETPLACE_WEBHOOK_URL",
                self.marketplace.webhook.as_ref().map(|(url, _)| url),
            ),
        ] {
            if url.is_some_and(|url| !crate::outbound::names_public_host(url)) {
                reader.refuse(variable, "in live mode a merchant's address must be public");
            }
        }
    }
}

fn read_marketplace(reader: &mut sources::Reader<'_>) -> Option<MarketplaceSettings> {
    let url: Option<Url> = reader.parse("SAWIT_MARKETPLACE_URL", "an http:// or https:// address");
    let webhook_url: Option<Url> = reader.parse_opt("SAWIT_MARKETPLACE_WEBHOOK_URL", "an http:// or https:// address");
    for (variable, url) in [
        ("SAWIT_MARKETPLACE_URL", &url),
        ("SAWIT_MARKETPLACE_WEBHOOK_URL", &webhook_url),
    ] {
        if url
            .as_ref()
            .is_some_and(|url| !matches!(url.scheme(), "http" | "https"))
        {
            reader.refuse(variable, "an http:// or https:// address is expected");
        }
    }
    let secret = read_secret(reader, "SAWIT_MARKETPLACE_WEBHOOK_SECRET");
    let signing_secret = read_secret(reader, "SAWIT_MARKETPLACE_SIGNING_SECRET");
    let webhook = match (webhook_url, secret) {
        (Some(url), Some(secret)) => Some((url, secret)),
        (Some(_), None) => {
            reader.refuse(
                "SAWIT_MARKETPLACE_WEBHOOK_SECRET",
                "needed to sign what goes to SAWIT_MARKETPLACE_WEBHOOK_URL",
            );
            None
        }
        (None, _) => None,
    };
    let va_prefix = reader.text("SAWIT_MARKETPLACE_VA_PREFIX");
    let fits_a_va = |text: &String| {
        (2..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    if va_prefix.as_ref().is_some_and(|text| !fits_a_va(text)) {
        reader.refuse(
            "SAWIT_MARKETPLACE_VA_PREFIX",
            "2 to 20 letters, digits and hyphens are expected",
        );
    }
    let return_origins = read_origins(reader, "SAWIT_MARKETPLACE_RETURN_ORIGINS");
    let url = url?;
    let name = reader.text("SAWIT_MARKETPLACE_NAME").unwrap_or_else(|| {
        url.host_str()
            .map_or_else(|| "Marketplace".to_owned(), |host| format!("Marketplace at {host}"))
    });
    Some(MarketplaceSettings {
        url,
        name,
        return_origins: return_origins?,
        signing_secret,
        va_prefix,
        webhook,
    })
}

/// Where buyers come in: an address without a path, so that paths can be put behind it.
fn read_public_url(reader: &mut sources::Reader<'_>, gateway_port: Option<u16>) -> Option<Url> {
    let url: Option<Url> = reader.parse_opt("SAWIT_PUBLIC_URL", "an http:// or https:// address");
    if url
        .as_ref()
        .is_some_and(|url| !matches!(url.scheme(), "http" | "https") || url.path() != "/" || url.query().is_some())
    {
        reader.refuse(
            "SAWIT_PUBLIC_URL",
            "an http:// or https:// address without a path is expected",
        );
        return None;
    }
    url.or_else(|| Url::parse(&format!("http://127.0.0.1:{}", gateway_port?)).ok())
}

fn read_origins(reader: &mut sources::Reader<'_>, variable: &str) -> Option<Vec<String>> {
    let text = reader.text(variable).unwrap_or_default();
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let origins: Option<Vec<String>> = parts.map(crate::outbound::origin).collect();
    if origins.is_none() {
        reader.refuse(
            variable,
            "origins such as https://shop.example are expected, with commas between them",
        );
    }
    origins
}

fn read_amount(reader: &mut sources::Reader<'_>, variable: &str) -> Option<Money> {
    let text = reader.text(variable)?;
    match money::parse_decimal(&text, Currency::Idr) {
        Ok(amount) if !amount.is_negative() => Some(amount),
        _ => {
            reader.refuse(variable, "an amount is expected");
            None
        }
    }
}

fn read_secret(reader: &mut sources::Reader<'_>, variable: &str) -> Option<Secret> {
    let secret = reader.text(variable).map(Secret::new)?;
    if !is_webhook_secret(secret.expose()) {
        reader.refuse(variable, "whsec_ and 24 to 64 bytes in base64 are expected");
    }
    Some(secret)
}

/// `whsec_` and base64 of 24 to 64 bytes, as Standard Webhooks asks.
fn is_webhook_secret(text: &str) -> bool {
    use base64::Engine as _;
    text.strip_prefix("whsec_")
        .and_then(|encoded| base64::engine::general_purpose::STANDARD.decode(encoded).ok())
        .is_some_and(|bytes| (24..=64).contains(&bytes.len()))
}

fn read_fraud(reader: &mut sources::Reader<'_>) -> Option<FraudSettings> {
    let mut amount = |variable: &str| read_amount(reader, variable);
    let suspicious_above = amount("SAWIT_FRAUD_SUSPICIOUS_ABOVE");
    let block_above = amount("SAWIT_FRAUD_BLOCK_ABOVE");
    let new_account_above = amount("SAWIT_FRAUD_NEW_ACCOUNT_ABOVE");
    let sum_per = ["MINUTE", "HOUR", "DAY"].map(|window| amount(&format!("SAWIT_FRAUD_SUM_PER_{window}")));
    let count_per =
        ["MINUTE", "HOUR", "DAY"].map(|window| reader.parse(&format!("SAWIT_FRAUD_COUNT_PER_{window}"), "a count"));
    let hours: Option<u32> = reader.parse("SAWIT_FRAUD_NEW_ACCOUNT_HOURS", "a number of hours");
    let failures_per_hour = reader.parse("SAWIT_FRAUD_FAILURES_PER_HOUR", "a count");
    Some(FraudSettings {
        suspicious_above: suspicious_above?,
        block_above: block_above?,
        count_per: [count_per[0]?, count_per[1]?, count_per[2]?],
        sum_per: [sum_per[0]?, sum_per[1]?, sum_per[2]?],
        new_account_for: Duration::from_secs(u64::from(hours?) * 3_600),
        new_account_above: new_account_above?,
        failures_per_hour: failures_per_hour?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(pairs: &[(&str, &str)]) -> Sources {
        Sources::from_pairs(
            pairs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        )
    }

    #[test]
    fn the_defaults_are_a_working_sandbox() {
        let settings = Settings::load(&sources(&[])).unwrap();
        assert_eq!(settings.mode, Mode::Sandbox);
        assert_eq!(settings.gateway_port, 8000);
        assert_eq!(settings.ports[&ServiceName::History], 8005);
        assert_eq!(settings.urls[&ServiceName::Wallet].as_str(), "http://127.0.0.1:8002/");
        assert_eq!(settings.fraud.block_above.to_string(), "50000000");
    }

    #[test]
    fn bad_values_are_refused_by_name() {
        #[track_caller]
        fn check(pairs: &[(&str, &str)], names: &[&str]) {
            let errors = Settings::load(&sources(pairs)).unwrap_err();
            let found: Vec<&str> = errors.iter().map(|error| error.variable.as_str()).collect();
            assert_eq!(found, names, "{errors:?}");
        }
        check(&[("SAWIT_MODE", "prod")], &["SAWIT_MODE"]);
        check(
            &[("SAWIT_PORT", "80000"), ("SAWIT_HOST", "localhost")],
            &["SAWIT_HOST", "SAWIT_PORT"],
        );
        check(&[("SAWIT_WALLET_PORT", "x")], &["SAWIT_WALLET_PORT"]);
        check(&[("SAWIT_WALLET_PORT", "8000")], &["SAWIT_WALLET_PORT"]);
        check(&[("SAWIT_FRAUD_PORT", "8001")], &["SAWIT_FRAUD_PORT"]);
        check(&[("SAWIT_FRAUD_URL", "https://fraud/")], &["SAWIT_FRAUD_URL"]);
        check(
            &[("SAWIT_MARKETPLACE_VA_PREFIX", "\"")],
            &["SAWIT_MARKETPLACE_VA_PREFIX"],
        );
        check(&[("SAWIT_MARKETPLACE_URL", "ftp://x/")], &["SAWIT_MARKETPLACE_URL"]);
        check(
            &[("SAWIT_MARKETPLACE_WEBHOOK_URL", "http://x/")],
            &["SAWIT_MARKETPLACE_WEBHOOK_SECRET"],
        );
        for secret in ["SAWIT_MARKETPLACE_WEBHOOK_SECRET", "SAWIT_MARKETPLACE_SIGNING_SECRET"] {
            check(&[(secret, "hunter2")], &[secret]);
        }
        check(&[("SAWIT_PUBLIC_URL", "https://pay.example/x")], &["SAWIT_PUBLIC_URL"]);
        check(
            &[(
                "SAWIT_MARKETPLACE_RETURN_ORIGINS",
                "https://a.example, https://b.example/path",
            )],
            &["SAWIT_MARKETPLACE_RETURN_ORIGINS"],
        );
        check(
            &[("SAWIT_CHECKOUT_CONFIRM_ABOVE", "much")],
            &["SAWIT_CHECKOUT_CONFIRM_ABOVE"],
        );
        check(&[("SAWIT_FRAUD_BLOCK_ABOVE", "-1")], &["SAWIT_FRAUD_BLOCK_ABOVE"]);
        check(&[("SAWIT_FRAUD_COUNT_PER_DAY", "many")], &["SAWIT_FRAUD_COUNT_PER_DAY"]);
    }

    #[test]
    fn live_mode_refuses_what_is_fit_for_a_sandbox_only() {
        let errors = Settings::load(&sources(&[("SAWIT_MODE", "live"), ("SAWIT_RATE_LIMITS", "off")])).unwrap_err();
        let names: Vec<&str> = errors.iter().map(|error| error.variable.as_str()).collect();
        assert_eq!(
            names,
            [
                "SAWIT_RATE_LIMITS",
                "SAWIT_PUBLIC_URL",
                "SAWIT_MARKETPLACE_URL",
                "SAWIT_MARKETPLACE_URL"
            ]
        );
        let good = [
            ("SAWIT_MODE", "live"),
            ("SAWIT_PUBLIC_URL", "https://pay.example"),
            ("SAWIT_MARKETPLACE_URL", "https://shop.example/graphql"),
        ];
        assert_eq!(Settings::load(&sources(&good)).unwrap().mode, Mode::Live);
    }

    #[test]
    fn no_secret_is_shown() {
        let pairs = [("SAWIT_ADMIN_PASSWORD", "correct horse battery")];
        let settings = Settings::load(&sources(&pairs)).unwrap();
        assert!(!format!("{settings:?}").contains("horse"));
    }
}
