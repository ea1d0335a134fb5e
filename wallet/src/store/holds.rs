//! The table `holds`.

use ids::HoldId;
use service::Timestamp;
use store::{Row, Snapshot, StoreError, Tx};

use super::corrupt;
use crate::domain::{AccountId, Hold, HoldState};

/// A hold by its id, with the hash of the input that asked for it.
pub fn find(snapshot: &Snapshot<'_>, hold_id: HoldId) -> Result<Option<(Hold, Vec<u8>)>, StoreError> {
    snapshot.query_opt(
        "SELECT hold_id, account_id, amount_minor, captured_minor, state, refusal, expires_at, input_hash FROM holds WHERE hold_id = $1",
        &[&hold_id],
        |row| Ok((hold(row)?, row.get(7)?)),
    )
}

/// Records a hold, granted or refused.
pub fn insert(tx: &mut Tx<'_>, hold: &Hold, input_hash: &[u8; 32], now: Timestamp) -> Result<(), StoreError> {
    let refusal = match hold.state {
        HoldState::Refused(refusal) => Some(refusal.code()),
        _ => None,
    };
    tx.execute(
        "INSERT INTO holds (hold_id, account_id, amount_minor, captured_minor, state, refusal, input_hash, expires_at, created_at, updated_at)
         VALUES ($1, $2, $3, 0, $4, $5, $6, $7, $8, $8)",
        &[
            &hold.hold_id,
            &hold.account_id.to_string(),
            &hold.amount_minor,
            &hold.state.as_str(),
            &refusal,
            input_hash,
            &hold.expires_at,
            &now,
        ],
    )?;
    Ok(())
}

/// Writes how far a hold was captured and where it stands.
pub fn update(
    tx: &mut Tx<'_>,
    hold_id: HoldId,
    captured_minor: i64,
    state: HoldState,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE holds SET captured_minor = $2, state = $3, updated_at = $4 WHERE hold_id = $1",
        &[&hold_id, &captured_minor, &state.as_str(), &now],
    )?;
    Ok(())
}

/// Pending holds whose time is up, the longest overdue first.
pub fn overdue(snapshot: &Snapshot<'_>, now: Timestamp, limit: i64) -> Result<Vec<Hold>, StoreError> {
    snapshot.query(
        "SELECT hold_id, account_id, amount_minor, captured_minor, state, refusal, expires_at
         FROM holds WHERE state = 'PENDING' AND expires_at <= $1 ORDER BY expires_at LIMIT $2",
        &[&now, &limit],
        hold,
    )
}

fn hold(row: &Row<'_>) -> Result<Hold, StoreError> {
    let refusal: Option<String> = row.get(5)?;
    Ok(Hold {
        hold_id: row.get(0)?,
        account_id: AccountId::parse(&row.get::<String>(1)?).ok_or_else(|| corrupt(1, "no account id"))?,
        amount_minor: row.get(2)?,
        captured_minor: row.get(3)?,
        state: HoldState::parse(&row.get::<String>(4)?, refusal.as_deref())
            .ok_or_else(|| corrupt(4, "no hold state"))?,
        expires_at: row.get(6)?,
    })
}
