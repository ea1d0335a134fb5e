//! The tables `transfers` and `postings`. There is no UPDATE and no DELETE here: what is written stays.

use ids::TransferId;
use service::Timestamp;
use store::{Snapshot, StoreError, Tx};

use super::corrupt;
use crate::domain::{Movement, Refusal, Transfer};

/// A transfer that was answered before.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// `None` when it was posted.
    pub refusal: Option<Refusal>,
    /// The input it was answered for; none when it was cancelled before it came.
    pub input_hash: Option<Vec<u8>>,
}

/// What was answered under this id.
pub fn find(snapshot: &Snapshot<'_>, transfer_id: TransferId) -> Result<Option<Recorded>, StoreError> {
    snapshot.query_opt(
        "SELECT state, refusal, input_hash FROM transfers WHERE transfer_id = $1",
        &[&transfer_id],
        |row| {
            let refusal = match (row.get::<String>(0)?.as_str(), row.get::<Option<String>>(1)?) {
                ("POSTED", None) => None,
                ("REFUSED", Some(code)) => Some(Refusal::parse(&code).ok_or_else(|| corrupt(1, "no refusal"))?),
                _ => return Err(corrupt(0, "a transfer is either posted or refused with a reason")),
            };
            Ok(Recorded {
                refusal,
                input_hash: row.get(2)?,
            })
        },
    )
}

/// Records a transfer and what it moved.
pub fn insert_posted(
    tx: &mut Tx<'_>,
    transfer: &Transfer,
    movements: &[Movement],
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO transfers (transfer_id, state, kind, hold_id, input_hash, created_at) VALUES ($1, 'POSTED', $2, $3, $4, $5)",
        &[&transfer.transfer_id(), &transfer.kind(), &transfer.hold_id(), &transfer.input_hash(), &now],
    )?;
    for (position, movement) in (0_i64..).zip(movements) {
        tx.execute(
            "INSERT INTO postings (transfer_id, position, account_id, amount_minor, balance_after_minor, account_sequence, posted_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            &[
                &transfer.transfer_id(),
                &position,
                &movement.account_id.to_string(),
                &movement.amount_minor,
                &movement.balance_after_minor,
                &movement.account_sequence,
                &movement.posted_at,
            ],
        )?;
    }
    Ok(())
}

/// Records a refusal, so that the same transfer is refused for ever.
pub fn insert_refused(
    tx: &mut Tx<'_>,
    transfer: &Transfer,
    refusal: Refusal,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO transfers (transfer_id, state, refusal, kind, hold_id, input_hash, created_at)
         VALUES ($1, 'REFUSED', $2, $3, $4, $5, $6)",
        &[
            &transfer.transfer_id(),
            &refusal.code(),
            &transfer.kind(),
            &transfer.hold_id(),
            &transfer.input_hash(),
            &now,
        ],
    )?;
    Ok(())
}

/// Records that a transfer must never be posted, before it was ever seen.
pub fn insert_cancelled(tx: &mut Tx<'_>, transfer_id: TransferId, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO transfers (transfer_id, state, refusal, kind, created_at) VALUES ($1, 'REFUSED', $2, 'CANCELLED', $3)",
        &[&transfer_id, &Refusal::Cancelled.code(), &now],
    )?;
    Ok(())
}
