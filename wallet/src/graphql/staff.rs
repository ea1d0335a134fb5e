//! What staff see of the ledger.

use async_graphql::{Enum, Result, SimpleObject};
use money::{Decimal, Money};
use service::{ApiError, DateTime};

use crate::domain::{Account, AccountKind};
use crate::store::lists::AccountLine;
use crate::store::postings::PostingLine;

/// What an account of the ledger is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum LedgerAccountKind {
    /// A customer's wallet.
    User,
    /// A merchant's settlement wallet.
    Merchant,
    /// What the provider earned.
    Fees,
    /// The bank: the other side of deposits and withdrawals.
    BankClearing,
}

/// One line of a wallet's account.
#[derive(SimpleObject)]
pub struct Posting {
    /// The transfer it is part of.
    transfer_id: String,
    /// Its own id, the cursor for `after`.
    posting_id: String,
    /// What the transfer is, such as `PAYMENT`.
    kind: String,
    /// What the wallet gained, or lost when negative.
    amount: Decimal,
    /// The balance after it.
    balance_after: Decimal,
    /// The account on the other side, if it is one alone (fees aside).
    counterparty: Option<String>,
    /// What the merchant is called whose account that is; null for anybody else's.
    counterparty_name: Option<String>,
    /// When it was posted; never before the wallet's posting before it.
    created_at: DateTime,
}

/// An account of the ledger.
#[derive(SimpleObject)]
pub struct LedgerAccount {
    /// Its id: a wallet's, `fees:IDR` or `bank_clearing:IDR`. Also the cursor for `after`.
    account: String,
    /// What it is for.
    kind: LedgerAccountKind,
    /// ISO 4217 code.
    currency: String,
    /// Its balance. The bank's is what the bank owes us, negated.
    balance: Decimal,
    /// How many postings there are.
    postings: i64,
}

impl Posting {
    pub(super) fn of(wallet: &Account, line: PostingLine) -> Result<Self, ApiError> {
        Ok(Self {
            posting_id: format!("{}:{}", line.transfer_id, line.position),
            transfer_id: line.transfer_id,
            kind: line.kind,
            amount: Money::new(line.amount_minor, wallet.currency)?.into(),
            balance_after: Money::new(line.balance_after_minor, wallet.currency)?.into(),
            counterparty: line.counterparty,
            counterparty_name: line.counterparty_name,
            created_at: line.posted_at.into(),
        })
    }
}

impl TryFrom<AccountLine> for LedgerAccount {
    type Error = ApiError;

    fn try_from(line: AccountLine) -> Result<Self, ApiError> {
        Ok(Self {
            account: line.account_id,
            kind: match line.kind {
                AccountKind::User => LedgerAccountKind::User,
                AccountKind::Merchant => LedgerAccountKind::Merchant,
                AccountKind::Fees => LedgerAccountKind::Fees,
                AccountKind::BankClearing => LedgerAccountKind::BankClearing,
            },
            currency: line.currency.code().to_owned(),
            balance: Money::new(line.balance_minor, line.currency)?.into(),
            postings: line.postings,
        })
    }
}
