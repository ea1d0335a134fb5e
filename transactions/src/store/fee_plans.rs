//! The table `fee_plans`.

use ids::MerchantId;
use service::Timestamp;
use store::{Row, Snapshot, StoreError, Tx};

use crate::domain::FeePlan;

/// Adds a plan, or replaces the one that begins at the same moment.
pub fn put(tx: &mut Tx<'_>, merchant_id: MerchantId, plan: &FeePlan, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO fee_plans (merchant_id, valid_from, basis_points, fixed_minor, created_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (merchant_id, valid_from)
         DO UPDATE SET basis_points = excluded.basis_points, fixed_minor = excluded.fixed_minor, created_at = excluded.created_at",
        &[
            &merchant_id,
            &plan.valid_from,
            &plan.basis_points,
            &plan.fixed_minor,
            &now,
        ],
    )?;
    Ok(())
}

/// The plan that counts now: the newest that has begun. `None`: nothing is charged.
pub fn current(
    snapshot: &Snapshot<'_>,
    merchant_id: MerchantId,
    now: Timestamp,
) -> Result<Option<FeePlan>, StoreError> {
    snapshot.query_opt(
        "SELECT basis_points, fixed_minor, valid_from FROM fee_plans WHERE merchant_id = $1 AND valid_from <= $2
         ORDER BY valid_from DESC LIMIT 1",
        &[&merchant_id, &now],
        plan,
    )
}

/// A merchant's plans, the newest first.
pub fn list(snapshot: &Snapshot<'_>, merchant_id: MerchantId, limit: i64) -> Result<Vec<FeePlan>, StoreError> {
    snapshot.query(
        "SELECT basis_points, fixed_minor, valid_from FROM fee_plans WHERE merchant_id = $1 ORDER BY valid_from DESC LIMIT $2",
        &[&merchant_id, &limit],
        plan,
    )
}

fn plan(row: &Row<'_>) -> Result<FeePlan, StoreError> {
    Ok(FeePlan {
        basis_points: row.get(0)?,
        fixed_minor: row.get(1)?,
        valid_from: row.get(2)?,
    })
}
