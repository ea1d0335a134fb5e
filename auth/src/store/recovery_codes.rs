//! The table `recovery_codes`: those that are still good.

use ids::UserId;
use store::{StoreError, Tx};

use crate::domain::RecoveryCodeHash;

pub(crate) fn insert(tx: &mut Tx<'_>, user_id: UserId, hash: RecoveryCodeHash) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO recovery_codes (user_id, code_hash) VALUES ($1, $2)",
        &[&user_id, &hash],
    )?;
    Ok(())
}

/// Uses one up; `false` when it is none of theirs (any more).
pub(crate) fn take(tx: &mut Tx<'_>, user_id: UserId, hash: RecoveryCodeHash) -> Result<bool, StoreError> {
    let taken = tx.execute(
        "DELETE FROM recovery_codes WHERE user_id = $1 AND code_hash = $2",
        &[&user_id, &hash],
    )?;
    Ok(taken == 1)
}

pub(crate) fn delete_all(tx: &mut Tx<'_>, user_id: UserId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM recovery_codes WHERE user_id = $1", &[&user_id])?;
    Ok(())
}
