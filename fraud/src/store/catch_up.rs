//! How far logs from before there was a desk have come into the index of rules and the counts.

use ids::FraudLogId;
use store::{Snapshot, StoreError, Tx};

/// Behind which log to go on; nothing once all is done.
pub fn next(snapshot: &Snapshot<'_>) -> Result<Option<String>, StoreError> {
    let found = snapshot.query_opt(
        "SELECT done_to, is_done FROM fraud_log_catch_up WHERE only = 1",
        &[],
        |row| Ok((row.get::<String>(0)?, row.get::<bool>(1)?)),
    )?;
    Ok(match found {
        None => Some(String::new()),
        Some((_, true)) => None,
        Some((done_to, false)) => Some(done_to),
    })
}

/// The next logs behind this one, by their ids, with whether each is from before.
pub fn logs_behind(snapshot: &Snapshot<'_>, done_to: &str, limit: i64) -> Result<Vec<(FraudLogId, bool)>, StoreError> {
    snapshot.query(
        "SELECT log_id, policy_version FROM fraud_logs WHERE log_id > $1 ORDER BY log_id LIMIT $2",
        &[&done_to, &limit],
        |row| Ok((row.get(0)?, row.get::<i64>(1)? == 0)),
    )
}

/// Notes how far it has come.
pub fn note(tx: &mut Tx<'_>, done_to: &str, is_done: bool) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO fraud_log_catch_up (only, done_to, is_done) VALUES (1, $1, $2)
         ON CONFLICT (only) DO UPDATE SET done_to = excluded.done_to, is_done = excluded.is_done",
        &[&done_to, &is_done],
    )?;
    Ok(())
}
