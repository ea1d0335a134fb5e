//! Opens settlement wallets for merchants.

use ids::{MerchantId, WalletId};
use money::Currency;
use service::{ApiError, ErrorCode};

use super::App;
use crate::domain::{Account, AccountId, AccountKind, WalletName, WalletStatus};
use crate::store::accounts;

/// A merchant that needs a wallet.
#[derive(Clone, Debug)]
pub struct MerchantWallet {
    /// Whose.
    pub merchant_id: MerchantId,
    /// What it is called.
    pub name: String,
}

impl App {
    /// Opens each merchant's settlement wallet, if it is not open yet, and answers with their ids. A merchant's
    /// wallet has the merchant's id with another prefix, so asking twice cannot open two.
    pub async fn open_merchant_wallets(&self, merchants: Vec<MerchantWallet>) -> Result<Vec<WalletId>, ApiError> {
        let now = self.clock.now();
        let mut opened = Vec::with_capacity(merchants.len());
        for merchant in merchants {
            let name = WalletName::parse(&merchant.name).map_err(ApiError::bad_input)?;
            opened.push(Account {
                account_id: AccountId::Wallet(merchant.merchant_id.retag::<ids::Wallet>()),
                kind: AccountKind::Merchant,
                owner_id: merchant.merchant_id.to_string(),
                name: name.as_str().to_owned(),
                currency: Currency::Idr,
                status: WalletStatus::Active,
                balance_minor: 0,
                held_minor: 0,
                created_at: now,
                postings: 0,
                last_posted_at: now,
            });
        }
        self.database
            .write(move |tx| {
                let mut wallet_ids = Vec::with_capacity(opened.len());
                for account in &opened {
                    accounts::insert(tx, account)?;
                    let stored =
                        accounts::find(tx, &account.account_id)?.ok_or_else(|| ApiError::not_found("wallet"))?;
                    match (stored.kind, stored.account_id) {
                        (AccountKind::Merchant, AccountId::Wallet(wallet_id))
                            if stored.owner_id == account.owner_id =>
                        {
                            wallet_ids.push(wallet_id);
                        }
                        _ => return Err(ApiError::new(ErrorCode::Conflict, "the merchant's wallet id is taken")),
                    }
                }
                Ok(wallet_ids)
            })
            .await
    }
}
