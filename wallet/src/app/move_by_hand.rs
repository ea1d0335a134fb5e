//! Top-ups and deductions: money between a wallet and the bank, moved by an operator or, in the sandbox, the owner.

use actions::NewAction;
use ids::{TransferId, WalletId};
use money::Money;
use outbox::history::{self, Direction, HistoryEntry};
use service::token::{Claims, Role};
use service::{ApiError, ErrorCode};

use super::App;
use super::post_transfers::post;
use crate::domain::{Account, AccountId, AccountKind, Posting, Transfer};
use crate::store::{accounts, manual_moves};

/// What somebody wants moved by hand.
#[derive(Clone, Debug)]
pub struct MoveByHand {
    /// Which way.
    pub direction: ManualMove,
    /// From or to which wallet.
    pub wallet_id: WalletId,
    /// How much.
    pub amount: Money,
    /// Under this key it is moved once.
    pub idempotency_key: Option<String>,
    /// Why, if an admin says so.
    pub reason: Option<String>,
}

/// Which way the money goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ManualMove {
    /// From the bank into the wallet.
    Topup,
    /// From the wallet to the bank.
    Deduct,
}

impl ManualMove {
    const fn operation(self) -> &'static str {
        match self {
            Self::Topup => "topupWallet",
            Self::Deduct => "deductWallet",
        }
    }

    const fn kind(self) -> &'static str {
        match self {
            Self::Topup => "TOPUP",
            Self::Deduct => "DEDUCT",
        }
    }
}

impl App {
    /// Moves money between a wallet and the bank and answers with the wallet as it is then. With a key, repeating it
    /// moves nothing more.
    pub async fn move_by_hand(&self, caller: &Claims, order: MoveByHand) -> Result<Account, ApiError> {
        let MoveByHand {
            direction,
            wallet_id,
            amount,
            ..
        } = order;
        let reason = actions::reason(order.reason)?;
        let is_admin = caller.role == Role::Admin;
        let key = order.idempotency_key.map(|key| check_key(&key)).transpose()?;
        let owner_may = self.mode.is_sandbox();
        let (caller_id, is_operator) = (caller.sub.clone(), matches!(caller.role, Role::Admin | Role::Service));
        let (fresh, now) = (TransferId::generate(), self.clock.now());
        let (account, posted) = self
            .database
            .write(move |tx| {
                let account_id = AccountId::Wallet(wallet_id);
                let account = accounts::find(tx, &account_id)?
                    .filter(|account| {
                        is_operator || (account.owner_id == caller_id && account.kind == AccountKind::User)
                    })
                    .ok_or_else(|| ApiError::not_found("wallet"))?;
                if !is_operator && !owner_may {
                    let message = "outside the sandbox only an admin or a service moves money by hand";
                    return Err(ApiError::new(ErrorCode::Forbidden, message));
                }
                let transfer_id = match &key {
                    Some(key) => manual_moves::transfer_of_key(tx, &caller_id, key, fresh)?,
                    None => fresh,
                };
                let transfer = manual_transfer(transfer_id, direction, &account, amount)?;
                let posted = post(tx, &transfer, now)?;
                if let Some(refusal) = posted.refusal {
                    return Err(
                        ApiError::new(ErrorCode::Conflict, refusal.to_string()).with("failureCode", refusal.code())
                    );
                }
                if transfer_id == fresh && account.kind == AccountKind::User {
                    let entry = HistoryEntry {
                        entry_key: format!("{transfer_id}:SUCCESS:{}", account.owner_id),
                        transaction_id: transfer_id.to_string(),
                        user_id: account.owner_id.clone(),
                        amount_minor: amount.minor(),
                        currency: amount.currency().code().to_owned(),
                        kind: direction.kind().to_owned(),
                        status: "SUCCESS".to_owned(),
                        va_number: None,
                        direction: if direction == ManualMove::Topup {
                            Direction::In
                        } else {
                            Direction::Out
                        },
                        wallet_id: Some(wallet_id.to_string()),
                        counterparty: None,
                        failure_code: None,
                        occurred_at: now.micros(),
                    };
                    outbox::enqueue(tx, &history::message(&entry), now)?;
                }
                if transfer_id == fresh && is_admin {
                    let action = NewAction {
                        actor: &caller_id,
                        action: direction.operation(),
                        object: &account_id.to_string(),
                        reason: reason.as_deref(),
                        detail: Some(&format!("{amount} by {transfer_id}")),
                    };
                    actions::record(tx, &action, now)?;
                }
                let account = accounts::find(tx, &account_id)?.ok_or_else(|| ApiError::not_found("wallet"))?;
                Ok((account, posted))
            })
            .await?;
        posted.count();
        self.outbox.nudge(history::LANE);
        Ok(account)
    }
}

fn manual_transfer(
    transfer_id: TransferId,
    direction: ManualMove,
    account: &Account,
    amount: Money,
) -> Result<Transfer, ApiError> {
    let sign = if direction == ManualMove::Topup { 1 } else { -1 };
    let minor = amount.minor() * sign;
    let postings = vec![
        Posting {
            account_id: account.account_id.clone(),
            amount_minor: minor,
        },
        Posting {
            account_id: AccountId::BankClearing(amount.currency()),
            amount_minor: -minor,
        },
    ];
    Transfer::new(transfer_id, direction.kind(), amount.currency(), None, postings)
        .map_err(|error| ApiError::bad_input(error.to_string()))
}

fn check_key(key: &str) -> Result<String, ApiError> {
    if (1..=128).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(key.to_owned());
    }
    Err(ApiError::bad_input(
        "an idempotency key has 1 to 128 visible ASCII characters",
    ))
}
