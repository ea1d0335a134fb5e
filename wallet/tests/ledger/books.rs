//! What stands in the database, added up without the ledger's own queries.

use std::collections::BTreeMap;

use store::{Database, StoreError};

/// An account's row next to what postings and holds say it should be.
#[derive(Debug)]
pub struct Row {
    pub kind: String,
    pub status: String,
    pub balance: i64,
    pub held: i64,
    pub posted: i64,
    pub pending: i64,
}

/// The whole database, as far as it matters.
#[derive(Debug)]
pub struct Books {
    pub accounts: BTreeMap<String, Row>,
    pub postings: i64,
    pub sum_by_transfer_max: i64,
    pub unposted_with_postings: i64,
    pub fenced_and_held: i64,
    pub told: i64,
    /// Postings that do not follow from the one before them on their account, or are dated before it.
    pub broken_chains: i64,
    /// Accounts that do not know how many postings they have, or when the last one was made.
    pub miscounted: i64,
}

pub async fn read(database: &Database) -> Books {
    let books = database.read(|snapshot| {
        let rows = snapshot.query(
            "SELECT account_id, kind, status, balance_minor, held_minor,
                (SELECT COALESCE(SUM(amount_minor), 0) FROM postings WHERE postings.account_id = accounts.account_id),
                (SELECT COALESCE(SUM(amount_minor - captured_minor), 0) FROM holds
                 WHERE holds.account_id = accounts.account_id AND state = 'PENDING')
             FROM accounts",
            &[],
            |row| {
                let found = Row {
                    kind: row.get(1)?,
                    status: row.get(2)?,
                    balance: row.get(3)?,
                    held: row.get(4)?,
                    posted: row.get(5)?,
                    pending: row.get(6)?,
                };
                Ok((row.get::<String>(0)?, found))
            },
        )?;
        let one = |sql: &'static str| snapshot.query_one(sql, &[], |row| row.get::<i64>(0));
        Ok::<_, StoreError>(Books {
            accounts: rows.into_iter().collect(),
            postings: one("SELECT COUNT(*) FROM postings")?,
            sum_by_transfer_max: one(
                "SELECT COALESCE(MAX(ABS(total)), 0) FROM (SELECT SUM(amount_minor) AS total FROM postings GROUP BY transfer_id)",
            )?,
            unposted_with_postings: one(
                "SELECT COUNT(*) FROM postings JOIN transfers USING (transfer_id) WHERE state <> 'POSTED'",
            )?,
            fenced_and_held: one("SELECT COUNT(*) FROM fenced_holds JOIN holds USING (hold_id)")?,
            told: one("SELECT COUNT(*) FROM outbox")?,
            broken_chains: one(
                "SELECT COUNT(*) FROM postings AS own LEFT JOIN postings AS before
                     ON before.account_id = own.account_id AND before.account_sequence = own.account_sequence - 1
                 WHERE own.balance_after_minor <> own.amount_minor + COALESCE(before.balance_after_minor, 0)
                     OR own.posted_at < COALESCE(before.posted_at, 1)
                     OR (before.account_id IS NULL) <> (own.account_sequence = 1)",
            )?,
            miscounted: one(
                "SELECT COUNT(*) FROM accounts
                 WHERE postings <> (SELECT COUNT(*) FROM postings AS own WHERE own.account_id = accounts.account_id)
                     OR last_posted_at <> COALESCE((SELECT MAX(posted_at) FROM postings AS own
                                                    WHERE own.account_id = accounts.account_id), created_at)",
            )?,
        })
    });
    books.await.unwrap()
}
