//! The table `cleared_lists`.

use store::{Snapshot, StoreError, Tx};

/// The user's list begins behind their newest transaction, from now on.
pub fn clear(tx: &mut Tx<'_>, user_id: &str) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO cleared_lists (user_id, cleared_up_to)
         SELECT user_id, MAX(transaction_id) FROM transactions WHERE user_id = $1 GROUP BY user_id
         ON CONFLICT (user_id) DO UPDATE SET cleared_up_to = excluded.cleared_up_to",
        &[&user_id],
    )?;
    Ok(())
}

/// The newest transaction that the user cleared away.
pub fn find(snapshot: &Snapshot<'_>, user_id: &str) -> Result<Option<String>, StoreError> {
    snapshot.query_opt(
        "SELECT cleared_up_to FROM cleared_lists WHERE user_id = $1",
        &[&user_id],
        |row| row.get(0),
    )
}
