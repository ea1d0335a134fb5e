//! The check of the books finds what is wrong: otherwise all the other tests would prove nothing.

mod faults;

use std::path::Path;

use rusqlite::Connection;
use sawit::audit::books;
use serde_json::{Value, json};
use testkit::person::{Person, text};
use testkit::provider::{Provider, RunMode};
use testkit::wait::eventually;

use crate::world::{World, builder};

async fn used_and_stopped() -> Provider {
    let marketplace = testkit::marketplace::Marketplace::start().await;
    let builder = builder()
        .marketplace(&marketplace)
        .env("SAWIT_FRAUD_SUSPICIOUS_ABOVE", "5000");
    let provider = builder.start(RunMode::Up).await;
    let world = World::of(provider, marketplace);
    let (naruto, sasuke) = (world.person("naruto", 100_000).await, world.person("sasuke", 0).await);
    let paid = naruto
        .transact(naruto.payment(&naruto.invoice(1_000).await, 1_000, None))
        .await;
    operate(
        &world,
        &paid,
        "refundPayment(input: { transactionId: $id, amount: 300 })",
    )
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
    authorize(&world, &naruto, "still held", 3_000).await;
    hold_what_is_suspicious(&world).await;
    let suspicious = naruto.payment(&naruto.invoice(6_000).await, 6_000, None);
    for input in [suspicious, naruto.transfer(&sasuke.wallet_id, 7_000, None)] {
        let waits = naruto.transact(input).await;
        assert_eq!(waits["status"], "REVIEW", "{waits:#}");
    }
    world.close_and_keep().await
}

/// The marketplace holds money, takes a part of it, lets the rest go, and gives some back.
async fn capture_and_refund(world: &World, payer: &Person) {
    let paid = authorize(world, payer, "held", 10_000).await;
    for operation in [
        "capturePayment(input: { transactionId: $id, amount: 6000 })",
        "voidPayment(input: { transactionId: $id })",
        "refundPayment(input: { transactionId: $id, amount: 500 })",
    ] {
        operate(world, &paid, operation).await;
    }
}

/// A payment whose money the marketplace holds.
async fn authorize(world: &World, payer: &Person, order_id: &str, amount: i64) -> Value {
    let admin = world.provider.admin().await;
    let input = json!({ "merchantId": "mrc_00000000000000000000000001", "orderId": order_id, "amount": amount,
        "captureMode": "MANUAL" });
    let document = "mutation($input: PaymentSessionInput!) { createPaymentSession(input: $input) { vaNumber } }";
    let session = admin.send(document, json!({ "input": input })).await;
    let va_number = text(&session.data()["createPaymentSession"]["vaNumber"]);
    let paid = payer.transact(payer.payment(&va_number, amount, None)).await;
    assert_eq!(paid["status"], "AUTHORIZED", "{paid:#}");
    paid
}

async fn operate(world: &World, paid: &Value, operation: &str) {
    let admin = world.provider.admin().await;
    let document = format!("mutation($id: String!) {{ done: {operation} {{ state }} }}");
    let done = admin.send(&document, json!({ "id": paid["transactionId"] })).await;
    assert_eq!(done.data()["done"]["state"], "SUCCEEDED", "{operation}");
}

/// From here on a person must look at what is suspicious.
async fn hold_what_is_suspicious(world: &World) {
    let admin = world.provider.admin().await;
    let policy = admin.send("query { fraudPolicy { version } }", json!({})).await;
    let input = json!({
        "expectedVersion": policy.data()["fraudPolicy"]["version"], "suspiciousFrom": 1, "fraudFrom": 100,
        "suspiciousAction": "REVIEW", "fraudAction": "BLOCK", "reviewExpiresAfterSeconds": 86_400,
        "reviewExpiryDecision": "REJECT", "reason": "the desk is open",
    });
    let document = "mutation($input: FraudPolicyInput!) { setFraudPolicy(input: $input) { version } }";
    admin.send(document, json!({ "input": input })).await.data();
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

/// Runs statements behind the provider's back and says what the books then find.
fn findings_after(data_dir: &Path, database: &str, statements: &str) -> Vec<&'static str> {
    let copy = tempfile::tempdir().expect("a folder");
    for name in ["wallets", "transactions", "history"] {
        let file = format!("{name}.db");
        std::fs::copy(data_dir.join(&file), copy.path().join(&file)).expect("it can be copied");
    }
    let connection = Connection::open(copy.path().join(format!("{database}.db"))).expect("it opens");
    connection
        .execute_batch("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON")
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
    connection
        .execute_batch(statements)
        .unwrap_or_else(|error| panic!("{statements}: {error}"));
    assert!(connection.total_changes() > 0, "{statements} changed nothing");
    drop(connection);
    let report = books::check(copy.path()).expect("the books can be read");
    report.findings.into_iter().map(|finding| finding.what).collect()
}

/// A rule that nobody has seen find something may be one that cannot.
#[test]
fn every_rule_has_a_fault_that_it_must_find() {
    let with_a_fault: Vec<&str> = all_faults().map(|(rule, _)| *rule).collect();
    assert_eq!(books::what_is_checked(), with_a_fault);
    for (rule, faults) in all_faults() {
        assert!(!faults.is_empty(), "{rule}");
    }
}

#[tokio::test]
async fn whatever_is_changed_behind_its_back_is_found() {
    let provider = used_and_stopped().await;
    let data_dir = provider.data_dir();
    assert_eq!(books::check(&data_dir).expect("the books can be read").findings, []);
    let mut missed = Vec::new();
    for (rule, faults) in all_faults() {
        for (database, statements) in *faults {
            let found = findings_after(&data_dir, database, statements);
            if !found.contains(rule) {
                missed.push(format!("{statements}\n  must be {rule:?}, found {found:?}"));
            }
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

fn all_faults() -> impl Iterator<Item = &'static faults::Rule> {
    [faults::BOOKS, faults::OPERATIONS, faults::REVIEWS]
        .into_iter()
        .flatten()
}
