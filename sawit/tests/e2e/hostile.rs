//! I1–I7 against clients that break things: they hang up, repeat, ask for too much, and write nonsense.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::person::{Person, open_wallet};
use testkit::provider::RunMode;
use testkit::wait::eventually;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::world::{World, assert_failed, assert_success};

/// Sends a request and hangs up after `patience` without reading the answer.
async fn hang_up(person: &Person, input: &Value, patience: Duration) {
    let document = "mutation($input: TransactionInput!) { createTransaction(input: $input) { status } }";
    let body = json!({ "query": document, "variables": { "input": input } }).to_string();
    let address = person
        .api
        .url()
        .trim_start_matches("http://")
        .trim_end_matches("/graphql")
        .to_owned();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\nauthorization: Bearer {}\r\ncontent-length: {}\r\n\r\n",
        person.api.token().expect("a token"),
        body.len()
    );
    let mut stream = TcpStream::connect(&address).await.expect("the gateway listens");
    stream.write_all(head.as_bytes()).await.expect("it takes the head");
    stream.write_all(body.as_bytes()).await.expect("it takes the body");
    tokio::time::sleep(patience).await;
    drop(stream);
}

async fn clients_that_hang_up(mode: RunMode) {
    let world = World::start(mode).await;
    let payer = world.person("naruto", 1_000_000).await;
    let second = open_wallet(&payer.api, "Ramen").await;
    let mut inputs = Vec::new();
    for number in 0..60_u64 {
        inputs.push(payer.transfer(&second, 1_000, Some(&format!("k{number}"))));
        hang_up(&payer, &inputs[inputs.len() - 1], Duration::from_micros(number * 400)).await;
    }
    // Whoever comes back with the key finds the one transaction, whether the first request was carried out or not.
    for made in futures::future::join_all(inputs.iter().map(|input| payer.insist(input.clone()))).await {
        assert_success(&made);
    }
    assert_eq!(payer.balance().await, 1_000_000 - 60 * 1_000);
    assert_eq!(payer.transactions().await.len(), 61);
    world.close().await;
}

#[tokio::test]
async fn i4_clients_that_hang_up_do_not_lose_or_double_their_payments_with_everything_in_one_process() {
    clients_that_hang_up(RunMode::Up).await;
}

#[tokio::test]
async fn i4_clients_that_hang_up_do_not_lose_or_double_their_payments_with_six_processes() {
    clients_that_hang_up(RunMode::Served).await;
}

#[tokio::test]
async fn i4_mutations_that_stand_twice_in_a_document_happen_in_order_and_as_often_as_they_say() {
    let world = World::start(RunMode::Served).await;
    let payer = world.person("naruto", 10_000).await;
    let second = open_wallet(&payer.api, "Ramen").await;
    let bill = payer.invoice(1_000).await;
    let run = async |document: &str| {
        let variables = json!({ "w": payer.wallet_id, "t": second, "va": bill });
        let head = "mutation($w: String!, $t: String, $va: String)";
        let used = document.replace("MUTATION", head);
        payer.api.send(&used, variables).await
    };
    // The same field twice without aliases is one field: it happens once.
    let transfer = "createTransaction(input: { walletId: $w, amount: 100, type: TRANSFER, targetWalletId: $t })";
    let uses_va =
        "v: createTransaction(input: { walletId: $w, amount: 1000, type: PAYMENT, vaNumber: $va }) { status }";
    run(&format!(
        "MUTATION {{ {transfer} {{ status }} {transfer} {{ transactionId }} {uses_va} }}"
    ))
    .await
    .data();
    assert_eq!(payer.balance().await, 10_000 - 100 - 1_000);
    // With aliases they are two, and in order: the second sees what the first did.
    let same_bill =
        "createTransaction(input: { walletId: $w, amount: 1000, type: PAYMENT, vaNumber: $va }) { status failureCode }";
    let answer = run(&format!(
        "MUTATION {{ a: {transfer} {{ status }} b: {transfer} {{ status }} c: {same_bill} }}"
    ))
    .await;
    assert_eq!(answer.data()["c"]["failureCode"], "BILL_ALREADY_PAID");
    assert_eq!(payer.balance().await, 8_900 - 200);
    // Through fragments, and across services: still in the order of the document.
    let document = format!(
        "MUTATION {{ ...A v: {same_bill} topupWallet(walletId: $w, amount: 50) {{ balance }} ...B }}
         fragment A on Mutation {{ deductWallet(walletId: $w, amount: 700) {{ balance }} }}
         fragment B on Mutation {{ last: {transfer} {{ status }} }}"
    );
    let answer = run(&document).await;
    let data = answer.data();
    assert_eq!(
        (&data["deductWallet"]["balance"], &data["topupWallet"]["balance"]),
        (&json!(8_000), &json!(8_050))
    );
    assert_eq!(
        data.as_object()
            .map(|data| data.keys().cloned().collect::<Vec<_>>().len()),
        Some(4)
    );
    assert_eq!(payer.balance().await, 7_950);
    // One key in one document, twice: one transaction.
    let keyed = "createTransaction(input: { walletId: $w, amount: 100, type: TRANSFER, targetWalletId: $t, idempotencyKey: \"k\" }) { transactionId }";
    let answer = run(&format!("MUTATION {{ a: {keyed} b: {keyed} v: {same_bill} }}")).await;
    assert_eq!(answer.data()["a"], answer.data()["b"]);
    assert_eq!(payer.balance().await, 7_850);
    world.close().await;
}

