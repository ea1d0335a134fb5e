//! What a merchant asks for with `createPaymentSession`, checked as far as that can be done without asking anybody.

use std::collections::BTreeSet;
use std::time::Duration;

use ids::{MerchantId, WalletId};
use money::{Currency, Decimal, Money};
use serde_json::{Map, Value, json};
use service::{ApiError, ErrorCode};

use super::merchant::Merchant;
use super::session::{CaptureMode, Item, Metadata};
use super::text::visible_text;
use super::va::VaNumber;

/// How long a session can be paid unless told.
pub const VALID_FOR: Duration = Duration::from_secs(24 * 3_600);
const VALID_SECONDS_MIN: i32 = 20;
const VALID_SECONDS_MAX: i32 = 180 * 24 * 3_600;
const ORDER_ID_CHARS_MAX: usize = 64;
const DESCRIPTION_CHARS_MAX: usize = 200;
const ITEMS_MAX: usize = 100;
const ITEM_NAME_CHARS_MAX: usize = 120;
const QUANTITY_MAX: i32 = 1_000_000;
const METADATA_MAX: usize = 20;
const METADATA_KEY_CHARS_MAX: usize = 40;
const METADATA_VALUE_CHARS_MAX: usize = 500;
const SPLITS_MAX: usize = 50;

/// `PaymentSessionInput` as it came, without whom it is for.
#[derive(Clone, Debug)]
pub struct SessionInput {
    /// The merchant's own name for what is paid.
    pub order_id: String,
    /// How much.
    pub amount: Decimal,
    /// What for.
    pub description: Option<String>,
    /// What is bought.
    pub items: Vec<ItemInput>,
    /// The number it is to be paid by.
    pub va_number: Option<String>,
    /// Where the buyer goes afterwards.
    pub return_url: Option<String>,
    /// Where the buyer goes who does not want to pay.
    pub cancel_url: Option<String>,
    /// How long it can be paid, in seconds.
    pub expires_in: Option<i32>,
    /// When the money moves.
    pub capture_mode: Option<CaptureMode>,
    /// Who gets how much.
    pub splits: Vec<SplitInput>,
    /// Pairs that the merchant wants back.
    pub metadata: Vec<Metadata>,
}

/// A line of what is bought, as it came.
#[derive(Clone, Debug)]
pub struct ItemInput {
    /// What it is.
    pub name: String,
    /// How many.
    pub quantity: i32,
    /// What one costs.
    pub price: Decimal,
}

/// A part of the amount, as it came.
#[derive(Clone, Debug)]
pub struct SplitInput {
    /// The merchant that gets it, or
    pub merchant_id: Option<String>,
    /// the wallet that gets it.
    pub wallet_id: Option<String>,
    /// How much.
    pub amount: Decimal,
}

/// Who gets a part of the amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// A merchant, into its settlement wallet.
    Merchant(MerchantId),
    /// Whoever owns this wallet.
    Wallet(WalletId),
}

impl Recipient {
    /// The wallet that the money goes to.
    pub fn wallet_id(self) -> WalletId {
        match self {
            Self::Merchant(merchant_id) => merchant_id.retag::<ids::Wallet>(),
            Self::Wallet(wallet_id) => wallet_id,
        }
    }
}

/// A session that makes sense by itself. Whether its recipients exist is still to be seen.
#[derive(Clone, Debug)]
pub struct SessionOrder {
    /// The merchant's own name for what is paid.
    pub order_id: String,
    /// How much; greater than zero.
    pub amount: Money,
    /// What for.
    pub description: Option<String>,
    /// What is bought. It need not sum to the amount: there are discounts and shipping.
    pub items: Vec<Item>,
    /// The number it is to be paid by.
    pub va_number: Option<VaNumber>,
    /// Where the buyer goes afterwards.
    pub return_url: Option<String>,
    /// Where the buyer goes who does not want to pay.
    pub cancel_url: Option<String>,
    /// How long it can be paid.
    pub expires_in: Duration,
    /// When the money moves.
    pub capture_mode: CaptureMode,
    /// Who gets how much, in minor units. They sum to the amount.
    pub splits: Vec<(Recipient, i64)>,
    /// Pairs that the merchant wants back.
    pub metadata: Vec<Metadata>,
}

impl SessionOrder {
    /// Checks what came for this merchant.
    pub fn parse(input: SessionInput, merchant: &Merchant) -> Result<Self, ApiError> {
        let amount = input.amount.to_positive_money(Currency::Idr)?;
        let expires_in = input.expires_in.map(parse_expires_in).transpose()?;
        let description = |text: String| visible_text("a description", &text, DESCRIPTION_CHARS_MAX);
        let url = |name, text: Option<String>| text.map(|text| merchant.parse_return_url(name, &text)).transpose();
        Ok(Self {
            order_id: order_id(&input.order_id)?,
            amount,
            description: input.description.map(description).transpose()?,
            items: parse_items(input.items, amount.currency())?,
            va_number: input.va_number.map(|text| parse_va(&text, merchant)).transpose()?,
            return_url: url("returnUrl", input.return_url)?,
            cancel_url: url("cancelUrl", input.cancel_url)?,
            expires_in: expires_in.unwrap_or(VALID_FOR),
            capture_mode: input.capture_mode.unwrap_or(CaptureMode::Automatic),
            splits: parse_splits(input.splits, amount)?,
            metadata: parse_metadata(input.metadata)?,
        })
    }

