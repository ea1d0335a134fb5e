//! The table `payment_minutes`: how transactions ended, counted as they end.

use service::Timestamp;
use store::{Snapshot, StoreError, Tx};

use crate::domain::Transaction;

/// Microseconds of a minute.
pub const MINUTE_MICROS: i64 = 60_000_000;

/// What was counted in a minute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MinuteRow {
    /// The minute's beginning.
    pub minute_at: Timestamp,
    /// A status, or the code of a failure.
    pub outcome: String,
    /// How many.
    pub count: i64,
    /// How much, in minor units.
    pub volume_minor: i64,
}

/// Counts a transaction that has just ended, or come to a rest.
pub fn count(tx: &mut Tx<'_>, transaction: &Transaction, now: Timestamp) -> Result<(), StoreError> {
    let outcome = transaction
        .failure_code
        .as_deref()
        .unwrap_or_else(|| transaction.status.as_str());
    tx.execute(
        "INSERT INTO payment_minutes (minute_at, outcome, count, volume_minor) VALUES ($1, $2, 1, $3)
         ON CONFLICT (minute_at, outcome) DO UPDATE SET count = payment_minutes.count + 1,
             volume_minor = payment_minutes.volume_minor + excluded.volume_minor",
        &[&minute_of(now), &outcome, &transaction.amount.minor()],
    )?;
    Ok(())
}

/// What was counted from then on, minute by minute.
pub fn since(snapshot: &Snapshot<'_>, from: Timestamp) -> Result<Vec<MinuteRow>, StoreError> {
    snapshot.query(
        "SELECT minute_at, outcome, count, volume_minor FROM payment_minutes WHERE minute_at >= $1 ORDER BY minute_at, outcome",
        &[&minute_of(from)],
        |row| {
            Ok(MinuteRow {
                minute_at: row.get(0)?,
                outcome: row.get(1)?,
                count: row.get(2)?,
                volume_minor: row.get(3)?,
            })
        },
    )
}

/// The beginning of a time's minute.
pub const fn minute_of(time: Timestamp) -> Timestamp {
    let micros = time.micros();
    Timestamp::from_micros(micros - micros.rem_euclid(MINUTE_MICROS))
}
