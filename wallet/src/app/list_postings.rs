//! `walletPostings`: what is written on a wallet's account.

use ids::{TransferId, WalletId};
use service::ApiError;
use service::page::page_size;
use service::token::{Claims, Role};
use store::Snapshot;

use super::App;
use crate::domain::{Account, AccountId, AccountKind};
use crate::store::accounts;
use crate::store::postings::{self, Place, PostingLine};

impl App {
    /// A page of a wallet's postings, the latest first: its owner's, or anybody's for staff.
    pub async fn wallet_postings(
        &self,
        caller: &Claims,
        wallet_id: WalletId,
        first: Option<i32>,
        after: Option<&str>,
    ) -> Result<Vec<(Account, PostingLine)>, ApiError> {
        let limit = page_size(first)?;
        let after = after.map(transfer_of_posting).transpose()?;
        let caller = caller.clone();
        self.database
            .read(move |snapshot| {
                let wallet = find_visible(snapshot, &caller, wallet_id)?;
                let place = match after {
                    None => Place::END,
                    Some(transfer_id) => place_of(snapshot, &wallet.account_id, transfer_id)?,
                };
                let lines = postings::latest_first(snapshot, &wallet.account_id, place, limit)?;
                Ok(lines.into_iter().map(|line| (wallet.clone(), line)).collect())
            })
            .await
    }
}

/// A wallet whose account the caller may see: a user their own, staff all of them.
pub(super) fn find_visible(snapshot: &Snapshot<'_>, caller: &Claims, wallet_id: WalletId) -> Result<Account, ApiError> {
    let is_staff = matches!(caller.role, Role::Admin | Role::FraudAnalyst | Role::Support);
    accounts::find(snapshot, &AccountId::Wallet(wallet_id))?
        .filter(|wallet| is_staff || (wallet.owner_id == caller.sub && wallet.kind == AccountKind::User))
        .ok_or_else(|| ApiError::not_found("wallet"))
}

/// The transfer of a posting's id, `xfr_…:0`: an account has one posting in a transfer.
pub(super) fn transfer_of_posting(posting_id: &str) -> Result<TransferId, ApiError> {
    posting_id
        .split_once(':')
        .and_then(|(transfer_id, _)| TransferId::parse(transfer_id).ok())
        .ok_or_else(|| bad_after("`after` is no id of a posting"))
}

/// Where the wallet's posting in that transfer stands.
pub(super) fn place_of(
    snapshot: &Snapshot<'_>,
    account_id: &AccountId,
    transfer_id: TransferId,
) -> Result<Place, ApiError> {
    postings::place_of(snapshot, account_id, transfer_id)?
        .ok_or_else(|| bad_after("`after` is no posting of this wallet"))
}

fn bad_after(problem: &str) -> ApiError {
    ApiError::bad_input(problem).with("field", "after")
}
