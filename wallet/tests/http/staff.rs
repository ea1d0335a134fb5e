//! What staff see of the ledger, and what is noted of what they do to it.

use serde_json::{Value, json};
use service::token::Role;

use crate::world::*;

const ALL: &str = "query($userId: String, $status: WalletStatus, $query: String, $first: Int, $after: String) {
    wallets(userId: $userId, status: $status, query: $query, first: $first, after: $after) { walletId } }";
const POSTINGS: &str = "query($walletId: String!, $first: Int, $after: String) {
    walletPostings(walletId: $walletId, first: $first, after: $after)
    { transferId postingId kind amount balanceAfter counterparty createdAt } }";
const ACCOUNTS: &str = "query($first: Int, $after: String) {
    ledgerAccounts(first: $first, after: $after) { account kind currency balance postings } }";
const ACTIONS: &str = "query($object: String, $first: Int, $after: String) {
    walletActions(object: $object, first: $first, after: $after) { actionId actor action object reason detail } }";

/// The fields of a list's entries, one by one.
#[track_caller]
fn column(answer: &testkit::graphql::Answer, list: &str, field: &str) -> Vec<Value> {
    let entries = answer.data()[list].as_array().unwrap();
    entries.iter().map(|entry| entry[field].clone()).collect()
}

#[tokio::test]
async fn staff_look_at_everything_and_change_nothing() {
    let world = World::sandbox().await;
    let (ani, budi) = (world.person("usr_ani"), world.person("usr_budi"));
    let wallet_id = world.wallet_with(&ani, 100).await;
    let owner = |document: &str| if document == POSTINGS { "OK" } else { "FORBIDDEN" };
    let stranger = |document: &str| if document == POSTINGS { "NOT_FOUND" } else { "FORBIDDEN" };
    for document in [ALL, POSTINGS, ACCOUNTS, ACTIONS, BOOKS, ONE] {
        let variables = if document == POSTINGS || document == ONE {
            json!({ "walletId": wallet_id })
        } else {
            json!({})
        };
        for role in [Role::Admin, Role::FraudAnalyst, Role::Support] {
            let answer = world
                .ask(&world.with_role("usr_staff", role), document, variables.clone())
                .await;
            let fields = answer.data().as_object().unwrap();
            assert!(fields.values().all(|value| !value.is_null()), "{role}: {document}");
        }
        if document != ONE {
            assert_eq!(
                world.ask(&ani, document, variables.clone()).await.code(),
                owner(document),
                "{document}"
            );
            assert_eq!(
                world.ask(&budi, document, variables.clone()).await.code(),
                stranger(document)
            );
        }
        assert_eq!(
            world.api.public(None, document, variables).await.code(),
            "UNAUTHENTICATED"
        );
    }
    for role in [Role::FraudAnalyst, Role::Support] {
        let staff = world.with_role("usr_staff", role);
        let variables = json!({ "walletId": wallet_id, "amount": 1 });
        for (document, expect) in [
            (FREEZE, "FORBIDDEN"),
            (UNFREEZE, "FORBIDDEN"),
            (TOPUP, "NOT_FOUND"),
            (DEDUCT, "NOT_FOUND"),
            (DELETE, "NOT_FOUND"),
        ] {
            assert_eq!(
                world.ask(&staff, document, variables.clone()).await.code(),
                expect,
                "{role}: {document}"
            );
        }
    }
    assert_eq!(world.balances(&wallet_id).await, (json!(100), json!(100)));
    world.end().await;
}

