//! The public API: who sees what, what is refused, and what the sandbox alone allows.

use std::time::Duration;

use ids::{TransactionId, WalletId};
use serde_json::{Value, json};
use service::token::Role;

use crate::bed::{Ask, Bed, User, inputs};

const LIVE: [(&str, &str); 4] = [
    ("SAWIT_MODE", "live"),
    ("SAWIT_PUBLIC_URL", "https://pay.example"),
    ("SAWIT_MARKETPLACE_URL", "https://shop.example/graphql"),
    ("SAWIT_MARKETPLACE_WEBHOOK_URL", "https://shop.example/webhook"),
];

async fn list(bed: &Bed, user: &User, arguments: &str) -> Vec<String> {
    let document = format!("{{ myTransactions{arguments} {{ transactionId }} }}");
    let answer = bed.ask(Some(&user.token), &document, json!({})).await;
    let found = answer.data()["myTransactions"].as_array().unwrap();
    found
        .iter()
        .map(|one| one["transactionId"].as_str().unwrap().to_owned())
        .collect()
}

fn id_of(transaction: &Value) -> String {
    transaction["transactionId"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_newest_first_paged_and_filtered() {
    let bed = Bed::start().await;
    let (user, other) = (bed.user("user", 0), bed.user("other", 0));
    let mut ids = Vec::new();
    for index in 0..5 {
        ids.push(id_of(
            &bed.create(&user, inputs::deposit(user.wallet, 1_000 + index)).await,
        ));
    }
    ids.push(id_of(
        &bed.create(&user, inputs::transfer(user.wallet, 1_000, other.wallet))
            .await,
    ));
    ids.push(id_of(
        &bed.create(&user, inputs::transfer(user.wallet, 99_000, other.wallet))
            .await,
    ));
    bed.create(&other, inputs::deposit(other.wallet, 1)).await;
    ids.reverse();

    assert_eq!(list(&bed, &user, "").await, ids);
    assert_eq!(list(&bed, &user, "(first: 2)").await, ids[..2]);
    assert_eq!(
        list(&bed, &user, &format!("(first: 2, after: \"{}\")", ids[1])).await,
        ids[2..4]
    );
    assert_eq!(
        list(&bed, &user, &format!("(after: \"{}\")", ids[6])).await,
        Vec::<String>::new()
    );
    assert_eq!(list(&bed, &user, "(type: TRANSFER)").await, ids[..2]);
    assert_eq!(list(&bed, &user, "(type: TRANSFER, status: FAILED)").await, ids[..1]);
    assert_eq!(list(&bed, &user, "(status: SUCCESS)").await, ids[1..]);
    assert_eq!(list(&bed, &user, "(status: PENDING)").await, Vec::<String>::new());
    assert_eq!(list(&bed, &user, "(type: PAYMENT)").await, Vec::<String>::new());
    assert_eq!(list(&bed, &other, "").await.len(), 1, "and nobody else's");
    for bad in [
        "(first: 0)",
        "(first: 501)",
        "(first: -1)",
        "(after: \"x\")",
        "(after: \"wal_00000000000000000000000001\")",
    ] {
        let answer = bed
            .ask(
                Some(&user.token),
                &format!("{{ myTransactions{bad} {{ status }} }}"),
                json!({}),
            )
            .await;
        assert_eq!(answer.code(), "BAD_USER_INPUT", "{bad}");
    }
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clearing_the_list_clears_the_list_alone() {
    let bed = Bed::start().await;
    let (user, other) = (bed.user("user", 0), bed.user("other", 0));
    let clear = "mutation { deleteAllTransactions }";
    assert_eq!(
        bed.ask(Some(&user.token), clear, json!({})).await.data()["deleteAllTransactions"],
        true
    );
    let old = bed
        .create(&user, inputs::with_key(inputs::deposit(user.wallet, 1_000), "k"))
        .await;
    bed.create(&other, inputs::deposit(other.wallet, 1_000)).await;
    for _ in 0..2 {
        bed.ask(Some(&user.token), clear, json!({})).await.data();
    }
    assert_eq!(list(&bed, &user, "").await, Vec::<String>::new());
    assert_eq!(list(&bed, &user, "(status: SUCCESS)").await, Vec::<String>::new());
    assert_eq!(list(&bed, &other, "").await.len(), 1);
    assert_eq!(
        bed.transaction(&user, &id_of(&old)).await["status"],
        "SUCCESS",
        "it can still be asked for"
    );
    let again = bed
        .create(&user, inputs::with_key(inputs::deposit(user.wallet, 1_000), "k"))
        .await;
    assert_eq!(again, old, "and its key still stands for it");
    let new = bed.create(&user, inputs::deposit(user.wallet, 2_000)).await;
    assert_eq!(list(&bed, &user, "").await, [id_of(&new)]);
    assert_eq!(bed.ask(None, clear, json!({})).await.code(), "UNAUTHENTICATED");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_is_seen_by_its_owner_and_by_admins() {
    let bed = Bed::start().await;
    let (user, other) = (bed.user("user", 0), bed.user("other", 0));
    let id = id_of(&bed.create(&user, inputs::deposit(user.wallet, 1_000)).await);
    let document = "query($id: String!) { transaction(transactionId: $id) { transactionId userId } }";
    let see = async |token: Option<String>, id: &str| bed.ask(token.as_deref(), document, json!({ "id": id })).await;
    assert_eq!(
        see(Some(user.token.clone()), &id).await.data()["transaction"]["transactionId"],
        id
    );
    assert_eq!(
        see(Some(bed.admin()), &id).await.data()["transaction"]["userId"],
        user.id
    );
    assert_eq!(
        see(Some(other.token.clone()), &id).await.data()["transaction"],
        Value::Null
    );
    assert_eq!(
        see(Some(user.token.clone()), "x").await.data()["transaction"],
        Value::Null
    );
    let unknown = TransactionId::generate().to_string();
    assert_eq!(
        see(Some(bed.admin()), &unknown).await.data()["transaction"],
        Value::Null
    );
    assert_eq!(see(None, &id).await.code(), "UNAUTHENTICATED");
    assert_eq!(see(Some(bed.service_token()), &id).await.code(), "FORBIDDEN");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_bad_combination_of_input_is_refused_and_nothing_is_begun() {
    let bed = Bed::start().await;
    let (user, other) = (bed.user("user", 10_000_000), bed.user("other", 10_000_000));
    let (own, foreign) = (user.wallet.to_string(), other.wallet.to_string());
    let (own, foreign) = (own.as_str(), foreign.as_str());
    let bill = bed.market.bill(1_000);
    let unknown = WalletId::generate().to_string();
    let long = "x".repeat(201);
    let cases = [
        (json!({ "type": "DEPOSIT", "vaNumber": bill }), "BAD_USER_INPUT"),
        (
            json!({ "type": "DEPOSIT", "targetWalletId": foreign }),
            "BAD_USER_INPUT",
        ),
        (json!({ "type": "PAYMENT" }), "BAD_USER_INPUT"),
        (json!({ "type": "PAYMENT", "vaNumber": "" }), "BAD_USER_INPUT"),
        (
            json!({ "type": "PAYMENT", "vaNumber": "DS-8800\") { id } x: getOrderByVA(vaNumber: \"1" }),
            "BAD_USER_INPUT",
        ),
        (
            json!({ "type": "PAYMENT", "vaNumber": "XX-88001234" }),
            "BAD_USER_INPUT",
        ),
        (
            json!({ "type": "PAYMENT", "vaNumber": bill, "targetWalletId": foreign }),
            "BAD_USER_INPUT",
        ),
        (json!({ "type": "TRANSFER" }), "BAD_USER_INPUT"),
        (json!({ "type": "TRANSFER", "targetWalletId": own }), "BAD_USER_INPUT"),
        (
            json!({ "type": "TRANSFER", "targetWalletId": foreign, "vaNumber": bill }),
            "BAD_USER_INPUT",
        ),
        (json!({ "type": "TRANSFER", "targetWalletId": unknown }), "NOT_FOUND"),
        (json!({ "type": "TRANSFER", "targetWalletId": "x" }), "NOT_FOUND"),
        (
            json!({ "type": "TRANSFER", "targetWalletId": "bank_clearing:IDR" }),
            "NOT_FOUND",
        ),
        (json!({ "walletId": foreign }), "NOT_FOUND"),
        (json!({ "walletId": unknown }), "NOT_FOUND"),
        (json!({ "walletId": "x" }), "NOT_FOUND"),
        (json!({ "walletId": "bank_clearing:IDR" }), "NOT_FOUND"),
        (json!({ "walletId": null }), "GRAPHQL_VALIDATION_FAILED"),
        (json!({ "amount": 0 }), "BAD_USER_INPUT"),
        (json!({ "amount": -1 }), "BAD_USER_INPUT"),
        (json!({ "amount": 0.001 }), "BAD_USER_INPUT"),
        (json!({ "amount": "1,000" }), "GRAPHQL_VALIDATION_FAILED"),
        (json!({ "amount": "NaN" }), "GRAPHQL_VALIDATION_FAILED"),
        (json!({ "amount": null }), "GRAPHQL_VALIDATION_FAILED"),
        (json!({ "amount": true }), "GRAPHQL_VALIDATION_FAILED"),
        (json!({ "amount": 1e15 }), "BAD_USER_INPUT"),
        (json!({ "amount": 1e300 }), "GRAPHQL_VALIDATION_FAILED"),
        (json!({ "type": "REFUND" }), "GRAPHQL_VALIDATION_FAILED"),
        (json!({ "description": long }), "BAD_USER_INPUT"),
        (json!({ "description": "a\nb" }), "BAD_USER_INPUT"),
    ];
    for (change, code) in cases {
        let mut input = inputs::deposit(user.wallet, 1_000);
        for (field, value) in change.as_object().unwrap() {
            input[field] = value.clone();
        }
        let answer = bed.try_create(&user, input).await;
        let refused = answer.code();
        // An argument of the wrong shape is refused by the schema or by its scalar; both are the client's fault.
        let expected = refused == code || (code == "GRAPHQL_VALIDATION_FAILED" && refused == "BAD_USER_INPUT");
        assert!(expected, "{change}: {refused}, not {code}");
    }
    assert_eq!(list(&bed, &user, "").await, Vec::<String>::new());
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_people_with_good_tokens_create_transactions() {
    let bed = Bed::start().await;
    let user = bed.user("user", 0);
    let input = inputs::deposit(user.wallet, 1_000);
    let expired = bed.sign(&user.id, |claims| claims.exp = 1);
    let foreign = bed.sign(&user.id, |claims| claims.iss = "elsewhere".to_owned());
    let service = bed.sign(&user.id, |claims| claims.role = Role::Service);
    for (token, code) in [
        (None, "UNAUTHENTICATED"),
        (Some("x".to_owned()), "UNAUTHENTICATED"),
        (Some(expired), "UNAUTHENTICATED"),
        (Some(foreign), "UNAUTHENTICATED"),
        (Some(service), "FORBIDDEN"),
    ] {
        let request = Ask {
            token,
            ..Ask::create(&user, input.clone())
        };
        assert_eq!(bed.answer(request).await.code(), code);
    }
    assert_eq!(bed.ledger.balance(user.wallet), 0);
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_stands_in_both_histories_and_carries_its_facts() {
    let bed = Bed::start().await;
    let (payer, receiver) = (bed.user("payer", 2_000_000), bed.user("receiver", 0));
    let opened = 1_700_000_000_000_000;
    let token = bed.sign(&payer.id, |claims| claims.account_created_at = Some(opened));
    let payer = User { token, ..payer };
    bed.create(&payer, inputs::transfer(payer.wallet, 99_999, receiver.wallet))
        .await;
    let mut input = inputs::transfer(payer.wallet, 15_000, receiver.wallet);
    input["description"] = json!("terima kasih 🙏");
    let ended = bed.create(&payer, input).await;
    assert_eq!(ended["description"], "terima kasih 🙏");
    assert_eq!((&ended["amount"], &ended["currency"]), (&json!(15_000), &json!("IDR")));
    bed.until_nothing_waits(Duration::ZERO).await;

    let id = id_of(&ended);
    let out = bed.history.entry(&format!("{id}:SUCCESS:{}", payer.id)).unwrap();
    assert_eq!(
        (&out["direction"], &out["counterparty"]),
        (&json!("OUT"), &json!(receiver.wallet.as_str()))
    );
    let incoming = bed.history.entry(&format!("{id}:SUCCESS:{}", receiver.id)).unwrap();
    assert_eq!(
        (&incoming["direction"], &incoming["walletId"]),
        (&json!("IN"), &json!(receiver.wallet.as_str()))
    );
    assert_eq!(incoming["amountMinor"], 1_500_000);

    let checked = bed.fraud.checked();
    let checked = checked.iter().find(|input| input["transactionId"] == id).unwrap();
    assert_eq!(
        (&checked["accountCreatedAt"], &checked["recentFailures"]),
        (&json!(opened), &json!(1))
    );
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_between_a_users_own_wallets_is_one_entry() {
    let bed = Bed::start().await;
    let user = bed.user("user", 2_000_000);
    let savings = bed.ledger.open_wallet(&user.id, 0);
    let ended = bed.create(&user, inputs::transfer(user.wallet, 20_000, savings)).await;
    assert_eq!(ended["status"], "SUCCESS");
    bed.until_nothing_waits(Duration::ZERO).await;
    assert_eq!(bed.history.keys().len(), 1);
    bed.finish().await;
}

async fn invoice(bed: &Bed, token: Option<&str>, amount: Value) -> String {
    let document = "mutation($amount: Decimal!) { generateInvoiceVA(amount: $amount) }";
    let answer = bed.ask(token, document, json!({ "amount": amount })).await;
    answer.code().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_sandbox_anybody_gets_invoices_but_not_any_number_of_them() {
    let bed = Bed::start().await;
    let user = bed.user("user", 0);
    for bad in [json!(0), json!(-1), json!(0.001), json!(1e15)] {
        assert_eq!(invoice(&bed, None, bad.clone()).await, "BAD_USER_INPUT", "{bad}");
    }
    for _ in 0..120 {
        assert_eq!(invoice(&bed, None, json!(1_000)).await, "OK");
    }
    assert_eq!(invoice(&bed, None, json!(1_000)).await, "RATE_LIMITED");
    assert_eq!(
        invoice(&bed, Some("a bad token is none"), json!(1_000)).await,
        "RATE_LIMITED"
    );
    assert_eq!(invoice(&bed, Some(&user.token), json!(1_000)).await, "OK");
    bed.finish().await;

    let bed = Bed::start_with(&[("SAWIT_RATE_LIMITS", "off")]).await;
    for _ in 0..130 {
        assert_eq!(invoice(&bed, None, json!(1_000)).await, "OK");
    }
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn live_mode_gives_nothing_for_free() {
    let bed = Bed::start_with(&LIVE).await;
    let user = bed.user("user", 2_000_000);
    let answer = bed.try_create(&user, inputs::deposit(user.wallet, 1_000)).await;
    assert_eq!(answer.code(), "FORBIDDEN");
    assert_eq!(invoice(&bed, None, json!(1_000)).await, "UNAUTHENTICATED");
    assert_eq!(invoice(&bed, Some(&user.token), json!(1_000)).await, "FORBIDDEN");
    assert_eq!(invoice(&bed, Some(&bed.admin()), json!(1_000)).await, "OK");
    assert_eq!(invoice(&bed, Some(&bed.service_token()), json!(1_000)).await, "OK");
    assert_eq!(list(&bed, &user, "").await, Vec::<String>::new());
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_alone_see_what_is_not_finished() {
    let bed = Bed::start().await;
    let user = bed.user("user", 0);
    let document = "{ operationsStatus { pendingTransactions oldestPendingSince deliveriesWaiting deliveriesParked } }";
    for (token, code) in [
        (None, "UNAUTHENTICATED"),
        (Some(user.token.clone()), "FORBIDDEN"),
        (Some(bed.admin()), "OK"),
        (Some(bed.service_token()), "OK"),
    ] {
        assert_eq!(bed.ask(token.as_deref(), document, json!({})).await.code(), code);
    }
    let internal = |token: Option<String>| Ask {
        path: "/internal/graphql",
        ..Ask::new(token.as_deref(), document, json!({}))
    };
    assert_eq!(bed.answer(internal(Some(bed.admin()))).await.code(), "FORBIDDEN");
    assert_eq!(bed.answer(internal(None)).await.code(), "UNAUTHENTICATED");
    bed.finish().await;
}
