//! Opens a wallet for a user.

use ids::WalletId;
use money::Currency;
use service::{ApiError, ErrorCode};

use super::App;
use crate::domain::{Account, AccountId, AccountKind, WalletName, WalletStatus};
use crate::store::accounts;

/// Enough for anybody's purposes, and a bound on what one user can store here.
const WALLETS_PER_USER_MAX: i64 = 50;

impl App {
    /// Opens an empty wallet.
    pub async fn create_wallet(&self, user_id: &str, name: &str) -> Result<Account, ApiError> {
        let name = WalletName::parse(name).map_err(ApiError::bad_input)?;
        let now = self.clock.now();
        let account = Account {
            account_id: AccountId::Wallet(WalletId::generate()),
            kind: AccountKind::User,
            owner_id: user_id.to_owned(),
            name: name.as_str().to_owned(),
            currency: Currency::Idr,
            status: WalletStatus::Active,
            balance_minor: 0,
            held_minor: 0,
            created_at: now,
            postings: 0,
            last_posted_at: now,
        };
        self.database
            .write(move |tx| {
                if accounts::count_of_user(tx, &account.owner_id)? >= WALLETS_PER_USER_MAX {
                    return Err(ApiError::new(
                        ErrorCode::Conflict,
                        format!("a user has at most {WALLETS_PER_USER_MAX} wallets"),
                    ));
                }
                accounts::insert(tx, &account)?;
                Ok(account.clone())
            })
            .await
    }
}
