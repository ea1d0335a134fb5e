//! Recovery: what an earlier run may have done is asked of the ledger, never guessed.

use std::time::Duration;

use ids::{TransactionId, Transfer};
use serde_json::{Value, json};

use crate::bed::{Ask, Bed, Fault, Side, inputs};

const SECOND: Duration = Duration::from_secs(1);
const STEP: Duration = Duration::from_secs(31);
const GIVE_UP_AFTER: Duration = Duration::from_secs(15 * 60);

fn id_of(transaction: &Value) -> String {
    transaction["transactionId"].as_str().unwrap().to_owned()
}

/// Posts the transfer of a transaction at the ledger as a request would that was lost on the way for a while.
async fn post_late(bed: &Bed, transaction_id: &str, postings: Value, on_behalf_of: &str) -> Value {
    let transaction_id: TransactionId = transaction_id.parse().unwrap();
    let input = json!({
        "transferId": transaction_id.retag::<Transfer>().as_str(), "kind": "PAYMENT", "currency": "IDR",
        "onBehalfOf": on_behalf_of, "holdId": null, "postings": postings,
    });
    let answer = bed.call_ledger("PostTransfers", json!({ "inputs": [input] })).await;
    answer["data"]["postTransfers"][0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn money_that_moved_is_a_success_whatever_the_merchant_says_later() {
    let bed = Bed::start().await;
    let payer = bed.user("payer", 2_000_000);
    let bill = bed.market.bill(20_000);
    bed.faults.plan("postTransfers", Side::After, Fault::Unavailable, 3);
    let begun = bed.create(&payer, inputs::payment(payer.wallet, 20_000, &bill)).await;
    assert_eq!(begun["status"], "PENDING");
    assert_eq!(bed.ledger.balance(payer.wallet), 0);

    bed.market.cancel(&bill);
    bed.until_no_transaction_is_pending(STEP).await;
    assert_eq!(bed.transaction(&payer, &id_of(&begun)).await["status"], "SUCCESS");
    assert!(bed.faults.calls("fenceTransfers") > 0, "the ledger was asked");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn money_that_moved_is_a_success_whatever_the_fraud_check_says_later() {
    let bed = Bed::start().await;
    let (payer, receiver) = (bed.user("payer", 2_000_000), bed.user("receiver", 0));
    bed.faults.plan("postTransfers", Side::After, Fault::Rubbish, 1);
    let begun = bed
        .create(&payer, inputs::transfer(payer.wallet, 20_000, receiver.wallet))
        .await;
    assert_eq!(begun["status"], "PENDING");

    bed.fraud.forgets_and_says("FRAUD");
    bed.until_no_transaction_is_pending(STEP).await;
    assert_eq!(bed.transaction(&payer, &id_of(&begun)).await["status"], "SUCCESS");
    assert_eq!(bed.ledger.balance(receiver.wallet), 2_000_000);
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_failure_a_late_transfer_moves_nothing() {
    let bed = Bed::start().await;
    let payer = bed.user("payer", 2_000_000);
    let bill = bed.market.bill(20_000);
    bed.faults.plan("postTransfers", Side::Before, Fault::Unavailable, 3);
    let begun = bed.create(&payer, inputs::payment(payer.wallet, 20_000, &bill)).await;
    assert_eq!(begun["status"], "PENDING");

    bed.market.cancel(&bill);
    bed.until_no_transaction_is_pending(STEP).await;
    let ended = bed.transaction(&payer, &id_of(&begun)).await;
    assert_eq!(
        (&ended["status"], &ended["failureCode"]),
        (&json!("FAILED"), &json!("BILL_EXPIRED"))
    );

    let postings = json!([
        { "accountId": payer.wallet.as_str(), "amountMinor": -2_000_000 },
        { "accountId": bed.user("merchant", 0).wallet.as_str(), "amountMinor": 2_000_000 },
    ]);
    let late = post_late(&bed, &id_of(&begun), postings, &payer.id).await;
    assert_eq!(
        (&late["posted"], &late["refusal"]),
        (&json!(false), &json!("CANCELLED"))
    );
    assert_eq!(bed.ledger.balance(payer.wallet), 2_000_000);
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_completed_is_given_up_behind_a_fence() {
    let bed = Bed::start().await;
    let payer = bed.user("payer", 2_000_000);
    bed.faults.break_down("postTransfers", Fault::Unavailable);
    let begun = bed.create(&payer, inputs::deposit(payer.wallet, 20_000)).await;
    assert_eq!(begun["status"], "PENDING");

    bed.faults.break_down("fenceTransfers", Fault::Unavailable);
    bed.clock.advance(GIVE_UP_AFTER);
    let asked = bed.faults.calls("fenceTransfers");
    // Three attempts each: it has come back at least once.
    bed.until("the fence is asked for again", STEP, async || {
        bed.faults.calls("fenceTransfers") > asked + 5
    })
    .await;
    let waiting = bed.transaction(&payer, &id_of(&begun)).await;
    assert_eq!(waiting["status"], "PENDING", "without the fence nobody knows");

    bed.faults.heal();
    bed.until_no_transaction_is_pending(STEP).await;
    let ended = bed.transaction(&payer, &id_of(&begun)).await;
    assert_eq!(
        (&ended["status"], &ended["failureCode"]),
        (&json!("FAILED"), &json!("TIMED_OUT"))
    );
    assert_eq!(bed.ledger.is_posted(&id_of(&begun)), Some(false), "it is fenced");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn giving_up_finds_what_has_moved() {
    let bed = Bed::start().await;
    let (payer, receiver) = (bed.user("payer", 2_000_000), bed.user("receiver", 0));
    bed.faults.plan("postTransfers", Side::After, Fault::Unavailable, 3);
    let begun = bed
        .create(&payer, inputs::transfer(payer.wallet, 20_000, receiver.wallet))
        .await;
    bed.faults.break_down("checkTransactions", Fault::Unavailable);
    bed.clock.advance(GIVE_UP_AFTER);
    bed.until_no_transaction_is_pending(STEP).await;
    assert_eq!(bed.transaction(&payer, &id_of(&begun)).await["status"], "SUCCESS");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_needs_the_fence_only_in_a_later_run() {
    let bed = Bed::start().await;
    let (payer, receiver) = (bed.user("payer", 4_000_000), bed.user("receiver", 0));
    let input = inputs::transfer(payer.wallet, 20_000, receiver.wallet);

    bed.fraud.says("FRAUD");
    let refused = bed.create(&payer, input.clone()).await;
    assert_eq!(
        (&refused["status"], &refused["failureCode"]),
        (&json!("FAILED"), &json!("FRAUD_BLOCKED"))
    );
    assert_eq!(
        bed.faults.calls("fenceTransfers"),
        0,
        "no transfer was sent, so there is nothing to fence"
    );

    bed.faults
        .plan("checkTransactions", Side::Before, Fault::Unavailable, 3);
    bed.faults.break_down("fenceTransfers", Fault::Rubbish);
    let begun = bed.create(&payer, input).await;
    assert_eq!(begun["status"], "PENDING");
    bed.until("the fence is asked for", STEP, async || {
        bed.faults.calls("fenceTransfers") > 1
    })
    .await;
    assert_eq!(bed.transaction(&payer, &id_of(&begun)).await["status"], "PENDING");
    bed.faults.heal();
    bed.until_no_transaction_is_pending(STEP).await;
    assert_eq!(
        bed.transaction(&payer, &id_of(&begun)).await["failureCode"],
        "FRAUD_BLOCKED"
    );
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_run_that_outlives_its_lease_is_not_trusted_to_be_alone() {
    let bed = Bed::start().await;
    let payer = bed.user("payer", 2_000_000);
    let bill = bed.market.bill(20_000);
    let mut held = bed.faults.hold("getOrderByVA", Side::Before);
    let asking = bed.creating(&payer, inputs::payment(payer.wallet, 20_000, &bill));
    held.arrived(1).await;
    bed.market.cancel(&bill);
    bed.clock.advance(Duration::from_secs(61));
    drop(held);
    let ended = crate::bed::transaction_of(&asking.await.unwrap());
    assert_eq!(ended["failureCode"], "BILL_EXPIRED");
    assert_eq!(bed.faults.calls("fenceTransfers"), 1);
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strange_answer_of_the_ledger_is_unknown_and_no_refusal() {
    let strange = [
        r#"{"data":{"postTransfers":[{"transferId":"xfr_00000000000000000000000001","posted":false,"refusal":"INSUFFICIENT_FUNDS","reason":"x"}]}}"#,
        r#"{"data":{"postTransfers":[{"transferId":"ID","posted":false,"refusal":null,"reason":null}]}}"#,
        r#"{"data":{"postTransfers":[{"transferId":"ID","posted":true,"refusal":"INSUFFICIENT_FUNDS","reason":"x"}]}}"#,
        r#"{"data":{"postTransfers":[]}}"#,
        r#"{"data":{}}"#,
        r#"{"data":null,"errors":[{"message":"x","extensions":{"code":"IDEMPOTENCY_KEY_REUSED"}}]}"#,
        r#"{"data":null,"errors":[{"message":"x"}]}"#,
        "",
    ];
    let bed = Bed::start().await;
    for body in strange {
        let (payer, receiver) = (bed.user("payer", 2_000_000), bed.user("receiver", 0));
        bed.faults
            .plan("postTransfers", Side::After, Fault::Raw(200, body.to_owned()), 2);
        let begun = bed
            .create(&payer, inputs::transfer(payer.wallet, 20_000, receiver.wallet))
            .await;
        assert_eq!(begun["status"], "PENDING", "{body}");
        bed.until_no_transaction_is_pending(STEP).await;
        assert_eq!(
            bed.transaction(&payer, &id_of(&begun)).await["status"],
            "SUCCESS",
            "{body}"
        );
        bed.faults.heal();
    }
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_about_another_payment_lets_none_through() {
    let bed = Bed::start().await;
    let (payer, receiver) = (bed.user("payer", 2_000_000), bed.user("receiver", 0));
    bed.fraud.says("FRAUD");
    let body = r#"{"data":{"checkTransactions":[{"transactionId":"trx_00000000000000000000000001","status":"SAFE"}]}}"#;
    bed.faults
        .plan("checkTransactions", Side::Before, Fault::Raw(200, body.to_owned()), 2);
    bed.create(&payer, inputs::transfer(payer.wallet, 20_000, receiver.wallet))
        .await;
    bed.until_no_transaction_is_pending(STEP).await;
    assert_eq!(bed.newest(&payer).await["failureCode"], "FRAUD_BLOCKED");
    assert_eq!(bed.ledger.balance(payer.wallet), 2_000_000);
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn those_that_take_long_do_not_hide_those_that_wait() {
    let bed = Bed::start().await;
    let users: Vec<_> = (0..100)
        .map(|index| bed.user(&format!("payer-{index}"), 2_000_000))
        .collect();
    let mut held = bed.faults.hold("getOrderByVA", Side::Before);
    let mut asking = Vec::new();
    for user in &users {
        asking.push(bed.creating(user, inputs::payment(user.wallet, 20_000, &bed.market.bill(20_000))));
    }
    held.arrived(1).await;
    bed.until("all have begun", Duration::ZERO, async || {
        bed.status().await["pendingTransactions"] == 100
    })
    .await;
    bed.faults.plan("postTransfers", Side::After, Fault::Rubbish, 1);
    let depositor = bed.user("depositor", 0);
    let begun = bed.create(&depositor, inputs::deposit(depositor.wallet, 20_000)).await;
    assert_eq!(begun["status"], "PENDING");
    // All leases are over now, and those of the payments longest.
    bed.clock.advance(Duration::from_secs(120));
    bed.until("the deposit is taken up", Duration::ZERO, async || {
        bed.transaction(&depositor, &id_of(&begun)).await["status"] == "SUCCESS"
    })
    .await;
    let pending = bed.status().await["pendingTransactions"].as_i64().unwrap();
    drop(held);
    for answer in asking {
        answer.await.unwrap();
    }
    assert!(pending > 64, "the payments should have been in the way: {pending}");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saga_that_cannot_be_read_stops_no_other() {
    let mut bed = Bed::start().await;
    let payer = bed.user("payer", 0);
    bed.faults.break_down("postTransfers", Fault::Rubbish);
    let poisoned = bed.create(&payer, inputs::deposit(payer.wallet, 20_000)).await;
    let other = bed.create(&payer, inputs::deposit(payer.wallet, 30_000)).await;
    bed.stop_service().await;
    let id = id_of(&poisoned);
    let facts = bed.edit(move |tx| {
        let facts: String = tx.query_one("SELECT facts FROM sagas WHERE transaction_id = $1", &[&id], |row| {
            row.get(0)
        })?;
        tx.execute(
            "UPDATE sagas SET facts = '{', next_attempt_at = 0 WHERE transaction_id = $1",
            &[&id],
        )?;
        Ok(facts)
    });
    let facts = facts.await;
    bed.faults.heal();
    bed.start_service().await;
    bed.until("the other one is taken up", SECOND, async || {
        bed.transaction(&payer, &id_of(&other)).await["status"] == "SUCCESS"
    })
    .await;
    assert_eq!(
        bed.status().await["pendingTransactions"],
        1,
        "and the poisoned one is still seen"
    );
    bed.stop_service().await;
    let id = id_of(&poisoned);
    bed.edit(move |tx| tx.execute("UPDATE sagas SET facts = $2 WHERE transaction_id = $1", &[&id, &facts]))
        .await;
    bed.start_service().await;
    bed.until_no_transaction_is_pending(STEP).await;
    assert_eq!(bed.ledger.balance(payer.wallet), 5_000_000);
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_goes_away_stops_nothing() {
    let bed = Bed::start().await;
    let payer = bed.user("payer", 2_000_000);
    let mut held = bed.faults.hold("checkTransactions", Side::Before);
    let asking = bed.creating(&payer, inputs::payment(payer.wallet, 20_000, &bed.market.bill(20_000)));
    held.arrived(1).await;
    asking.abort();
    assert!(asking.await.unwrap_err().is_cancelled());
    drop(held);
    // The clock stands still: nobody waits for a lease to end.
    bed.until_no_transaction_is_pending(Duration::ZERO).await;
    assert_eq!(bed.newest(&payer).await["status"], "SUCCESS");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_goes_away_at_any_moment_leaves_nothing_behind() {
    let bed = Bed::start().await;
    for index in 0..60_u64 {
        let payer = bed.user(&format!("payer-{index}"), 0);
        let asking = bed.creating(&payer, inputs::deposit(payer.wallet, 20_000));
        tokio::time::sleep(Duration::from_micros(index * 50)).await;
        asking.abort();
        let _ = asking.await;
    }
    bed.until_no_transaction_is_pending(Duration::ZERO).await;
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_lets_payments_under_way_come_to_their_end() {
    let mut bed = Bed::start().await;
    let payer = bed.user("payer", 2_000_000);
    let mut held = bed.faults.hold("postTransfers", Side::After);
    let asking = bed.creating(&payer, inputs::payment(payer.wallet, 20_000, &bed.market.bill(20_000)));
    held.arrived(1).await;
    let releasing = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(300)).await;
        drop(held);
    });
    bed.stop_service().await;
    releasing.await.unwrap();
    let ended = crate::bed::transaction_of(&asking.await.unwrap());
    assert_eq!(ended["status"], "SUCCESS");
    bed.start_service().await;
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merchant_that_hangs_does_not_hold_up_the_stop() {
    let mut bed = Bed::start().await;
    let payer = bed.user("payer", 2_000_000);
    bed.faults.break_down("getOrderByVA", Fault::Silence);
    let asking = bed.creating(&payer, inputs::payment(payer.wallet, 20_000, &bed.market.bill(20_000)));
    bed.until("the merchant is asked", Duration::ZERO, async || {
        bed.faults.calls("getOrderByVA") > 0
    })
    .await;
    bed.stop_service().await;
    let ended = crate::bed::transaction_of(&asking.await.unwrap());
    assert_eq!(ended["failureCode"], "MERCHANT_UNAVAILABLE");
    bed.start_service().await;
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_there_is_room_for_is_turned_away_before_anything_is_written() {
    let bed = Bed::start().await;
    let (payer, receiver) = (bed.user("payer", 1_000_000), bed.user("receiver", 0));
    let held = bed.faults.hold("checkTransactions", Side::Before);
    let mut asking = Vec::new();
    for _ in 0..4_300 {
        asking.push(bed.creating(&payer, inputs::transfer(payer.wallet, 1, receiver.wallet)));
    }
    bed.until("somebody is turned away", Duration::ZERO, async || {
        asking.iter().any(|one| one.is_finished())
    })
    .await;
    drop(held);
    let mut turned_away = 0;
    for one in asking {
        let answer = one.await.unwrap();
        if answer.code() == "SERVICE_UNAVAILABLE" {
            turned_away += 1;
        }
    }
    assert!(turned_away > 0);
    bed.until_no_transaction_is_pending(STEP).await;
    let moved = bed.ledger.balance(receiver.wallet) / 100;
    assert_eq!(moved, i64::try_from(bed.ledger.posted().len()).unwrap());
    assert!(moved <= 4_300 - turned_away, "who was turned away paid nothing");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_ledger_nothing_is_begun() {
    let bed = Bed::start().await;
    let payer = bed.user("payer", 2_000_000);
    bed.faults.break_down("wallets", Fault::Unavailable);
    let answer = bed.answer(Ask::create(&payer, inputs::deposit(payer.wallet, 1))).await;
    assert_eq!(answer.code(), "SERVICE_UNAVAILABLE");
    assert_eq!(bed.newest(&payer).await, Value::Null);
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn history_that_is_away_holds_up_no_payment_and_learns_of_it_later() {
    let bed = Bed::start().await;
    let (payer, receiver) = (bed.user("payer", 2_000_000), bed.user("receiver", 0));
    bed.faults.break_down("appendEntries", Fault::Unavailable);
    for _ in 0..3 {
        let ended = bed
            .create(&payer, inputs::transfer(payer.wallet, 1_000, receiver.wallet))
            .await;
        assert_eq!(ended["status"], "SUCCESS");
    }
    assert!(bed.history.keys().is_empty());
    bed.faults.heal();
    bed.until_nothing_waits(STEP).await;
    assert_eq!(bed.history.keys().len(), 6, "the payer's and the receiver's");
    bed.finish().await;
}
