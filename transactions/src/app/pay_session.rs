//! Pays a session from a buyer's wallet: a payment of its number and amount, as `createTransaction` makes it.

use std::net::IpAddr;

use money::Decimal;
use service::ApiError;
use service::token::Claims;

use super::App;
use crate::domain::{OrderInput, Transaction, TransactionType};

impl App {
    /// Pays a session, once per idempotency key. `amount` is what the buyer saw: if the session is over another one by now,
    /// the payment fails. Without it whatever the session is over is paid.
    #[allow(clippy::too_many_arguments, reason = "who asks, from where, and what of the input")]
    pub async fn pay_session(
        &self,
        claims: &Claims,
        address: Option<IpAddr>,
        session_id: &str,
        wallet_id: String,
        amount: Option<Decimal>,
        key: Option<String>,
    ) -> Result<Transaction, ApiError> {
        let session = self.find_session(session_id).await?;
        let session = session.ok_or_else(|| ApiError::not_found("payment session"))?;
        let order = OrderInput {
            wallet_id,
            amount: amount.unwrap_or_else(|| session.amount.into()),
            kind: TransactionType::Payment,
            va_number: Some(session.va_number.to_string()),
            target_wallet_id: None,
            description: None,
        };
        self.create_transaction(claims, address, order, key).await
    }
}