    /// What the merchant's idempotency key stands for: a field for each field of the input.
    pub fn fingerprint(&self) -> Map<String, Value> {
        let splits = self
            .splits
            .iter()
            .map(|(recipient, minor)| json!([recipient.wallet_id(), minor]));
        let fields = json!({
            "orderId": self.order_id,
            "amount": self.amount.minor(),
            "description": self.description,
            "items": self.items,
            "vaNumber": self.va_number.as_ref().map(VaNumber::key),
            "returnUrl": self.return_url,
            "cancelUrl": self.cancel_url,
            "expiresIn": self.expires_in.as_secs(),
            "captureMode": self.capture_mode.as_str(),
            "splits": splits.collect::<Vec<_>>(),
            "metadata": self.metadata,
        });
        match fields {
            Value::Object(fields) => fields,
            _ => Map::new(),
        }
    }
}

/// A merchant's own name for what is paid.
pub fn order_id(text: &str) -> Result<String, ApiError> {
    visible_text("an orderId", text, ORDER_ID_CHARS_MAX)
}

fn parse_expires_in(seconds: i32) -> Result<Duration, ApiError> {
    if !(VALID_SECONDS_MIN..=VALID_SECONDS_MAX).contains(&seconds) {
        return Err(ApiError::bad_input(format!(
            "expiresIn is between {VALID_SECONDS_MIN} and {VALID_SECONDS_MAX} seconds"
        )));
    }
    Ok(Duration::from_secs(u64::from(seconds.unsigned_abs())))
}

fn parse_va(text: &str, merchant: &Merchant) -> Result<VaNumber, ApiError> {
    let va_number = VaNumber::parse(text).map_err(ApiError::bad_input)?;
    if merchant.owns_va(&va_number) {
        return Ok(va_number);
    }
    Err(ApiError::bad_input("a vaNumber begins with the merchant's own prefix"))
}

fn parse_items(inputs: Vec<ItemInput>, currency: Currency) -> Result<Vec<Item>, ApiError> {
    if inputs.len() > ITEMS_MAX {
        return Err(ApiError::bad_input(format!("at most {ITEMS_MAX} items")));
    }
    let parse = |input: ItemInput| {
        if !(1..=QUANTITY_MAX).contains(&input.quantity) {
            return Err(ApiError::bad_input(format!(
                "an item's quantity is 1 to {QUANTITY_MAX}"
            )));
        }
        let price = input.price.to_money(currency)?;
        let quantity = i64::from(input.quantity);
        let line = price
            .minor()
            .checked_mul(quantity)
            .map(|minor| Money::new(minor, currency));
        if price.is_negative() || !matches!(line, Some(Ok(_))) {
            return Err(ApiError::bad_input(
                "an item's price is zero or more, and no more than can be paid",
            ));
        }
        Ok(Item {
            name: visible_text("an item's name", &input.name, ITEM_NAME_CHARS_MAX)?,
            quantity,
            price_minor: price.minor(),
        })
    };
    inputs.into_iter().map(parse).collect()
}

fn parse_metadata(pairs: Vec<Metadata>) -> Result<Vec<Metadata>, ApiError> {
    if pairs.len() > METADATA_MAX {
        return Err(ApiError::bad_input(format!("at most {METADATA_MAX} pairs of metadata")));
    }
    let mut keys = BTreeSet::new();
    let parse = |pair: Metadata| {
        let key = visible_text("a key of metadata", &pair.key, METADATA_KEY_CHARS_MAX)?;
        let value = visible_text("a value of metadata", &pair.value, METADATA_VALUE_CHARS_MAX)?;
        if !keys.insert(key.clone()) {
            return Err(ApiError::bad_input("no key of metadata comes twice"));
        }
        Ok(Metadata { key, value })
    };
    pairs.into_iter().map(parse).collect()
}

fn parse_splits(inputs: Vec<SplitInput>, amount: Money) -> Result<Vec<(Recipient, i64)>, ApiError> {
    if inputs.len() > SPLITS_MAX {
        return Err(ApiError::bad_input(format!("at most {SPLITS_MAX} splits")));
    }
    let splits: Vec<_> = inputs
        .into_iter()
        .map(|input| {
            let share = input.amount.to_positive_money(amount.currency())?;
            Ok((parse_recipient(&input)?, share.minor()))
        })
        .collect::<Result<_, ApiError>>()?;
    let wallets: BTreeSet<WalletId> = splits.iter().map(|(recipient, _)| recipient.wallet_id()).collect();
    if wallets.len() < splits.len() {
        return Err(ApiError::bad_input("no wallet is named twice in the splits"));
    }
    check_sum(&splits, amount)?;
    Ok(splits)
}

