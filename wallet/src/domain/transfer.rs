//! Transfers: two or more postings that sum to zero.

use std::collections::HashMap;

use ids::{HoldId, TransferId};
use money::{Currency, MAX_MINOR};
use service::Timestamp;
use sha2::{Digest, Sha256};

use super::account::{Account, AccountId, AccountKind};
use super::hold::Hold;
use super::refusal::Refusal;

/// A payment splits to a handful of parties; this bounds what one transfer may cost.
const POSTINGS_MAX: usize = 128;

/// One line of a transfer: what an account gains (or loses, when negative).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting {
    /// Whose.
    pub account_id: AccountId,
    /// How much, in minor units; never zero.
    pub amount_minor: i64,
}

/// A transfer that makes sense by itself: balanced, bounded, one currency, no account twice.
#[derive(Clone, Debug)]
pub struct Transfer {
    transfer_id: TransferId,
    kind: String,
    currency: Currency,
    on_behalf_of: Option<String>,
    hold_id: Option<HoldId>,
    postings: Vec<Posting>,
}

/// A transfer that no state of the ledger could accept: the caller's mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MalformedTransfer {
    /// Fewer than two postings, or too many.
    #[error("a transfer has 2 to {POSTINGS_MAX} postings")]
    PostingCount,
    /// A posting of nothing, or of more than the largest amount.
    #[error("a posting's amount is zero or out of range")]
    Amount,
    /// The postings do not sum to zero.
    #[error("the postings do not sum to zero")]
    Unbalanced,
    /// An account stands in it twice.
    #[error("an account stands in the transfer twice")]
    AccountTwice,
    /// One of the provider's accounts is named for another currency.
    #[error("an account of another currency stands in the transfer")]
    Currency,
    /// The kind is empty or too long.
    #[error("the kind of a transfer is 1 to 32 capital letters")]
    Kind,
    /// A capture debits an account other than the one that the hold is on, or none.
    #[error("a capture debits the held wallet, and it alone")]
    CaptureDebit,
}

/// What a transfer does to one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    /// Whose.
    pub account_id: AccountId,
    /// How much, in minor units.
    pub amount_minor: i64,
    /// The balance afterwards, in minor units.
    pub balance_after_minor: i64,
    /// How much less is held afterwards, in minor units.
    pub released_minor: i64,
    /// Its place among the account's postings, counted from 1.
    pub account_sequence: i64,
    /// When it is made, and no earlier than the account's posting before it, whatever the clock says.
    pub posted_at: Timestamp,
}

impl Transfer {
    /// A transfer. `on_behalf_of` is the user in whose name it is; wallets it debits must be theirs.
    pub fn new(
        transfer_id: TransferId,
        kind: &str,
        currency: Currency,
        on_behalf_of: Option<String>,
        postings: Vec<Posting>,
    ) -> Result<Self, MalformedTransfer> {
        if kind.is_empty() || kind.len() > 32 || !kind.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_') {
            return Err(MalformedTransfer::Kind);
        }
        if !(2..=POSTINGS_MAX).contains(&postings.len()) {
            return Err(MalformedTransfer::PostingCount);
        }
        let mut sum: i64 = 0;
        for (index, posting) in postings.iter().enumerate() {
            if posting.amount_minor == 0 || !(-MAX_MINOR..=MAX_MINOR).contains(&posting.amount_minor) {
                return Err(MalformedTransfer::Amount);
            }
            if postings[..index]
                .iter()
                .any(|earlier| earlier.account_id == posting.account_id)
            {
                return Err(MalformedTransfer::AccountTwice);
            }
            if let AccountId::BankClearing(own) | AccountId::Fees(own) = posting.account_id
                && own != currency
            {
                return Err(MalformedTransfer::Currency);
            }
            sum = sum.checked_add(posting.amount_minor).ok_or(MalformedTransfer::Amount)?;
        }
        if sum != 0 {
            return Err(MalformedTransfer::Unbalanced);
        }
        Ok(Self {
            transfer_id,
            kind: kind.to_owned(),
            currency,
            on_behalf_of,
            hold_id: None,
            postings,
        })
    }

    /// Makes it the capture of a hold: its one debit is taken from what the hold holds.
    pub fn capturing(mut self, hold_id: HoldId) -> Result<Self, MalformedTransfer> {
        if self.postings.iter().filter(|posting| posting.amount_minor < 0).count() != 1 {
            return Err(MalformedTransfer::CaptureDebit);
        }
        self.hold_id = Some(hold_id);
        Ok(self)
    }

    /// Its id.
    pub const fn transfer_id(&self) -> TransferId {
        self.transfer_id
    }

    /// What it is for, such as `PAYMENT`.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The hold it captures, if any.
    pub const fn hold_id(&self) -> Option<HoldId> {
        self.hold_id
    }

    /// Its postings.
    pub fn postings(&self) -> &[Posting] {
        &self.postings
    }

    /// Tells equal inputs from different ones under the same id.
    pub fn input_hash(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        // Every part is preceded by its length, so that no two inputs give the same bytes.
        let mut part = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        };
        part(self.kind.as_bytes());
        part(self.currency.code().as_bytes());
        part(&[u8::from(self.on_behalf_of.is_some())]);
        part(self.on_behalf_of.as_deref().unwrap_or_default().as_bytes());
        part(self.hold_id.as_ref().map_or("", |hold_id| hold_id.as_str()).as_bytes());
        for posting in &self.postings {
            part(posting.account_id.to_string().as_bytes());
            part(&posting.amount_minor.to_be_bytes());
        }
        hash.finalize().into()
    }

    /// Checks the transfer against the accounts (and the hold it captures) and says what it moves. All or nothing.
    pub fn check(
        &self,
        accounts: &HashMap<AccountId, Account>,
        hold: Option<&Hold>,
        now: Timestamp,
    ) -> Result<Vec<Movement>, Refusal> {
        self.postings
            .iter()
            .map(|posting| self.check_posting(posting, accounts, hold, now))
            .collect()
    }

    fn check_posting(
        &self,
        posting: &Posting,
        accounts: &HashMap<AccountId, Account>,
        hold: Option<&Hold>,
        now: Timestamp,
    ) -> Result<Movement, Refusal> {
        let account = accounts.get(&posting.account_id).ok_or(Refusal::WalletNotFound)?;
        account.check_usable()?;
        if account.currency != self.currency {
            return Err(Refusal::CurrencyMismatch);
        }
        let debited = posting.amount_minor < 0;
        if debited
            && matches!(account.kind, AccountKind::User | AccountKind::Merchant)
            && self
                .on_behalf_of
                .as_ref()
                .is_some_and(|user_id| *user_id != account.owner_id)
        {
            return Err(Refusal::WalletNotOwned);
        }
        let released_minor = match hold {
            Some(hold) if debited => {
                if hold.account_id != posting.account_id {
                    return Err(Refusal::WalletNotOwned);
                }
                if -posting.amount_minor > hold.remaining_minor() {
                    return Err(Refusal::HoldExceeded);
                }
                -posting.amount_minor
            }
            _ => 0,
        };
        Ok(Movement {
            account_id: posting.account_id.clone(),
            amount_minor: posting.amount_minor,
            balance_after_minor: account.balance_after(posting.amount_minor, released_minor)?,
            released_minor,
            account_sequence: account.postings + 1,
            posted_at: now.max(account.last_posted_at),
        })
    }
}
