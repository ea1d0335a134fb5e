//! The internal API: what the orchestrator asks, many payments at once.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use money::{Currency, MinorUnits};
use service::endpoint::require_service;
use service::{ApiError, Micros};

use super::types::FraudStatus;
use crate::app::{App, CHECKS_MAX, Logged, reference};
use crate::domain::{Check, CheckKind};

/// A payment to be checked.
#[derive(InputObject)]
pub struct FraudCheckInput {
    /// The transaction; checked again it keeps its first decision.
    transaction_id: String,
    /// Who pays.
    user_id: String,
    /// How much.
    amount_minor: MinorUnits,
    /// In which currency.
    currency: String,
    /// `PAYMENT` or `TRANSFER`.
    kind: String,
    /// When the payer's account was opened, if that is known.
    account_created_at: Option<Micros>,
    /// How many of the payer's transactions failed in the last hour.
    recent_failures: u32,
}

/// A decision.
#[derive(SimpleObject)]
pub struct FraudDecision {
    /// The transaction it is about.
    transaction_id: String,
    /// Where it is logged.
    log_id: String,
    /// The outcome.
    status: FraudStatus,
    /// The risk from 0 to 100.
    score: u32,
    /// The names of the rules that fired, most important first.
    rules: Vec<String>,
    /// Why, one reason per rule.
    reasons: Vec<String>,
    /// All reasons in one line.
    reason: String,
}

/// Queries between services.
pub struct Query;

#[Object]
impl Query {
    /// The decision about a transaction, if it was checked.
    async fn fraud_decision(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The transaction.")] transaction_id: String,
    ) -> async_graphql::Result<Option<FraudDecision>> {
        require_service(context)?;
        let id = reference("transactionId", transaction_id.clone())?;
        let found = context.data::<App>()?.find_decision(id).await?;
        Ok(found.map(|logged| decision(transaction_id, logged)))
    }
}

/// Mutations between services.
pub struct Mutation;

#[Object]
impl Mutation {
    /// Checks payments, in one commit and in their order: one decision for each. At most 512.
    async fn check_transactions(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The payments.")] inputs: Vec<FraudCheckInput>,
    ) -> async_graphql::Result<Vec<FraudDecision>> {
        require_service(context)?;
        if inputs.len() > CHECKS_MAX {
            return Err(ApiError::bad_input(format!("at most {CHECKS_MAX} checks in one call")).into());
        }
        let mut transaction_ids = Vec::with_capacity(inputs.len());
        let mut checks = Vec::with_capacity(inputs.len());
        for input in inputs {
            transaction_ids.push(input.transaction_id.clone());
            checks.push(check(input)?);
        }
        let logged = context.data::<App>()?.check(checks).await?;
        Ok(transaction_ids
            .into_iter()
            .zip(logged)
            .map(|(transaction_id, logged)| decision(transaction_id, logged))
            .collect())
    }
}

fn check(input: FraudCheckInput) -> Result<Check, ApiError> {
    let currency: Currency = input.currency.parse()?;
    let amount = input.amount_minor.to_money(currency)?;
    if !amount.is_positive() {
        return Err(money::MoneyError::NotPositive.into());
    }
    Ok(Check {
        transaction_id: Some(reference("transactionId", input.transaction_id)?),
        user_id: reference("userId", input.user_id)?,
        amount,
        kind: CheckKind::of_transaction(&input.kind)
            .ok_or_else(|| ApiError::bad_input("kind: PAYMENT or TRANSFER is expected"))?,
        account_created_at: input.account_created_at.map(|micros| micros.0),
        recent_failures: input.recent_failures,
    })
}

fn decision(transaction_id: String, logged: Logged) -> FraudDecision {
    FraudDecision {
        transaction_id,
        log_id: logged.log_id.to_string(),
        status: logged.decision.outcome.into(),
        score: logged.decision.score,
        rules: logged.decision.rules(),
        reason: logged.decision.reason(),
        reasons: logged.decision.fired.into_iter().map(|fired| fired.reason).collect(),
    }
}
