//! The table `merchants`.

use ids::MerchantId;
use service::{Secret, Timestamp};
use store::{Row, Snapshot, StoreError, Tx};
use url::Url;

use super::corrupt;
use crate::domain::{Merchant, MerchantStatus, Notification};

/// Adds a merchant, or writes what is known of it by now.
pub fn put(tx: &mut Tx<'_>, merchant: &Merchant, now: Timestamp) -> Result<(), StoreError> {
    let origins = serde_json::to_string(&merchant.return_origins).map_err(|_| corrupt(8, "the origins are no JSON"))?;
    tx.execute(
        "INSERT INTO merchants (merchant_id, owner_user_id, name, status, va_prefix, order_url, notification, return_origins,
             signing_secret, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (merchant_id) DO UPDATE SET owner_user_id = excluded.owner_user_id, name = excluded.name,
             status = excluded.status, va_prefix = excluded.va_prefix, order_url = excluded.order_url,
             notification = excluded.notification, return_origins = excluded.return_origins,
             signing_secret = excluded.signing_secret, updated_at = excluded.updated_at",
        &[
            &merchant.merchant_id,
            &merchant.owner_user_id,
            &merchant.name,
            &merchant.status.as_str(),
            &merchant.va_prefix,
            &merchant.order_url.as_ref().map(Url::as_str),
            &merchant.notification.as_str(),
            &origins,
            &merchant.signing_secret.expose(),
            &merchant.created_at,
            &now,
        ],
    )?;
    Ok(())
}

/// All merchants.
pub fn all(snapshot: &Snapshot<'_>) -> Result<Vec<Merchant>, StoreError> {
    snapshot.query(
        "SELECT merchant_id, owner_user_id, name, status, va_prefix, order_url, notification, return_origins, signing_secret, created_at
         FROM merchants ORDER BY merchant_id",
        &[],
        merchant,
    )
}

/// A merchant by its id.
pub fn find(snapshot: &Snapshot<'_>, merchant_id: MerchantId) -> Result<Option<Merchant>, StoreError> {
    snapshot.query_opt(
        "SELECT merchant_id, owner_user_id, name, status, va_prefix, order_url, notification, return_origins, signing_secret, created_at
         FROM merchants WHERE merchant_id = $1",
        &[&merchant_id],
        merchant,
    )
}

/// How many merchants a user runs.
pub fn count_of_owner(snapshot: &Snapshot<'_>, owner_user_id: &str) -> Result<i64, StoreError> {
    snapshot.query_one(
        "SELECT COUNT(*) FROM merchants WHERE owner_user_id = $1",
        &[&owner_user_id],
        |row| row.get(0),
    )
}

/// Whether a number could begin with this prefix and with that of another merchant.
pub fn prefix_is_taken(snapshot: &Snapshot<'_>, prefix: &str, by_other_than: MerchantId) -> Result<bool, StoreError> {
    let taken = snapshot.query_opt(
        "SELECT 1 FROM merchants WHERE merchant_id <> $2 AND va_prefix IS NOT NULL
           AND (SUBSTR($1, 1, LENGTH(va_prefix)) = va_prefix OR SUBSTR(va_prefix, 1, LENGTH($1)) = $1) LIMIT 1",
        &[&prefix, &by_other_than],
        |row| row.get::<i64>(0),
    )?;
    Ok(taken.is_some())
}

fn merchant(row: &Row<'_>) -> Result<Merchant, StoreError> {
    let order_url: Option<String> = row.get(5)?;
    Ok(Merchant {
        merchant_id: row.get(0)?,
        owner_user_id: row.get(1)?,
        name: row.get(2)?,
        status: MerchantStatus::parse(&row.get::<String>(3)?).ok_or_else(|| corrupt(3, "no merchant status"))?,
        va_prefix: row.get(4)?,
        order_url: order_url
            .map(|text| Url::parse(&text))
            .transpose()
            .map_err(|_| corrupt(5, "no address"))?,
        notification: Notification::parse(&row.get::<String>(6)?).ok_or_else(|| corrupt(6, "no notification"))?,
        return_origins: serde_json::from_str(&row.get::<String>(7)?).map_err(|_| corrupt(7, "no list of origins"))?,
        signing_secret: Secret::new(row.get::<String>(8)?),
        created_at: row.get(9)?,
    })
}