#[tokio::test]
async fn wallets_are_found_by_owner_state_name_and_id_page_by_page() {
    let world = World::sandbox().await;
    let (ani, budi, admin) = (world.person("usr_ani"), world.person("usr_budi"), world.admin());
    let mut of_ani = Vec::new();
    for name in ["Tabungan", "Belanja", "100%_Jajan"] {
        let created = world.ask(&ani, CREATE, json!({ "walletName": name })).await;
        of_ani.push(text(&created.data()["createWallet"]["walletId"]));
    }
    let of_budi = world.wallet_with(&budi, 0).await;
    let merchants = world.merchant_wallet("mrc_01ARZ3NDEKTSV4RRFFQ69G5FAV").await;
    world.ask(&admin, FREEZE, json!({ "walletId": of_ani[1] })).await.data();
    world.ask(&ani, DELETE, json!({ "walletId": of_ani[0] })).await.data();
    let found = async |variables: Value| column(&world.ask(&admin, ALL, variables).await, "wallets", "walletId");

    let mut all = [of_ani.clone(), vec![of_budi.clone(), merchants.clone()]].concat();
    all.sort_unstable_by(|one, other| other.cmp(one));
    assert_eq!(found(json!({})).await, all);
    let mut walked = Vec::new();
    while let Some(page) =
        Some(found(json!({ "first": 2, "after": walked.last() })).await).filter(|page| !page.is_empty())
    {
        assert!(page.len() <= 2);
        walked.extend(page);
    }
    assert_eq!(walked, all);

    for (filter, expect) in [
        (json!({ "userId": "usr_ani" }), vec![&of_ani[2], &of_ani[1], &of_ani[0]]),
        (json!({ "userId": "mrc_01ARZ3NDEKTSV4RRFFQ69G5FAV" }), vec![&merchants]),
        (json!({ "userId": "usr_nobody" }), vec![]),
        (json!({ "status": "FROZEN" }), vec![&of_ani[1]]),
        (json!({ "status": "CLOSED" }), vec![&of_ani[0]]),
        (json!({ "status": "CLOSED", "userId": "usr_budi" }), vec![]),
        (json!({ "status": "ACTIVE", "userId": "usr_ani" }), vec![&of_ani[2]]),
        (json!({ "query": "belanj" }), vec![&of_ani[1]]),
        (json!({ "query": "0%_j" }), vec![&of_ani[2]]),
        (json!({ "query": "%" }), vec![&of_ani[2]]),
        (json!({ "query": of_budi }), vec![&of_budi]),
        (json!({ "query": of_budi, "userId": "usr_ani" }), vec![]),
        (json!({ "query": "' OR 1=1 --" }), vec![]),
    ] {
        assert_eq!(
            found(filter.clone()).await,
            json!(expect).as_array().unwrap().clone(),
            "{filter}"
        );
    }
    for bad in [
        json!({ "first": 0 }),
        json!({ "first": 501 }),
        json!({ "after": "x" }),
        json!({ "query": "x".repeat(61) }),
        json!({ "userId": "x".repeat(101) }),
    ] {
        assert_eq!(
            world.ask(&admin, ALL, bad.clone()).await.code(),
            "BAD_USER_INPUT",
            "{bad}"
        );
    }
    world.end().await;
}

#[tokio::test]
async fn postings_say_what_moved_and_what_was_left() {
    let world = World::sandbox().await;
    let (ani, budi) = (world.person("usr_ani"), world.person("usr_budi"));
    let (from, to) = (world.wallet_with(&ani, 0).await, world.wallet_with(&budi, 0).await);
    let deposit = transfer(
        &transfer_id(1),
        None,
        &[("bank_clearing:IDR", -50_000), (&from, 50_000)],
    );
    let payment = [(from.as_str(), -10_000), (to.as_str(), 9_900), ("fees:IDR", 100)];
    let payment = transfer(&transfer_id(2), Some("usr_ani"), &payment);
    let split = [
        (from.as_str(), -3_000),
        (to.as_str(), 1_000),
        ("bank_clearing:IDR", 2_000),
    ];
    let split = transfer(&transfer_id(3), Some("usr_ani"), &split);
    assert_eq!(world.post(&[deposit, payment, split]).await, ["POSTED"; 3]);

    let lines = world.ask(&ani, POSTINGS, json!({ "walletId": from })).await;
    assert_eq!(
        column(&lines, "walletPostings", "amount"),
        [json!(-30), json!(-100), json!(500)]
    );
    assert_eq!(
        column(&lines, "walletPostings", "balanceAfter"),
        [json!(370), json!(400), json!(500)]
    );
    assert_eq!(
        column(&lines, "walletPostings", "counterparty"),
        [json!(null), json!(to), json!("bank_clearing:IDR")],
        "one party on the other side, fees aside, or none that could be named"
    );
    let received = world.ask(&budi, POSTINGS, json!({ "walletId": to })).await;
    assert_eq!(
        column(&received, "walletPostings", "counterparty"),
        [json!(from), json!(from)]
    );

    let first = world.ask(&ani, POSTINGS, json!({ "walletId": from, "first": 2 })).await;
    let last_id = column(&first, "walletPostings", "postingId")[1].clone();
    let rest = world
        .ask(
            &ani,
            POSTINGS,
            json!({ "walletId": from, "first": 2, "after": last_id }),
        )
        .await;
    assert_eq!(column(&rest, "walletPostings", "transferId"), [json!(transfer_id(1))]);
    for after in ["x", "xfr_1:0", from.as_str()] {
        let bad = world
            .ask(&ani, POSTINGS, json!({ "walletId": from, "after": after }))
            .await;
        assert_eq!(bad.code(), "BAD_USER_INPUT", "{after}");
    }
    for id in ["nonsense", &transfer_id(9).replace("xfr", "wal")] {
        assert_eq!(
            world.ask(&ani, POSTINGS, json!({ "walletId": id })).await.code(),
            "NOT_FOUND"
        );
    }

    let accounts = world.ask(&world.admin(), ACCOUNTS, json!({})).await;
    let mut expect = vec![
        json!({ "account": "bank_clearing:IDR", "kind": "BANK_CLEARING", "currency": "IDR", "balance": -480, "postings": 2 }),
        json!({ "account": "fees:IDR", "kind": "FEES", "currency": "IDR", "balance": 1, "postings": 1 }),
        json!({ "account": from, "kind": "USER", "currency": "IDR", "balance": 370, "postings": 3 }),
        json!({ "account": to, "kind": "USER", "currency": "IDR", "balance": 109, "postings": 2 }),
    ];
    expect.sort_by_key(|line| text(&line["account"]));
    assert_eq!(accounts.data()["ledgerAccounts"], json!(expect));
    let after = world
        .ask(
            &world.admin(),
            ACCOUNTS,
            json!({ "first": 1, "after": "bank_clearing:IDR" }),
        )
        .await;
    assert_eq!(column(&after, "ledgerAccounts", "account"), ["fees:IDR"]);
    world.end().await;
}

