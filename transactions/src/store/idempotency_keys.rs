//! The table `idempotency_keys`.

use ids::TransactionId;
use store::{Snapshot, StoreError, Tx};

use super::corrupt;
use crate::domain::{Fingerprint, IdempotencyKey};

/// Takes a key for a new transaction. When it was taken before: the transaction and the input it stands for.
pub fn take(
    tx: &mut Tx<'_>,
    user_id: &str,
    key: &IdempotencyKey,
    input: &Fingerprint,
    transaction_id: TransactionId,
) -> Result<Option<(TransactionId, Fingerprint)>, StoreError> {
    let text = serde_json::to_string(input).map_err(|_| corrupt(2, "the input is no JSON"))?;
    let taken = tx.execute(
        "INSERT INTO idempotency_keys (user_id, idempotency_key, input, transaction_id) VALUES ($1, $2, $3, $4)
         ON CONFLICT (user_id, idempotency_key) DO NOTHING",
        &[&user_id, &key.as_str(), &text, &transaction_id],
    )?;
    if taken == 1 {
        return Ok(None);
    }
    find(tx, user_id, key)
}

/// The transaction and the input that a key stands for.
pub fn find(
    snapshot: &Snapshot<'_>,
    user_id: &str,
    key: &IdempotencyKey,
) -> Result<Option<(TransactionId, Fingerprint)>, StoreError> {
    snapshot.query_opt(
        "SELECT transaction_id, input FROM idempotency_keys WHERE user_id = $1 AND idempotency_key = $2",
        &[&user_id, &key.as_str()],
        |row| {
            let input = serde_json::from_str(&row.get::<String>(1)?).map_err(|_| corrupt(1, "no input"))?;
            Ok((row.get(0)?, input))
        },
    )
}
