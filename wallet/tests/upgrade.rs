//! A ledger from before there were fences is the same afterwards.

use ids::HoldId;
use store::{Database, Options, StoreError};
use wallet::store::{MIGRATIONS, fenced_holds, holds, trial};

const BEFORE: [&str; 2] = [
    "INSERT INTO accounts VALUES ('wal_00000000000000000000000001', 'USER', 'usr_ani', 'Dompet', 'IDR', 'ACTIVE', 0, 0, 1, 1)",
    "INSERT INTO holds VALUES ('hld_00000000000000000000000001', 'wal_00000000000000000000000001', 100, 0, 'VOIDED', NULL, \
     X'00', 9, 1, 1)",
];

#[tokio::test]
async fn a_ledger_of_the_first_release_is_opened_and_its_holds_are_known() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wallets.db");
    // The outbox's tables were made before the ones that came later here.
    let first = Options::new(path.clone(), &MIGRATIONS[..1]).with_migrations(outbox::MIGRATIONS);
    let before = Database::open(&first).unwrap();
    let written = before.write(|tx| {
        for sql in BEFORE {
            tx.execute(sql, &[])?;
        }
        Ok::<_, StoreError>(())
    });
    written.await.unwrap();
    before.close().await;
    drop(before);

    let now = Options::new(path, MIGRATIONS)
        .with_migrations(outbox::MIGRATIONS)
        .with_migrations(actions::MIGRATIONS);
    let after = Database::open(&now).unwrap();
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
