//! The table `fee_plans`.

use ids::MerchantId;
use service::Timestamp;
use store::{Row, Snapshot, StoreError, Tx};

/// Plans that are shown of a merchant.
const SHOWN_MAX: i64 = 20;

/// What a merchant pays us of each payment, from a moment on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeePlan {
    /// From when.
    pub valid_from: Timestamp,
    /// Hundredths of a percent of the amount, and
    pub basis_points: i64,
    /// this much more, in minor units.
    pub fixed_minor: i64,
}

/// Adds a plan. `false` when there is one from that very moment: what was agreed is not overwritten.
pub fn insert(tx: &mut Tx<'_>, merchant_id: MerchantId, plan: &FeePlan, now: Timestamp) -> Result<bool, StoreError> {
    let inserted = tx.execute(
        "INSERT INTO fee_plans (merchant_id, valid_from, basis_points, fixed_minor, created_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (merchant_id, valid_from) DO NOTHING",
        &[&merchant_id, &plan.valid_from, &plan.basis_points, &plan.fixed_minor, &now],
    )?;
    Ok(inserted == 1)
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
