//! All SQL of this service, one file per table.

pub mod checkpoints;
pub mod entries;
pub mod head;
pub mod hidden;
pub mod summary;
pub mod tree;

use store::Migration;

/// Every migration ever released, in order.
pub const MIGRATIONS: &[Migration] = store::migrations![
    "0001_history.sql",
    "0002_append_only.sqlite.sql",
    "0003_tree.sql",
    "0004_tree_append_only.sqlite.sql",
];
