//! Freezes a wallet and lets it go again: an admin's doing.

use ids::WalletId;
use service::{ApiError, ErrorCode};

use super::App;
use crate::domain::{Account, AccountId, WalletStatus};
use crate::store::accounts;

impl App {
    /// Freezes (or unfreezes) anybody's wallet. Doing it again changes nothing.
    pub async fn set_frozen(&self, admin_id: &str, wallet_id: WalletId, frozen: bool) -> Result<Account, ApiError> {
        let now = self.clock.now();
        let status = if frozen {
            WalletStatus::Frozen
        } else {
            WalletStatus::Active
        };
        let account = self
            .database
            .write(move |tx| {
                let account_id = AccountId::Wallet(wallet_id);
                let mut account = accounts::find(tx, &account_id)?.ok_or_else(|| ApiError::not_found("wallet"))?;
                if account.status == WalletStatus::Closed {
                    return Err(ApiError::new(ErrorCode::Conflict, "the wallet is closed"));
                }
                accounts::set_status(tx, &account_id, status, now)?;
                account.status = status;
                Ok(account)
            })
            .await?;
        tracing::info!(admin = admin_id, wallet = %wallet_id, frozen, "a wallet's status was set by hand");
        Ok(account)
    }
}
