//! What a client asks for, checked.

use ids::WalletId;
use money::{Currency, Decimal, Money};
use serde::{Deserialize, Serialize};
use service::ApiError;

use super::transaction::TransactionType;
use super::va::VaNumber;

const DESCRIPTION_CHARS_MAX: usize = 200;

/// `TransactionInput` as it came.
#[derive(Clone, Debug)]
pub struct OrderInput {
    /// The wallet that is debited (a deposit: credited).
    pub wallet_id: String,
    /// How much.
    pub amount: Decimal,
    /// What to do.
    pub kind: TransactionType,
    /// The bill, for a payment.
    pub va_number: Option<String>,
    /// The receiving wallet, for a transfer.
    pub target_wallet_id: Option<String>,
    /// A note.
    pub description: Option<String>,
}

/// What to do, with all that belongs to it and nothing else.
#[derive(Clone, Debug)]
pub enum OrderKind {
    /// Take money from the bank.
    Deposit,
    /// Pay a merchant's bill.
    Payment {
        /// The bill.
        va_number: VaNumber,
    },
    /// Give money to another wallet.
    Transfer {
        /// Which.
        target: WalletId,
    },
}

/// A request that makes sense by itself. Whose wallets these are is still to be seen.
#[derive(Clone, Debug)]
pub struct Order {
    /// The wallet that is debited (a deposit: credited).
    pub wallet_id: WalletId,
    /// How much; greater than zero.
    pub amount: Money,
    /// What to do.
    pub kind: OrderKind,
    /// A note.
    pub description: Option<String>,
}

impl Order {
    /// Checks what came.
    pub fn parse(input: &OrderInput) -> Result<Self, ApiError> {
        let wallet_id = WalletId::parse(&input.wallet_id).map_err(|_| ApiError::not_found("wallet"))?;
        let amount = input.amount.to_positive_money(Currency::Idr)?;
        if input.kind != TransactionType::Payment && input.va_number.is_some() {
            return Err(ApiError::bad_input("vaNumber belongs to a PAYMENT only"));
        }
        if input.kind != TransactionType::Transfer && input.target_wallet_id.is_some() {
            return Err(ApiError::bad_input("targetWalletId belongs to a TRANSFER only"));
        }
        let kind = match input.kind {
            TransactionType::Deposit => OrderKind::Deposit,
            TransactionType::Payment => {
                let text = input
                    .va_number
                    .as_deref()
                    .ok_or_else(|| ApiError::bad_input("a PAYMENT needs the vaNumber of a bill"))?;
                let va_number = VaNumber::parse(text).map_err(ApiError::bad_input)?;
                OrderKind::Payment { va_number }
            }
            TransactionType::Transfer => {
                let text = input.target_wallet_id.as_deref();
                let text = text.ok_or_else(|| ApiError::bad_input("a TRANSFER needs a targetWalletId"))?;
                let target = WalletId::parse(text).map_err(|_| ApiError::not_found("target wallet"))?;
                if target == wallet_id {
                    return Err(ApiError::bad_input(
                        "a TRANSFER goes to another wallet than it comes from",
                    ));
                }
                OrderKind::Transfer { target }
            }
        };
        let description = input.description.as_deref().map(parse_description).transpose()?;
        Ok(Self {
            wallet_id,
            amount,
            kind,
            description,
        })
    }

    /// What a client's idempotency key stands for.
    pub fn fingerprint(&self) -> Fingerprint {
        let (kind, va_number, target) = match &self.kind {
            OrderKind::Deposit => (TransactionType::Deposit, None, None),
            OrderKind::Payment { va_number } => (TransactionType::Payment, Some(va_number.to_string()), None),
            OrderKind::Transfer { target } => (TransactionType::Transfer, None, Some(target.to_string())),
        };
        Fingerprint {
            wallet_id: self.wallet_id.to_string(),
            amount_minor: self.amount.minor(),
            kind: kind.as_str().to_owned(),
            va_number,
            target_wallet_id: target,
            description: self.description.clone(),
        }
    }
}

/// Checks a note.
pub(super) fn parse_description(text: &str) -> Result<String, ApiError> {
    if text.chars().count() > DESCRIPTION_CHARS_MAX || text.chars().any(char::is_control) {
        let message =
            format!("a description has at most {DESCRIPTION_CHARS_MAX} characters, without control characters");
        return Err(ApiError::bad_input(message));
    }
    Ok(text.to_owned())
}

/// An order's input in the form in which it is compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    wallet_id: String,
    amount_minor: i64,
    kind: String,
    va_number: Option<String>,
    target_wallet_id: Option<String>,
    description: Option<String>,
}

/// The input fields in which two requests with one key differ, by their public names. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DifferingFields(pub Vec<&'static str>);

impl Fingerprint {
    /// Where this differs from an earlier one; `None` when it does not.
    pub fn differs_from(&self, earlier: &Self) -> Option<DifferingFields> {
        let fields = [
            ("walletId", self.wallet_id != earlier.wallet_id),
            ("amount", self.amount_minor != earlier.amount_minor),
            ("type", self.kind != earlier.kind),
            ("vaNumber", self.va_number != earlier.va_number),
            ("targetWalletId", self.target_wallet_id != earlier.target_wallet_id),
            ("description", self.description != earlier.description),
        ];
        let differing: Vec<&'static str> = fields
            .into_iter()
            .filter(|(_, differs)| *differs)
            .map(|(name, _)| name)
            .collect();
        (!differing.is_empty()).then_some(DifferingFields(differing))
    }
}

/// A client's name for a request: 1 to 128 visible ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Checks a key.
    pub fn parse(text: &str) -> Result<Self, ApiError> {
        if (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Ok(Self(text.to_owned()));
        }
        Err(ApiError::bad_input(
            "an idempotency key has 1 to 128 visible ASCII characters",
        ))
    }

    /// The key.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
