//! The check of the books finds what is wrong: otherwise all the other tests would prove nothing.

use std::path::Path;

use rusqlite::Connection;
use sawit::audit::books;
use serde_json::json;
use testkit::person::{Person, text};
use testkit::provider::{Provider, RunMode};
use testkit::wait::eventually;

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
    for (amount, account, ends) in [
        (100, "12345", "PAID"),
        (200, "770000", "FAILED"),
        (300, "771111", "IN_TRANSIT"),
    ] {
        pay_out(&world, amount, account, ends).await;
    }
    capture_and_refund(&world, &naruto).await;
    world.close_and_keep().await
}

/// The marketplace holds money, takes a part of it, lets the rest go, and gives some back.
async fn capture_and_refund(world: &World, payer: &Person) {
    let admin = world.provider.admin().await;
    let document =
        "mutation { createPaymentSession(input: { merchantId: \"mrc_00000000000000000000000001\", orderId: \"held\",
        amount: 10000, captureMode: MANUAL }) { vaNumber } }";
    let session = admin.send(document, json!({})).await;
    let va_number = text(&session.data()["createPaymentSession"]["vaNumber"]);
    let paid = payer.transact(payer.payment(&va_number, 10_000, None)).await;
    assert_eq!(paid["status"], "AUTHORIZED", "{paid:#}");
    for operation in [
        "capturePayment(input: { transactionId: $id, amount: 6000 })",
        "voidPayment(input: { transactionId: $id })",
        "refundPayment(input: { transactionId: $id, amount: 500 })",
    ] {
        let document = format!("mutation($id: String!) {{ done: {operation} {{ state }} }}");
        let done = admin.send(&document, json!({ "id": paid["transactionId"] })).await;
        assert_eq!(done.data()["done"]["state"], "SUCCEEDED", "{operation}");
    }
}

/// The marketplace takes money out, and this is how it ends.
async fn pay_out(world: &World, amount: u64, account: &str, ends: &str) {
    let admin = world.provider.admin().await;
    let input = json!({ "merchantId": "mrc_00000000000000000000000001", "amount": amount, "bankCode": "BCA",
        "accountNumber": account, "accountName": "BlackDoctrine" });
    let document = "mutation($input: PayoutInput!) { createPayout(input: $input) { payoutId state } }";
    let begun = admin.send(document, json!({ "input": input })).await;
    let payout_id = text(&begun.data()["createPayout"]["payoutId"]);
    eventually("the bank has said what became of it", async || {
        let document = "query($id: String!) { payout(payoutId: $id) { state } }";
        let payout = admin.send(document, json!({ "id": payout_id })).await;
        (payout.data()["payout"]["state"] == ends).then_some(())
    })
    .await;
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
            "UPDATE postings SET balance_after_minor = balance_after_minor + 1 WHERE account_sequence = 1",
            "does not follow from the one before",
        ),
        (
            "wallets",
            "UPDATE postings SET account_sequence = account_sequence + 1",
            "does not follow from the one before",
        ),
        (
            "wallets",
            "UPDATE accounts SET postings = postings + 1",
            "how many postings it has",
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
            "transactions",
            "UPDATE payouts SET state = 'FAILED' WHERE state = 'PAID'",
            "FAILED payout whose money is not in",
        ),
        (
            "transactions",
            "UPDATE payouts SET state = 'PAID' WHERE state = 'FAILED'",
            "whose money is back",
        ),
        (
            "transactions",
            "UPDATE payouts SET amount_minor = amount_minor + 1 WHERE state = 'IN_TRANSIT'",
            "did not leave its merchant's wallet once and in full",
        ),
        (
            "transactions",
            "DELETE FROM payouts WHERE state = 'PAID'",
            "a payout in the ledger that nobody asked for",
        ),
        (
            "transactions",
            "UPDATE payouts SET return_transfer_id = 'xfr_00000000000000000000000009' WHERE state = 'FAILED'",
            "a return in the ledger of which no payout knows",
        ),
        (
            "transactions",
            "UPDATE payouts SET next_attempt_at = 9000000000000000 WHERE state = 'IN_TRANSIT'",
            "nobody will take up within a day",
        ),
        (
            "transactions",
            "UPDATE transactions SET captured_minor = captured_minor - 1 WHERE capture_mode = 'MANUAL'",
            "not the sum of its captures",
        ),
        (
            "transactions",
            "UPDATE transactions SET refunded_minor = refunded_minor + 1 WHERE capture_mode = 'MANUAL'",
            "not the sum of its refunds",
        ),
        (
            "transactions",
            "UPDATE payment_operations SET state = 'FAILED' WHERE kind = 'REFUND'",
            "FAILED operation whose transfer is in the ledger",
        ),
        (
            "transactions",
            "DELETE FROM payment_operations WHERE kind = 'CAPTURE'",
            "no operation asked for",
        ),
        (
            "wallets",
            "UPDATE transfers SET state = 'REFUSED' WHERE kind = 'CAPTURE'",
            "did not move its amount",
        ),
        ("wallets", "UPDATE holds SET state = 'PENDING'", "money is still held"),
        (
            "history",
            "DELETE FROM entries WHERE kind = 'REFUND'",
            "not in its payer's history exactly once",
        ),
        (
            "history",
            "DELETE FROM entries WHERE status = 'VOIDED'",
            "held money that was let go",
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
