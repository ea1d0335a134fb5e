//! Merchants, as payments need them.

use ids::{MerchantId, WalletId};
use service::Secret;
use service::settings::MarketplaceSettings;
use url::Url;

use super::va::{PROVIDER_PREFIX, VaNumber};

/// The marketplace of the configuration has the first id there is, on every installation.
const DEFAULT_MERCHANT: &str = "mrc_00000000000000000000000001";

/// Where signed webhooks go.
#[derive(Clone, Debug)]
pub struct WebhookEndpoint {
    /// The address.
    pub url: Url,
    /// `whsec_…`
    pub secret: Secret,
}

/// A merchant: who is paid, where its bills are, and how it is told.
#[derive(Clone, Debug)]
pub struct Merchant {
    /// Its id.
    pub merchant_id: MerchantId,
    /// What buyers read.
    pub name: String,
    /// Prefixes of its VA numbers.
    pub va_prefixes: Vec<String>,
    /// The GraphQL endpoint that knows its bills and takes `updatePaymentStatus`.
    pub endpoint: Url,
    /// Where it takes signed webhooks, if it does.
    pub webhook: Option<WebhookEndpoint>,
}

impl Merchant {
    /// The wallet that its payments go to.
    pub fn wallet_id(&self) -> WalletId {
        self.merchant_id.retag::<ids::Wallet>()
    }
}

/// All merchants.
#[derive(Clone, Debug)]
pub struct Merchants {
    merchants: Vec<Merchant>,
}

impl Merchants {
    /// The one marketplace that the configuration names.
    pub fn from_settings(settings: &MarketplaceSettings) -> Self {
        let mut va_prefixes = vec![PROVIDER_PREFIX.to_owned()];
        va_prefixes.extend(settings.va_prefix.clone());
        let default = Merchant {
            merchant_id: MerchantId::parse(DEFAULT_MERCHANT).expect("the constant is a merchant's id"),
            name: settings
                .url
                .host_str()
                .map_or_else(|| "Marketplace".to_owned(), |host| format!("Marketplace at {host}")),
            va_prefixes,
            endpoint: settings.url.clone(),
            webhook: settings
                .webhook
                .clone()
                .map(|(url, secret)| WebhookEndpoint { url, secret }),
        };
        Self {
            merchants: vec![default],
        }
    }

    /// The marketplace of the configuration.
    pub fn default_merchant(&self) -> &Merchant {
        &self.merchants[0]
    }

    /// Whose bill a VA number names: the merchant with the longest prefix that fits.
    pub fn of_va(&self, va_number: &VaNumber) -> Option<&Merchant> {
        let longest_prefix = |merchant: &&Merchant| {
            let fitting = merchant
                .va_prefixes
                .iter()
                .filter(|prefix| va_number.as_str().starts_with(prefix.as_str()));
            fitting.map(String::len).max()
        };
        self.merchants
            .iter()
            .filter(|merchant| longest_prefix(merchant).is_some())
            .max_by_key(|merchant| longest_prefix(merchant))
    }

    /// A merchant by its id.
    pub fn get(&self, merchant_id: MerchantId) -> Option<&Merchant> {
        self.merchants
            .iter()
            .find(|merchant| merchant.merchant_id == merchant_id)
    }
}