fn parse_recipient(input: &SplitInput) -> Result<Recipient, ApiError> {
    match (&input.merchant_id, &input.wallet_id) {
        (Some(text), None) => MerchantId::parse(text)
            .map(Recipient::Merchant)
            .map_err(|_| ApiError::not_found("merchant")),
        (None, Some(text)) => WalletId::parse(text)
            .map(Recipient::Wallet)
            .map_err(|_| ApiError::not_found("wallet")),
        (Some(_), Some(_)) | (None, None) => Err(ApiError::bad_input(
            "a split names a merchantId or a walletId, and not both",
        )),
    }
}

/// Splits are the amount cut up: not a unit more, not a unit less.
fn check_sum(splits: &[(Recipient, i64)], amount: Money) -> Result<(), ApiError> {
    // Fifty amounts of fifteen digits are far from the end of an i64.
    let sum: i64 = splits.iter().map(|(_, minor)| minor).sum();
    if splits.is_empty() || sum == amount.minor() {
        return Ok(());
    }
    let told =
        Money::new(sum, amount.currency()).map_or_else(|_| "more than can be paid".to_owned(), |sum| sum.to_string());
    let message = format!("the splits sum to {told}, not to {amount}");
    Err(ApiError::new(ErrorCode::BadUserInput, message))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn split(minor: i64) -> SplitInput {
        SplitInput {
            merchant_id: None,
            wallet_id: Some(WalletId::generate().to_string()),
            amount: Money::new(minor, Currency::Idr).unwrap().into(),
        }
    }

    fn idr(minor: i64) -> Money {
        Money::new(minor, Currency::Idr).unwrap()
    }

    proptest! {
        /// Splits are taken if, and only if, they are the amount to the last unit.
        #[test]
        fn splits_sum_to_the_amount_or_are_refused(
            parts in prop::collection::vec(1..=9_999_999_999_999_i64, 1..=SPLITS_MAX),
            off in -3..=3_i64,
        ) {
            let sum: i64 = parts.iter().sum();
            let amount = idr((sum + off).max(1));
            let splits = parse_splits(parts.iter().copied().map(split).collect(), amount);
            prop_assert_eq!(splits.is_ok(), amount.minor() == sum);
            if let Ok(splits) = splits {
                prop_assert_eq!(splits.iter().map(|(_, minor)| *minor).collect::<Vec<_>>(), parts);
            }
        }
    }

    #[test]
    fn hostile_splits_are_refused() {
        #[track_caller]
        fn check(splits: Vec<SplitInput>, amount: i64, expect: bool) {
            assert_eq!(parse_splits(splits, idr(amount)).is_ok(), expect);
        }
        check(Vec::new(), 5, true);
        check(vec![split(5)], 5, true);
        check(vec![split(4)], 5, false);
        check(vec![split(1); 2], 2, false);
        check((0..50).map(|_| split(1)).collect(), 50, true);
        check((0..51).map(|_| split(1)).collect(), 51, false);
        let huge = || split(money::MAX_MINOR);
        check((0..50).map(|_| huge()).collect(), money::MAX_MINOR, false);
        let negative = SplitInput {
            amount: idr(-1).into(),
            ..split(1)
        };
        check(vec![negative, split(6)], 5, false);
        let merchant_id = MerchantId::generate();
        let merchant = SplitInput {
            merchant_id: Some(merchant_id.to_string()),
            wallet_id: None,
            amount: idr(2).into(),
        };
        let its_wallet = SplitInput {
            wallet_id: Some(merchant_id.retag::<ids::Wallet>().to_string()),
            ..split(3)
        };
        check(vec![merchant.clone(), its_wallet], 5, false);
        let both = SplitInput {
            wallet_id: split(1).wallet_id,
            ..merchant.clone()
        };
        let none = SplitInput {
            merchant_id: None,
            ..merchant
        };
        check(vec![both], 2, false);
        check(vec![none], 2, false);
    }

    #[test]
    fn items_are_sane() {
        #[track_caller]
        fn check(quantity: i32, price: &str, name: &str, expect: bool) {
            let item = ItemInput {
                name: name.to_owned(),
                quantity,
                price: price.parse().unwrap(),
            };
            assert_eq!(
                parse_items(vec![item], Currency::Idr).is_ok(),
                expect,
                "{quantity} {price} {name}"
            );
        }
        check(1, "0", "Gift", true);
        check(3, "20000.5", "Shoes", true);
        check(0, "1", "Shoes", false);
        check(-1, "1", "Shoes", false);
        check(i32::MAX, "1", "Shoes", false);
        check(1, "-1", "Shoes", false);
        check(1, "0.001", "Shoes", false);
        check(1_000_000, "9999999999999", "Shoes", false);
        check(1, "1", "", false);
        check(1, "1", "a\u{202e}b", false);
    }
}
