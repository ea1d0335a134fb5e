//! Posts transfers: the one way in which money moves.

use std::collections::HashMap;

use ids::TransferId;
use service::{ApiError, ErrorCode, Timestamp};
use store::{StoreError, Tx};

use super::App;
use crate::domain::{Account, AccountId, AccountKind, Hold, HoldState, Movement, Refusal, Transfer, WalletStatus};
use crate::store::{accounts, holds, transfers};

/// What became of a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posted {
    /// Its id.
    pub transfer_id: TransferId,
    /// Why it was refused; `None` when the money has moved.
    pub refusal: Option<Refusal>,
    /// Whether it was answered before.
    pub is_repeated: bool,
}

impl Posted {
    /// Counts it for the metrics, once it is committed.
    pub(super) fn count(&self) {
        if !self.is_repeated {
            let outcome = self.refusal.map_or("POSTED", Refusal::code);
            metrics::counter!("sawit_wallet_transfers_total", "outcome" => outcome).increment(1);
        }
    }
}

impl App {
    /// Posts each transfer by itself: one that is refused does not hold up the others. A transfer that was answered
    /// before gets the same answer and moves nothing.
    pub async fn post_transfers(&self, requested: Vec<Transfer>) -> Result<Vec<Posted>, ApiError> {
        let now = self.clock.now();
        let posted: Vec<Posted> = self
            .database
            .write(move |tx| -> Result<_, ApiError> {
                requested.iter().map(|transfer| post(tx, transfer, now)).collect()
            })
            .await?;
        posted.iter().for_each(Posted::count);
        Ok(posted)
    }
}

/// Posts one transfer in the caller's transaction.
pub fn post(tx: &mut Tx<'_>, transfer: &Transfer, now: Timestamp) -> Result<Posted, ApiError> {
    let transfer_id = transfer.transfer_id();
    if let Some(recorded) = transfers::find(tx, transfer_id)? {
        if recorded.input_hash.is_some_and(|hash| hash != transfer.input_hash()) {
            let message = format!("the transfer {transfer_id} was asked for before with another input");
            return Err(ApiError::new(ErrorCode::IdempotencyKeyReused, message));
        }
        return Ok(Posted {
            transfer_id,
            refusal: recorded.refusal,
            is_repeated: true,
        });
    }
    let refusal = match check(tx, transfer, now)? {
        Err(refusal) => {
            transfers::insert_refused(tx, transfer, refusal, now)?;
            Some(refusal)
        }
        Ok((movements, hold)) => {
            // From here the transfer must succeed.
            assert_balanced(&movements);
            transfers::insert_posted(tx, transfer, &movements, now)?;
            for movement in &movements {
                accounts::apply(tx, movement, now)?;
            }
            if let Some(hold) = hold {
                note_capture(tx, &hold, &movements, now)?;
            }
            None
        }
    };
    Ok(Posted {
        transfer_id,
        refusal,
        is_repeated: false,
    })
}

type Checked = Result<(Vec<Movement>, Option<Hold>), Refusal>;

fn check(tx: &mut Tx<'_>, transfer: &Transfer, now: Timestamp) -> Result<Checked, StoreError> {
    let hold = match transfer.hold_id() {
        None => None,
        Some(hold_id) => match holds::find(tx, hold_id)? {
            None => return Ok(Err(Refusal::HoldNotFound)),
            Some((hold, _)) => match hold.check_pending(now) {
                Err(refusal) => return Ok(Err(refusal)),
                Ok(()) => Some(hold),
            },
        },
    };
    let mut found = HashMap::with_capacity(transfer.postings().len());
    for posting in transfer.postings() {
        if let Some(account) = find_or_open(tx, &posting.account_id, now)? {
            found.insert(posting.account_id.clone(), account);
        }
    }
    Ok(transfer
        .check(&found, hold.as_ref(), now)
        .map(|movements| (movements, hold)))
}

/// The provider's own accounts are opened when they are first needed; a wallet is opened by its owner alone.
fn find_or_open(tx: &mut Tx<'_>, account_id: &AccountId, now: Timestamp) -> Result<Option<Account>, StoreError> {
    if let Some(account) = accounts::find(tx, account_id)? {
        return Ok(Some(account));
    }
    let (kind, name, currency) = match account_id {
        AccountId::Wallet(_) => return Ok(None),
        AccountId::BankClearing(currency) => (AccountKind::BankClearing, "Bank clearing", *currency),
        AccountId::Fees(currency) => (AccountKind::Fees, "Fees", *currency),
    };
    let account = Account {
        account_id: account_id.clone(),
        kind,
        owner_id: String::new(),
        name: name.to_owned(),
        currency,
        status: WalletStatus::Active,
        balance_minor: 0,
        held_minor: 0,
        created_at: now,
        postings: 0,
        last_posted_at: now,
    };
    accounts::insert(tx, &account)?;
    Ok(Some(account))
}

fn note_capture(tx: &mut Tx<'_>, hold: &Hold, movements: &[Movement], now: Timestamp) -> Result<(), StoreError> {
    let captured: i64 = movements.iter().map(|movement| movement.released_minor).sum();
    let captured_minor = hold.captured_minor + captured;
    let state = if captured_minor == hold.amount_minor {
        HoldState::Captured
    } else {
        HoldState::Pending
    };
    holds::update(tx, hold.hold_id, captured_minor, state, now)
}

/// The last look before money moves; [`Transfer::new`] has made sure of it long before.
fn assert_balanced(movements: &[Movement]) {
    let sum: i128 = movements.iter().map(|movement| i128::from(movement.amount_minor)).sum();
    assert_eq!(sum, 0, "a transfer that is not balanced reached the ledger");
}
