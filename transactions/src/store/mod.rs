//! All SQL of transactions, one file per table.

pub mod bill_claims;
pub mod cleared_lists;
pub mod idempotency_keys;
pub mod invoices;
pub mod sagas;
pub mod transactions;

/// The service's tables; the outbox's come behind them.
pub const MIGRATIONS: &[store::Migration] = store::migrations!["0001_transactions.sql"];

/// A stored value that this program did not write.
fn corrupt(column: usize, problem: &str) -> store::StoreError {
    store::StoreError::Column {
        column,
        problem: problem.to_owned(),
    }
}