#[tokio::test]
async fn what_an_admin_does_to_a_wallet_is_noted_once_with_the_reason() {
    let world = World::sandbox().await;
    let (ani, admin) = (world.person("usr_ani"), world.admin());
    let wallet_id = world.wallet_with(&ani, 0).await;
    let with_reason = "mutation($walletId: String!, $reason: String) { freezeWallet(walletId: $walletId, reason: $reason) { status } }";
    for reason in ["asked for by the police", "once more"] {
        let variables = json!({ "walletId": wallet_id, "reason": reason });
        assert_eq!(
            world.ask(&admin, with_reason, variables).await.data()["freezeWallet"]["status"],
            "FROZEN"
        );
    }
    let long = json!({ "walletId": wallet_id, "reason": "x".repeat(501) });
    assert_eq!(world.ask(&admin, with_reason, long).await.code(), "BAD_USER_INPUT");
    world
        .ask(&admin, UNFREEZE, json!({ "walletId": wallet_id }))
        .await
        .data();
    let topup = "mutation($walletId: String!) {
        topupWallet(walletId: $walletId, amount: 7, idempotencyKey: \"once\", reason: \"found money\") { balance } }";
    for _ in 0..2 {
        world.ask(&admin, topup, json!({ "walletId": wallet_id })).await.data();
    }
    // What its owner does, and what did not happen, is no deed of staff.
    world
        .ask(&ani, DEDUCT, json!({ "walletId": wallet_id, "amount": 1 }))
        .await
        .data();
    assert_eq!(
        world
            .ask(&admin, DEDUCT, json!({ "walletId": wallet_id, "amount": 100 }))
            .await
            .code(),
        "CONFLICT"
    );

    let noted = world.ask(&admin, ACTIONS, json!({ "object": wallet_id })).await;
    assert_eq!(
        column(&noted, "walletActions", "action"),
        ["topupWallet", "unfreezeWallet", "freezeWallet"]
    );
    assert_eq!(
        column(&noted, "walletActions", "reason"),
        [json!("found money"), json!(null), json!("asked for by the police")]
    );
    assert_eq!(column(&noted, "walletActions", "actor"), ["usr_admin"; 3]);
    let detail = text(&column(&noted, "walletActions", "detail")[0]);
    assert!(detail.starts_with("7 by xfr_"), "{detail}");
    let next = world
        .ask(
            &admin,
            ACTIONS,
            json!({ "first": 1, "after": column(&noted, "walletActions", "actionId")[0] }),
        )
        .await;
    assert_eq!(column(&next, "walletActions", "action"), ["unfreezeWallet"]);
    assert_eq!(
        column(
            &world.ask(&admin, ACTIONS, json!({ "object": "wal_other" })).await,
            "walletActions",
            "action"
        ),
        [""; 0]
    );
    world.end().await;
}

#[tokio::test]
async fn one_count_of_the_books_serves_all_who_ask_until_it_is_old() {
    const COUNTED: &str =
        "query($age: Int) { trialBalance(maxAgeSeconds: $age) { balanced countedAt currencies { accounts } } }";
    let world = World::sandbox().await;
    let ani = world.person("usr_ani");
    world.wallet_with(&ani, 100).await;
    let admin = world.admin();
    let count =
        async |age: Value| world.ask(&admin, COUNTED, json!({ "age": age })).await.data()["trialBalance"].clone();
    let first = count(Value::Null).await;
    assert_eq!(first["balanced"], true);
    world.wallet_with(&world.person("usr_budi"), 100).await;
    world.clock.advance(std::time::Duration::from_secs(1));
    for _ in 0..20 {
        assert_eq!(count(Value::Null).await, first);
    }
    // Whoever wants to know what is true now is told that.
    let fresh = count(json!(0)).await;
    assert_ne!(fresh["countedAt"], first["countedAt"]);
    assert_ne!(fresh["currencies"], first["currencies"]);
    assert_eq!(count(json!(3600)).await, fresh);
    let negative = world.ask(&admin, COUNTED, json!({ "age": -1 })).await;
    assert_eq!(negative.code(), "BAD_USER_INPUT");
    world.end().await;
}
