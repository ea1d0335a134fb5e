//! Merchants: who is paid, where their bills are, and how they are told.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::{Arc, PoisonError, RwLock};

use ids::{MerchantId, WalletId};
use service::{Secret, Timestamp};
use url::Url;

use super::va::{PROVIDER_PREFIX, VaNumber};

/// The marketplace of the configuration has the first id there is, on every installation.
const DEFAULT_MERCHANT: &str = "mrc_00000000000000000000000001";
/// No prefix is longer.
const PREFIX_CHARS_MAX: usize = 20;

/// Whether a merchant takes payments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
#[graphql(name = "MerchantStatus")]
pub enum MerchantStatus {
    /// It does.
    Active,
    /// An admin stopped it: its keys are refused and its bills cannot be paid. Its money stays.
    Suspended,
}

impl MerchantStatus {
    /// The name as stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Suspended => "SUSPENDED",
        }
    }

    /// Reads a stored name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Active, Self::Suspended]
            .into_iter()
            .find(|status| status.as_str() == text)
    }
}

/// How a merchant wants to be told of payments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
#[graphql(name = "Notification")]
pub enum Notification {
    /// By the mutation `updatePaymentStatus` at its order endpoint.
    Graphql,
    /// By signed webhooks.
    Webhook,
    /// By both; one that fails does not hold up the other.
    Both,
}

impl Notification {
    /// The name as stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Graphql => "GRAPHQL",
            Self::Webhook => "WEBHOOK",
            Self::Both => "BOTH",
        }
    }

    /// Reads a stored name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Graphql, Self::Webhook, Self::Both]
            .into_iter()
            .find(|notification| notification.as_str() == text)
    }

    /// Whether webhooks are sent.
    pub const fn by_webhook(self) -> bool {
        matches!(self, Self::Webhook | Self::Both)
    }

    /// Whether the mutation is called.
    pub const fn by_graphql(self) -> bool {
        matches!(self, Self::Graphql | Self::Both)
    }
}

/// A merchant.
#[derive(Clone, Debug)]
pub struct Merchant {
    /// Its id.
    pub merchant_id: MerchantId,
    /// The user who runs it; the marketplace of the configuration has none.
    pub owner_user_id: Option<String>,
    /// What buyers read.
    pub name: String,
    /// Whether it takes payments.
    pub status: MerchantStatus,
    /// What the VA numbers that it makes itself begin with, in capital letters.
    pub va_prefix: Option<String>,
    /// The GraphQL endpoint that knows its bills and takes `updatePaymentStatus`.
    pub order_url: Option<Url>,
    /// How it is told.
    pub notification: Notification,
    /// Where buyers may be sent back to: `https://shop.example`, exactly.
    pub return_origins: Vec<String>,
    /// `whsec_…`: what the way back of a buyer is signed with.
    pub signing_secret: Secret,
    /// Since when we know it.
    pub created_at: Timestamp,
}

impl Merchant {
    /// The wallet that its payments go to.
    pub fn wallet_id(&self) -> WalletId {
        self.merchant_id.retag::<ids::Wallet>()
    }

    /// The id of the marketplace of the configuration.
    pub fn default_id() -> MerchantId {
        MerchantId::parse(DEFAULT_MERCHANT).expect("the constant is a merchant's id")
    }

    /// Whether a number may be this merchant's: it begins with its prefix, and there is more behind that.
    pub fn owns_va(&self, va_number: &VaNumber) -> bool {
        let key = va_number.key();
        let has = |prefix: &str| key.len() > prefix.len() && key.starts_with(prefix);
        self.va_prefix.as_deref().is_some_and(has) || (self.is_default() && has(PROVIDER_PREFIX))
    }

    /// Whether it is the marketplace of the configuration.
    pub fn is_default(&self) -> bool {
        self.merchant_id == Self::default_id()
    }
}

/// All merchants, in memory: every payment asks for one. What is written to the table is put here after its commit.
/// Cheap to clone; clones see the same merchants.
#[derive(Clone, Debug, Default)]
pub struct Merchants {
    known: Arc<RwLock<Known>>,
}

#[derive(Debug, Default)]
struct Known {
    by_id: BTreeMap<MerchantId, Arc<Merchant>>,
    by_prefix: HashMap<String, MerchantId>,
}

