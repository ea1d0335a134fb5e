//! The table `fee_plans`.

use ids::MerchantId;
use service::Timestamp;
use store::{Row, Snapshot, StoreError, Tx};

use crate::domain::FeePlan;

/// Plans that are shown of a merchant.
const SHOWN_MAX: i64 = 20;

/// Adds a plan. `false` when there is one from that very moment: what was agreed is not overwritten.
pub fn insert(tx: &mut Tx<'_>, merchant_id: MerchantId, plan: &FeePlan, now: Timestamp) -> Result<bool, StoreError> {
    let inserted = tx.execute(
        "INSERT INTO fee_plans (merchant_id, valid_from, basis_points, fixed_minor, created_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (merchant_id, valid_from) DO NOTHING",
        &[&merchant_id, &plan.valid_from, &plan.basis_points, &plan.fixed_minor, &now],
    )?;
    Ok(inserted == 1)
}

/// The plan that counts now: the newest that has begun. `None`: nothing is charged.
pub fn current(
    snapshot: &Snapshot<'_>,
    merchant_id: MerchantId,
    now: Timestamp,
) -> Result<Option<FeePlan>, StoreError> {
    snapshot.query_opt(
        "SELECT valid_from, basis_points, fixed_minor FROM fee_plans WHERE merchant_id = $1 AND valid_from <= $2
         ORDER BY valid_from DESC LIMIT 1",
        &[&merchant_id, &now],
        plan,
    )
}

/// A merchant's plans, the newest first.
pub fn list(snapshot: &Snapshot<'_>, merchant_id: MerchantId) -> Result<Vec<FeePlan>, StoreError> {
    snapshot.query(
        "SELECT valid_from, basis_points, fixed_minor FROM fee_plans WHERE merchant_id = $1 ORDER BY valid_from DESC LIMIT $2",
        &[&merchant_id, &SHOWN_MAX],
        plan,
    )
}

fn plan(row: &Row<'_>) -> Result<FeePlan, StoreError> {
    Ok(FeePlan {
        valid_from: row.get(0)?,
        basis_points: row.get(1)?,
        fixed_minor: row.get(2)?,
    })
}
