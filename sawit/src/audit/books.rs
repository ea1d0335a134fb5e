//! The books: do ledger, transactions and history tell the same story?
//!
//! The one place that looks into several services' files, read-only, as an auditor would. With the provider stopped the
//! answer is exact. While it runs, the files are read one after the other, and a payment that finishes in between can
//! show up as a finding that the next look does not repeat.

use std::path::Path;

use anyhow::{Context, Result};
use rusqlite::{Connection, OpenFlags};

use super::{operations, reviews};

/// What the books say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Posted transfers.
    pub transfers: i64,
    /// All transactions.
    pub transactions: i64,
    /// Transactions, and operations on payments, that are not finished.
    pub unfinished: i64,
    /// Entries of the audit trail.
    pub history_entries: i64,
    /// Messages that wait for delivery.
    pub waiting: i64,
    /// Messages that were given up until an operator looks.
    pub parked: i64,
    /// What is wrong; empty when all is well.
    pub findings: Vec<Finding>,
}

/// A rule that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What is wrong.
    pub what: &'static str,
    /// How often.
    pub count: i64,
}

/// What must never be found, as a query that counts it, in time in proportion to the tables: what belongs to a row is found by
/// its id. (`+account_id`, because an account has any number of postings, and a transfer few: the engine must not take the
/// account's index.) I1 to I4 are the invariants of the design.
const RULES: &[(&str, &str)] = &[
    (
        "I1: a currency whose postings do not sum to zero",
        "SELECT COUNT(*) FROM (SELECT a.currency FROM wallets.postings p JOIN wallets.accounts a USING (account_id)
             GROUP BY a.currency HAVING SUM(p.amount_minor) <> 0)",
    ),
    (
        "I1: a transfer whose postings do not sum to zero",
        "SELECT COUNT(*) FROM (SELECT transfer_id FROM wallets.postings GROUP BY transfer_id HAVING SUM(amount_minor) <> 0)",
    ),
    (
        "I1: a balance that is not the sum of its postings",
        "SELECT COUNT(*) FROM wallets.accounts a
         LEFT JOIN (SELECT account_id, SUM(amount_minor) AS total FROM wallets.postings GROUP BY account_id) p USING (account_id)
         WHERE a.balance_minor <> COALESCE(p.total, 0)",
    ),
    (
        "I1: a posting that does not follow from the one before it on its account",
        "SELECT COUNT(*) FROM (
             SELECT account_sequence, balance_after_minor, ROW_NUMBER() OVER own AS place, SUM(amount_minor) OVER own AS running
             FROM wallets.postings
             WINDOW own AS (PARTITION BY account_id ORDER BY posted_at, account_sequence ROWS UNBOUNDED PRECEDING))
         WHERE account_sequence <> place OR balance_after_minor <> running",
    ),
    (
        "I1: an account that does not know how many postings it has",
        "SELECT COUNT(*) FROM wallets.accounts a
         LEFT JOIN (SELECT account_id, COUNT(*) AS postings FROM wallets.postings GROUP BY account_id) p USING (account_id)
         WHERE a.postings <> COALESCE(p.postings, 0)",
    ),
    (
        "I1: a wallet that is negative, or holds more than it has",
        "SELECT COUNT(*) FROM wallets.accounts WHERE kind <> 'BANK_CLEARING' AND (balance_minor < 0 OR held_minor > balance_minor)",
    ),
    (
        "I1: a held amount that is not the sum of the pending holds",
        "SELECT COUNT(*) FROM wallets.accounts a
         LEFT JOIN (SELECT account_id, SUM(amount_minor - captured_minor) AS total FROM wallets.holds WHERE state = 'PENDING'
                    GROUP BY account_id) h USING (account_id)
         WHERE a.held_minor <> COALESCE(h.total, 0)",
    ),
    (
        "I2: a SUCCESS whose transfer is not in the ledger",
        "SELECT COUNT(*) FROM transactions.transactions t
         LEFT JOIN wallets.transfers x ON x.transfer_id = 'xfr' || SUBSTR(t.transaction_id, 4) AND x.state = 'POSTED'
         WHERE t.status = 'SUCCESS' AND t.capture_mode = 'AUTOMATIC' AND x.transfer_id IS NULL",
    ),
    (
        "I2: a SUCCESS whose transfer moved another amount",
        "SELECT COUNT(*) FROM transactions.transactions t
         WHERE t.status = 'SUCCESS' AND t.capture_mode = 'AUTOMATIC' AND t.amount_minor <> COALESCE((SELECT SUM(amount_minor) FROM wallets.postings
             WHERE transfer_id = 'xfr' || SUBSTR(t.transaction_id, 4) AND amount_minor > 0), 0)",
    ),
    (
        "I2: a finished transaction that is not in its user's history exactly once, nor on its way there",
        "SELECT COUNT(*) FROM transactions.transactions t
         LEFT JOIN (SELECT transaction_id, user_id, status, kind, amount AS amount_minor, COUNT(*) AS entries FROM history.entries
                    GROUP BY transaction_id, user_id, status, kind, amount) h
             USING (transaction_id, user_id, status, kind, amount_minor)
         WHERE (t.status = 'FAILED' OR (t.status = 'SUCCESS' AND t.capture_mode = 'AUTOMATIC'))
           AND COALESCE(h.entries, 0)
             <> (CASE WHEN h.entries IS NULL AND EXISTS (SELECT 1 FROM transactions.outbox o WHERE o.lane = 'history'
                    AND o.ordering_key = t.transaction_id || ':' || t.status || ':' || t.user_id) THEN 0 ELSE 1 END)",
    ),
    (
        "I2: a transfer that is not in its receiver's history exactly once, nor on its way there",
        "SELECT COUNT(*) FROM transactions.transactions t JOIN wallets.accounts a ON a.account_id = t.target_wallet_id
         WHERE t.kind = 'TRANSFER' AND t.status = 'SUCCESS' AND a.owner_id <> t.user_id
           AND 1 <> (SELECT COUNT(*) FROM (
                SELECT entry_key FROM history.entries h WHERE h.entry_key = t.transaction_id || ':SUCCESS:' || a.owner_id
                    AND h.user_id = a.owner_id AND h.kind = t.kind AND h.status = t.status AND h.direction = 'IN' AND h.amount = t.amount_minor
                UNION SELECT ordering_key FROM transactions.outbox q
                    WHERE q.lane = 'history' AND q.ordering_key = t.transaction_id || ':SUCCESS:' || a.owner_id))",
    ),
    (
        // Of no transaction of ours is what others have added to the history.
        "I2: an end of a transaction in the history that did not come, or in the history of somebody else",
        "SELECT COUNT(*) FROM history.entries h JOIN transactions.transactions t ON t.transaction_id = h.transaction_id
         WHERE h.kind IN ('DEPOSIT', 'PAYMENT', 'TRANSFER') AND h.status IN ('SUCCESS', 'FAILED')
           AND ((h.kind, h.status, h.amount) <> (t.kind, t.status, t.amount_minor)
             OR (h.user_id <> t.user_id AND NOT EXISTS (SELECT 1 FROM wallets.accounts a
                    WHERE a.account_id = t.target_wallet_id AND a.owner_id = h.user_id AND h.direction = 'IN')))",
    ),
    (
        "I3: a FAILED transaction whose transfer is in the ledger (or one that only captures should have moved)",
        "SELECT COUNT(*) FROM transactions.transactions t
         JOIN wallets.transfers x ON x.transfer_id = 'xfr' || SUBSTR(t.transaction_id, 4) AND x.state = 'POSTED'
         WHERE t.status = 'FAILED' OR t.capture_mode = 'MANUAL'",
    ),
    (
        "I2: a payment in the ledger that no transaction asked for",
        "SELECT COUNT(*) FROM wallets.transfers x
         LEFT JOIN transactions.transactions t ON t.transaction_id = 'trx' || SUBSTR(x.transfer_id, 4)
         WHERE x.state = 'POSTED' AND x.kind IN ('DEPOSIT', 'PAYMENT', 'TRANSFER') AND t.transaction_id IS NULL",
    ),
    (
        "I2: a PENDING transaction that nobody will take up",
        "SELECT COUNT(*) FROM transactions.transactions t LEFT JOIN transactions.sagas s USING (transaction_id)
         WHERE t.status = 'PENDING' AND s.transaction_id IS NULL",
    ),
    (
        "I2: a payout on its way, or arrived, that did not leave its merchant's wallet once and in full",
        "SELECT COUNT(*) FROM transactions.payouts o
         WHERE o.state IN ('IN_TRANSIT', 'RETURNING', 'PAID') AND -o.amount_minor <> COALESCE((SELECT SUM(amount_minor)
             FROM wallets.postings WHERE transfer_id = 'xfr' || SUBSTR(o.payout_id, 4)
                AND +account_id = 'wal' || SUBSTR(o.merchant_id, 4)), 0)",
    ),
    (
        "I2: a payout on its way, or arrived, whose money is back",
        "SELECT COUNT(*) FROM transactions.payouts o JOIN wallets.transfers x ON x.transfer_id = o.return_transfer_id
         WHERE o.state IN ('IN_TRANSIT', 'PAID') AND x.state = 'POSTED'",
    ),
    (
        "I3: a FAILED payout whose money is not in its merchant's wallet",
        "SELECT COUNT(*) FROM transactions.payouts o
         WHERE o.state = 'FAILED' AND 0 <> COALESCE((SELECT SUM(amount_minor) FROM wallets.postings
             WHERE transfer_id IN ('xfr' || SUBSTR(o.payout_id, 4), o.return_transfer_id)
                AND +account_id = 'wal' || SUBSTR(o.merchant_id, 4)), 0)",
    ),
    (
        "I2: a payout in the ledger that nobody asked for",
        "SELECT COUNT(*) FROM wallets.transfers x
         LEFT JOIN transactions.payouts o ON o.payout_id = 'pyt' || SUBSTR(x.transfer_id, 4)
         WHERE x.state = 'POSTED' AND x.kind = 'PAYOUT' AND o.payout_id IS NULL",
    ),
    (
        "I2: a return in the ledger of which no payout knows",
        "SELECT COUNT(*) FROM wallets.transfers x
         LEFT JOIN transactions.payouts o ON x.transfer_id = o.return_transfer_id
         WHERE x.state = 'POSTED' AND x.kind = 'PAYOUT_RETURN' AND (o.payout_id IS NULL OR o.state NOT IN ('RETURNING', 'FAILED'))",
    ),
    (
        "I2: an unfinished payout that nobody will take up within a day",
        "SELECT COUNT(*) FROM transactions.payouts
         WHERE state IN ('PENDING', 'IN_TRANSIT', 'RETURNING')
           AND next_attempt_at > (CAST(STRFTIME('%s', 'now') AS INTEGER) + 86400) * 1000000",
    ),
    (
        "I4: a bill that was paid twice",
        "SELECT COUNT(*) FROM (SELECT 1 FROM transactions.transactions WHERE status = 'SUCCESS' AND va_number IS NOT NULL
             GROUP BY merchant_id, UPPER(va_number) HAVING COUNT(*) > 1)",
    ),
    (
        "I2: events of a subject whose numbers have a gap",
        "SELECT COUNT(*) FROM (SELECT 1 FROM transactions.events GROUP BY merchant_id, subject
             HAVING COUNT(*) <> MAX(sequence) OR MIN(sequence) <> 1)",
    ),
    (
        "I4: a history entry that stands there twice",
        "SELECT COUNT(*) FROM (SELECT 1 FROM history.entries GROUP BY entry_key HAVING COUNT(*) > 1)",
    ),
];

