//! The tables `payment_sessions` and `session_splits`.

use ids::{MerchantId, PaymentSessionId, TransactionId};
use money::{Currency, Money};
use service::Timestamp;
use store::{Row, Snapshot, StoreError, Tx};

use super::corrupt;
use crate::domain::{CaptureMode, PaymentSession, SessionSource, SessionState, Share, VaNumber};

/// What a merchant's list is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Those older than this one.
    pub before: Option<PaymentSessionId>,
    /// In this state.
    pub state: Option<SessionState>,
    /// Of this order.
    pub order_id: Option<String>,
}

/// Adds a session with its splits. `false` when its number (or its order) is taken.
pub fn insert(tx: &mut Tx<'_>, session: &PaymentSession, splits: &[Share]) -> Result<bool, StoreError> {
    let items = serde_json::to_string(&session.items).map_err(|_| corrupt(9, "the items are no JSON"))?;
    let metadata = serde_json::to_string(&session.metadata).map_err(|_| corrupt(10, "the metadata is no JSON"))?;
    let inserted = tx.execute(
        "INSERT INTO payment_sessions (session_id, merchant_id, source, order_id, va_number, va_key, amount_minor, currency,
             description, items, metadata, capture_mode, return_url, cancel_url, state, transaction_id, version, expires_at, paid_at,
             created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)
         ON CONFLICT DO NOTHING",
        &[
            &session.session_id,
            &session.merchant_id,
            &session.source.as_str(),
            &session.order_id,
            &session.va_number.as_str(),
            &session.va_number.key(),
            &session.amount.minor(),
            &session.amount.currency(),
            &session.description,
            &items,
            &metadata,
            &session.capture_mode.as_str(),
            &session.return_url,
            &session.cancel_url,
            &session.state.as_str(),
            &session.transaction_id,
            &session.version,
            &session.expires_at,
            &session.paid_at,
            &session.created_at,
            &session.updated_at,
        ],
    )?;
    if inserted == 0 {
        return Ok(false);
    }
    for (position, split) in (0_i64..).zip(splits) {
        tx.execute(
            "INSERT INTO session_splits (session_id, position, wallet_id, merchant_id, amount_minor) VALUES ($1, $2, $3, $4, $5)",
            &[
                &session.session_id,
                &position,
                &split.wallet_id,
                &split.merchant_id,
                &split.amount_minor,
            ],
        )?;
    }
    Ok(true)
}

/// A session by its id.
pub fn find(snapshot: &Snapshot<'_>, session_id: PaymentSessionId) -> Result<Option<PaymentSession>, StoreError> {
    snapshot.query_opt(
        "SELECT session_id, merchant_id, source, order_id, va_number, amount_minor, currency, description, items, metadata,
             capture_mode, return_url, cancel_url, state, transaction_id, version, expires_at, paid_at, created_at, updated_at
         FROM payment_sessions WHERE session_id = $1",
        &[&session_id],
        session,
    )
}

/// The session that is paid by this number.
pub fn find_by_va(snapshot: &Snapshot<'_>, va_number: &VaNumber) -> Result<Option<PaymentSession>, StoreError> {
    snapshot.query_opt(
        "SELECT session_id, merchant_id, source, order_id, va_number, amount_minor, currency, description, items, metadata,
             capture_mode, return_url, cancel_url, state, transaction_id, version, expires_at, paid_at, created_at, updated_at
         FROM payment_sessions WHERE va_key = $1",
        &[&va_number.key()],
        session,
    )
}

/// The session of a merchant's order.
pub fn find_by_order(
    snapshot: &Snapshot<'_>,
    merchant_id: MerchantId,
    order_id: &str,
) -> Result<Option<PaymentSession>, StoreError> {
    snapshot.query_opt(
        "SELECT session_id, merchant_id, source, order_id, va_number, amount_minor, currency, description, items, metadata,
             capture_mode, return_url, cancel_url, state, transaction_id, version, expires_at, paid_at, created_at, updated_at
         FROM payment_sessions WHERE merchant_id = $1 AND order_id = $2",
        &[&merchant_id, &order_id],
        session,
    )
}

/// A merchant's sessions, newest first.
pub fn list_of_merchant(
    snapshot: &Snapshot<'_>,
    merchant_id: MerchantId,
    filter: &Filter,
    limit: i64,
) -> Result<Vec<PaymentSession>, StoreError> {
    // Each statement has an index of its own: a merchant's whole past must not be read to find a few.
    if let Some(order_id) = &filter.order_id {
        let found = find_by_order(snapshot, merchant_id, order_id)?;
        let fits = |session: &PaymentSession| {
            filter.state.is_none_or(|state| session.state == state)
                && filter.before.is_none_or(|before| session.session_id < before)
        };
        return Ok(found.into_iter().filter(fits).collect());
    }
    let Some(state) = filter.state else {
        return snapshot.query(
            "SELECT session_id, merchant_id, source, order_id, va_number, amount_minor, currency, description, items, metadata,
                 capture_mode, return_url, cancel_url, state, transaction_id, version, expires_at, paid_at, created_at, updated_at
             FROM payment_sessions
             WHERE merchant_id = $1 AND (CAST($2 AS TEXT) IS NULL OR session_id < CAST($2 AS TEXT))
             ORDER BY session_id DESC LIMIT $3",
            &[&merchant_id, &filter.before, &limit],
            session,
        );
    };
    snapshot.query(
        "SELECT session_id, merchant_id, source, order_id, va_number, amount_minor, currency, description, items, metadata,
             capture_mode, return_url, cancel_url, state, transaction_id, version, expires_at, paid_at, created_at, updated_at
         FROM payment_sessions
         WHERE merchant_id = $1 AND state = $2 AND (CAST($3 AS TEXT) IS NULL OR session_id < CAST($3 AS TEXT))
         ORDER BY session_id DESC LIMIT $4",
        &[&merchant_id, &state.as_str(), &filter.before, &limit],
        session,
    )
}

