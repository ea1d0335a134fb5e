//! All SQL of this service, one file per table.

pub mod deletions;
pub mod logs;
pub mod rule_sets;
pub mod velocities;

use store::Migration;

/// Every migration ever released, in order.
pub const MIGRATIONS: &[Migration] = store::migrations!["0001_fraud.sql"];
