//! Sums of a user's entries, by day.

use money::Currency;
use service::Timestamp;
use store::{Snapshot, StoreError};

/// Whose entries of when.
#[derive(Clone, Debug)]
pub struct DayFilter {
    /// Of this user, always.
    pub user_id: String,
    /// Not older than this.
    pub from: Timestamp,
    /// Older than this.
    pub to: Timestamp,
    /// How far days begin before those of Greenwich, in microseconds.
    pub offset: i64,
    /// In this currency.
    pub currency: Currency,
}

/// What moved one way on one day.
#[derive(Clone, Debug)]
pub struct DaySum {
    /// The day's number, 0 for 1970-01-01.
    pub day: i64,
    /// IN or OUT.
    pub direction: String,
    /// The sum in minor units.
    pub amount: i64,
    /// Of how many entries.
    pub entries: i64,
}

/// Sums of what succeeded. What its owner hid from the list moved all the same.
pub fn days(snapshot: &Snapshot<'_>, filter: &DayFilter) -> Result<Vec<DaySum>, StoreError> {
    snapshot.query(
        "SELECT (occurred_at + $4) / 86400000000 AS day, direction, CAST(SUM(amount) AS BIGINT), COUNT(*)
         FROM entries
         WHERE user_id = $1 AND occurred_at >= $2 AND occurred_at < $3 AND status = 'SUCCESS' AND currency = $5
         GROUP BY (occurred_at + $4) / 86400000000, direction ORDER BY day, direction",
        &[
            &filter.user_id,
            &filter.from,
            &filter.to,
            &filter.offset,
            &filter.currency,
        ],
        |row| {
            Ok(DaySum {
                day: row.get(0)?,
                direction: row.get(1)?,
                amount: row.get(2)?,
                entries: row.get(3)?,
            })
        },
    )
}
