//! Accounts.

use std::fmt;

use ids::WalletId;
use money::{Currency, MAX_MINOR};
use service::Timestamp;

use super::refusal::Refusal;

/// Names an account: a wallet, or one of the provider's own, which exist once per currency.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AccountId {
    /// A wallet of a user or a merchant.
    Wallet(WalletId),
    /// Money at the bank: the other side of deposits and withdrawals. Its balance is what the bank owes us, negated.
    BankClearing(Currency),
    /// What the provider earned.
    Fees(Currency),
}

impl AccountId {
    /// Reads the stored form: `wal_…`, `bank_clearing:IDR`, `fees:IDR`.
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once(':') {
            Some(("bank_clearing", currency)) => currency.parse().ok().map(Self::BankClearing),
            Some(("fees", currency)) => currency.parse().ok().map(Self::Fees),
            Some(_) => None,
            None => WalletId::parse(text).ok().map(Self::Wallet),
        }
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wallet(wallet_id) => f.write_str(wallet_id.as_str()),
            Self::BankClearing(currency) => write!(f, "bank_clearing:{}", currency.code()),
            Self::Fees(currency) => write!(f, "fees:{}", currency.code()),
        }
    }
}

/// What an account is for. Only bank clearing may be negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountKind {
    /// A customer's wallet.
    User,
    /// A merchant's settlement wallet.
    Merchant,
    /// The provider's earnings.
    Fees,
    /// The bank.
    BankClearing,
}

impl AccountKind {
    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "USER",
            Self::Merchant => "MERCHANT",
            Self::Fees => "FEES",
            Self::BankClearing => "BANK_CLEARING",
        }
    }

    /// Reads a stored name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::User, Self::Merchant, Self::Fees, Self::BankClearing]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
}

/// Whether a wallet moves money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
pub enum WalletStatus {
    /// It does.
    Active,
    /// An admin stopped it; it keeps its money.
    Frozen,
    /// Its owner gave it up, empty. It never comes back.
    Closed,
}

impl WalletStatus {
    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Frozen => "FROZEN",
            Self::Closed => "CLOSED",
        }
    }

    /// Reads a stored name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Active, Self::Frozen, Self::Closed]
            .into_iter()
            .find(|status| status.as_str() == text)
    }
}

/// An account as it stands.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its id.
    pub account_id: AccountId,
    /// What it is for.
    pub kind: AccountKind,
    /// The user or merchant it belongs to; empty for the provider's own.
    pub owner_id: String,
    /// What its owner calls it.
    pub name: String,
    /// Its currency.
    pub currency: Currency,
    /// Whether it moves money.
    pub status: WalletStatus,
    /// The sum of its postings, in minor units.
    pub balance_minor: i64,
    /// How much of that is held, in minor units.
    pub held_minor: i64,
    /// When it was opened.
    pub created_at: Timestamp,
    /// How many postings it has, which is the number of the last one.
    pub postings: i64,
    /// When the last one was made, or the account opened. Nothing is dated before it any more.
    pub last_posted_at: Timestamp,
}

impl Account {
    /// What can be spent, in minor units.
    pub const fn available_minor(&self) -> i64 {
        self.balance_minor - self.held_minor
    }

    /// Whether it moves money at all.
    pub fn check_usable(&self) -> Result<(), Refusal> {
        match self.status {
            WalletStatus::Active => Ok(()),
            WalletStatus::Frozen => Err(Refusal::WalletFrozen),
            WalletStatus::Closed => Err(Refusal::WalletClosed),
        }
    }

    /// The balance after a posting. `released_minor` is what a capture takes from what this account holds.
    pub fn balance_after(&self, amount_minor: i64, released_minor: i64) -> Result<i64, Refusal> {
        let after = self
            .balance_minor
            .checked_add(amount_minor)
            .ok_or(Refusal::BalanceLimitExceeded)?;
        if self.kind == AccountKind::BankClearing {
            return Ok(after);
        }
        if after > MAX_MINOR {
            return Err(Refusal::BalanceLimitExceeded);
        }
        let still_held = self.held_minor - released_minor;
        if amount_minor < 0 && after < still_held {
            return Err(Refusal::InsufficientFunds);
        }
        Ok(after)
    }
}

/// The name of a wallet: 1 to 60 visible characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WalletName(String);

impl WalletName {
    /// Checks a name; white space around it is taken off.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let unfit = |character: char| character.is_control() || is_invisible(character);
        if !(1..=60).contains(&text.chars().count()) || text.chars().any(unfit) {
            return Err("a wallet's name has 1 to 60 visible characters".into());
        }
        Ok(Self(text.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Characters without width and those that turn the direction of writing: a name made of them looks like none, or
/// like another. The two joiners stay, because scripts and emoji need them.
const fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
    )
}