#[tokio::test]
async fn i1_amounts_nobody_has_are_refused() {
    let world = World::start(RunMode::Up).await;
    let payer = world.person("naruto", 10_000).await;
    let second = open_wallet(&payer.api, "Ramen").await;
    let document = |amount: &str| {
        let target = format!("targetWalletId: \"{second}\"");
        format!(
            "mutation {{ createTransaction(input: {{ walletId: \"{}\", amount: {amount}, type: TRANSFER, {target} }}) {{ status failureCode }} }}",
            payer.wallet_id
        )
    };
    for amount in [
        "0",
        "-1",
        "-0",
        "-0.01",
        "0.001",
        "1.999",
        "1e400",
        "-1e400",
        "1e-400",
        "99999999999999999999999999",
        "1000000000000000.01",
        "9223372036854775807",
        "9223372036854775808",
        "92233720368547758.08",
        "\"\"",
        "\" \"",
        "\"1,000\"",
        "\"1 000\"",
        "\"0x10\"",
        "\"NaN\"",
        "\"Infinity\"",
        "\"1e3e3\"",
        "\"１０００\"",
        "\"1_000\"",
        "\"+-1\"",
        "true",
        "null",
        "[1]",
        "{ a: 1 }",
    ] {
        let answer = payer.api.send(&document(amount), json!({})).await;
        // The parser itself refuses literals that no double can hold.
        let refusals = ["BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED"];
        assert!(refusals.contains(&answer.code()), "{amount}: {:#}", answer.body);
        let as_variable = serde_json::from_str::<Value>(amount).unwrap_or_else(|_| json!(amount));
        let mut input = payer.transfer(&second, 0, None);
        input["amount"] = as_variable;
        let answer = payer.ask_transact(input).await;
        assert!(
            ["BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED"].contains(&answer.code()),
            "{amount}: {:#}",
            answer.body
        );
    }
    // The largest amount there is: nobody has it, and it is too much for the fraud check.
    let answer = payer.api.send(&document("9999999999999.99"), json!({})).await;
    assert_failed(&answer.data()["createTransaction"], "FRAUD_BLOCKED");
    // Deposits are bounded by what a wallet may hold.
    let deposit = json!({ "walletId": second, "amount": "9999999999999.99", "type": "DEPOSIT" });
    for _ in 0..3 {
        let made = payer.transact(deposit.clone()).await;
        assert!(
            made["status"] == "SUCCESS" || made["failureCode"] == "BALANCE_LIMIT_EXCEEDED",
            "{made:#}"
        );
    }
    let balance = payer
        .api
        .send(
            "query($id: String!) { wallet(walletId: $id) { balance } }",
            json!({ "id": second }),
        )
        .await;
    let digits = balance.data()["wallet"]["balance"].to_string().replace(['.', '-'], "");
    assert!(digits.len() <= 15, "a double carries it exactly: {digits}");
    assert_eq!(payer.balance().await, 10_000);
    world.close().await;
}

