//! All SQL of this service, one file per table.

pub mod backtests;
pub mod cases;
pub mod catch_up;
pub mod decisions;
pub mod deletions;
pub mod lists;
pub mod log_index;
pub mod logs;
pub mod merchant_pasts;
pub mod outcomes;
pub mod policies;
pub mod rule_sets;
pub mod rules;
pub mod snoozes;
pub mod stats;
pub mod velocities;

use store::Migration;

/// Every migration ever released, in order.
pub const MIGRATIONS: &[Migration] = store::migrations![
    "0001_fraud.sql",
    "0002_policies.sql",
    "0003_desk.sql",
    "0004_rules.sql",
    "0005_packed_pasts.sql",
    "0006_numbered_logs.sql"
];
