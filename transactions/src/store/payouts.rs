//! The table `payouts`: each is its own saga for as long as it is not final.

use ids::{MerchantId, PayoutId, TransferId};
use money::Money;
use service::Timestamp;
use store::{Row, Snapshot, StoreError, Tx};

use super::corrupt;
use crate::domain::{BankAccount, Failure, Payout, PayoutState};

/// A payout that is not final, as recovery sees it.
#[derive(Clone, Debug)]
pub struct PayoutRow {
    /// The payout.
    pub payout: Payout,
    /// How often it was taken up since it last got on.
    pub attempts: u32,
    /// Not before then.
    pub next_attempt_at: Timestamp,
}

/// Adds a payout. Whoever runs it has until `next_attempt_at` before it is taken up by somebody else.
pub fn insert(tx: &mut Tx<'_>, payout: &Payout, next_attempt_at: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO payouts (payout_id, merchant_id, amount_minor, currency, bank_code, account_number, account_name, description,
             state, return_transfer_id, attempts, next_attempt_at, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, $11, $12, $13)",
        &[
            &payout.payout_id,
            &payout.merchant_id,
            &payout.amount.minor(),
            &payout.amount.currency(),
            &payout.account.bank_code(),
            &payout.account.number(),
            &payout.account.holder(),
            &payout.description,
            &payout.state.as_str(),
            &payout.return_transfer_id,
            &next_attempt_at,
            &payout.created_at,
            &payout.updated_at,
        ],
    )?;
    Ok(())
}

/// Moves a payout from one state to the next, due at once. `false` when it is in another state by now.
pub fn set_state(
    tx: &mut Tx<'_>,
    payout_id: PayoutId,
    from: PayoutState,
    to: PayoutState,
    failure: Option<&Failure>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE payouts SET state = $3, failure_code = COALESCE(CAST($4 AS TEXT), failure_code),
             failure_reason = COALESCE(CAST($5 AS TEXT), failure_reason), attempts = 0, next_attempt_at = $6, updated_at = $6
         WHERE payout_id = $1 AND state = $2",
        &[
            &payout_id,
            &from.as_str(),
            &to.as_str(),
            &failure.map(|failure| failure.code.as_str()),
            &failure.map(|failure| failure.reason.as_str()),
            &now,
        ],
    )?;
    Ok(changed == 1)
}

/// Notes the bank's name for a payout.
pub fn set_bank_reference(tx: &mut Tx<'_>, payout_id: PayoutId, reference: &str) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE payouts SET bank_reference = $2 WHERE payout_id = $1",
        &[&payout_id, &reference],
    )?;
    Ok(())
}

/// Notes that the bank has it: it is asked again only if it says nothing until `ask_again_at`.
pub fn wait_for_bank(tx: &mut Tx<'_>, payout_id: PayoutId, ask_again_at: Timestamp) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE payouts SET attempts = 0, next_attempt_at = $2, last_error = NULL WHERE payout_id = $1 AND state = 'IN_TRANSIT'",
        &[&payout_id, &ask_again_at],
    )?;
    Ok(changed == 1)
}

/// Gives the return another transfer, after the ledger has refused the earlier one for ever.
pub fn renew_return(
    tx: &mut Tx<'_>,
    payout_id: PayoutId,
    refused: TransferId,
    fresh: TransferId,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE payouts SET return_transfer_id = $3 WHERE payout_id = $1 AND return_transfer_id = $2 AND state = 'RETURNING'",
        &[&payout_id, &refused, &fresh],
    )?;
    Ok(())
}

/// Notes that a payout could not go on, and when to try again.
pub fn postpone(
    tx: &mut Tx<'_>,
    payout_id: PayoutId,
    next_attempt_at: Timestamp,
    error: &str,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE payouts SET attempts = attempts + 1, next_attempt_at = $2, last_error = $3 WHERE payout_id = $1",
        &[&payout_id, &next_attempt_at, &error],
    )?;
    Ok(())
}

