//! The same key is the same transaction, over any interface, before and after any crash.

use serde_json::{Value, json};

use crate::bed::{Ask, Bed, Fault, Side, inputs, transaction_of};

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_many_times_at_once_moves_money_once_and_answers_the_same() {
    let bed = Bed::start().await;
    for round in 0..10 {
        let (payer, receiver) = (bed.user("payer", 2_000_000), bed.user("receiver", 0));
        let input = inputs::with_key(
            inputs::transfer(payer.wallet, 15_000, receiver.wallet),
            &format!("key-{round}"),
        );
        let asking: Vec<_> = (0..20).map(|_| bed.creating(&payer, input.clone())).collect();
        let mut answers = Vec::new();
        for one in asking {
            answers.push(transaction_of(&one.await.unwrap()));
        }
        assert_eq!(answers[0]["status"], "SUCCESS");
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
        assert_eq!(bed.ledger.balance(receiver.wallet), 1_500_000);
    }
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repetition_waits_for_the_one_under_way() {
    let bed = Bed::start().await;
    let payer = bed.user("payer", 2_000_000);
    let input = inputs::with_key(inputs::payment(payer.wallet, 20_000, &bed.market.bill(20_000)), "k");
    let mut held = bed.faults.hold("postTransfers", Side::Before);
    let first = bed.creating(&payer, input.clone());
    held.arrived(1).await;
    let second = bed.creating(&payer, input);
    tokio::task::yield_now().await;
    drop(held);
    let (first, second) = (
        transaction_of(&first.await.unwrap()),
        transaction_of(&second.await.unwrap()),
    );
    assert_eq!(first["status"], "SUCCESS");
    assert_eq!(first, second);
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_remembered_too() {
    let mut bed = Bed::start().await;
    let payer = bed.user("payer", 0);
    let (paid, taken) = (bed.market.bill(20_000), bed.market.bill(20_000));
    bed.market
        .set_order(&paid, r#"{"totalHarga":20000,"paymentStatus":"PAID"}"#);
    let poor = inputs::with_key(inputs::payment(payer.wallet, 20_000, &taken), "poor");
    let late = inputs::with_key(inputs::payment(payer.wallet, 20_000, &paid), "late");
    let refusals = [(poor, "INSUFFICIENT_FUNDS"), (late, "BILL_ALREADY_PAID")];
    let mut first = Vec::new();
    for (input, code) in &refusals {
        let refused = bed.create(&payer, input.clone()).await;
        assert_eq!(refused["failureCode"], *code);
        first.push(refused);
    }
    // What was in the way is gone, but the answer stands.
    bed.create(&payer, inputs::deposit(payer.wallet, 100_000)).await;
    bed.market
        .set_order(&paid, r#"{"totalHarga":20000,"paymentStatus":"UNPAID"}"#);
    bed.stop_service().await;
    bed.start_service().await;
    for ((input, _), first) in refusals.iter().zip(&first) {
        assert_eq!(bed.create(&payer, input.clone()).await, *first);
    }
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_outlives_a_crash() {
    let mut bed = Bed::start().await;
    let payer = bed.user("payer", 0);
    let input = inputs::with_key(inputs::deposit(payer.wallet, 20_000), "k");
    let mut held = bed.faults.hold("postTransfers", Side::After);
    let asking = bed.creating(&payer, input.clone());
    held.arrived(1).await;
    bed.crash_and_restart().await;
    drop(held);
    // The first request died with the service, or was told at its end that it is under way.
    let _ = asking.await;
    bed.until_no_transaction_is_pending(std::time::Duration::ZERO).await;
    assert_eq!(bed.create(&payer, input).await["status"], "SUCCESS");
    assert_eq!(bed.ledger.balance(payer.wallet), 2_000_000);
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_input_is_refused_and_the_fields_are_named() {
    let bed = Bed::start().await;
    let (payer, receiver) = (bed.user("payer", 2_000_000), bed.user("receiver", 0));
    let second_wallet = bed.ledger.open_wallet(&payer.id, 0);
    let third_wallet = bed.ledger.open_wallet(&payer.id, 0);
    let mut input = inputs::with_key(inputs::transfer(payer.wallet, 1_000, receiver.wallet), "k");
    input["description"] = json!("rent");
    bed.create(&payer, input.clone()).await;
    let change = |changes: &[(&str, Value)]| {
        let mut changed = input.clone();
        for (field, value) in changes {
            changed[*field] = value.clone();
        }
        changed
    };
    let cases = [
        (change(&[("amount", json!(1_000.01))]), json!(["amount"])),
        (
            change(&[("walletId", json!(second_wallet.as_str()))]),
            json!(["walletId"]),
        ),
        (
            change(&[("targetWalletId", json!(third_wallet.as_str()))]),
            json!(["targetWalletId"]),
        ),
        (change(&[("description", json!("food"))]), json!(["description"])),
        (change(&[("description", Value::Null)]), json!(["description"])),
        (
            change(&[("type", json!("DEPOSIT")), ("targetWalletId", Value::Null)]),
            json!(["type", "targetWalletId"]),
        ),
        (
            change(&[
                ("type", json!("PAYMENT")),
                ("targetWalletId", Value::Null),
                ("vaNumber", json!(bed.market.bill(1_000))),
                ("amount", json!(1)),
            ]),
            json!(["amount", "type", "vaNumber", "targetWalletId"]),
        ),
    ];
    for (changed, fields) in cases {
        let answer = bed.try_create(&payer, changed.clone()).await;
        assert_eq!(answer.code(), "IDEMPOTENCY_KEY_REUSED", "{changed}");
        assert_eq!(answer.body["errors"][0]["extensions"]["fields"], fields, "{changed}");
    }
    // Other words for the same input are the same input.
    for (amount, va_number) in [
        (json!("1000"), Value::Null),
        (json!(1000.0), Value::Null),
        (json!("1e3"), Value::Null),
    ] {
        let same = change(&[("amount", amount), ("vaNumber", va_number)]);
        assert_eq!(bed.create(&payer, same).await["status"], "SUCCESS");
    }
    assert_eq!(bed.ledger.balance(receiver.wallet), 100_000, "it moved once");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_belongs_to_its_user() {
    let bed = Bed::start().await;
    let (first, second) = (bed.user("first", 0), bed.user("second", 0));
    let one = bed
        .create(&first, inputs::with_key(inputs::deposit(first.wallet, 1_000), "k"))
        .await;
    let other = bed
        .create(&second, inputs::with_key(inputs::deposit(second.wallet, 2_000), "k"))
        .await;
    assert_ne!(one["transactionId"], other["transactionId"]);
    assert_eq!(other["status"], "SUCCESS");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_header_serves_as_well_and_the_input_comes_first() {
    let bed = Bed::start().await;
    let payer = bed.user("payer", 0);
    let input = inputs::deposit(payer.wallet, 1_000);
    let ask = |input: &Value, header: &str| Ask::create(&payer, input.clone()).with_header("idempotency-key", header);

    let by_header = transaction_of(&bed.answer(ask(&input, "k")).await);
    assert_eq!(transaction_of(&bed.answer(ask(&input, "k")).await), by_header);
    let by_input = bed.create(&payer, inputs::with_key(input.clone(), "k")).await;
    assert_eq!(by_input, by_header, "one name, however it is said");
    let other = transaction_of(&bed.answer(ask(&inputs::with_key(input.clone(), "other"), "k")).await);
    assert_ne!(other["transactionId"], by_header["transactionId"]);
    assert_eq!(bed.ledger.balance(payer.wallet), 200_000);

    let long = "x".repeat(129);
    for bad in ["", " ", "two words", "schlüssel", long.as_str()] {
        let answer = bed.answer(ask(&input, bad)).await;
        assert_eq!(answer.code(), "BAD_USER_INPUT", "{bad:?} in the header");
        let answer = bed.try_create(&payer, inputs::with_key(input.clone(), bad)).await;
        assert_eq!(answer.code(), "BAD_USER_INPUT", "{bad:?} in the input");
    }
    assert_eq!(bed.ledger.balance(payer.wallet), 200_000);
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_two_requests_are_two_transactions() {
    let bed = Bed::start().await;
    let payer = bed.user("payer", 0);
    for _ in 0..2 {
        bed.create(&payer, inputs::deposit(payer.wallet, 1_000)).await;
    }
    assert_eq!(bed.ledger.balance(payer.wallet), 200_000);
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_begun_does_not_use_its_key_up() {
    let bed = Bed::start().await;
    let payer = bed.user("payer", 0);
    let input = inputs::with_key(inputs::deposit(payer.wallet, 1_000), "k");
    bed.faults.plan("wallets", Side::Before, Fault::Unavailable, 3);
    assert_eq!(
        bed.try_create(&payer, input.clone()).await.code(),
        "SERVICE_UNAVAILABLE"
    );
    let mut other = input.clone();
    other["amount"] = json!(2_000);
    assert_eq!(bed.create(&payer, other).await["status"], "SUCCESS");
    bed.finish().await;
}
