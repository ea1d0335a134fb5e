//! I2, I3, I4: the orchestrator is killed at every point of a payment, and the payment ends once and truthfully.

use serde_json::{Value, json};
use testkit::gate::{Gate, Hold};
use testkit::marketplace::{Bill, Marketplace};
use testkit::person::Person;
use testkit::provider::RunMode;

use crate::world::{World, assert_failed, assert_success, builder};

const MONEY: i64 = 100_000;
const TOTAL: i64 = 20_000;
// A document may hold several operations; the request says which one it is.
const TRANSFERS: &str = "\"operationName\":\"PostTransfers\"";
const FRAUD_CHECKS: &str = "\"operationName\":\"CheckTransactions\"";
const HISTORY_ENTRIES: &str = "\"operationName\":\"AppendEntries\"";

/// Gates on every way out of the orchestrator.
struct Gates {
    wallet: Gate,
    fraud: Gate,
    history: Gate,
    marketplace: Gate,
}

async fn gated_world(mode: RunMode) -> (World, Gates) {
    let marketplace = Marketplace::start().await;
    let builder = builder();
    let gates = Gates {
        wallet: Gate::before(builder.base_url("wallet")).await,
        fraud: Gate::before(builder.base_url("fraud")).await,
        history: Gate::before(builder.base_url("history")).await,
        marketplace: Gate::before(marketplace.base_url()).await,
    };
    let builder = builder
        .marketplace(&marketplace)
        .env("SAWIT_MARKETPLACE_URL", format!("{}/graphql", gates.marketplace.url()))
        .env(
            "SAWIT_MARKETPLACE_WEBHOOK_URL",
            format!("{}/webhook", gates.marketplace.url()),
        )
        .env_of("transactions", "SAWIT_WALLET_URL", gates.wallet.url())
        .env_of("transactions", "SAWIT_FRAUD_URL", gates.fraud.url())
        .env_of("transactions", "SAWIT_HISTORY_URL", gates.history.url());
    (World::of(builder.start(mode).await, marketplace), gates)
}

/// Pays until something is held, and kills the orchestrator there. Answers with what the client was told, if anything.
async fn pay_and_kill(world: &mut World, payer: &Person, input: &Value, holds: &[&Hold]) -> Option<Value> {
    let request = tokio::spawn({
        let (payer, input) = (payer.clone(), input.clone());
        async move { payer.try_transact(input).await }
    });
    for hold in holds {
        hold.reached().await;
    }
    // What was answered before the crash is in the client's hands.
    tokio::time::sleep(std::time::Duration::from_millis(if holds.len() > 1 { 700 } else { 0 })).await;
    let orchestrator = world.provider.part_of("transactions");
    world.provider.kill(orchestrator).await;
    let told = request.await.expect("the request's task ends")?;
    told.body
        .pointer("/data/createTransaction")
        .filter(|told| told.is_object())
        .cloned()
}

/// The payment is there once, wherever one looks, and the merchant knows.
async fn assert_paid_once(world: &World, payer: &Person, paid: &Value, paid_before: i64) {
    assert_success(paid);
    let transaction_id = paid["transactionId"].as_str().expect("a transaction has an id");
    let va_number = paid["vaNumber"].as_str().expect("a payment has a number");
    world.settle().await;
    assert_eq!(payer.balance().await, MONEY - paid_before - TOTAL);
    let same_bill: Vec<Value> = payer
        .transactions()
        .await
        .into_iter()
        .filter(|other| other["vaNumber"] == va_number)
        .collect();
    assert_eq!(same_bill.len(), 1, "{same_bill:#?}");
    let entries = payer.history_of(transaction_id).await;
    assert_eq!(entries.len(), 1, "{entries:#?}");
    let admin = world.provider.admin().await;
    let logs = admin.send("query { getFraudLogs { transactionId } }", json!({})).await;
    let logs = logs.data()["getFraudLogs"].as_array().expect("a list").clone();
    let checks = logs.iter().filter(|log| log["transactionId"] == transaction_id).count();
    assert_eq!(checks, 1, "asked again, the fraud check is the same one");
    assert!(
        world.marketplace.times_notified(va_number) >= 1,
        "the merchant was not told"
    );
    let webhooks = world.marketplace.webhooks_about(va_number);
    assert!(!webhooks.is_empty(), "no webhook came");
    assert!(webhooks.iter().all(|webhook| webhook.verified), "{webhooks:#?}");
    assert!(
        webhooks.iter().all(|webhook| webhook.id == webhooks[0].id),
        "one event, one id: {webhooks:#?}"
    );
}

