//! Authorizes: holds money that its owner then cannot spend.

use ids::{HoldId, WalletId};
use money::MAX_MINOR;
use service::{ApiError, ErrorCode, Timestamp};
use sha2::{Digest, Sha256};
use store::Tx;

use super::App;
use crate::domain::{Account, AccountId, AccountKind, Hold, HoldState, Refusal};
use crate::store::{accounts, fenced_holds, holds};

/// A request to hold money.
#[derive(Clone, Debug)]
pub struct Authorization {
    /// The hold's id, chosen by the caller.
    pub hold_id: HoldId,
    /// Whose money.
    pub wallet_id: WalletId,
    /// The user in whose name it is; the wallet must be theirs.
    pub on_behalf_of: String,
    /// How much, in minor units.
    pub amount_minor: i64,
    /// From then on it cannot be captured.
    pub expires_at: Timestamp,
}

impl App {
    /// Grants or refuses each hold; one that was answered before gets the same answer and holds nothing more.
    pub async fn authorize_holds(&self, requested: Vec<Authorization>) -> Result<Vec<Hold>, ApiError> {
        if requested
            .iter()
            .any(|authorization| !(1..=MAX_MINOR).contains(&authorization.amount_minor))
        {
            return Err(ApiError::bad_input("a hold's amount is greater than zero"));
        }
        let now = self.clock.now();
        self.database
            .write(move |tx| {
                requested
                    .iter()
                    .map(|authorization| authorize(tx, authorization, now))
                    .collect()
            })
            .await
    }
}

fn authorize(tx: &mut Tx<'_>, authorization: &Authorization, now: Timestamp) -> Result<Hold, ApiError> {
    let input_hash = authorization.input_hash();
    if let Some((hold, known_hash)) = holds::find(tx, authorization.hold_id)? {
        if known_hash != input_hash {
            let message = format!(
                "the hold {} was asked for before with another input",
                authorization.hold_id
            );
            return Err(ApiError::new(ErrorCode::IdempotencyKeyReused, message));
        }
        return Ok(hold);
    }
    if fenced_holds::find(tx, authorization.hold_id)?.is_some() {
        // The fence is the record; whatever was asked for, it stays refused.
        return Ok(authorization.answered(HoldState::Refused(Refusal::Cancelled)));
    }
    let account = accounts::find(tx, &AccountId::Wallet(authorization.wallet_id))?;
    let state = match authorization.check(account.as_ref(), now) {
        Ok(()) => HoldState::Pending,
        Err(refusal) => HoldState::Refused(refusal),
    };
    let hold = authorization.answered(state);
    // From here the hold must succeed.
    holds::insert(tx, &hold, &input_hash, now)?;
    if state == HoldState::Pending {
        accounts::change_held(tx, &hold.account_id, hold.amount_minor, now)?;
    }
    Ok(hold)
}

impl Authorization {
    fn check(&self, account: Option<&Account>, now: Timestamp) -> Result<(), Refusal> {
        let account = account
            .filter(|account| account.kind == AccountKind::User)
            .ok_or(Refusal::WalletNotFound)?;
        account.check_usable()?;
        if account.owner_id != self.on_behalf_of {
            return Err(Refusal::WalletNotOwned);
        }
        if account.available_minor() < self.amount_minor {
            return Err(Refusal::InsufficientFunds);
        }
        if self.expires_at <= now {
            return Err(Refusal::HoldNotPending);
        }
        Ok(())
    }

    fn answered(&self, state: HoldState) -> Hold {
        Hold {
            hold_id: self.hold_id,
            account_id: AccountId::Wallet(self.wallet_id),
            amount_minor: self.amount_minor,
            captured_minor: 0,
            state,
            expires_at: self.expires_at,
        }
    }

    fn input_hash(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(self.wallet_id.as_str());
        hash.update(self.amount_minor.to_be_bytes());
        hash.update(self.expires_at.micros().to_be_bytes());
        hash.update(&self.on_behalf_of);
        hash.finalize().into()
    }
}
