//! The entries. They are added and read; no statement here changes or removes one.

use service::Timestamp;
use store::{Row, Snapshot, StoreError, Tx};

use crate::domain::Entry;
use crate::domain::bytes::VERSION;
use crate::domain::chain::{Found, Head};

/// Which entries of a user a list shows. They come newest first.
#[derive(Clone, Debug)]
pub struct EntryFilter {
    /// Of this user, always.
    pub user_id: String,
    /// Of this type.
    pub kind: Option<String>,
    /// Of this status.
    pub status: Option<String>,
    /// Not older than this.
    pub from: Timestamp,
    /// Older than this position.
    pub before: Position,
}

/// A place in the list's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// When it happened.
    pub occurred_at: Timestamp,
    /// The entry's number, or 0 to stand before all entries of that time.
    pub sequence: i64,
}

/// A transaction has an entry for each who took part and each state it came to: a handful.
const OF_TRANSACTION_MAX: i64 = 100;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT e.history_id, e.entry_key, e.transaction_id, e.user_id, e.amount, e.currency, e.kind, e.status,
                    e.va_number, e.direction, e.wallet_id, e.counterparty, e.failure_code, e.occurred_at, e.recorded_at,
                    e.sequence, e.version, e.hash
             FROM entries e ",
            $rest
        )
    };
}

/// Adds an entry as the new end of the chain; `false` when its key has one already.
pub fn insert(tx: &mut Tx<'_>, entry: &Entry, head: &Head) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "INSERT INTO entries (sequence, version, history_id, entry_key, transaction_id, user_id, amount, currency, kind,
                              status, va_number, direction, wallet_id, counterparty, failure_code, occurred_at,
                              recorded_at, hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
         ON CONFLICT (entry_key) DO NOTHING",
        &[
            &head.sequence,
            &VERSION,
            &entry.history_id,
            &entry.entry_key,
            &entry.transaction_id,
            &entry.user_id,
            &entry.amount,
            &entry.currency,
            &entry.kind,
            &entry.status,
            &entry.va_number,
            &entry.direction,
            &entry.wallet_id,
            &entry.counterparty,
            &entry.failure_code,
            &entry.occurred_at,
            &entry.recorded_at,
            &head.hash,
        ],
    )?;
    Ok(changed > 0)
}

/// The entry of a key.
pub fn find_by_key(snapshot: &Snapshot<'_>, entry_key: &str) -> Result<Option<Entry>, StoreError> {
    snapshot.query_opt(select!("WHERE e.entry_key = $1"), &[&entry_key], read_entry)
}

/// An entry and its number.
pub fn find(snapshot: &Snapshot<'_>, history_id: &str) -> Result<Option<(i64, Entry)>, StoreError> {
    snapshot.query_opt(select!("WHERE e.history_id = $1"), &[&history_id], |row| {
        Ok((row.get(15)?, read_entry(row)?))
    })
}

/// The entries of a transaction and their numbers. Keys begin with what they are about, and the index of keys finds them
/// by that: one of its own would cost every entry that is added.
pub fn of_transaction(snapshot: &Snapshot<'_>, transaction_id: &str) -> Result<Vec<(i64, Entry)>, StoreError> {
    let (from, to) = (format!("{transaction_id}:"), format!("{transaction_id};"));
    snapshot.query(
        select!("WHERE e.entry_key > $1 AND e.entry_key < $2 AND e.transaction_id = $3 ORDER BY e.sequence LIMIT $4"),
        &[&from, &to, &transaction_id, &OF_TRANSACTION_MAX],
        |row| Ok((row.get(15)?, read_entry(row)?)),
    )
}

/// Where an entry of this user stands in the list, hidden or not.
pub fn position(snapshot: &Snapshot<'_>, history_id: &str, user_id: &str) -> Result<Option<Position>, StoreError> {
    snapshot.query_opt(
        "SELECT occurred_at, sequence FROM entries WHERE history_id = $1 AND user_id = $2",
        &[&history_id, &user_id],
        |row| {
            Ok(Position {
                occurred_at: row.get(0)?,
                sequence: row.get(1)?,
            })
        },
    )
}

/// One page of a user's list.
pub fn list(snapshot: &Snapshot<'_>, filter: &EntryFilter, limit: i64) -> Result<Vec<Entry>, StoreError> {
    snapshot.query(
        select!(
            "WHERE e.user_id = $1 AND e.occurred_at >= $2 AND (e.occurred_at, e.sequence) < ($3, $4)
               AND (CAST($5 AS TEXT) IS NULL OR e.kind = $5) AND (CAST($6 AS TEXT) IS NULL OR e.status = $6)
               AND NOT EXISTS (SELECT 1 FROM hidden_entries h WHERE h.history_id = e.history_id)
             ORDER BY e.occurred_at DESC, e.sequence DESC LIMIT $7"
        ),
        &[
            &filter.user_id,
            &filter.from,
            &filter.before.occurred_at,
            &filter.before.sequence,
            &filter.kind,
            &filter.status,
            &limit,
        ],
        read_entry,
    )
}

/// Rows in the order of the chain, whatever they hold.
pub fn after(snapshot: &Snapshot<'_>, sequence: i64, limit: i64) -> Result<Vec<Found>, StoreError> {
    snapshot.query(
        select!("WHERE e.sequence > $1 ORDER BY e.sequence LIMIT $2"),
        &[&sequence, &limit],
        |row| {
            Ok(Found {
                sequence: row.get(15)?,
                version: row.get(16)?,
                // A column that cannot be read is evidence, not a failure of ours.
                entry: read_entry(row).ok(),
                hash: row.get(17).ok(),
            })
        },
    )
}

/// The stored hash of one entry.
pub fn hash(snapshot: &Snapshot<'_>, sequence: i64) -> Result<Option<[u8; 32]>, StoreError> {
    let found = snapshot.query_opt("SELECT hash FROM entries WHERE sequence = $1", &[&sequence], |row| {
        Ok(row.get(0).ok())
    })?;
    Ok(found.flatten())
}

fn read_entry(row: &Row<'_>) -> Result<Entry, StoreError> {
    Ok(Entry {
        history_id: row.get(0)?,
        entry_key: row.get(1)?,
        transaction_id: row.get(2)?,
        user_id: row.get(3)?,
        amount: row.get(4)?,
        currency: row.get(5)?,
        kind: row.get(6)?,
        status: row.get(7)?,
        va_number: row.get(8)?,
        direction: row.get(9)?,
        wallet_id: row.get(10)?,
        counterparty: row.get(11)?,
        failure_code: row.get(12)?,
        occurred_at: row.get(13)?,
        recorded_at: row.get(14)?,
    })
}