/// Two payments are cut off at the same point. Of the first, what was held is lost; of the second it arrives late, when
/// the payment has long been brought to its end.
async fn cut_off_at(mode: RunMode, hold: impl Fn(&Gates) -> Hold) {
    let (mut world, gates) = gated_world(mode).await;
    let payer = world.person("naruto", MONEY).await;
    for (va_number, arrives_late, paid_before) in [("DS-8800000001", false, 0), ("DS-8800000002", true, TOTAL)] {
        world.marketplace.put(va_number, Bill::unpaid(TOTAL));
        let input = payer.payment(va_number, TOTAL, Some(va_number));
        let held = hold(&gates);
        let told = pay_and_kill(&mut world, &payer, &input, &[&held]).await;
        assert!(told.is_none(), "nobody can know how it ends yet: {told:?}");
        let late = if arrives_late {
            Some(hold_only_what_is_held(held))
        } else {
            held.lose();
            None
        };
        world.provider.start(world.provider.part_of("transactions")).await;
        let paid = payer.insist(input.clone()).await;
        if let Some(late) = late {
            late.release();
        }
        let again = payer.insist(input).await;
        assert_eq!(
            again["transactionId"], paid["transactionId"],
            "one key, one transaction"
        );
        assert_paid_once(&world, &payer, &paid, paid_before).await;
    }
    world.close().await;
}

/// What comes later passes; what is held stays held.
fn hold_only_what_is_held(hold: Hold) -> Hold {
    hold.hold_no_more();
    hold
}

#[tokio::test]
async fn i2_killed_before_the_bill_is_known() {
    cut_off_at(RunMode::Served, |gates| gates.marketplace.hold_requests("getOrderByVA")).await;
}

#[tokio::test]
async fn i2_everything_in_one_process_killed_before_the_bill_is_known() {
    cut_off_at(RunMode::Up, |gates| gates.marketplace.hold_requests("getOrderByVA")).await;
}

#[tokio::test]
async fn i2_killed_before_the_fraud_check() {
    cut_off_at(RunMode::Served, |gates| gates.fraud.hold_requests(FRAUD_CHECKS)).await;
}

#[tokio::test]
async fn i2_killed_before_the_transfer_reaches_the_ledger() {
    cut_off_at(RunMode::Served, |gates| gates.wallet.hold_requests(TRANSFERS)).await;
}

#[tokio::test]
async fn i2_killed_after_the_ledger_posted_and_before_it_could_say_so() {
    cut_off_at(RunMode::Served, |gates| gates.wallet.hold_answers(TRANSFERS)).await;
}

/// After SUCCESS was stored and answered: history and merchant are told after the restart.
async fn cut_off_after_success(mode: RunMode) {
    let (mut world, gates) = gated_world(mode).await;
    let payer = world.person("naruto", MONEY).await;
    world.settle().await;
    world.marketplace.put("DS-8800000001", Bill::unpaid(TOTAL));
    let input = payer.payment("DS-8800000001", TOTAL, Some("once"));
    let notification = gates.marketplace.hold_requests("updatePaymentStatus");
    let webhook = gates.marketplace.hold_answers("/webhook");
    let history = (mode == RunMode::Served).then(|| gates.history.hold_requests(HISTORY_ENTRIES));
    let mut holds = vec![&notification, &webhook];
    holds.extend(&history);
    let told = pay_and_kill(&mut world, &payer, &input, &holds)
        .await
        .expect("it was answered before the crash");
    assert_success(&told);
    notification.lose();
    webhook.lose();
    if let Some(history) = history {
        history.lose();
    }
    world.provider.start(world.provider.part_of("transactions")).await;
    let again = payer.insist(input).await;
    assert_eq!(
        again["transactionId"], told["transactionId"],
        "one key, one transaction"
    );
    assert_paid_once(&world, &payer, &told, 0).await;
    // The first webhook had arrived; only its acknowledgement was lost. So it came again, and said that it is the same.
    assert_eq!(world.marketplace.webhooks_about("DS-8800000001").len(), 2);
    world.close().await;
}

#[tokio::test]
async fn i2_killed_after_success_and_before_anybody_was_told() {
    cut_off_after_success(RunMode::Served).await;
}