/// Makes every payout due that is not final: at start nobody else can be running one, and what the bank said while nobody
/// listened is asked for again.
pub fn make_all_due(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, StoreError> {
    tx.execute(
        "UPDATE payouts SET next_attempt_at = $1 WHERE next_attempt_at > $1 AND state IN ('PENDING', 'IN_TRANSIT', 'RETURNING')",
        &[&now],
    )
}

/// Payouts that are due, the longest waiting first.
pub fn due(snapshot: &Snapshot<'_>, now: Timestamp, limit: i64) -> Result<Vec<PayoutRow>, StoreError> {
    let rows = snapshot.query(
        "SELECT payout_id, merchant_id, amount_minor, currency, bank_code, account_number, account_name, description, state,
             return_transfer_id, bank_reference, failure_code, failure_reason, created_at, updated_at, attempts, next_attempt_at
         FROM payouts WHERE state IN ('PENDING', 'IN_TRANSIT', 'RETURNING') AND next_attempt_at <= $1
         ORDER BY next_attempt_at LIMIT $2",
        &[&now, &limit],
        |row| Ok(payout_row(row)),
    )?;
    // One row that cannot be read must not stop the recovery of all others.
    let readable = rows.into_iter().filter_map(|row| {
        row.inspect_err(|error| tracing::error!(error = error as &dyn std::error::Error, "a payout cannot be read"))
            .ok()
    });
    Ok(readable.collect())
}

/// A payout by its id; whoever shows it checks whose it is.
pub fn find(snapshot: &Snapshot<'_>, payout_id: PayoutId) -> Result<Option<Payout>, StoreError> {
    snapshot.query_opt(
        "SELECT payout_id, merchant_id, amount_minor, currency, bank_code, account_number, account_name, description, state,
             return_transfer_id, bank_reference, failure_code, failure_reason, created_at, updated_at
         FROM payouts WHERE payout_id = $1",
        &[&payout_id],
        payout,
    )
}

/// A merchant's payouts, newest first.
pub fn list_of_merchant(
    snapshot: &Snapshot<'_>,
    merchant_id: MerchantId,
    before: Option<PayoutId>,
    limit: i64,
) -> Result<Vec<Payout>, StoreError> {
    snapshot.query(
        "SELECT payout_id, merchant_id, amount_minor, currency, bank_code, account_number, account_name, description, state,
             return_transfer_id, bank_reference, failure_code, failure_reason, created_at, updated_at
         FROM payouts WHERE merchant_id = $1 AND (CAST($2 AS TEXT) IS NULL OR payout_id < CAST($2 AS TEXT))
         ORDER BY payout_id DESC LIMIT $3",
        &[&merchant_id, &before, &limit],
        payout,
    )
}

/// How many payouts are not final.
pub fn count(snapshot: &Snapshot<'_>) -> Result<i64, StoreError> {
    snapshot.query_one(
        "SELECT COUNT(*) FROM payouts WHERE state IN ('PENDING', 'IN_TRANSIT', 'RETURNING')",
        &[],
        |row| row.get(0),
    )
}

fn payout_row(row: &Row<'_>) -> Result<PayoutRow, StoreError> {
    Ok(PayoutRow {
        payout: payout(row)?,
        attempts: row.get(15)?,
        next_attempt_at: row.get(16)?,
    })
}

fn payout(row: &Row<'_>) -> Result<Payout, StoreError> {
    let text = |column: usize| row.get::<String>(column);
    let account = BankAccount::parse(&text(4)?, &text(5)?, &text(6)?);
    Ok(Payout {
        payout_id: row.get(0)?,
        merchant_id: row.get(1)?,
        amount: Money::new(row.get(2)?, row.get(3)?).map_err(|_| corrupt(2, "no amount"))?,
        account: account.map_err(|_| corrupt(4, "no bank account"))?,
        description: row.get(7)?,
        state: PayoutState::parse(&text(8)?).ok_or_else(|| corrupt(8, "no payout state"))?,
        return_transfer_id: row.get(9)?,
        bank_reference: row.get(10)?,
        failure_code: row.get(11)?,
        failure_reason: row.get(12)?,
        created_at: row.get(13)?,
        updated_at: row.get(14)?,
    })
}
