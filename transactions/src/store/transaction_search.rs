//! Looking through all of the table `transactions`, for staff. Whatever is asked for leads along an index.

use ids::{MerchantId, WalletId};
use service::Timestamp;
use store::{Snapshot, StoreError};

use super::transactions::transaction;
use crate::domain::{Transaction, TransactionStatus, TransactionType};

/// Ids tell the time by the machine's clock when they were made, a moment before the transaction's own.
const CLOCKS_DIFFER_MICROS: i64 = 60_000_000;

/// What is looked for.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// Those older than this one.
    pub before: Option<String>,
    /// In this status.
    pub status: Option<TransactionStatus>,
    /// Of this type.
    pub kind: Option<TransactionType>,
    /// Of this user.
    pub user_id: Option<String>,
    /// Paying this merchant.
    pub merchant_id: Option<MerchantId>,
    /// Out of this wallet, or into it. With its owner in `user_id`.
    pub wallet_id: Option<WalletId>,
    /// Of this bill.
    pub va_number: Option<String>,
    /// Asked for at or after.
    pub from: Option<Timestamp>,
    /// Asked for before.
    pub to: Option<Timestamp>,
    /// Over at least this much, in minor units.
    pub min_minor: Option<i64>,
    /// Over at most this much, in minor units.
    pub max_minor: Option<i64>,
}

/// The statement that is led by a condition.
macro_rules! statement {
    ($along:literal) => {
        concat!(
            "SELECT transaction_id, user_id, wallet_id, target_wallet_id, merchant_id, session_id, order_id, amount_minor,
             currency, kind, status, capture_mode, fee_minor, captured_minor, refunded_minor, hold_expires_at, va_number, description,
             failure_code, failure_reason, paid_at, created_at, updated_at
         FROM transactions
         WHERE ",
            $along,
            " AND transaction_id < $1 AND transaction_id >= $2
           AND (CAST($3 AS TEXT) IS NULL OR user_id = CAST($3 AS TEXT))
           AND (CAST($4 AS TEXT) IS NULL OR merchant_id = CAST($4 AS TEXT))
           AND (CAST($5 AS TEXT) IS NULL OR status = CAST($5 AS TEXT))
           AND (CAST($6 AS TEXT) IS NULL OR kind = CAST($6 AS TEXT))
           AND (CAST($7 AS TEXT) IS NULL OR UPPER(va_number) = CAST($7 AS TEXT))
           AND (CAST($8 AS BIGINT) IS NULL OR amount_minor >= CAST($8 AS BIGINT))
           AND (CAST($9 AS BIGINT) IS NULL OR amount_minor <= CAST($9 AS BIGINT))
           AND (CAST($10 AS BIGINT) IS NULL OR created_at >= CAST($10 AS BIGINT))
           AND (CAST($11 AS BIGINT) IS NULL OR created_at < CAST($11 AS BIGINT))
           AND (CAST($12 AS TEXT) IS NULL OR wallet_id = CAST($12 AS TEXT) OR target_wallet_id = CAST($12 AS TEXT))
         ORDER BY transaction_id DESC LIMIT $13"
        )
    };
}

/// What is looked for, newest first.
pub fn list(snapshot: &Snapshot<'_>, search: &Search, limit: i64) -> Result<Vec<Transaction>, StoreError> {
    if search.wallet_id.is_none() || search.va_number.is_some() {
        return query(snapshot, along(search), search, limit);
    }
    // What left the wallet stands under its owner, and what came into it under the wallet.
    let mut found = match &search.user_id {
        Some(_) => query(snapshot, statement!("user_id = $3 AND wallet_id = $12"), search, limit)?,
        None => Vec::new(),
    };
    let received = Search {
        user_id: None,
        ..search.clone()
    };
    found.extend(query(snapshot, statement!("target_wallet_id = $12"), &received, limit)?);
    found.sort_unstable_by_key(|transaction| std::cmp::Reverse(transaction.transaction_id));
    found.dedup_by(|a, b| a.transaction_id == b.transaction_id);
    found.truncate(usize::try_from(limit).unwrap_or(0));
    Ok(found)
}

/// The statement whose index leads to the fewest rows.
fn along(search: &Search) -> &'static str {
    let (merchant, status) = (search.merchant_id.is_some(), search.status);
    let is_pending = status == Some(TransactionStatus::Pending);
    match status {
        _ if search.va_number.is_some() => statement!("va_number IS NOT NULL AND UPPER(va_number) = $7"),
        _ if is_pending => statement!("transaction_id IN (SELECT transaction_id FROM sagas)"),
        _ if search.user_id.is_some() => statement!("user_id = $3"),
        Some(_) if merchant => {
            statement!("merchant_id IS NOT NULL AND merchant_id = $4 AND status <> 'PENDING' AND status = $5")
        }
        None if merchant => statement!("merchant_id IS NOT NULL AND merchant_id = $4"),
        Some(status) if status != TransactionStatus::Success => {
            statement!("status NOT IN ('SUCCESS', 'PENDING') AND status = $5")
        }
        _ => match search.kind {
            Some(kind) if kind != TransactionType::Payment => statement!("kind <> 'PAYMENT' AND kind = $6"),
            _ => statement!("transaction_id > ''"),
        },
    }
}

fn query(
    snapshot: &Snapshot<'_>,
    sql: &'static str,
    search: &Search,
    limit: i64,
) -> Result<Vec<Transaction>, StoreError> {
    let newest = search
        .to
        .map(|to| first_id_at(to.micros().saturating_add(CLOCKS_DIFFER_MICROS)));
    let before = match (&search.before, newest) {
        (Some(before), Some(newest)) => before.clone().min(newest),
        (before, newest) => before.clone().or(newest).unwrap_or_else(|| "~".to_owned()),
    };
    let oldest = search
        .from
        .map(|from| first_id_at(from.micros().saturating_sub(CLOCKS_DIFFER_MICROS)));
    snapshot.query(
        sql,
        &[
            &before,
            &oldest.unwrap_or_default(),
            &search.user_id,
            &search.merchant_id,
            &search.status.map(TransactionStatus::as_str),
            &search.kind.map(TransactionType::as_str),
            &search.va_number.as_ref().map(|number| number.to_ascii_uppercase()),
            &search.min_minor,
            &search.max_minor,
            &search.from,
            &search.to,
            &search.wallet_id,
            &limit,
        ],
        transaction,
    )
}

/// The first id that could have been made at a time: ids begin with their milliseconds in Crockford's base 32.
fn first_id_at(micros: i64) -> String {
    const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let millis = u64::try_from(micros.div_euclid(1_000)).unwrap_or(0).min((1 << 48) - 1);
    let digits = (0..10).rev().map(|place| {
        let digit = usize::try_from((millis >> (5 * place)) & 31).unwrap_or(0);
        char::from(DIGITS[digit])
    });
    format!("trx_{}", digits.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_lies_between_the_times_around_it() {
        let now = service::Clock::system().now().micros();
        let id = ids::TransactionId::generate();
        assert!(first_id_at(now - 1_000_000).as_str() < id.as_str());
        assert!(first_id_at(now + 1_000_000).as_str() > id.as_str());
        assert_eq!(first_id_at(-5), "trx_0000000000");
        assert_eq!(first_id_at(i64::MAX), "trx_7ZZZZZZZZZ");
    }
}
