//! Statements: a month of a wallet, from what it had to what it has.

use serde_json::{Value, json};
use service::Timestamp;
use service::token::Role;

use crate::world::*;

const STATEMENT: &str = "query($walletId: String!, $month: String!, $offset: Int, $first: Int, $after: String) {
    walletStatement(walletId: $walletId, month: $month, utcOffsetMinutes: $offset, first: $first, after: $after) {
        walletId walletName currency month from to isComplete openingBalance closingBalance cameIn wentOut lineCount
        lines { postingId transferId kind amount balanceAfter counterparty counterpartyName createdAt } } }";
const POSTINGS: &str = "query($walletId: String!, $first: Int, $after: String) {
    walletPostings(walletId: $walletId, first: $first, after: $after) { postingId amount balanceAfter createdAt } }";
const BANK: &str = "bank_clearing:IDR";

fn instant(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

/// A wallet that was opened in the middle of October.
async fn october() -> (World, Person, String) {
    let world = World::sandbox().await;
    world.clock.set(instant("2026-10-15T05:00:00Z"));
    let ani = world.person("usr_ani");
    let wallet_id = world.wallet_with(&ani, 0).await;
    (world, ani, wallet_id)
}

/// Puts so many minor units into (or out of) a wallet at this time, under the id with this number.
async fn moved(world: &World, number: u32, at: &str, wallet_id: &str, minor: i64) {
    world.clock.set(instant(at));
    let lines = [(BANK, -minor), (wallet_id, minor)];
    let input = transfer(&transfer_id(number), None, &lines);
    assert_eq!(world.post(&[input]).await, ["POSTED"]);
}

async fn statement(world: &World, person: &Person, variables: Value) -> Value {
    world.ask(person, STATEMENT, variables).await.data()["walletStatement"].clone()
}

/// One field of each line.
#[track_caller]
fn column(lines: &Value, field: &str) -> Vec<Value> {
    let lines = lines.as_array().unwrap();
    lines.iter().map(|line| line[field].clone()).collect()
}

/// Opening, in, out, closing, count.
fn sums(statement: &Value) -> Value {
    json!([
        statement["openingBalance"],
        statement["cameIn"],
        statement["wentOut"],
        statement["closingBalance"],
        statement["lineCount"],
    ])
}

#[tokio::test]
async fn a_month_is_that_of_jakarta_to_the_microsecond() {
    let (world, ani, wallet_id) = october().await;
    for (number, at, minor) in [
        (9, "2026-10-31T16:59:59.999999Z", 100_000),
        (8, "2026-10-31T17:00:00.000000Z", 20_000),
        (7, "2026-11-20T08:00:00.000000Z", -50_050),
        (6, "2026-11-30T16:59:59.999999Z", 3_000),
        (5, "2026-11-30T17:00:00.000000Z", 400),
    ] {
        moved(&world, number, at, &wallet_id, minor).await;
    }
    let of = async |month: &str, offset: Option<i32>| {
        let variables = json!({ "walletId": wallet_id, "month": month, "offset": offset });
        statement(&world, &ani, variables).await
    };
    let october = of("2026-10", None).await;
    assert_eq!(sums(&october), json!([0, 1_000, 0, 1_000, 1]));
    let november = of("2026-11", None).await;
    assert_eq!(sums(&november), json!([1_000, 230, 500.5, 729.5, 3]));
    assert_eq!(
        column(&november["lines"], "amount"),
        [json!(200), json!(-500.5), json!(30)]
    );
    assert_eq!(
        column(&november["lines"], "balanceAfter"),
        [json!(1_200), json!(699.5), json!(729.5)]
    );
    assert_eq!(column(&november["lines"], "counterparty"), [BANK; 3]);
    assert_eq!(
        column(&november["lines"], "createdAt")[0],
        json!("2026-10-31T17:00:00.000000Z")
    );
    let facts = ["walletId", "walletName", "currency", "month", "from", "to"].map(|name| november[name].clone());
    assert_eq!(
        json!(facts),
        json!([
            wallet_id,
            "Dompet",
            "IDR",
            "2026-11",
            "2026-10-31T17:00:00.000000Z",
            "2026-11-30T17:00:00.000000Z"
        ])
    );
    let december = of("2026-12", None).await;
    assert_eq!(sums(&december), json!([729.5, 4, 0, 733.5, 1]));
    // In Greenwich the first of each two is still the month before.
    assert_eq!(sums(&of("2026-11", Some(0)).await), json!([1_200, 34, 500.5, 733.5, 3]));
    assert_eq!(sums(&of("2026-11", Some(420)).await), sums(&november));
    world.end().await;
}

#[tokio::test]
async fn a_capture_stands_where_it_was_posted_and_not_where_it_was_asked_for() {
    let (world, ani, wallet_id) = october().await;
    let shop = world.merchant_wallet("mrc_01ARZ3NDEKTSV4RRFFQ69G5FAV").await;
    moved(&world, 1, "2026-11-01T00:00:00Z", &wallet_id, 100_000).await;
    let held = hold(1, &wallet_id, "usr_ani", 30_000, world.in_seconds(86_400));
    world.tell(AUTHORIZE, json!({ "inputs": [held] })).await.data();
    moved(&world, 7, "2026-11-01T01:00:00Z", &wallet_id, 5_000).await;
    moved(&world, 8, "2026-11-01T02:00:00Z", &wallet_id, -1_000).await;
    // Asked for before the two above, as its id says, and collected after them.
    let mut capture = transfer(
        &transfer_id(2),
        Some("usr_ani"),
        &[(&wallet_id, -30_000), (&shop, 29_000), ("fees:IDR", 1_000)],
    );
    capture["holdId"] = json!(hold_id(1));
    world.clock.set(instant("2026-11-01T03:00:00Z"));
    assert_eq!(world.post(&[capture]).await, ["POSTED"]);

    let found = statement(&world, &ani, json!({ "walletId": wallet_id, "month": "2026-11" })).await;
    assert_eq!(
        column(&found["lines"], "transferId"),
        [1, 7, 8, 2].map(|number| json!(transfer_id(number)))
    );
    let balances = [json!(1_000), json!(1_050), json!(1_040), json!(740)];
    assert_eq!(column(&found["lines"], "balanceAfter"), balances);
    assert_eq!(column(&found["lines"], "counterparty")[3], json!(shop));
    assert_eq!(
        column(&found["lines"], "counterpartyName"),
        [json!(null), json!(null), json!(null), json!("Toko")]
    );
    // A merchant's name is everybody's to know; what people call their wallets is not.
    let merchants = statement(&world, &world.admin(), json!({ "walletId": shop, "month": "2026-11" })).await;
    assert_eq!(column(&merchants["lines"], "counterparty"), [json!(wallet_id)]);
    assert_eq!(column(&merchants["lines"], "counterpartyName"), [json!(null)]);
    assert_eq!(sums(&found), json!([0, 1_050, 310, 740, 4]));
    // The list for people who look at it is the same, turned round.
    let listed = world.ask(&ani, POSTINGS, json!({ "walletId": wallet_id })).await;
    let mut turned = column(&listed.data()["walletPostings"], "balanceAfter");
    turned.reverse();
    assert_eq!(turned, balances);
    let variables = json!({ "walletId": wallet_id, "first": 2, "after": column(&found["lines"], "postingId")[3] });
    let listed = world.ask(&ani, POSTINGS, variables).await;
    assert_eq!(
        column(&listed.data()["walletPostings"], "amount"),
        [json!(-10), json!(50)]
    );
    world.end().await;
}

#[tokio::test]
async fn a_clock_that_is_set_back_leaves_balances_in_a_row() {
    let (world, ani, wallet_id) = october().await;
    moved(&world, 1, "2026-11-30T16:00:00Z", &wallet_id, 1_000).await;
    moved(&world, 2, "2026-11-30T17:00:05Z", &wallet_id, 200).await;
    // Back into November: what is posted now follows the last posting, and so belongs to December.
    moved(&world, 3, "2026-11-30T16:59:00Z", &wallet_id, -30).await;
    moved(&world, 4, "2026-11-30T17:00:06Z", &wallet_id, 4).await;
    let of = async |month: &str| statement(&world, &ani, json!({ "walletId": wallet_id, "month": month })).await;
    assert_eq!(sums(&of("2026-11").await), json!([0, 10, 0, 10, 1]));
    let december = of("2026-12").await;
    assert_eq!(sums(&december), json!([10, 2.04, 0.3, 11.74, 3]));
    let late = "2026-11-30T17:00:05.000000Z";
    assert_eq!(
        column(&december["lines"], "createdAt"),
        [late, late, "2026-11-30T17:00:06.000000Z"]
    );
    assert_eq!(
        column(&december["lines"], "balanceAfter"),
        [json!(12), json!(11.7), json!(11.74)]
    );

    // Nothing happens before the wallet is opened, even if the clock says so.
    world.clock.set(instant("2026-12-10T00:00:00Z"));
    let other = world.wallet_with(&ani, 0).await;
    moved(&world, 5, "2026-09-01T00:00:00Z", &other, 500).await;
    world.clock.set(instant("2026-12-10T00:00:01Z"));
    let found = statement(&world, &ani, json!({ "walletId": other, "month": "2026-12" })).await;
    assert_eq!(column(&found["lines"], "createdAt"), ["2026-12-10T00:00:00.000000Z"]);
    world.end().await;
}

#[tokio::test]
async fn a_statement_is_for_the_owner_and_staff() {
    let (world, ani, wallet_id) = october().await;
    let shop = world.merchant_wallet("mrc_01ARZ3NDEKTSV4RRFFQ69G5FAV").await;
    let code = async |person: &Person, wallet_id: &str| {
        let variables = json!({ "walletId": wallet_id, "month": "2026-10" });
        world.ask(person, STATEMENT, variables).await.code().to_owned()
    };
    assert_eq!(code(&ani, &wallet_id).await, "OK");
    for role in [Role::Admin, Role::FraudAnalyst, Role::Support] {
        let staff = world.with_role("usr_staff", role);
        assert_eq!(
            (code(&staff, &wallet_id).await, code(&staff, &shop).await),
            ("OK".into(), "OK".into())
        );
    }
    for person in [
        world.person("usr_budi"),
        world.merchant("usr_budi"),
        world.merchant("mrc_01ARZ3NDEKTSV4RRFFQ69G5FAV"),
    ] {
        for id in [&wallet_id, &shop, "nonsense", &transfer_id(9).replace("xfr", "wal")] {
            assert_eq!(code(&person, id).await, "NOT_FOUND", "{id}");
        }
    }
    let variables = json!({ "walletId": wallet_id, "month": "2026-10" });
    assert_eq!(
        world.api.public(None, STATEMENT, variables.clone()).await.code(),
        "UNAUTHENTICATED"
    );
    assert_eq!(
        world.ask(&world.service(), STATEMENT, variables).await.code(),
        "FORBIDDEN"
    );
    // What is closed stays readable.
    world.ask(&ani, DELETE, json!({ "walletId": wallet_id })).await.data();
    assert_eq!(code(&ani, &wallet_id).await, "OK");
    world.end().await;
}

#[tokio::test]
async fn pages_put_together_are_the_statement() {
    let (world, ani, wallet_id) = october().await;
    moved(&world, 90, "2026-10-20T00:00:00Z", &wallet_id, 1_000).await;
    for number in 0..7 {
        // All at one instant, and the later ones with the smaller ids.
        moved(
            &world,
            50 - number,
            "2026-11-02T00:00:00Z",
            &wallet_id,
            100 + i64::from(number),
        )
        .await;
    }
    let page = async |after: Value| {
        let variables = json!({ "walletId": wallet_id, "month": "2026-11", "first": 3, "after": after });
        statement(&world, &ani, variables).await
    };
    let whole = statement(&world, &ani, json!({ "walletId": wallet_id, "month": "2026-11" })).await;
    assert_eq!(whole["lineCount"], json!(7));
    let (mut walked, mut after) = (Vec::new(), Value::Null);
    while walked.len() < 7 {
        let part = page(after).await;
        let lines = part["lines"].as_array().unwrap().clone();
        assert!((1..=3).contains(&lines.len()));
        assert_eq!(part["openingBalance"], json!(10), "every page says what the month is");
        after = lines.last().unwrap()["postingId"].clone();
        walked.extend(lines);
        if walked.len() == 3 {
            // What comes in between comes at the end.
            moved(&world, 1, "2026-11-02T00:00:00Z", &wallet_id, -700).await;
        }
    }
    assert_eq!(json!(walked[..7]), whole["lines"]);
    assert_eq!(walked[6]["balanceAfter"], whole["closingBalance"]);
    let last = page(after).await;
    assert_eq!(
        (last["lineCount"].clone(), last["lines"].clone()),
        (json!(8), json!([]))
    );

    // A posting of the month before is a place before all of them; somebody else's is none.
    let october = statement(&world, &ani, json!({ "walletId": wallet_id, "month": "2026-10" })).await;
    let before = page(column(&october["lines"], "postingId")[0].clone()).await;
    assert_eq!(before["lines"][0], whole["lines"][0]);
    let budi = world.person("usr_budi");
    let foreign = world.wallet_with(&budi, 5).await;
    let listed = world.ask(&budi, POSTINGS, json!({ "walletId": foreign })).await;
    let foreign = text(&listed.data()["walletPostings"][0]["postingId"]);
    for bad in [
        json!({ "after": "x" }),
        json!({ "after": foreign }),
        json!({ "after": format!("{}:0", transfer_id(77)) }),
        json!({ "first": 0 }),
        json!({ "first": 501 }),
    ] {
        let mut variables = json!({ "walletId": wallet_id, "month": "2026-11" });
        for (name, value) in bad.as_object().unwrap() {
            variables[name] = value.clone();
        }
        assert_eq!(
            world.ask(&ani, STATEMENT, variables).await.code(),
            "BAD_USER_INPUT",
            "{bad}"
        );
    }
    for after in [foreign, format!("{}:0", transfer_id(77))] {
        let listed = world
            .ask(&ani, POSTINGS, json!({ "walletId": wallet_id, "after": after }))
            .await;
        assert_eq!(listed.code(), "BAD_USER_INPUT");
    }
    let most = json!({ "walletId": wallet_id, "month": "2026-11", "first": 500 });
    assert_eq!(
        world.ask(&ani, STATEMENT, most).await.code(),
        "OK",
        "the largest page may be asked for in full"
    );
    world.end().await;
}

#[tokio::test]
async fn a_month_has_begun_is_not_over_and_then_is() {
    let (world, ani, wallet_id) = october().await;
    moved(&world, 1, "2026-10-20T00:00:00Z", &wallet_id, 1_000).await;
    let ask = async |month: &str, offset: Option<i32>| {
        let variables = json!({ "walletId": wallet_id, "month": month, "offset": offset });
        world.ask(&ani, STATEMENT, variables).await
    };
    for (month, offset) in [
        ("2026-09", None),
        ("2026-11", None),
        ("2027-10", None),
        ("2026-13", None),
        ("2026-1", None),
        ("26-10", None),
        ("", None),
        ("2026-10-01", None),
        ("Oktober", None),
        ("2026-10", Some(841)),
        ("2026-10", Some(-841)),
        ("2026-10", Some(i32::MIN)),
    ] {
        assert_eq!(ask(month, offset).await.code(), "BAD_USER_INPUT", "{month} {offset:?}");
    }
    for (now, complete) in [
        ("2026-10-20T00:00:00Z", false),
        ("2026-10-31T16:59:59.999999Z", false),
        ("2026-10-31T17:00:00Z", false),
        ("2026-10-31T17:04:59.999999Z", false),
        ("2026-10-31T17:05:00Z", true),
    ] {
        world.clock.set(instant(now));
        let found = ask("2026-10", None).await.data()["walletStatement"].clone();
        assert_eq!(found["isComplete"], json!(complete), "{now}");
        assert_eq!(sums(&found), json!([0, 10, 0, 10, 1]), "as of now while it lasts");
    }
    // A month that has just begun, and in which nothing happened.
    let empty = ask("2026-11", None).await.data()["walletStatement"].clone();
    assert_eq!(sums(&empty), json!([10, 0, 0, 10, 0]));
    assert_eq!(empty["lines"], json!([]));
    world.end().await;
}

#[tokio::test]
async fn a_ledger_whose_postings_do_not_follow_from_one_another_is_found_out() {
    let (world, ani, wallet_id) = october().await;
    for number in 1..=3 {
        moved(&world, number, "2026-10-20T00:00:00Z", &wallet_id, 1_000).await;
    }
    let ask = async || {
        let books = world.ask(&world.admin(), BOOKS, json!({})).await;
        let statement = world
            .ask(&ani, STATEMENT, json!({ "walletId": wallet_id, "month": "2026-10" }))
            .await;
        (
            books.data()["trialBalance"]["balanced"].clone(),
            statement.code().to_owned(),
        )
    };
    let sound = (json!(true), "OK".to_owned());
    assert_eq!(ask().await, sound);
    for (damage, repair) in [
        (
            "UPDATE postings SET balance_after_minor = balance_after_minor + 1 WHERE account_sequence = 2 AND account_id LIKE 'wal%'",
            "UPDATE postings SET balance_after_minor = balance_after_minor - 1 WHERE account_sequence = 2 AND account_id LIKE 'wal%'",
        ),
        (
            "UPDATE postings SET account_sequence = 4 WHERE account_sequence = 3 AND account_id LIKE 'wal%'",
            "UPDATE postings SET account_sequence = 3 WHERE account_sequence = 4 AND account_id LIKE 'wal%'",
        ),
    ] {
        world.damage(damage);
        assert_eq!(ask().await, (json!(false), "INTERNAL".to_owned()), "{damage}");
        world.damage(repair);
        assert_eq!(ask().await, sound);
    }
    // What only the books can see: an account that counts wrong.
    world.damage("UPDATE accounts SET postings = postings + 1 WHERE account_id LIKE 'wal%'");
    assert_eq!(ask().await, (json!(false), "OK".to_owned()));
    world.damage("UPDATE accounts SET postings = postings - 1 WHERE account_id LIKE 'wal%'");
    world.end().await;
}
