//! Each merchant's past.

use store::{StoreError, Tx};

use super::logs::to_json;
use super::velocities::read_past;
use crate::domain::MerchantPast;

/// A merchant's past; an empty one for somebody new.
pub fn find(tx: &Tx<'_>, merchant_id: &str) -> Result<MerchantPast, StoreError> {
    let stored = tx.query_opt(
        "SELECT past FROM merchant_pasts WHERE merchant_id = $1",
        &[&merchant_id],
        |row| row.get(0),
    )?;
    Ok(read_past(stored, merchant_id))
}

/// Keeps it.
pub fn save(tx: &mut Tx<'_>, merchant_id: &str, past: &MerchantPast) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO merchant_pasts (merchant_id, past) VALUES ($1, $2)
         ON CONFLICT (merchant_id) DO UPDATE SET past = excluded.past",
        &[&merchant_id, &to_json(past)?],
    )?;
    Ok(())
}