/// Open sessions whose time is over and that nobody is paying, the longest waiting first.
pub fn due(snapshot: &Snapshot<'_>, now: Timestamp, limit: i64) -> Result<Vec<PaymentSession>, StoreError> {
    snapshot.query(
        "SELECT session_id, merchant_id, source, order_id, va_number, amount_minor, currency, description, items, metadata,
             capture_mode, return_url, cancel_url, state, transaction_id, version, expires_at, paid_at, created_at, updated_at
         FROM payment_sessions
         WHERE state = 'OPEN' AND expires_at <= $1
           AND NOT EXISTS (SELECT 1 FROM bill_claims WHERE bill_claims.merchant_id = payment_sessions.merchant_id
             AND bill_claims.va_number = payment_sessions.va_key AND bill_claims.state = 'PENDING')
         ORDER BY expires_at LIMIT $2",
        &[&now, &limit],
        session,
    )
}

/// Who gets how much of a session's amount; empty when its merchant gets all.
pub fn splits(snapshot: &Snapshot<'_>, session_id: PaymentSessionId) -> Result<Vec<Share>, StoreError> {
    snapshot.query(
        "SELECT wallet_id, merchant_id, amount_minor FROM session_splits WHERE session_id = $1 ORDER BY position",
        &[&session_id],
        |row| {
            Ok(Share {
                wallet_id: row.get(0)?,
                merchant_id: row.get(1)?,
                amount_minor: row.get(2)?,
            })
        },
    )
}

/// Moves a session on. Its version grows by one.
pub fn set_state(
    tx: &mut Tx<'_>,
    session_id: PaymentSessionId,
    state: SessionState,
    transaction_id: Option<TransactionId>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let paid_at = (state == SessionState::Paid).then_some(now);
    tx.execute(
        "UPDATE payment_sessions SET state = $2, transaction_id = COALESCE(CAST($3 AS TEXT), transaction_id),
             paid_at = COALESCE(CAST($4 AS BIGINT), paid_at), version = version + 1, updated_at = $5
         WHERE session_id = $1",
        &[&session_id, &state.as_str(), &transaction_id, &paid_at, &now],
    )?;
    Ok(())
}

/// A session whose payment was looked at and refused is as it was before. Its version grows by one.
pub fn reopen(tx: &mut Tx<'_>, session_id: PaymentSessionId, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE payment_sessions SET state = 'OPEN', transaction_id = NULL, version = version + 1, updated_at = $2
         WHERE session_id = $1 AND state = 'REVIEW'",
        &[&session_id, &now],
    )?;
    Ok(())
}

/// The marketplace's bill is over another amount by now. The session's version grows by one.
pub fn set_amount(
    tx: &mut Tx<'_>,
    session_id: PaymentSessionId,
    amount: Money,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE payment_sessions SET amount_minor = $2, currency = $3, version = version + 1, updated_at = $4
         WHERE session_id = $1",
        &[&session_id, &amount.minor(), &amount.currency(), &now],
    )?;
    Ok(())
}

/// Where the buyer goes afterwards. Whoever polls has nothing to learn from it, so the version stays.
pub fn set_return_url(tx: &mut Tx<'_>, session_id: PaymentSessionId, return_url: &str) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE payment_sessions SET return_url = $2 WHERE session_id = $1",
        &[&session_id, &return_url],
    )?;
    Ok(())
}

/// Something else about a session's payment changed, such as how much was refunded. Its version grows by one.
pub fn touch(tx: &mut Tx<'_>, session_id: PaymentSessionId, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE payment_sessions SET version = version + 1, updated_at = $2 WHERE session_id = $1",
        &[&session_id, &now],
    )?;
    Ok(())
}

fn session(row: &Row<'_>) -> Result<PaymentSession, StoreError> {
    let text = |column: usize| row.get::<String>(column);
    let currency: Currency = row.get(6)?;
    Ok(PaymentSession {
        session_id: row.get(0)?,
        merchant_id: row.get(1)?,
        source: SessionSource::parse(&text(2)?).ok_or_else(|| corrupt(2, "no source"))?,
        order_id: row.get(3)?,
        va_number: VaNumber::parse(&text(4)?).map_err(|_| corrupt(4, "no VA number"))?,
        amount: Money::new(row.get(5)?, currency).map_err(|_| corrupt(5, "no amount"))?,
        description: row.get(7)?,
        items: serde_json::from_str(&text(8)?).map_err(|_| corrupt(8, "no items"))?,
        metadata: serde_json::from_str(&text(9)?).map_err(|_| corrupt(9, "no metadata"))?,
        capture_mode: CaptureMode::parse(&text(10)?).ok_or_else(|| corrupt(10, "no capture mode"))?,
        return_url: row.get(11)?,
        cancel_url: row.get(12)?,
        state: SessionState::parse(&text(13)?).ok_or_else(|| corrupt(13, "no state"))?,
        transaction_id: row.get(14)?,
        version: row.get(15)?,
        expires_at: row.get(16)?,
        paid_at: row.get(17)?,
        created_at: row.get(18)?,
        updated_at: row.get(19)?,
    })
}
