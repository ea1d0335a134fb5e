//! What clients see of accounts and books.

use async_graphql::{Result, SimpleObject};
use ids::WalletId;
use money::{Decimal, Money};
use service::{ApiError, DateTime};

use crate::app::trial_balance::TrialBalance as Books;
use crate::domain::{Account, AccountId, WalletStatus};

/// A wallet.
#[derive(SimpleObject)]
pub struct Wallet {
    /// Its id.
    wallet_id: String,
    /// Whose it is.
    user_id: String,
    /// What its owner calls it.
    wallet_name: String,
    /// All money in it, held money included.
    balance: Decimal,
    /// What can be spent: the balance less what is held.
    available_balance: Decimal,
    /// ISO 4217 code.
    currency: String,
    /// Whether it moves money.
    status: WalletStatus,
    /// When it was opened.
    created_at: DateTime,
}

impl TryFrom<Account> for Wallet {
    type Error = ApiError;

    fn try_from(account: Account) -> Result<Self, ApiError> {
        Ok(Self {
            wallet_id: account.account_id.to_string(),
            balance: Money::new(account.balance_minor, account.currency)?.into(),
            available_balance: Money::new(account.available_minor(), account.currency)?.into(),
            currency: account.currency.code().to_owned(),
            user_id: account.owner_id,
            wallet_name: account.name,
            status: account.status,
            created_at: account.created_at.into(),
        })
    }
}

/// A wallet as anybody who wants to send money to its owner sees it.
#[derive(SimpleObject)]
pub struct ReceivingWallet {
    /// Its id.
    wallet_id: String,
    /// ISO 4217 code.
    currency: String,
}

impl From<Account> for ReceivingWallet {
    fn from(account: Account) -> Self {
        Self {
            wallet_id: account.account_id.to_string(),
            currency: account.currency.code().to_owned(),
        }
    }
}

/// What became of `deleteWallet`.
#[derive(SimpleObject)]
pub struct DeleteWalletResult {
    /// Whether the wallet is closed now.
    pub success: bool,
    /// Why (not).
    pub message: String,
}

/// The books, added up anew.
#[derive(SimpleObject)]
pub struct TrialBalance {
    /// True when every currency sums to zero, every transfer does, and every balance is the sum of its postings.
    balanced: bool,
    /// Transfers whose postings do not sum to zero.
    unbalanced_transfers: i64,
    /// One entry per currency.
    currencies: Vec<CurrencyBalance>,
    /// When they were added up.
    counted_at: DateTime,
}

/// The books of one currency.
#[derive(SimpleObject)]
pub struct CurrencyBalance {
    /// ISO 4217 code.
    currency: String,
    /// The sum of all postings. Anything but zero means that money was made or lost.
    sum: Decimal,
    /// How many accounts there are.
    accounts: i64,
    /// Accounts whose balance or held amount is not what their postings and holds say, or whose postings do not follow
    /// from one another.
    mismatches: i64,
}

impl TryFrom<Books> for TrialBalance {
    type Error = ApiError;

    fn try_from(books: Books) -> Result<Self, ApiError> {
        let balanced = books.is_balanced();
        let currencies = books.currencies.into_iter().map(|totals| {
            Ok(CurrencyBalance {
                currency: totals.currency.code().to_owned(),
                sum: Money::new(totals.sum_minor, totals.currency)?.into(),
                accounts: totals.accounts,
                mismatches: totals.mismatches,
            })
        });
        Ok(Self {
            balanced,
            unbalanced_transfers: books.unbalanced_transfers,
            counted_at: books.counted_at.into(),
            currencies: currencies.collect::<Result<_, ApiError>>()?,
        })
    }
}

/// A wallet's id as a client sent it. What is no id names no wallet.
pub fn wallet_id(text: &str) -> Result<WalletId, ApiError> {
    WalletId::parse(text).map_err(|_| ApiError::not_found("wallet"))
}

/// An account's id as a service sent it.
pub fn account_id(text: &str) -> Result<AccountId, ApiError> {
    AccountId::parse(text).ok_or_else(|| ApiError::bad_input(format!("{text:?} is no account id")))
}