#[tokio::test]
async fn i7_texts_of_any_size_and_kind_break_nothing() {
    let world = World::start(RunMode::Up).await;
    let payer = world.person("naruto", 10_000).await;
    let second = open_wallet(&payer.api, "Ramen").await;
    let texts = [
        "x".repeat(10_000),
        "\u{0}".to_owned(),
        "'; DROP TABLE accounts; --".to_owned(),
        "\") { id } } mutation { deleteAllTransactions".to_owned(),
        "💸".repeat(3_000),
        "\u{202e}gpj.exe".to_owned(),
        "../../etc/passwd".to_owned(),
        String::new(),
    ];
    let documents = [
        "mutation($t: String!) { createWallet(walletName: $t) { walletId } }",
        "mutation($t: String!) { registerUser(username: $t, fullname: $t, email: $t, password: $t) }",
        "mutation($t: String!) { loginUser(email: $t, password: $t) { access_token } }",
        "mutation($t: String!) { refreshSession(refreshToken: $t) { access_token } }",
        "mutation($t: String!) { topupWallet(walletId: $t, amount: 1) { balance } }",
        "mutation($t: String!) { deleteWallet(walletId: $t) { success } }",
        "mutation($t: String!) { deleteHistory(historyId: $t) }",
        "mutation($t: String!) { deleteFraudLog(logId: $t) }",
        "mutation($t: String!) { generateInvoiceVA(amount: 1, description: $t) }",
        "query($t: String!) { wallet(walletId: $t) { balance } }",
        "query($t: String!) { transaction(transactionId: $t) { status } }",
        "query($t: String!) { myTransactions(after: $t) { status } }",
        "query($t: String!) { myHistory(after: $t, type: $t) { status } }",
        "query($t: String!) { myProfile(token: $t) { username } }",
    ];
    let expected = [
        "OK",
        "BAD_USER_INPUT",
        "NOT_FOUND",
        "UNAUTHENTICATED",
        "FORBIDDEN",
        "GRAPHQL_VALIDATION_FAILED",
    ];
    for text in &texts {
        let start: String = text.chars().take(20).collect();
        for document in documents {
            let answer = payer.api.send(document, json!({ "t": text })).await;
            assert!(
                expected.contains(&answer.code()),
                "{document} {start:?}: {:#}",
                answer.body
            );
        }
        for field in [
            "walletId",
            "targetWalletId",
            "description",
            "idempotencyKey",
            "vaNumber",
        ] {
            let mut input = payer.transfer(&second, 1, None);
            input[field] = json!(text);
            let answer = payer.ask_transact(input).await;
            assert!(
                expected.contains(&answer.code()),
                "{field} {start:?}: {:#}",
                answer.body
            );
        }
    }
    let still = payer.api.send("query { myWallets { walletName } }", json!({})).await;
    assert!(
        still.data()["myWallets"]
            .as_array()
            .is_some_and(|wallets| wallets.len() >= 2)
    );
    world.close().await;
}

