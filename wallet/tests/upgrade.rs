//! Ledgers of earlier releases are the same afterwards.

use std::path::Path;

use ids::HoldId;
use store::{Database, Options, StoreError};
use wallet::store::{MIGRATIONS, fenced_holds, holds, trial};

const BEFORE: &[&str] = &[
    "INSERT INTO accounts VALUES ('wal_00000000000000000000000001', 'USER', 'usr_ani', 'Dompet', 'IDR', 'ACTIVE', 0, 0, 1, 1)",
    "INSERT INTO holds VALUES ('hld_00000000000000000000000001', 'wal_00000000000000000000000001', 100, 0, 'VOIDED', NULL, \
     X'00', 9, 1, 1)",
];

#[tokio::test]
async fn a_ledger_of_the_first_release_is_opened_and_its_holds_are_known() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wallets.db");
    write_old(&path, 1, BEFORE).await;
    let after = open_now(&path);
    let hold_id = HoldId::parse("hld_00000000000000000000000001").unwrap();
    let (held, fenced, mismatches) = after
        .read(move |snapshot| {
            let totals = trial::totals(snapshot)?;
            Ok::<_, StoreError>((
                holds::find(snapshot, hold_id)?,
                fenced_holds::find(snapshot, hold_id)?,
                totals[0].mismatches,
            ))
        })
        .await
        .unwrap();
    assert_eq!(held.unwrap().0.amount_minor, 100);
    assert_eq!((fenced, mismatches), (None, 0));
    after.close().await;
}

/// Two wallets of before postings had an order: a payment that was captured late (its id is older than that of the
/// top-up behind it), two transfers of one instant, a clock that was set back, and one that was wrong at the opening.
const UNORDERED: &[&str] = &[
    "INSERT INTO accounts VALUES ('bank_clearing:IDR', 'BANK_CLEARING', '', 'Bank clearing', 'IDR', 'ACTIVE', -1300, 0, 5, 50)",
    "INSERT INTO accounts VALUES ('wal_00000000000000000000000001', 'USER', 'usr_ani', 'Dompet', 'IDR', 'ACTIVE', 900, 0, 10, 50)",
    "INSERT INTO accounts VALUES ('wal_00000000000000000000000002', 'USER', 'usr_budi', 'Dompet', 'IDR', 'ACTIVE', 400, 0, 30, 40)",
    "INSERT INTO accounts VALUES ('wal_00000000000000000000000003', 'USER', 'usr_budi', 'Kosong', 'IDR', 'ACTIVE', 0, 0, 60, 60)",
    "INSERT INTO transfers (transfer_id, state, kind, created_at) VALUES
        ('xfr_5', 'POSTED', 'TOPUP', 20), ('xfr_6', 'POSTED', 'TOPUP', 20), ('xfr_2', 'POSTED', 'PAYMENT', 40),
        ('xfr_9', 'POSTED', 'DEDUCT', 25), ('xfr_8', 'REFUSED', 'PAYMENT', 26), ('xfr_7', 'POSTED', 'TOPUP', 50)",
    "INSERT INTO postings VALUES
        ('xfr_6', 0, 'bank_clearing:IDR', -1000, -1000), ('xfr_6', 1, 'wal_00000000000000000000000001', 1000, 1000),
        ('xfr_5', 0, 'bank_clearing:IDR', -500, -1500), ('xfr_5', 1, 'wal_00000000000000000000000001', 500, 1500),
        ('xfr_2', 0, 'wal_00000000000000000000000001', -700, 800), ('xfr_2', 1, 'wal_00000000000000000000000002', 700, 700),
        ('xfr_9', 0, 'wal_00000000000000000000000002', -300, 400), ('xfr_9', 1, 'bank_clearing:IDR', 300, -1200),
        ('xfr_7', 0, 'bank_clearing:IDR', -100, -1300), ('xfr_7', 1, 'wal_00000000000000000000000001', 100, 900)",
];

#[tokio::test]
async fn postings_from_before_get_the_order_in_which_they_were_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wallets.db");
    write_old(&path, 3, UNORDERED).await;
    let after = open_now(&path);
    let read = after.read(|snapshot| {
        let postings = snapshot.query(
            "SELECT account_id, account_sequence, transfer_id, posted_at FROM postings ORDER BY account_id, account_sequence",
            &[],
            |row| Ok((row.get::<String>(0)?, row.get(1)?, row.get::<String>(2)?, row.get(3)?)),
        )?;
        let accounts = snapshot.query(
            "SELECT account_id, postings, last_posted_at FROM accounts ORDER BY account_id",
            &[],
            |row| Ok((row.get::<String>(0)?, row.get(1)?, row.get(2)?)),
        )?;
        Ok::<_, StoreError>((postings, accounts, trial::totals(snapshot)?[0].mismatches))
    });
    let (postings, accounts, mismatches) = read.await.unwrap();
    let postings: Vec<(&str, i64, &str, i64)> = postings
        .iter()
        .map(|(account, sequence, transfer, at)| (last(account), *sequence, transfer.as_str(), *at))
        .collect();
    assert_eq!(
        postings,
        [
            ("R", 1, "xfr_6", 20),
            ("R", 2, "xfr_5", 20),
            ("R", 3, "xfr_9", 25),
            ("R", 4, "xfr_7", 50),
            ("1", 1, "xfr_6", 20),
            ("1", 2, "xfr_5", 20),
            ("1", 3, "xfr_2", 40),
            ("1", 4, "xfr_7", 50),
            ("2", 1, "xfr_2", 40),
            ("2", 2, "xfr_9", 40),
        ]
    );
    let accounts: Vec<(&str, i64, i64)> = accounts
        .iter()
        .map(|(account, postings, at)| (last(account), *postings, *at))
        .collect();
    assert_eq!(accounts, [("R", 4, 50), ("1", 4, 50), ("2", 2, 40), ("3", 0, 60)]);
    assert_eq!(mismatches, 0);
    after.close().await;
}

/// The end of an account's name tells these apart.
fn last(account: &str) -> &str {
    &account[account.len() - 1..]
}

/// A database as a program with so many migrations left it.
async fn write_old(path: &Path, migrations: usize, rows: &'static [&'static str]) {
    // The outbox's tables were made before the ones that came later here.
    let old = Options::new(path.to_owned(), &MIGRATIONS[..migrations]).with_migrations(outbox::MIGRATIONS);
    let database = Database::open(&old).unwrap();
    let written = database.write(move |tx| {
        for sql in rows {
            tx.execute(sql, &[])?;
        }
        Ok::<_, StoreError>(())
    });
    written.await.unwrap();
    database.close().await;
}

/// The same database as this program opens it.
fn open_now(path: &Path) -> Database {
    let now = Options::new(path.to_owned(), MIGRATIONS)
        .with_migrations(outbox::MIGRATIONS)
        .with_migrations(actions::MIGRATIONS);
    Database::open(&now).unwrap()
}
