//! All SQL of the wallet, one file per table.

pub mod accounts;
pub mod fenced_holds;
pub mod holds;
pub mod lists;
pub mod manual_moves;
pub mod postings;
pub mod transfers;
pub mod trial;

/// The wallet's tables and, behind them, the outbox.
pub const MIGRATIONS: &[store::Migration] = store::migrations![
    "0001_ledger.sql",
    "0002_fenced_holds.sql",
    "0003_staff.sql",
    "0004_posting_order.sql",
    "0005_posting_order_backfill.sqlite.sql",
    "0006_posting_order_index.sql",
];

/// A stored value that this program did not write.
fn corrupt(column: usize, problem: &str) -> store::StoreError {
    store::StoreError::Column {
        column,
        problem: problem.to_owned(),
    }
}
