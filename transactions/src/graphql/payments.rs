//! The public API of those who pay. Its root fields may all be null: one that fails leaves the rest of a document its answers, and hides no
//! mutation that was done before it.

use async_graphql::{Context, Object, Result};
use ids::TransactionId;
use money::{Currency, Decimal};
use service::ApiError;
use service::endpoint::{ClientAddress, IdempotencyKeyHeader};
use service::page::{page_cost, page_size};
use service::token::{Role, caller};

use super::types::{OperationsStatus, Transaction, TransactionInput};
use crate::app::App;
use crate::domain::{TransactionStatus, TransactionType};
use crate::store::transactions::Filter;
use crate::store::{cleared_lists, transactions};

/// Queries.
#[derive(Default)]
pub struct PaymentQuery;

/// Mutations.
#[derive(Default)]
pub struct PaymentMutation;

#[Object]
impl PaymentQuery {
    /// The caller's transactions, newest first.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn my_transactions(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "At most this many (100 unless told, 500 at most).")] first: Option<i32>,
        #[graphql(desc = "Those older than this transaction.")] after: Option<String>,
        #[graphql(name = "type", desc = "Of this type only.")] kind: Option<TransactionType>,
        #[graphql(desc = "In this status only.")] status: Option<TransactionStatus>,
    ) -> Result<Option<Vec<Transaction>>> {
        let user_id = caller(context).user()?.sub.clone();
        let limit = page_size(first)?;
        let unknown = |_| ApiError::bad_input("`after` is no transaction's id");
        let before = after
            .as_deref()
            .map(TransactionId::parse)
            .transpose()
            .map_err(unknown)?;
        let filter = Filter { before, kind, status };
        let found = context.data_unchecked::<App>().database.read(move |snapshot| {
            let cleared_up_to = cleared_lists::find(snapshot, &user_id)?;
            transactions::list_of_user(snapshot, &user_id, cleared_up_to.as_deref(), filter, limit)
        });
        let found = found.await.map_err(ApiError::from)?;
        Ok(Some(found.into_iter().map(Transaction::from).collect()))
    }

    /// One of the caller's transactions; staff see anybody's.
    async fn transaction(&self, context: &Context<'_>, transaction_id: String) -> Result<Option<Transaction>> {
        let claims = caller(context).user()?.clone();
        let Ok(transaction_id) = TransactionId::parse(&transaction_id) else {
            return Ok(None);
        };
        let found = context
            .data_unchecked::<App>()
            .database
            .read(move |snapshot| match claims.role {
                Role::Admin | Role::FraudAnalyst | Role::Support => transactions::find(snapshot, transaction_id),
                Role::Nasabah | Role::Merchant | Role::Service => {
                    transactions::find_of_user(snapshot, &claims.sub, transaction_id)
                }
            });
        Ok(found.await.map_err(ApiError::from)?.map(Transaction::from))
    }

    /// What is not finished: transactions under way, deliveries that wait. For staff.
    async fn operations_status(&self, context: &Context<'_>) -> Result<Option<OperationsStatus>> {
        if !matches!(caller(context).authenticated()?.role, Role::Service) {
            caller(context).staff()?;
        }
        let status = context.data_unchecked::<App>().operations_status().await?;
        Ok(Some(status.into()))
    }
}

#[Object]
impl PaymentMutation {
    /// Deposits, pays or transfers. What the business refuses comes back as a FAILED transaction with its
    /// `failureCode`; bad input and missing rights are errors.
    async fn create_transaction(&self, context: &Context<'_>, input: TransactionInput) -> Result<Option<Transaction>> {
        let claims = caller(context).user()?.clone();
        let header = || context.data_opt::<IdempotencyKeyHeader>()?.0.clone();
        let key = input.idempotency_key.clone().or_else(header);
        let app = context.data_unchecked::<App>();
        let address = context.data_opt::<ClientAddress>().and_then(|address| address.0);
        let transaction = app.create_transaction(&claims, address, input.into(), key).await?;
        Ok(Some(transaction.into()))
    }

    /// Clears the caller's list of transactions. The ledger and the audit trail keep everything.
    async fn delete_all_transactions(&self, context: &Context<'_>) -> Result<Option<bool>> {
        let claims = caller(context).user()?;
        context.data_unchecked::<App>().clear_list(&claims.sub).await?;
        Ok(Some(true))
    }

    /// Issues a bill and answers with its VA number, which remembers the amount: for the merchant whose API key asks, else
    /// for the default marketplace. In the sandbox no token is needed.
    #[graphql(name = "generateInvoiceVA")]
    async fn generate_invoice_va(
        &self,
        context: &Context<'_>,
        amount: Decimal,
        description: Option<String>,
    ) -> Result<Option<String>> {
        let amount = amount.to_positive_money(Currency::Idr).map_err(ApiError::from)?;
        let address = context.data_opt::<ClientAddress>().and_then(|address| address.0);
        let app = context.data_unchecked::<App>();
        let va_number = app
            .generate_invoice(caller(context), address, amount, description)
            .await?;
        Ok(Some(va_number.to_string()))
    }
}
