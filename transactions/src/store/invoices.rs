//! The table `invoices`.

use ids::MerchantId;
use money::{Currency, Money};
use service::Timestamp;
use store::{Snapshot, StoreError, Tx};

use super::corrupt;
use crate::domain::VaNumber;

/// A bill that the provider itself issued.
#[derive(Clone, Debug)]
pub struct Invoice {
    /// Its number.
    pub va_number: VaNumber,
    /// For whom.
    pub merchant_id: MerchantId,
    /// How much it is over.
    pub amount: Money,
    /// What for.
    pub description: Option<String>,
    /// From then on it cannot be paid.
    pub expires_at: Timestamp,
    /// When it was issued.
    pub created_at: Timestamp,
}

/// Adds an invoice. `false` when its number is taken.
pub fn insert(tx: &mut Tx<'_>, invoice: &Invoice) -> Result<bool, StoreError> {
    let inserted = tx.execute(
        "INSERT INTO invoices (va_number, merchant_id, amount_minor, currency, description, expires_at, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (va_number) DO NOTHING",
        &[
            &invoice.va_number.as_str(),
            &invoice.merchant_id,
            &invoice.amount.minor(),
            &invoice.amount.currency(),
            &invoice.description,
            &invoice.expires_at,
            &invoice.created_at,
        ],
    )?;
    Ok(inserted == 1)
}

/// What an invoice is over and when it ends; `None` when the number is not one of ours for this merchant.
pub fn find(
    snapshot: &Snapshot<'_>,
    merchant_id: MerchantId,
    va_number: &str,
) -> Result<Option<(Money, Timestamp)>, StoreError> {
    snapshot.query_opt(
        "SELECT amount_minor, currency, expires_at FROM invoices WHERE va_number = $1 AND merchant_id = $2",
        &[&va_number, &merchant_id],
        |row| {
            let currency: Currency = row.get(1)?;
            let amount = Money::new(row.get(0)?, currency).map_err(|_| corrupt(0, "no amount"))?;
            Ok((amount, row.get(2)?))
        },
    )
}
