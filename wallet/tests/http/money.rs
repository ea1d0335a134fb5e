//! Amounts as clients write them, and as they get them back.

use serde_json::{Value, json};

use crate::world::*;

/// Tops up an empty wallet with this amount (as JSON text) and tells the balance, or the error's code.
async fn topped_up(world: &World, amount: &str) -> Result<String, String> {
    let ani = world.person("usr_ani");
    let wallet_id = world.wallet_with(&ani, 0).await;
    let amount: Value = serde_json::from_str(amount).unwrap();
    let answer = world
        .ask(&ani, TOPUP, json!({ "walletId": wallet_id, "amount": amount }))
        .await;
    let balance = world.balances(&wallet_id).await.0;
    // Keeps the user below the limit of wallets.
    world
        .ask(&ani, DEDUCT, json!({ "walletId": wallet_id, "amount": balance }))
        .await;
    world.ask(&ani, DELETE, json!({ "walletId": wallet_id })).await.data();
    if answer.code() == "OK" {
        assert_eq!(answer.data()["topupWallet"]["balance"], balance);
        return Ok(balance.to_string());
    }
    assert_eq!(balance, json!(0), "{}", answer.body);
    Err(answer.code().to_owned())
}

#[tokio::test]
async fn amounts_are_numbers_or_strings_with_at_most_two_decimals() {
    let world = World::sandbox().await;
    for (input, balance) in [
        ("20000", "20000"),
        ("20000.5", "20000.5"),
        ("20000.50", "20000.5"),
        ("0.01", "0.01"),
        ("1.10", "1.1"),
        ("5e5", "500000"),
        ("1.5e1", "15"),
        ("\"20000\"", "20000"),
        ("\"20000.50\"", "20000.5"),
        ("\"0.01\"", "0.01"),
        ("\"007\"", "7"),
        ("\"1e3\"", "1000"),
        ("\"1.000\"", "1"),
        ("9999999999999.99", "9999999999999.99"),
        ("\"9999999999999.99\"", "9999999999999.99"),
        ("9007199254740.93", "9007199254740.93"),
    ] {
        assert_eq!(topped_up(&world, input).await.as_deref(), Ok(balance), "{input}");
    }
    world.end().await;
}

#[tokio::test]
async fn anything_else_is_refused_and_moves_nothing() {
    let world = World::sandbox().await;
    let too_long = format!("\"1{}\"", "0".repeat(100_000));
    for input in [
        "0",
        "0.0",
        "-0",
        "-1",
        "-0.01",
        "\"-1\"",
        "\"0\"",
        "0.001",
        "0.015",
        "\"0.001\"",
        "1e-3",
        "10000000000000",
        "1234567890123456",
        "123456789012345.67",
        "\"1234567890123456\"",
        "18446744073709551616",
        "1e15",
        "1e300",
        "-1e300",
        "\"1e999999999\"",
        "\"NaN\"",
        "\"Infinity\"",
        "\"\"",
        "\" 5\"",
        "\"5 \"",
        "\"+5\"",
        "\"1,5\"",
        "\"1_000\"",
        "\"Rp5\"",
        "\"0x10\"",
        "\"１２\"",
        "\".5\"",
        "\"5.\"",
        &too_long,
    ] {
        let shown = &input[..input.len().min(40)];
        assert_eq!(
            topped_up(&world, input).await,
            Err("BAD_USER_INPUT".to_owned()),
            "{shown}"
        );
    }
    // What is no scalar at all does not get past the document's own check.
    for input in ["true", "null", "[]", "[5]", "{}"] {
        assert_eq!(
            topped_up(&world, input).await,
            Err("GRAPHQL_VALIDATION_FAILED".to_owned()),
            "{input}"
        );
    }
    world.end().await;
}

#[tokio::test]
async fn amounts_may_stand_in_the_document_itself() {
    let world = World::sandbox().await;
    let ani = world.person("usr_ani");
    let wallet_id = world.wallet_with(&ani, 0).await;
    for (literal, balance) in [("500000", "500000"), ("0.25", "500000.25"), ("\"0.75\"", "500001")] {
        let document =
            format!("mutation {{ topupWallet(walletId: \"{wallet_id}\", amount: {literal}) {{ balance }} }}");
        let answer = world.ask(&ani, &document, json!({})).await;
        assert_eq!(answer.data()["topupWallet"]["balance"].to_string(), balance);
    }
    for literal in ["0.001", "-5", "1e300", "\"NaN\"", "12345678901234567890"] {
        let document =
            format!("mutation {{ topupWallet(walletId: \"{wallet_id}\", amount: {literal}) {{ balance }} }}");
        let answer = world.ask(&ani, &document, json!({})).await;
        assert_eq!(answer.code(), "BAD_USER_INPUT", "{literal}: {}", answer.body);
    }
    assert_eq!(world.balances(&wallet_id).await.0, json!(500_001));
    world.end().await;
}

#[tokio::test]
async fn a_wallet_that_would_hold_too_much_refuses() {
    let world = World::sandbox().await;
    let ani = world.person("usr_ani");
    let wallet_id = world.wallet_with(&ani, 0).await;
    let most = json!({ "walletId": wallet_id, "amount": "9999999999999.99" });
    world.ask(&ani, TOPUP, most).await.data();
    let answer = world
        .ask(&ani, TOPUP, json!({ "walletId": wallet_id, "amount": 0.01 }))
        .await;
    assert_eq!(answer.code(), "CONFLICT");
    assert_eq!(
        answer.body["errors"][0]["extensions"]["failureCode"],
        json!("BALANCE_LIMIT_EXCEEDED")
    );
    assert_eq!(world.balances(&wallet_id).await.0.to_string(), "9999999999999.99");
    world.end().await;
}

#[tokio::test]
async fn what_is_not_there_cannot_be_taken_and_trying_leaves_no_trace() {
    let world = World::sandbox().await;
    let ani = world.person("usr_ani");
    let wallet_id = world.wallet_with(&ani, 100).await;
    world.told(1).await;
    let books = world.ask(&world.admin(), BOOKS, json!({})).await;
    for amount in [json!(100.01), json!("100.01"), json!(9_999_999_999_999_i64)] {
        let variables = json!({ "walletId": wallet_id, "amount": amount, "key": "kunci" });
        let answer = world.ask(&ani, DEDUCT, variables).await;
        assert_eq!(answer.code(), "CONFLICT");
        assert_eq!(
            answer.body["errors"][0]["extensions"]["failureCode"],
            json!("INSUFFICIENT_FUNDS")
        );
    }
    assert_eq!(world.balances(&wallet_id).await, (json!(100), json!(100)));
    assert_eq!(world.ask(&world.admin(), BOOKS, json!({})).await.body, books.body);
    // The key is free: nothing happened under it.
    world
        .ask(
            &ani,
            DEDUCT,
            json!({ "walletId": wallet_id, "amount": 100, "key": "kunci" }),
        )
        .await
        .data();
    assert_eq!(world.balances(&wallet_id).await.0, json!(0));
    let kinds: Vec<Value> = world.told(2).await.iter().map(|entry| entry["kind"].clone()).collect();
    assert_eq!(kinds, ["TOPUP", "DEDUCT"]);
    world.end().await;
}
