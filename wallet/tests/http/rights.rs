//! Who may do what: every operation, every kind of caller, in the sandbox and with real money (I5).

use serde_json::{Value, json};

use crate::world::*;

const CALLERS: [&str; 5] = ["anonymous", "owner", "somebody else", "admin", "service"];

const API_KEY: &str = "sk_sandbox_0123456789abcdefghijklmnopqrstuvwxyz";

struct Callers {
    tokens: [Option<String>; 5],
}

impl Callers {
    fn of(world: &World) -> Self {
        Self {
            tokens: [
                None,
                Some(world.person("usr_ani").token),
                Some(world.person("usr_budi").token),
                Some(world.admin().token),
                Some(world.service().token),
            ],
        }
    }
}

/// Asks as everybody about a wallet of Ani's with 100 in it; after whoever may change it about a fresh one.
async fn check(world: &World, document: &str, more: Value, expect: [&str; 5]) {
    let of_five = CALLERS.into_iter().zip(Callers::of(world).tokens).zip(expect);
    let mut callers: Vec<_> = of_five
        .map(|((caller, token), expect)| (caller, token, expect))
        .collect();
    // An owner who runs a merchant is an owner; the key of a merchant is nobody's here.
    callers.push(("owner and merchant", Some(world.merchant("usr_ani").token), expect[1]));
    callers.push(("API key", Some(API_KEY.to_owned()), "FORBIDDEN"));
    let mut untouched = None;
    for (caller, token, expect) in callers {
        let wallet_id: String = match untouched.take() {
            Some(wallet_id) => wallet_id,
            None => world.wallet_with(&world.person("usr_ani"), 100).await,
        };
        let mut variables = more.clone();
        variables["walletId"] = json!(wallet_id);
        let answer = world.api.public(token.as_deref(), document, variables).await;
        assert_eq!(answer.code(), expect, "{caller}: {document}\n{:#}", answer.body);
        if expect != "OK" {
            assert_eq!(world.balances(&wallet_id).await.0, json!(100), "{caller}: {document}");
            untouched = Some(wallet_id);
        }
    }
}

async fn check_public(world: &World, topup_by_owner: &str) {
    use self::{CREATE, DEDUCT, DELETE, FREEZE, MINE, RECEIVING, TOPUP, UNFREEZE};
    let amount = || json!({ "amount": 1 });
    let nothing = || json!({});
    check(
        world,
        TOPUP,
        amount(),
        ["UNAUTHENTICATED", topup_by_owner, "NOT_FOUND", "OK", "OK"],
    )
    .await;
    check(
        world,
        DEDUCT,
        amount(),
        ["UNAUTHENTICATED", topup_by_owner, "NOT_FOUND", "OK", "OK"],
    )
    .await;
    check(
        world,
        DELETE,
        nothing(),
        ["UNAUTHENTICATED", "OK", "NOT_FOUND", "NOT_FOUND", "FORBIDDEN"],
    )
    .await;
    check(
        world,
        FREEZE,
        nothing(),
        ["UNAUTHENTICATED", "FORBIDDEN", "FORBIDDEN", "OK", "FORBIDDEN"],
    )
    .await;
    check(
        world,
        UNFREEZE,
        nothing(),
        ["UNAUTHENTICATED", "FORBIDDEN", "FORBIDDEN", "OK", "FORBIDDEN"],
    )
    .await;
    let name = json!({ "walletName": "Baru" });
    check(world, CREATE, name, ["UNAUTHENTICATED", "OK", "OK", "OK", "FORBIDDEN"]).await;
    check(
        world,
        MINE,
        nothing(),
        ["UNAUTHENTICATED", "OK", "OK", "OK", "FORBIDDEN"],
    )
    .await;
    check(
        world,
        ONE,
        nothing(),
        ["UNAUTHENTICATED", "OK", "OK", "OK", "FORBIDDEN"],
    )
    .await;
    let person = ["UNAUTHENTICATED", "OK", "OK", "OK", "FORBIDDEN"];
    check(world, RECEIVING, json!({ "userId": "usr_ani" }), person).await;
    check(
        world,
        BOOKS,
        nothing(),
        ["UNAUTHENTICATED", "FORBIDDEN", "FORBIDDEN", "OK", "OK"],
    )
    .await;
}

#[tokio::test]
async fn in_the_sandbox_owners_move_money_by_hand_too() {
    let world = World::sandbox().await;
    check_public(&world, "OK").await;
    world.end().await;
}

#[tokio::test]
async fn with_real_money_they_do_not() {
    let world = World::live().await;
    check_public(&world, "FORBIDDEN").await;
    world.end().await;
}

