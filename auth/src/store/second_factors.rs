//! The table `second_factors`.

use ids::UserId;
use service::Timestamp;
use store::{Row, Snapshot, StoreError, Tx};

/// What makes somebody's codes.
#[derive(Clone, Debug)]
pub(crate) struct SecondFactor {
    pub(crate) user_id: UserId,
    pub(crate) sealed_secret: Vec<u8>,
    pub(crate) begun_at: Timestamp,
    /// None while its owner has not shown a code of it.
    pub(crate) confirmed_at: Option<Timestamp>,
    /// Codes of this step and those before are used up.
    pub(crate) last_step: i64,
}

pub(crate) fn find(snapshot: &Snapshot<'_>, user_id: UserId) -> Result<Option<SecondFactor>, StoreError> {
    snapshot.query_opt(
        "SELECT user_id, sealed_secret, begun_at, confirmed_at, last_step FROM second_factors WHERE user_id = $1",
        &[&user_id],
        read,
    )
}

/// Begins one, in the place of one that was begun and not confirmed; `false` when there is one that was.
pub(crate) fn begin(tx: &mut Tx<'_>, factor: &SecondFactor) -> Result<bool, StoreError> {
    let begun = tx.execute(
        "INSERT INTO second_factors (user_id, sealed_secret, begun_at, confirmed_at, last_step) \
         VALUES ($1, $2, $3, NULL, $4) ON CONFLICT (user_id) DO UPDATE SET sealed_secret = excluded.sealed_secret, \
         begun_at = excluded.begun_at, last_step = excluded.last_step WHERE second_factors.confirmed_at IS NULL",
        &[
            &factor.user_id,
            &factor.sealed_secret,
            &factor.begun_at,
            &factor.last_step,
        ],
    )?;
    Ok(begun == 1)
}

/// From now on it is asked for.
pub(crate) fn confirm(tx: &mut Tx<'_>, user_id: UserId, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE second_factors SET confirmed_at = $2 WHERE user_id = $1",
        &[&user_id, &now],
    )?;
    Ok(())
}

/// Uses up the codes until this step, of the secret that the code was checked with; `false` when they are used up
/// already, or the secret is another by now.
pub(crate) fn use_step(tx: &mut Tx<'_>, checked: &SecondFactor, step: i64) -> Result<bool, StoreError> {
    let used = tx.execute(
        "UPDATE second_factors SET last_step = $3 WHERE user_id = $1 AND sealed_secret = $2 AND last_step < $3",
        &[&checked.user_id, &checked.sealed_secret, &step],
    )?;
    Ok(used == 1)
}

/// Removes it; `false` when there was none that was asked for.
pub(crate) fn delete(tx: &mut Tx<'_>, user_id: UserId) -> Result<bool, StoreError> {
    let was_asked_for = find(tx, user_id)?.is_some_and(|factor| factor.confirmed_at.is_some());
    tx.execute("DELETE FROM second_factors WHERE user_id = $1", &[&user_id])?;
    Ok(was_asked_for)
}

fn read(row: &Row<'_>) -> Result<SecondFactor, StoreError> {
    Ok(SecondFactor {
        user_id: row.get(0)?,
        sealed_secret: row.get(1)?,
        begun_at: row.get(2)?,
        confirmed_at: row.get(3)?,
        last_step: row.get(4)?,
    })
}
