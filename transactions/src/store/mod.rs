//! All SQL of transactions, one file per table.

pub mod api_keys;
pub mod bill_claims;
pub mod cleared_lists;
pub mod events;
pub mod fee_plans;
pub mod idempotency_keys;
pub mod merchant_requests;
pub mod merchants;
pub mod outbox_messages;
pub mod payment_minutes;
pub mod payment_operations;
pub mod payouts;
pub mod reviews;
pub mod sagas;
pub mod sessions;
pub mod transaction_search;
pub mod transactions;
pub mod unfinished;
pub mod webhook_attempts;
pub mod webhook_endpoints;

/// The service's tables; the outbox's come behind them.
pub const MIGRATIONS: &[store::Migration] =
    store::migrations!["0001_transactions.sql", "0002_merchants.sql", "0003_reviews.sql"];

/// A stored value that this program did not write.
fn corrupt(column: usize, problem: &str) -> store::StoreError {
    store::StoreError::Column {
        column,
        problem: problem.to_owned(),
    }
}
