//! The check of the books finds what is wrong: otherwise all the other tests would prove nothing.

use std::path::Path;

use rusqlite::Connection;
use sawit::audit::books;
use testkit::provider::{Provider, RunMode};

use crate::world::{World, builder};

async fn used_and_stopped() -> Provider {
    let marketplace = testkit::marketplace::Marketplace::start().await;
    let provider = builder().marketplace(&marketplace).start(RunMode::Up).await;
    let world = World::of(provider, marketplace);
    let (naruto, sasuke) = (world.person("naruto", 100_000).await, world.person("sasuke", 0).await);
    naruto
        .transact(naruto.payment(&naruto.invoice(1_000).await, 1_000, None))
        .await;
    naruto
        .transact(naruto.payment(&naruto.invoice(900_000).await, 900_000, None))
        .await;
    naruto.transact(naruto.transfer(&sasuke.wallet_id, 5_000, None)).await;
    world.close_and_keep().await
}

/// Runs a statement behind the provider's back and says what the books then find.
fn findings_after(data_dir: &Path, database: &str, statement: &str) -> Vec<&'static str> {
    let copy = tempfile::tempdir().expect("a folder");
    for name in ["wallets", "transactions", "history"] {
        let file = format!("{name}.db");
        std::fs::copy(data_dir.join(&file), copy.path().join(&file)).expect("it can be copied");
    }
    let connection = Connection::open(copy.path().join(format!("{database}.db"))).expect("it opens");
    connection
        .execute_batch("PRAGMA foreign_keys = OFF")
        .expect("it can be set");
    let triggers: Vec<String> = {
        let mut query = connection
            .prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            .expect("it is SQL");
        let rows = query.query_map([], |row| row.get(0)).expect("it runs");
        rows.map(|row| row.expect("a name")).collect()
    };
    for trigger in triggers {
        connection
            .execute_batch(&format!("DROP TRIGGER {trigger}"))
            .expect("it can be dropped");
    }
    let changed = connection
        .execute(statement, [])
        .unwrap_or_else(|error| panic!("{statement}: {error}"));
    assert!(changed > 0, "{statement} changed nothing");
    drop(connection);
    let report = books::check(copy.path()).expect("the books can be read");
    report.findings.into_iter().map(|finding| finding.what).collect()
}

#[tokio::test]
async fn whatever_is_changed_behind_its_back_is_found() {
    let provider = used_and_stopped().await;
    let data_dir = provider.data_dir();
    assert_eq!(books::check(&data_dir).expect("the books can be read").findings, []);
    let payment = "transfer_id IN (SELECT transfer_id FROM transfers WHERE kind = 'PAYMENT')";
    for (database, statement, expect) in [
        (
            "wallets",
            "UPDATE accounts SET balance_minor = balance_minor + 1 WHERE kind = 'USER' AND balance_minor > 0",
            "not the sum of its postings",
        ),
        (
            "wallets",
            &format!("UPDATE postings SET amount_minor = amount_minor + 1 WHERE amount_minor > 0 AND {payment}"),
            "do not sum to zero",
        ),
        (
            "wallets",
            &format!("DELETE FROM postings WHERE {payment}"),
            "moved another amount",
        ),
        (
            "wallets",
            "UPDATE transfers SET state = 'REFUSED' WHERE kind = 'PAYMENT'",
            "not in the ledger",
        ),
        (
            "wallets",
            "UPDATE accounts SET held_minor = 5 WHERE kind = 'USER' AND balance_minor > 0",
            "pending holds",
        ),
        (
            "transactions",
            "UPDATE transactions SET status = 'FAILED' WHERE status = 'SUCCESS' AND kind = 'PAYMENT'",
            "FAILED transaction whose transfer is in the ledger",
        ),
        (
            "transactions",
            "UPDATE transactions SET status = 'SUCCESS' WHERE status = 'FAILED'",
            "not in the ledger",
        ),
        (
            "transactions",
            "UPDATE transactions SET status = 'PENDING' WHERE status = 'FAILED'",
            "nobody will take up",
        ),
        (
            "transactions",
            "UPDATE transactions SET amount_minor = amount_minor + 1 WHERE status = 'SUCCESS'",
            "moved another amount",
        ),
        (
            "transactions",
            "DELETE FROM transactions WHERE kind = 'TRANSFER'",
            "no transaction asked for",
        ),
        (
            "history",
            "DELETE FROM entries WHERE kind = 'TRANSFER' AND direction = 'OUT'",
            "history exactly once",
        ),
    ] {
        let found = findings_after(&data_dir, database, statement);
        assert!(
            found.iter().any(|what| what.contains(expect)),
            "{statement}: {expect:?} was expected, found {found:?}"
        );
    }
}