#[tokio::test]
async fn i7_documents_that_cost_too_much_are_refused() {
    let world = World::start(RunMode::Up).await;
    let payer = world.person("naruto", 10_000).await;
    let many: String = (0..500)
        .map(|number| format!("a{number}: myWallets {{ walletId }} "))
        .collect();
    let many_mutations: String = (0..500)
        .map(|number| format!("a{number}: createWallet(walletName: \"x\") {{ walletId }} "))
        .collect();
    let introspections: String = (0..300)
        .map(|number| format!("a{number}: __schema {{ types {{ name }} }} "))
        .collect();
    let bomb: String = (0..30)
        .map(|number| {
            format!(
                "fragment F{number} on Query {{ ...F{next} ...F{next} }} ",
                next = number + 1
            )
        })
        .collect::<String>()
        + "fragment F30 on Query { myWallets { walletId } }";
    let deep = format!(
        "query {{ __schema {{ types {{ fields {{ type {{ {} name {} }} }} }} }} }}",
        "ofType { ".repeat(500),
        "} ".repeat(500)
    );
    for document in [
        format!("query {{ {many} }}"),
        format!("mutation {{ {many_mutations} }}"),
        format!("query {{ ...F0 }} {bomb}"),
        deep,
        format!("query {{ {introspections} }}"),
        format!("query {}", "{ myWallets ".repeat(5_000)),
        format!(
            "query({}) {{ myWallets {{ walletId }} }}",
            (0..5_000)
                .map(|number| format!("$v{number}: String "))
                .collect::<String>()
        ),
    ] {
        let answer = payer.api.send(&document, json!({})).await;
        // A body of this size is taken: it is the document that is too much.
        assert!(document.len() < 200_000, "{}", document.len());
        let shown: String = document.chars().take(60).collect();
        assert!(
            answer.code() != "OK" && answer.code() != "INTERNAL",
            "{shown}: {}",
            answer.code()
        );
        assert!(
            answer.status.is_success() || answer.status.is_client_error(),
            "{shown}: {}",
            answer.status
        );
    }
    let wallets = payer.api.send("query { myWallets { walletId } }", json!({})).await;
    assert_eq!(wallets.data()["myWallets"].as_array().map(Vec::len), Some(1));
    world.close().await;
}

#[tokio::test]
async fn i7_lists_are_paged_whatever_is_asked_for() {
    let world = World::start(RunMode::Up).await;
    let payer = world.person("naruto", 10_000).await;
    for number in 0..12 {
        let mut input = payer.transfer(&payer.wallet_id, 1, None);
        input["type"] = json!("DEPOSIT");
        input["targetWalletId"] = Value::Null;
        input["description"] = json!(format!("deposit {number}"));
        assert_success(&payer.transact(input).await);
    }
    world.settle().await;
    for (field, cursor) in [("myTransactions", "transactionId"), ("myHistory", "historyId")] {
        for first in [0, -1, 501, i32::MAX, i32::MIN] {
            let document = format!("query($first: Int) {{ {field}(first: $first) {{ {cursor} }} }}");
            let answer = payer.api.send(&document, json!({ "first": first })).await;
            assert_eq!(answer.code(), "BAD_USER_INPUT", "{field}(first: {first})");
        }
        // Page by page one sees everything once, newest first.
        let document = format!("query($after: String) {{ {field}(first: 5, after: $after) {{ {cursor} }} }}");
        let (mut seen, mut after) = (Vec::new(), Value::Null);
        loop {
            let page = payer.api.send(&document, json!({ "after": after })).await;
            let page = page.data()[field].as_array().expect("a list").clone();
            let Some(last) = page.last() else { break };
            after = last[cursor].clone();
            seen.extend(
                page.into_iter()
                    .map(|entry| entry[cursor].as_str().expect("an id").to_owned()),
            );
        }
        assert_eq!(seen.len(), 13, "{field}");
        assert!(seen.is_sorted_by(|one, next| one > next), "{field}: newest first");
    }
    world.close().await;
}

#[tokio::test]
async fn i7_slow_and_silent_connections_do_not_keep_others_out() {
    let world = World::start(RunMode::Up).await;
    let payer = world.person("naruto", 10_000).await;
    let address = payer
        .api
        .url()
        .trim_start_matches("http://")
        .trim_end_matches("/graphql")
        .to_owned();
    let mut silent = Vec::new();
    for number in 0..200 {
        let mut stream = TcpStream::connect(&address).await.expect("the gateway listens");
        if number % 2 == 0 {
            let head = format!(
                "POST /graphql HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{{"
            );
            stream.write_all(head.as_bytes()).await.expect("it takes the beginning");
        }
        silent.push(stream);
    }
    assert_success(
        &payer
            .transact(payer.payment(&payer.invoice(1_000).await, 1_000, None))
            .await,
    );
    drop(silent);
    eventually("the gateway goes on", async || {
        (payer.balance().await == 9_000).then_some(())
    })
    .await;
    world.close().await;
}