#[tokio::test]
async fn i2_everything_in_one_process_killed_after_success_and_before_anybody_was_told() {
    cut_off_after_success(RunMode::Up).await;
}

#[tokio::test]
async fn i3_a_bill_that_expires_during_the_crash_fails_and_the_late_transfer_moves_nothing() {
    let (mut world, gates) = gated_world(RunMode::Served).await;
    let payer = world.person("naruto", MONEY).await;
    world.marketplace.put("DS-8800000001", Bill::unpaid(TOTAL));
    let input = payer.payment("DS-8800000001", TOTAL, Some("once"));
    let transfer = gates.wallet.hold_requests(TRANSFERS);
    assert!(pay_and_kill(&mut world, &payer, &input, &[&transfer]).await.is_none());
    expire(&world, "DS-8800000001");
    let transfer = hold_only_what_is_held(transfer);
    world.provider.start("transactions").await;
    let failed = payer.insist(input.clone()).await;
    assert_failed(&failed, "BILL_EXPIRED");
    let answered = gates.wallet.hold_answers(TRANSFERS);
    transfer.release();
    // The answer shows that the late transfer has been at the ledger, which must have refused it.
    answered.reached().await;
    answered.release();
    assert_eq!(payer.balance().await, MONEY);
    assert_eq!(payer.insist(input).await["transactionId"], failed["transactionId"]);
    assert_eq!(world.marketplace.times_notified("DS-8800000001"), 0);
    world.close().await;
}

#[tokio::test]
async fn i2_a_bill_that_expires_after_the_money_moved_is_paid_all_the_same() {
    let (mut world, gates) = gated_world(RunMode::Served).await;
    let payer = world.person("naruto", MONEY).await;
    world.marketplace.put("DS-8800000001", Bill::unpaid(TOTAL));
    let input = payer.payment("DS-8800000001", TOTAL, Some("once"));
    let posted = gates.wallet.hold_answers(TRANSFERS);
    assert!(pay_and_kill(&mut world, &payer, &input, &[&posted]).await.is_none());
    posted.lose();
    expire(&world, "DS-8800000001");
    world.provider.start("transactions").await;
    let paid = payer.insist(input).await;
    assert_paid_once(&world, &payer, &paid, 0).await;
    world.close().await;
}

#[tokio::test]
async fn i2_the_money_moved_and_the_marketplace_is_away_when_the_payment_is_taken_up() {
    let (mut world, gates) = gated_world(RunMode::Served).await;
    let payer = world.person("naruto", MONEY).await;
    world.marketplace.put("DS-8800000001", Bill::unpaid(TOTAL));
    let input = payer.payment("DS-8800000001", TOTAL, Some("once"));
    let posted = gates.wallet.hold_answers(TRANSFERS);
    assert!(pay_and_kill(&mut world, &payer, &input, &[&posted]).await.is_none());
    posted.lose();
    world.marketplace.switch_off().await;
    world.provider.start("transactions").await;
    let paid = payer.insist(input).await;
    world.marketplace.switch_on().await;
    assert_paid_once(&world, &payer, &paid, 0).await;
    world.close().await;
}

#[tokio::test]
async fn i3_no_money_moved_and_the_marketplace_is_away_when_the_payment_is_taken_up() {
    let (mut world, gates) = gated_world(RunMode::Served).await;
    let payer = world.person("naruto", MONEY).await;
    world.marketplace.put("DS-8800000001", Bill::unpaid(TOTAL));
    let input = payer.payment("DS-8800000001", TOTAL, Some("once"));
    let transfer = gates.wallet.hold_requests(TRANSFERS);
    assert!(pay_and_kill(&mut world, &payer, &input, &[&transfer]).await.is_none());
    transfer.lose();
    world.marketplace.switch_off().await;
    world.provider.start("transactions").await;
    let ended = payer.insist(input).await;
    assert_failed(&ended, "MERCHANT_UNAVAILABLE");
    assert_eq!(payer.balance().await, MONEY);
    world.marketplace.switch_on().await;
    // The bill is free again.
    let paid = payer.insist(payer.payment("DS-8800000001", TOTAL, Some("again"))).await;
    assert_success(&paid);
    world.close().await;
}

fn expire(world: &World, va_number: &str) {
    let bill = Bill {
        payment_status: "EXPIRED",
        ..Bill::unpaid(TOTAL)
    };
    world.marketplace.put(va_number, bill);
}
