//! The internal API: what the orchestrator asks, many payments at once.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use money::{Currency, MinorUnits};
use service::endpoint::require_service;
use service::{ApiError, Micros};

use super::types::{FraudAction, FraudStatus};
use crate::app::{App, CHECKS_MAX, Logged, OutcomeEvent, TransactionOutcome, reference};
use crate::domain::{Check, CheckKind};

/// A payment to be checked.
#[derive(InputObject)]
#[allow(dead_code, reason = "what is not used yet is part of the contract")]
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
    /// The merchant that is paid.
    merchant_id: Option<String>,
    /// The wallet that pays.
    wallet_id: Option<String>,
    /// Who receives a transfer.
    target_user_id: Option<String>,
    /// The wallet that receives a transfer.
    target_wallet_id: Option<String>,
    /// The domain of the payer's e-mail address, in lower case.
    email_domain: Option<String>,
    /// The payer's time zone, an IANA name.
    zoneinfo: Option<String>,
    /// The client's address.
    address: Option<String>,
    /// The login session.
    session_id: Option<String>,
    /// When the wallet that pays was opened.
    wallet_created_at: Option<Micros>,
}

/// What became of a transaction.
#[derive(InputObject)]
#[allow(dead_code, reason = "what is not used yet is part of the contract")]
pub struct FraudOutcomeInput {
    /// The transaction.
    transaction_id: String,
    /// `SUCCEEDED`, `FAILED`, `AUTHORIZED`, `REFUNDED` or `IN_REVIEW`.
    event: String,
    /// `PAYMENT`, `TRANSFER` or `DEPOSIT`.
    kind: String,
    /// Who paid.
    user_id: String,
    /// Who received a transfer.
    target_user_id: Option<String>,
    /// The wallet that paid.
    wallet_id: Option<String>,
    /// The merchant that was paid.
    merchant_id: Option<String>,
    /// How much the event is about.
    amount_minor: MinorUnits,
    /// In which currency.
    currency: String,
    /// Why it failed.
    failure_code: Option<String>,
    /// The refund.
    operation_id: Option<String>,
    /// When.
    occurred_at: Micros,
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
    /// What happens to the payment.
    action: FraudAction,
    /// When the desk's time ends, if the payment waits for the desk.
    review_expires_at: Option<Micros>,
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

    /// Notes what became of transactions. A case about one that failed is withdrawn. Repeated, it changes nothing. At most
    /// 512.
    async fn record_outcomes(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What happened.")] outcomes: Vec<FraudOutcomeInput>,
    ) -> async_graphql::Result<i32> {
        require_service(context)?;
        if outcomes.len() > CHECKS_MAX {
            return Err(ApiError::bad_input(format!("at most {CHECKS_MAX} outcomes in one call")).into());
        }
        let noted = i32::try_from(outcomes.len()).unwrap_or(i32::MAX);
        let outcomes = outcomes.into_iter().map(outcome).collect::<Result<_, _>>()?;
        context.data::<App>()?.record_outcomes(outcomes).await?;
        Ok(noted)
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
        merchant_id: input.merchant_id.map(|id| reference("merchantId", id)).transpose()?,
        address: input.address,
        email_domain: input.email_domain,
        zoneinfo: input.zoneinfo,
        session_id: input.session_id,
        target_wallet_id: input
            .target_wallet_id
            .map(|id| reference("targetWalletId", id))
            .transpose()?,
        wallet_created_at: input.wallet_created_at.map(|micros| micros.0),
    })
}

fn outcome(input: FraudOutcomeInput) -> Result<TransactionOutcome, ApiError> {
    let currency: Currency = input.currency.parse()?;
    Ok(TransactionOutcome {
        transaction_id: input.transaction_id,
        operation_id: input.operation_id,
        event: OutcomeEvent::parse(&input.event)
            .ok_or_else(|| ApiError::bad_input(format!("event: `{}` is none", input.event)))?,
        is_deposit: input.kind == "DEPOSIT",
        user_id: input.user_id,
        target_user_id: input.target_user_id,
        merchant_id: input.merchant_id,
        amount_minor: input.amount_minor.to_money(currency)?.minor(),
        occurred_at: input.occurred_at.0,
    })
}

fn decision(transaction_id: String, logged: Logged) -> FraudDecision {
    FraudDecision {
        transaction_id,
        log_id: logged.log_id.to_string(),
        status: logged.decision.outcome.into(),
        score: logged.decision.score,
        action: logged.decision.action.into(),
        review_expires_at: logged.review_expires_at.map(Micros),
        rules: logged.decision.rules(),
        reason: logged.decision.reason(),
        reasons: logged.decision.fired.into_iter().map(|fired| fired.reason).collect(),
    }
}
