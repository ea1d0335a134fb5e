//! Every version of the policy. Rows are only ever added.

use service::Timestamp;
use store::{Row, Snapshot, StoreError, Tx};

use super::logs::{to_json, unreadable};
use crate::domain::Policy;

/// A version of the policy.
#[derive(Clone, Debug)]
pub struct PolicyRow {
    /// Its number, from 1.
    pub version: i64,
    /// What it says.
    pub policy: Policy,
    /// Who set it.
    pub author: String,
    /// Why.
    pub reason: String,
    /// When.
    pub created_at: Timestamp,
}

/// The version in force.
pub fn current(snapshot: &Snapshot<'_>) -> Result<PolicyRow, StoreError> {
    snapshot.query_one(
        "SELECT version, policy, author, reason, created_at FROM fraud_policies ORDER BY version DESC LIMIT 1",
        &[],
        read_row,
    )
}

/// What a version says.
pub fn find(snapshot: &Snapshot<'_>, version: i64) -> Result<Policy, StoreError> {
    let found: PolicyRow = snapshot.query_one(
        "SELECT version, policy, author, reason, created_at FROM fraud_policies WHERE version = $1",
        &[&version],
        read_row,
    )?;
    Ok(found.policy)
}

/// Adds a version. `false` when there is one of this number.
pub fn insert(tx: &mut Tx<'_>, row: &PolicyRow) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "INSERT INTO fraud_policies (version, policy, author, reason, created_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (version) DO NOTHING",
        &[
            &row.version,
            &to_json(&row.policy)?,
            &row.author,
            &row.reason,
            &row.created_at,
        ],
    )?;
    Ok(changed > 0)
}

fn read_row(row: &Row<'_>) -> Result<PolicyRow, StoreError> {
    let policy: String = row.get(1)?;
    Ok(PolicyRow {
        version: row.get(0)?,
        policy: serde_json::from_str(&policy).map_err(|error| unreadable(1, &error))?,
        author: row.get(2)?,
        reason: row.get(3)?,
        created_at: row.get(4)?,
    })
}
