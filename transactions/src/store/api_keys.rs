//! The table `api_keys`.

use ids::{ApiKeyId, MerchantId};
use service::Timestamp;
use store::{Row, Snapshot, StoreError, Tx};

/// Keys that are shown of a merchant: all that can work, and some that were revoked.
const SHOWN_MAX: i64 = 50;

/// An API key without its secret.
#[derive(Clone, Debug)]
pub struct ApiKey {
    /// Its id.
    pub key_id: ApiKeyId,
    /// Whose it is.
    pub merchant_id: MerchantId,
    /// What its owner calls it.
    pub name: String,
    /// Its end, by which its owner recognises it.
    pub hint: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// Since when it is refused.
    pub revoked_at: Option<Timestamp>,
}

/// Adds a key.
pub fn insert(tx: &mut Tx<'_>, key: &ApiKey, key_hash: &[u8; 32]) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO api_keys (key_id, merchant_id, name, hint, key_hash, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        &[
            &key.key_id,
            &key.merchant_id,
            &key.name,
            &key.hint,
            key_hash,
            &key.created_at,
        ],
    )?;
    Ok(())
}

/// The key with this hash, revoked or not.
pub fn find_by_hash(snapshot: &Snapshot<'_>, key_hash: &[u8; 32]) -> Result<Option<ApiKey>, StoreError> {
    snapshot.query_opt(
        "SELECT key_id, merchant_id, name, hint, created_at, last_used_at, revoked_at FROM api_keys WHERE key_hash = $1",
        &[key_hash],
        api_key,
    )
}

/// A key by its id.
pub fn find(snapshot: &Snapshot<'_>, key_id: ApiKeyId) -> Result<Option<ApiKey>, StoreError> {
    snapshot.query_opt(
        "SELECT key_id, merchant_id, name, hint, created_at, last_used_at, revoked_at FROM api_keys WHERE key_id = $1",
        &[&key_id],
        api_key,
    )
}

/// How many of a merchant's keys are not revoked.
pub fn count_live(snapshot: &Snapshot<'_>, merchant_id: MerchantId) -> Result<i64, StoreError> {
    snapshot.query_one(
        "SELECT COUNT(*) FROM api_keys WHERE merchant_id = $1 AND revoked_at IS NULL",
        &[&merchant_id],
        |row| row.get(0),
    )
}

/// A merchant's keys: those that work, the oldest first, and behind them the latest revoked ones.
pub fn list_of_merchant(snapshot: &Snapshot<'_>, merchant_id: MerchantId) -> Result<Vec<ApiKey>, StoreError> {
    snapshot.query(
        "SELECT key_id, merchant_id, name, hint, created_at, last_used_at, revoked_at FROM api_keys
         WHERE merchant_id = $1
         ORDER BY CASE WHEN revoked_at IS NULL THEN 0 ELSE 1 END, revoked_at DESC, key_id LIMIT $2",
        &[&merchant_id, &SHOWN_MAX],
        api_key,
    )
}

/// Notes that a key was used.
pub fn note_use(tx: &mut Tx<'_>, key_id: ApiKeyId, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE api_keys SET last_used_at = $2 WHERE key_id = $1",
        &[&key_id, &now],
    )?;
    Ok(())
}

/// From now on the key is refused. A key that was revoked before stays as it is.
pub fn revoke(tx: &mut Tx<'_>, key_id: ApiKeyId, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE api_keys SET revoked_at = $2 WHERE key_id = $1 AND revoked_at IS NULL",
        &[&key_id, &now],
    )?;
    Ok(())
}

fn api_key(row: &Row<'_>) -> Result<ApiKey, StoreError> {
    Ok(ApiKey {
        key_id: row.get(0)?,
        merchant_id: row.get(1)?,
        name: row.get(2)?,
        hint: row.get(3)?,
        created_at: row.get(4)?,
        last_used_at: row.get(5)?,
        revoked_at: row.get(6)?,
    })
}
