//! Adds one entry told by an operator, who knows only what the public input has.

use money::{Currency, Decimal};
use service::{ApiError, ErrorCode};

use super::App;
use super::append::Appended;
use crate::domain::{Direction, EntryInput};

/// An entry as the public input tells it.
#[derive(Clone, Debug)]
pub struct AddHistory {
    /// The transaction.
    pub transaction_id: String,
    /// In whose list it stands.
    pub user_id: String,
    /// How much.
    pub amount: Decimal,
    /// DEPOSIT, PAYMENT, TRANSFER, …
    pub kind: String,
    /// SUCCESS, FAILED, …
    pub status: String,
    /// The bill that was paid.
    pub va_number: Option<String>,
}

impl App {
    /// Adds the entry. The same again is fine; the same transaction, status and user with other content is not.
    pub async fn add_history(&self, told: AddHistory) -> Result<(), ApiError> {
        let amount = told.amount.to_positive_money(Currency::Idr)?;
        let input = EntryInput {
            // The orchestrator names its entries the same way, so that both telling of one thing is one entry.
            entry_key: format!("{}:{}:{}", told.transaction_id, told.status, told.user_id),
            direction: Direction::of_kind(&told.kind).as_str().to_owned(),
            transaction_id: told.transaction_id,
            user_id: told.user_id,
            amount: amount.into(),
            currency: amount.currency().code().to_owned(),
            kind: told.kind,
            status: told.status,
            va_number: told.va_number,
            wallet_id: None,
            counterparty: None,
            failure_code: None,
            occurred_at: self.clock.now().micros(),
        };
        let entry = self.entry(input)?;
        let appended = self.append_entries(vec![entry.clone()]).await?;
        match appended.first() {
            Some(Appended::Known { first, .. }) if !first.tells_the_same(&entry) => Err(ApiError::new(
                ErrorCode::Conflict,
                "this transaction, status and user is in the history with other content",
            )),
            _ => Ok(()),
        }
    }
}
