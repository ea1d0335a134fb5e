//! `wallets`, `ledgerAccounts` and `walletActions`.

use actions::AdminAction;
use ids::WalletId;
use service::ApiError;
use service::page::page_size;

use super::App;
use crate::domain::{Account, AccountId, WalletStatus};
use crate::store::accounts;
use crate::store::lists::{self, AccountLine, WalletPage};

const QUERY_CHARACTERS_MAX: usize = 60;
const ID_BYTES_MAX: usize = 100;

/// Which wallets somebody wants to see, as they said it.
pub struct AskedWallets {
    /// Whose.
    pub user_id: Option<String>,
    /// In which state.
    pub status: Option<WalletStatus>,
    /// With this in their name, or with this id.
    pub query: Option<String>,
    /// How many.
    pub first: Option<i32>,
    /// Opened before this one.
    pub after: Option<String>,
}

impl App {
    /// A page of all wallets.
    pub async fn wallets(&self, asked: AskedWallets) -> Result<Vec<Account>, ApiError> {
        let query = asked.query.as_deref().map(str::trim).filter(|query| !query.is_empty());
        if query.is_some_and(|query| query.chars().count() > QUERY_CHARACTERS_MAX || query.contains('\0')) {
            let problem = format!("`query` has at most {QUERY_CHARACTERS_MAX} characters");
            return Err(ApiError::bad_input(problem).with("field", "query"));
        }
        let after = asked.after.as_deref().map(|after| {
            WalletId::parse(after)
                .map_err(|error| ApiError::bad_input(format!("`after`: {error}")).with("field", "after"))
        });
        let page = WalletPage {
            owner_id: asked.user_id.map(|id| short("userId", id)).transpose()?,
            status: asked.status,
            containing: query.map(str::to_owned),
            after: after.transpose()?.map(|after| after.to_string()),
            limit: page_size(asked.first)?,
        };
        let named = query.and_then(|query| WalletId::parse(query).ok());
        self.database
            .read(move |snapshot| match named {
                Some(wallet_id) => {
                    let found = accounts::find(snapshot, &AccountId::Wallet(wallet_id))?;
                    Ok(found
                        .filter(|wallet| {
                            page.after.is_none()
                                && page.owner_id.as_ref().is_none_or(|owner| *owner == wallet.owner_id)
                                && page.status.is_none_or(|status| status == wallet.status)
                        })
                        .into_iter()
                        .collect())
                }
                None => Ok(lists::wallets(snapshot, &page)?),
            })
            .await
    }

    /// A page of all accounts of the ledger.
    pub async fn ledger_accounts(
        &self,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Vec<AccountLine>, ApiError> {
        let limit = page_size(first)?;
        let after = after
            .map(|after| short("after", after))
            .transpose()?
            .unwrap_or_default();
        self.database
            .read(move |snapshot| Ok(lists::accounts(snapshot, &after, limit)?))
            .await
    }

    /// A page of what was done to wallets by hand, newest first.
    pub async fn wallet_actions(
        &self,
        object: Option<String>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Vec<AdminAction>, ApiError> {
        let limit = page_size(first)?;
        let object = object.map(|object| short("object", object)).transpose()?;
        let after = after.map(|after| short("after", after)).transpose()?;
        self.database
            .read(move |snapshot| Ok(actions::list(snapshot, object.as_deref(), after.as_deref(), limit)?))
            .await
    }
}

/// An id that a client sent and nobody has to parse: what is none finds nothing.
fn short(field: &'static str, text: String) -> Result<String, ApiError> {
    if text.len() > ID_BYTES_MAX || text.contains('\0') {
        return Err(ApiError::bad_input(format!("`{field}` is no id")).with("field", field));
    }
    Ok(text)
}