/// All rules, in the order in which they are checked: what must never be found, and the query that counts it.
pub(super) fn rules() -> impl Iterator<Item = (&'static str, &'static str)> {
    RULES.iter().chain(operations::RULES).chain(reviews::RULES).copied()
}

/// What the rules find, each in the words of its finding, in the order in which they are checked.
pub fn what_is_checked() -> Vec<&'static str> {
    rules().map(|(what, _)| what).collect()
}

/// Checks the databases of a data folder. Blocks, in proportion to what is in them.
pub fn check(data_dir: &Path) -> Result<Report> {
    let connection = open(data_dir)?;
    let count = |sql: &str| {
        connection
            .query_row(sql, [], |row| row.get::<_, i64>(0))
            .with_context(|| sql.to_owned())
    };
    let mut report = Report {
        transfers: count("SELECT COUNT(*) FROM wallets.transfers WHERE state = 'POSTED'")?,
        transactions: count("SELECT COUNT(*) FROM transactions.transactions")?,
        unfinished: count("SELECT COUNT(*) FROM transactions.sagas")?
            + count("SELECT COUNT(*) FROM transactions.payment_operations WHERE state = 'PENDING'")?,
        history_entries: count("SELECT COUNT(*) FROM history.entries")?,
        ..Report::default()
    };
    for outbox in ["wallets.outbox", "transactions.outbox"] {
        report.waiting += count(&format!("SELECT COUNT(*) FROM {outbox} WHERE state = 'WAITING'"))?;
        report.parked += count(&format!("SELECT COUNT(*) FROM {outbox} WHERE state = 'PARKED'"))?;
    }
    for (what, sql) in rules() {
        let found = count(sql)?;
        if found > 0 {
            report.findings.push(Finding { what, count: found });
        }
    }
    Ok(report)
}

pub(super) fn open(data_dir: &Path) -> Result<Connection> {
    // The main database is empty and in memory: the real ones are attached read-only beside it.
    let connection =
        Connection::open_in_memory_with_flags(OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_URI)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    for name in ["wallets", "transactions", "history"] {
        let path = data_dir.join(format!("{name}.db"));
        anyhow::ensure!(path.is_file(), "{} does not exist", path.display());
        let text = path.to_str().context("the data folder's name is no UTF-8")?;
        let escaped = text.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
        connection.execute(
            &format!("ATTACH DATABASE ?1 AS {name}"),
            [format!("file:{escaped}?mode=ro")],
        )?;
    }
    connection.execute_batch("PRAGMA query_only = ON; BEGIN")?;
    Ok(connection)
}
