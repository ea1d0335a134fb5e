//! Payouts: what merchants ask for, and what the bank says of it.

use async_graphql::{Context, Enum, InputObject, Object, Result, SimpleObject};
use ids::PayoutId;
use money::{Currency, Decimal};
use service::endpoint::IdempotencyKeyHeader;
use service::page::{page_cost, page_size};
use service::token::caller;
use service::{ApiError, DateTime};

use crate::app::App;
use crate::domain::{self, BankAccount, BankReport, PayoutOrder};

/// Queries.
#[derive(Default)]
pub struct PayoutQuery;

/// Mutations.
#[derive(Default)]
pub struct PayoutMutation;

/// How much goes to which bank account.
#[derive(InputObject)]
pub struct PayoutInput {
    /// The merchant; an API key's own, and the only one of its owner, need not be named.
    merchant_id: Option<String>,
    /// How much: IDR, at most two decimals, greater than zero.
    amount: Decimal,
    /// The bank: 2 to 12 capital letters and digits, such as BCA.
    bank_code: String,
    /// The account: 5 to 34 digits.
    account_number: String,
    /// In whose name the account is: 1 to 80 characters.
    account_name: String,
    /// A note of at most 200 characters.
    description: Option<String>,
    /// The client's name for this request: repeating it with the same input answers the same and moves nothing more. The
    /// header `Idempotency-Key` serves as well.
    idempotency_key: Option<String>,
}

/// Where a payout stands.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub enum PayoutState {
    /// The money is about to leave the wallet.
    Pending,
    /// The money has left the wallet and is at the bank, or on its way back from it.
    InTransit,
    /// The bank says that it has arrived.
    Paid,
    /// The money is in the wallet; `failureCode` says why.
    Failed,
}

impl From<domain::PayoutState> for PayoutState {
    fn from(state: domain::PayoutState) -> Self {
        match state {
            domain::PayoutState::Pending => Self::Pending,
            domain::PayoutState::InTransit | domain::PayoutState::Returning => Self::InTransit,
            domain::PayoutState::Paid => Self::Paid,
            domain::PayoutState::Failed => Self::Failed,
        }
    }
}

/// What the bank says.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub enum PayoutResult {
    /// The money has arrived.
    Paid,
    /// The bank did not take it or could not deliver it, and keeps nothing.
    Rejected,
}

/// Money on its way from a merchant's wallet to its bank account.
#[derive(SimpleObject)]
pub struct Payout {
    /// Its id.
    payout_id: String,
    /// Whose money it is.
    merchant_id: String,
    /// How much.
    amount: Decimal,
    /// ISO 4217 code.
    currency: String,
    /// The bank.
    bank_code: String,
    /// The account.
    account_number: String,
    /// In whose name the account is.
    account_name: String,
    /// The merchant's note.
    description: Option<String>,
    /// Where it stands.
    state: PayoutState,
    /// Why it FAILED: a stable code.
    failure_code: Option<String>,
    /// Why it FAILED: a sentence.
    failure_reason: Option<String>,
    /// The bank's name for it.
    bank_reference: Option<String>,
    /// When it was asked for.
    created_at: DateTime,
    /// When it last changed.
    updated_at: DateTime,
}

impl From<domain::Payout> for Payout {
    fn from(payout: domain::Payout) -> Self {
        Self {
            payout_id: payout.payout_id.to_string(),
            merchant_id: payout.merchant_id.to_string(),
            currency: payout.amount.currency().code().to_owned(),
            amount: payout.amount.into(),
            bank_code: payout.account.bank_code().to_owned(),
            account_number: payout.account.number().to_owned(),
            account_name: payout.account.holder().to_owned(),
            description: payout.description,
            state: payout.state.into(),
            failure_code: payout.failure_code,
            failure_reason: payout.failure_reason,
            bank_reference: payout.bank_reference,
            created_at: payout.created_at.into(),
            updated_at: payout.updated_at.into(),
        }
    }
}

#[Object]
impl PayoutQuery {
    /// One payout of a merchant that the caller acts for.
    async fn payout(&self, context: &Context<'_>, payout_id: String) -> Result<Option<Payout>> {
        let app = context.data_unchecked::<App>();
        let found = app.payout(caller(context), &payout_id).await?;
        Ok(found.map(Payout::from))
    }

    /// A merchant's payouts, newest first.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn payouts(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The merchant; an API key's own, and the only one of its owner, need not be named.")]
        merchant_id: Option<String>,
        #[graphql(desc = "At most this many (100 unless told, 500 at most).")] first: Option<i32>,
        #[graphql(desc = "Those older than this payout.")] after: Option<String>,
    ) -> Result<Option<Vec<Payout>>> {
        let limit = page_size(first)?;
        let app = context.data_unchecked::<App>();
        let found = app
            .payouts(caller(context), merchant_id.as_deref(), after.as_deref(), limit)
            .await?;
        Ok(Some(found.into_iter().map(Payout::from).collect()))
    }
}

#[Object]
impl PayoutMutation {
    /// Sends money from the merchant's wallet to a bank account. It answers once the money has left the wallet; whether it
    /// arrived is told later, by `payout` and by the events `payout.paid` and `payout.failed`. What the wallet or the bank
    /// refuses is a FAILED payout with its `failureCode`, and its money is in the wallet; bad input and missing rights are
    /// errors.
    async fn create_payout(&self, context: &Context<'_>, input: PayoutInput) -> Result<Option<Payout>> {
        let header = || context.data_opt::<IdempotencyKeyHeader>()?.0.clone();
        let key = input.idempotency_key.clone().or_else(header);
        let amount = input.amount.to_positive_money(Currency::Idr).map_err(ApiError::from)?;
        let account = BankAccount::parse(&input.bank_code, &input.account_number, &input.account_name)?;
        let order = PayoutOrder::parse(amount, account, input.description.as_deref())?;
        let app = context.data_unchecked::<App>();
        let payout = app
            .create_payout(caller(context), input.merchant_id.as_deref(), order, key)
            .await?;
        Ok(Some(payout.into()))
    }

    /// What the bank says of a payout: for the service that talks to the bank, and for admins. Said again it changes
    /// nothing; what contradicts an earlier report is refused with CONFLICT.
    async fn report_payout(
        &self,
        context: &Context<'_>,
        payout_id: String,
        result: PayoutResult,
        #[graphql(desc = "The bank's name for the payout.")] bank_reference: Option<String>,
        #[graphql(desc = "Why it was REJECTED, in the bank's words: needed for that, and shown to the merchant.")]
        reason: Option<String>,
    ) -> Result<Option<Payout>> {
        caller(context).operator()?;
        let payout_id = PayoutId::parse(&payout_id).map_err(|_| ApiError::not_found("payout"))?;
        let report = match (result, reason) {
            (PayoutResult::Paid, None) => BankReport::paid(bank_reference.as_deref())?,
            (PayoutResult::Rejected, Some(reason)) => BankReport::rejected(&reason)?,
            (PayoutResult::Paid, Some(_)) => {
                return Err(ApiError::bad_input("a reason belongs to REJECTED only").into());
            }
            (PayoutResult::Rejected, None) => return Err(ApiError::bad_input("REJECTED needs a reason").into()),
        };
        let app = context.data_unchecked::<App>();
        Ok(Some(app.payouts.report(payout_id, report).await?.into()))
    }
}
