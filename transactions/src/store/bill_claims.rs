//! The table `bill_claims`.
//!
//! Numbers are compared without regard to case: many a merchant's database finds `ds-88001a` as well as `DS-88001A`, and
//! one bill must not be paid twice under two spellings.

use ids::{MerchantId, TransactionId};
use store::{Snapshot, StoreError, Tx};

/// Whether a bill may be paid by a new transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It is this transaction's to pay.
    Granted,
    /// Another one is paying it.
    InProgress,
    /// It is paid.
    Paid,
}

/// Claims a bill for a transaction.
pub fn claim(
    tx: &mut Tx<'_>,
    merchant_id: MerchantId,
    va_number: &str,
    transaction_id: TransactionId,
) -> Result<Claim, StoreError> {
    let bill = va_number.to_ascii_uppercase();
    let claimed = tx.execute(
        "INSERT INTO bill_claims (merchant_id, va_number, transaction_id, state) VALUES ($1, $2, $3, 'PENDING')
         ON CONFLICT (merchant_id, va_number) DO NOTHING",
        &[&merchant_id, &bill, &transaction_id],
    )?;
    if claimed == 1 {
        return Ok(Claim::Granted);
    }
    Ok(find(tx, merchant_id, va_number)?.unwrap_or(Claim::InProgress))
}

/// Whether somebody is paying or has paid a bill; `None` when nobody is or has.
pub fn find(snapshot: &Snapshot<'_>, merchant_id: MerchantId, va_number: &str) -> Result<Option<Claim>, StoreError> {
    let bill = va_number.to_ascii_uppercase();
    let state: Option<String> = snapshot.query_opt(
        "SELECT state FROM bill_claims WHERE merchant_id = $1 AND va_number = $2",
        &[&merchant_id, &bill],
        |row| row.get(0),
    )?;
    Ok(state.map(|state| {
        if state == "PAID" {
            Claim::Paid
        } else {
            Claim::InProgress
        }
    }))
}

/// The claiming transaction has paid the bill.
pub fn mark_paid(
    tx: &mut Tx<'_>,
    merchant_id: MerchantId,
    va_number: &str,
    transaction_id: TransactionId,
) -> Result<(), StoreError> {
    let bill = va_number.to_ascii_uppercase();
    tx.execute(
        "UPDATE bill_claims SET state = 'PAID' WHERE merchant_id = $1 AND va_number = $2 AND transaction_id = $3",
        &[&merchant_id, &bill, &transaction_id],
    )?;
    Ok(())
}

/// The claiming transaction has failed: the bill may be paid by another one.
pub fn release(
    tx: &mut Tx<'_>,
    merchant_id: MerchantId,
    va_number: &str,
    transaction_id: TransactionId,
) -> Result<(), StoreError> {
    let bill = va_number.to_ascii_uppercase();
    tx.execute(
        "DELETE FROM bill_claims WHERE merchant_id = $1 AND va_number = $2 AND transaction_id = $3 AND state = 'PENDING'",
        &[&merchant_id, &bill, &transaction_id],
    )?;
    Ok(())
}
