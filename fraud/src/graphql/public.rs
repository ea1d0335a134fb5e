//! The public API: what operators ask. Its root fields may all be null: one that fails leaves the rest of a document its
//! answers, and hides no mutation that was done before it.

use async_graphql::{Context, Object};
use money::{Currency, Decimal};
use service::ApiError;
use service::token::caller;

use super::types::FraudCheck;
use crate::app::{App, reference};
use crate::domain::{Check, CheckKind};

/// Checks asked for by hand.
#[derive(Default)]
pub struct CheckMutation;

#[Object]
impl CheckMutation {
    /// Checks an amount that a user is about to pay, counts it, and logs the decision. For services and admins.
    async fn check_fraud(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Who is about to pay.")] user_id: String,
        #[graphql(desc = "How much, in IDR.")] amount: Decimal,
    ) -> async_graphql::Result<Option<FraudCheck>> {
        caller(context).operator()?;
        let check = Check {
            transaction_id: None,
            user_id: reference("userId", user_id)?,
            amount: amount.to_positive_money(Currency::Idr).map_err(ApiError::from)?,
            kind: CheckKind::Manual,
            account_created_at: None,
            recent_failures: 0,
            merchant_id: None,
            address: None,
            email_domain: None,
            zoneinfo: None,
            session_id: None,
            target_wallet_id: None,
            wallet_created_at: None,
        };
        let logged = context.data::<App>()?.check(vec![check]).await?;
        let logged = logged.into_iter().next().ok_or("no decision was made")?;
        Ok(Some(logged.into()))
    }
}
