//! Closes an empty wallet. No row is ever deleted.

use ids::WalletId;
use service::ApiError;

use super::App;
use crate::domain::{AccountId, WalletStatus};
use crate::store::accounts;

/// What became of the request to close a wallet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    /// It is closed (or was before).
    Closed,
    /// It has money.
    NotEmpty,
    /// An admin froze it; only an admin changes that.
    Frozen,
}

impl App {
    /// Closes the user's wallet if it is empty.
    pub async fn close_wallet(&self, user_id: &str, wallet_id: WalletId) -> Result<Closing, ApiError> {
        let (user_id, now) = (user_id.to_owned(), self.clock.now());
        self.database
            .write(move |tx| {
                let account =
                    accounts::find_of_user(tx, &user_id, wallet_id)?.ok_or_else(|| ApiError::not_found("wallet"))?;
                match account.status {
                    WalletStatus::Closed => return Ok(Closing::Closed),
                    WalletStatus::Frozen => return Ok(Closing::Frozen),
                    WalletStatus::Active if account.balance_minor != 0 || account.held_minor != 0 => {
                        return Ok(Closing::NotEmpty);
                    }
                    WalletStatus::Active => {}
                }
                accounts::set_status(tx, &AccountId::Wallet(wallet_id), WalletStatus::Closed, now)?;
                Ok(Closing::Closed)
            })
            .await
    }
}