impl Merchants {
    /// These merchants.
    pub fn new(merchants: impl IntoIterator<Item = Merchant>) -> Self {
        let all = Self::default();
        merchants.into_iter().for_each(|merchant| all.put(merchant));
        all
    }

    /// Adds a merchant or replaces what was known of it.
    pub fn put(&self, merchant: impl Into<Arc<Merchant>>) {
        let merchant = merchant.into();
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let merchant_id = merchant.merchant_id;
        known.by_prefix.retain(|_, owner| *owner != merchant_id);
        if let Some(prefix) = &merchant.va_prefix {
            known.by_prefix.insert(prefix.clone(), merchant_id);
        }
        if merchant.is_default() {
            known.by_prefix.insert(PROVIDER_PREFIX.to_owned(), merchant_id);
        }
        known.by_id.insert(merchant_id, merchant);
    }

    /// A merchant by its id.
    pub fn get(&self, merchant_id: MerchantId) -> Option<Arc<Merchant>> {
        self.read().by_id.get(&merchant_id).cloned()
    }

    /// The marketplace of the configuration; it is there from the start.
    pub fn default_merchant(&self) -> Option<Arc<Merchant>> {
        self.get(Merchant::default_id())
    }

    /// Whose bill a VA number names: the merchant with the longest prefix that fits, in any case. Sessions know their own
    /// numbers and are asked first.
    pub fn of_va(&self, va_number: &VaNumber) -> Option<Arc<Merchant>> {
        let key = va_number.key();
        let known = self.read();
        (1..=key.len().min(PREFIX_CHARS_MAX))
            .rev()
            .find_map(|length| known.by_prefix.get(&key[..length]))
            .and_then(|merchant_id| known.by_id.get(merchant_id))
            .cloned()
    }

    /// The merchants that a user runs, the oldest first.
    pub fn of_owner(&self, user_id: &str) -> Vec<Arc<Merchant>> {
        self.read()
            .by_id
            .values()
            .filter(|merchant| merchant.owner_user_id.as_deref() == Some(user_id))
            .cloned()
            .collect()
    }

    /// A page of all merchants (or of those that a user runs), the newest first, behind one of them.
    pub fn page(&self, owner: Option<&str>, before: Option<MerchantId>, limit: usize) -> Vec<Arc<Merchant>> {
        let known = self.read();
        let end = before.map_or(Bound::Unbounded, Bound::Excluded);
        known
            .by_id
            .range((Bound::Unbounded, end))
            .rev()
            .map(|(_, merchant)| merchant)
            .filter(|merchant| owner.is_none_or(|owner| merchant.owner_user_id.as_deref() == Some(owner)))
            .take(limit)
            .cloned()
            .collect()
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merchant(merchant_id: MerchantId, va_prefix: &str) -> Merchant {
        Merchant {
            merchant_id,
            owner_user_id: None,
            name: "Shop".into(),
            status: MerchantStatus::Active,
            va_prefix: Some(va_prefix.to_owned()),
            order_url: None,
            notification: Notification::Both,
            return_origins: Vec::new(),
            signing_secret: Secret::new("whsec_"),
            created_at: Timestamp::from_micros(0),
        }
    }

    #[test]
    fn a_number_belongs_to_the_longest_prefix_in_any_case() {
        let (other, longer) = (MerchantId::generate(), MerchantId::generate());
        let merchants = Merchants::new([
            merchant(Merchant::default_id(), "BD-"),
            merchant(other, "SHOP-1"),
            merchant(longer, "SHOP-12"),
        ]);
        #[track_caller]
        fn check(merchants: &Merchants, va_number: &str, expect: Option<MerchantId>) {
            let found = merchants.of_va(&VaNumber::parse(va_number).unwrap());
            assert_eq!(found.map(|merchant| merchant.merchant_id), expect, "{va_number}");
        }
        check(&merchants, "DS-8800123", Some(Merchant::default_id()));
        check(&merchants, "bd-77", Some(Merchant::default_id()));
        check(&merchants, "SHOP-19", Some(other));
        check(&merchants, "shop-123", Some(longer));
        check(&merchants, "SHOP-2", None);
    }
}
