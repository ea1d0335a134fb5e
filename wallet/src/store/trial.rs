//! The books as a whole.

use money::Currency;
use store::{Snapshot, StoreError};

/// The books of one currency.
#[derive(Clone, Debug)]
pub struct CurrencyTotals {
    /// Which.
    pub currency: Currency,
    /// The sum of all balances, in minor units. Zero, or money was made or lost.
    pub sum_minor: i64,
    /// How many accounts there are.
    pub accounts: i64,
    /// Accounts whose balance is not the sum of their postings, whose postings have a gap or do not follow from one
    /// another, whose held amount is not the sum of their pending holds, or which are negative without being bank clearing.
    pub mismatches: i64,
}

/// Adds everything up anew from the postings and the holds.
pub fn totals(snapshot: &Snapshot<'_>) -> Result<Vec<CurrencyTotals>, StoreError> {
    snapshot.query(
        "SELECT accounts.currency,
                CAST(SUM(COALESCE(posted.total, 0)) AS BIGINT),
                COUNT(*),
                COUNT(*) FILTER (WHERE accounts.balance_minor <> COALESCE(posted.total, 0)
                    OR accounts.postings <> COALESCE(posted.postings, 0)
                    OR COALESCE(posted.breaks, 0) <> 0
                    OR accounts.held_minor <> COALESCE(pending.total, 0)
                    OR (accounts.kind <> 'BANK_CLEARING' AND accounts.balance_minor < accounts.held_minor))
         FROM accounts
         LEFT JOIN (SELECT account_id, CAST(SUM(amount_minor) AS BIGINT) AS total, COUNT(*) AS postings,
                           COUNT(*) FILTER (WHERE account_sequence <> place OR balance_after_minor <> running) AS breaks
                    FROM (SELECT account_id, amount_minor, balance_after_minor, account_sequence,
                                 ROW_NUMBER() OVER own AS place, SUM(amount_minor) OVER own AS running
                          FROM postings
                          WINDOW own AS (PARTITION BY account_id ORDER BY posted_at, account_sequence
                                         ROWS UNBOUNDED PRECEDING)) AS walked
                    GROUP BY account_id) AS posted
             ON posted.account_id = accounts.account_id
         LEFT JOIN (SELECT account_id, CAST(SUM(amount_minor - captured_minor) AS BIGINT) AS total
                    FROM holds WHERE state = 'PENDING' GROUP BY account_id) AS pending
             ON pending.account_id = accounts.account_id
         GROUP BY accounts.currency ORDER BY accounts.currency",
        &[],
        |row| {
            Ok(CurrencyTotals {
                currency: row.get(0)?,
                sum_minor: row.get(1)?,
                accounts: row.get(2)?,
                mismatches: row.get(3)?,
            })
        },
    )
}

/// Transfers whose postings do not sum to zero; there must be none.
pub fn unbalanced_transfers(snapshot: &Snapshot<'_>) -> Result<i64, StoreError> {
    snapshot.query_one(
        "SELECT COUNT(*) FROM (SELECT transfer_id FROM postings GROUP BY transfer_id HAVING SUM(amount_minor) <> 0) AS unbalanced",
        &[],
        |row| row.get(0),
    )
}
