//! Freezes a wallet and lets it go again: an admin's doing.

use actions::NewAction;
use ids::WalletId;
use service::{ApiError, ErrorCode};

use super::App;
use crate::domain::{Account, AccountId, WalletStatus};
use crate::store::accounts;

impl App {
    /// Freezes (or unfreezes) anybody's wallet, and notes who did and why. Doing it again changes nothing.
    pub async fn set_frozen(
        &self,
        admin_id: &str,
        wallet_id: WalletId,
        frozen: bool,
        reason: Option<String>,
    ) -> Result<Account, ApiError> {
        let (now, actor) = (self.clock.now(), admin_id.to_owned());
        let reason = actions::reason(reason)?;
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
                if account.status == status {
                    return Ok(account);
                }
                accounts::set_status(tx, &account_id, status, now)?;
                account.status = status;
                let action = NewAction {
                    actor: &actor,
                    action: if frozen { "freezeWallet" } else { "unfreezeWallet" },
                    object: &account_id.to_string(),
                    reason: reason.as_deref(),
                    detail: None,
                };
                actions::record(tx, &action, now)?;
                Ok(account)
            })
            .await?;
        tracing::info!(admin = admin_id, wallet = %wallet_id, frozen, "a wallet's status was set by hand");
        Ok(account)
    }
}