#[tokio::test]
async fn somebody_elses_wallet_is_as_good_as_none() {
    let world = World::sandbox().await;
    let (ani, budi) = (world.person("usr_ani"), world.person("usr_budi"));
    let wallet_id = world.wallet_with(&ani, 100).await;
    let none = transfer_id(1).replace("xfr", "wal");
    let mut answers = Vec::new();
    for id in [&wallet_id, &none, "nonsense"] {
        let looked = world.ask(&budi, ONE, json!({ "walletId": id })).await;
        let moved = world.ask(&budi, DEDUCT, json!({ "walletId": id, "amount": 5 })).await;
        let closed = world.ask(&budi, DELETE, json!({ "walletId": id })).await;
        answers.push([looked, moved, closed].map(|answer| {
            let mut body = answer.body;
            if let Some(error) = body.pointer_mut("/errors/0") {
                error["locations"] = json!(null);
            }
            body
        }));
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
    assert_eq!(world.ask(&budi, MINE, json!({})).await.data()["myWallets"], json!([]));
    world.end().await;
}

#[tokio::test]
async fn what_is_internal_is_for_services_alone() {
    let world = World::sandbox().await;
    let ani = world.wallet_with(&world.person("usr_ani"), 100).await;
    let budi = world.wallet_with(&world.person("usr_budi"), 0).await;
    let callers = Callers::of(&world);
    let hold = json!([{
        "holdId": hold_id(1), "walletId": ani, "onBehalfOf": "usr_ani", "amountMinor": 500,
        "expiresAt": 2_000_000_000_000_000_i64,
    }]);
    let operations = [
        (WALLETS, json!({ "ids": [ani] })),
        (
            POST,
            json!({ "inputs": [transfer(&transfer_id(1), Some("usr_ani"), &[(&ani, -100), (&budi, 100)])] }),
        ),
        (FENCE, json!({ "ids": [transfer_id(2)] })),
        (AUTHORIZE, json!({ "inputs": hold })),
        (FENCE_HOLDS, json!({ "ids": [hold_id(2)] })),
        (VOID, json!({ "ids": [hold_id(1)] })),
        (
            OPEN_MERCHANTS,
            json!({ "inputs": [{ "merchantId": "mrc_01ARZ3NDEKTSV4RRFFQ69G5FAV", "name": "Toko" }] }),
        ),
    ];
    let expect = ["UNAUTHENTICATED", "FORBIDDEN", "FORBIDDEN", "FORBIDDEN", "OK"];
    for (document, variables) in operations {
        for ((caller, token), expect) in CALLERS.iter().zip(&callers.tokens).zip(expect) {
            let answer = world.api.internal(token.as_deref(), document, variables.clone()).await;
            assert_eq!(answer.code(), expect, "{caller}: {document}\n{:#}", answer.body);
            if expect != "OK" && document == POST {
                assert_eq!(world.balances(&ani).await.0, json!(100), "{caller}");
            }
        }
        for token in [world.merchant("usr_ani").token, API_KEY.to_owned()] {
            let answer = world.api.internal(Some(&token), document, variables.clone()).await;
            assert_eq!(answer.code(), "FORBIDDEN", "{document}");
        }
        // Nor does any of it answer at the public address.
        let public = world.ask(&world.service(), document, variables).await;
        assert_eq!(public.code(), "GRAPHQL_VALIDATION_FAILED", "{document}");
    }
    assert_eq!(world.balances(&ani).await, (json!(99), json!(99)));
    world.end().await;
}

#[tokio::test]
async fn a_token_that_is_not_good_opens_nothing() {
    let world = World::sandbox().await;
    let wallet_id = world.wallet_with(&world.person("usr_ani"), 100).await;
    let elsewhere = tempfile::tempdir().unwrap();
    let forged = testkit::tokens::Signer::stranger(elsewhere.path()).user("usr_ani", service::token::Role::Admin);
    for token in [forged.as_str(), "", "x", "a.b.c"] {
        let deduct = world
            .api
            .public(Some(token), DEDUCT, json!({ "walletId": wallet_id, "amount": 1 }))
            .await;
        assert_eq!(deduct.code(), "UNAUTHENTICATED", "{token:?}");
        let post = world
            .api
            .internal(Some(token), FENCE, json!({ "ids": [transfer_id(1)] }))
            .await;
        assert_eq!(post.code(), "UNAUTHENTICATED", "{token:?}");
    }
    assert_eq!(world.balances(&wallet_id).await.0, json!(100));
    world.end().await;
}
