//! Statements: the page that offers them, and files that are whole or not there at all.

use http::{StatusCode, header};
use serde_json::{Value, json};

use crate::world::{Page, WALLET, World, wallet};

const OTHER: &str = "wal_01M7YA8DWM618HY59GXD4SY2PS";
const SHOP: &str = "wal_01M7YA8DWM618HY59GXD4SY2PT";

fn path(file: &str) -> String {
    format!("/app/statements/{WALLET}/{file}")
}

fn transfer_id(number: usize) -> String {
    format!("xfr_{number:026}")
}

/// A deposit of 1,000 rupiah, payments of 10 each after it, and a transfer from the owner's other wallet at the end.
fn lines(count: usize) -> Vec<Value> {
    let mut balance = 50.5;
    let line = |number: usize| {
        let (kind, amount, counterparty, name) = match number {
            1 => ("DEPOSIT", 1_000, Some("bank_clearing:IDR"), None),
            last if last == count => ("TRANSFER", 25, Some(OTHER), None),
            _ => ("PAYMENT", -10, Some(SHOP), Some("=Toko \"Daun\", & Kopi")),
        };
        balance += f64::from(amount);
        json!({
            "postingId": format!("{}:0", transfer_id(number)), "transferId": transfer_id(number), "kind": kind,
            "amount": amount, "balanceAfter": balance, "counterparty": counterparty, "counterpartyName": name,
            "createdAt": "2026-11-05T03:00:00.000001Z",
        })
    };
    (1..=count).map(line).collect()
}

/// The ledger's answer: a page of the lines after a posting, under the sums of all of them.
fn answer(all: &[Value], variables: &Value) -> Value {
    let from = variables["after"].as_str().map_or(0, |after| {
        1 + all.iter().position(|line| line["postingId"] == after).unwrap()
    });
    let first = usize::try_from(variables["first"].as_u64().unwrap()).unwrap();
    let to = (from + first).min(all.len());
    let payments = all.len().saturating_sub(2) * 10;
    let deposits = if all.is_empty() { 0 } else { 1_025 };
    json!({
        "walletId": WALLET, "walletName": "Tabungan", "from": "2026-10-31T17:00:00.000000Z", "to": "2026-11-30T17:00:00.000000Z",
        "isComplete": false, "openingBalance": 50.5, "cameIn": deposits, "wentOut": payments,
        "closingBalance": 50.5 + deposits as f64 - payments as f64, "lineCount": all.len(), "lines": all[from..to],
    })
}

fn with_statement(world: &World, count: usize) {
    let all = lines(count);
    world.data("myWallets", json!([wallet(WALLET, 100), wallet(OTHER, 0)]));
    world.answer(
        "walletStatement",
        move |call| json!({ "data": { "walletStatement": answer(&all, &call.variables) } }),
    );
}

fn with_history(world: &World, bills: &[(usize, &str)]) {
    let entry = |(number, bill): &(usize, &str)| {
        json!({
            "historyId": format!("hst_{number}"), "transactionId": transfer_id(*number).replace("xfr", "trx"), "amount": 10,
            "type": "PAYMENT", "vaNumber": bill, "status": "SUCCESS", "direction": "OUT", "walletId": WALLET,
            "counterparty": "mrc_x", "failureCode": null, "createdAt": "2026-11-05T03:00:00Z",
        })
    };
    let entries: Vec<Value> = bills.iter().map(entry).collect();
    world.data("myHistory", json!(entries));
}

#[track_caller]
fn is_no_file(page: &Page, status: StatusCode) {
    assert_eq!(page.status, status, "{}", page.body);
    assert!(!page.headers.contains_key(header::CONTENT_DISPOSITION));
    assert!(
        page.headers[header::CONTENT_TYPE]
            .to_str()
            .unwrap()
            .starts_with("text/html")
    );
}

#[tokio::test]
async fn a_wallet_offers_the_months_since_it_was_opened() {
    let world = World::new();
    let mut buyer = world.buyer().await;
    // The wallet is of January 2026, and it is November.
    let page = buyer.get("/app/statements").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.body.matches(">PDF</a>").count(), 11);
    for text in [
        path("2026-11.pdf"),
        path("2026-01.csv"),
        "aria-label=\"PDF, Januari 2026\"".to_owned(),
        "sampai sekarang".to_owned(),
        "<h2>Tabungan</h2>".to_owned(),
    ] {
        assert!(page.body.contains(&text), "{text}: {}", page.body);
    }
    assert!(!page.body.contains("2025-12") && !page.body.contains("2026-12"));

    let mut old = wallet(OTHER, 0);
    old["createdAt"] = json!("2024-06-01T00:00:00Z");
    world.data("myWallets", json!([wallet(WALLET, 1), old]));
    let page = buyer.get(&format!("/app/statements?wallet={OTHER}")).await;
    assert_eq!(page.body.matches(">PDF</a>").count(), 12);
    let earlier = format!("/app/statements?wallet={OTHER}&amp;until=2025-11");
    assert!(page.body.contains(&earlier), "{}", page.body);
    let page = buyer.get(&earlier.replace("&amp;", "&")).await;
    assert!(
        page.body.contains("2024-12.pdf") && page.body.contains("Ke bulan ini"),
        "{}",
        page.body
    );
    let page = buyer
        .get(&format!("/app/statements?wallet={OTHER}&until=2024-11"))
        .await;
    assert_eq!(page.body.matches(">PDF</a>").count(), 6);
    assert!(!page.body.contains("Bulan sebelumnya"));
    // The time to come has no statements.
    let page = buyer.get("/app/statements?until=2027-05").await;
    assert!(!page.body.contains("2026-12"), "{}", page.body);

    is_no_file(
        &buyer.get("/app/statements?wallet=wal_other").await,
        StatusCode::NOT_FOUND,
    );
    world.data("myWallets", json!([]));
    let none = buyer.get("/app/statements").await;
    assert!(none.body.contains("setelah Anda membuka dompet"), "{}", none.body);
    assert!(
        world
            .browser()
            .get("/app/statements")
            .await
            .location()
            .starts_with("/app/login")
    );
}

#[tokio::test]
async fn the_table_has_every_line_in_words_between_the_two_balances() {
    let world = World::new();
    let mut buyer = world.buyer().await;
    with_statement(&world, 4);
    with_history(&world, &[(3, "DS-88001"), (9, "DS-88009")]);
    let file = buyer.get(&path("2026-11.csv")).await;
    assert_eq!(file.status, StatusCode::OK, "{}", file.body);
    assert_eq!(
        file.headers[header::CONTENT_DISPOSITION],
        format!("attachment; filename=\"sawit-2026-11-{WALLET}.csv\"")
    );
    let time = "2026-11-05 10:00:00";
    let [first, second, third, fourth] = [1, 2, 3, 4].map(transfer_id);
    let expect = [
        "\u{feff}Waktu (WIB),Keterangan,Masuk,Keluar,Saldo,Jenis,Lawan transaksi,Referensi".to_owned(),
        "2026-11-01 00:00:00,Saldo awal,,,50.5,,,".to_owned(),
        format!("{time},Isi saldo,1000,,1050.5,DEPOSIT,bank_clearing:IDR,{first}"),
        format!("{time},\"Pembayaran ke =Toko \"\"Daun\"\", & Kopi\",,10,1040.5,PAYMENT,{SHOP},{second}"),
        format!("{time},\"Pembayaran ke =Toko \"\"Daun\"\", & Kopi, DS-88001\",,10,1030.5,PAYMENT,{SHOP},{third}"),
        format!("{time},Transfer dari Tabungan,25,,1055.5,TRANSFER,{OTHER},{fourth}"),
        "2026-11-25 19:00:00,Saldo akhir,,,1055.5,,,".to_owned(),
        String::new(),
    ];
    assert_eq!(file.body.split("\r\n").collect::<Vec<_>>(), expect);
    let asked = world.calls("myHistory").last().unwrap().variables.clone();
    assert_eq!(
        (&asked["from"], &asked["to"]),
        (
            &json!("2026-11-05T02:00:00.000001Z"),
            &json!("2026-11-06T03:00:00.000001Z")
        ),
        "the history of those days alone"
    );
    // In English, and on paper.
    buyer.get("/lang?to=en&back=/app").await;
    let file = buyer.get(&path("2026-11.csv")).await;
    assert!(file.body.contains(",Opening balance,,,50.5"), "{}", file.body);
    assert!(file.body.contains(",Top-up,1000,"), "{}", file.body);
    let file = buyer.get(&path("2026-11.pdf")).await;
    assert_eq!(file.headers[header::CONTENT_TYPE], "application/pdf");
    assert_eq!(
        file.headers[header::CONTENT_DISPOSITION],
        format!("attachment; filename=\"sawit-2026-11-{WALLET}.pdf\"")
    );
    for text in [
        "%PDF-1.7",
        "(Naruto Uzumaki)",
        "(Wallet statement)",
        "(= Rp 1.055,50)",
        ", DS-88001) Tj",
        "(Page 1 of 1)",
    ] {
        assert!(file.body.contains(text), "{text}");
    }
}

#[tokio::test]
async fn a_month_without_payments_needs_no_history() {
    let world = World::new();
    let mut buyer = world.buyer().await;
    for count in [0, 1] {
        let mut all = lines(2);
        all.truncate(count);
        world.data("myWallets", json!([wallet(WALLET, 100)]));
        world.answer("walletStatement", move |call| {
            let mut statement = answer(&all, &call.variables);
            statement["cameIn"] = json!(1_000 * all.len());
            statement["closingBalance"] = json!(50.5 + 1_000.0 * all.len() as f64);
            json!({ "data": { "walletStatement": statement } })
        });
        world.down("myHistory");
        let file = buyer.get(&path("2026-11.csv")).await;
        assert_eq!(file.status, StatusCode::OK, "{}", file.body);
        assert_eq!(file.body.lines().count(), 3 + count);
    }
    assert_eq!(world.calls("myHistory").len(), 0);
}

#[tokio::test]
async fn long_months_are_put_together_of_pages_and_what_comes_in_between_is_left_for_later() {
    let world = World::new();
    let mut buyer = world.buyer().await;
    with_statement(&world, 1_203);
    let file = buyer.get(&path("2026-11.csv")).await;
    assert_eq!(file.body.lines().count(), 1_206);
    let asked = world.calls("walletStatement");
    let after: Vec<&Value> = asked.iter().map(|call| &call.variables["after"]).collect();
    let expect = [
        json!(null),
        json!(transfer_id(500) + ":0"),
        json!(transfer_id(1_000) + ":0"),
    ];
    assert_eq!(after, expect.iter().collect::<Vec<_>>());

    // One more line since the first page was made: the statement is that of the first page.
    let (early, late) = (lines(1_203), {
        let mut more = lines(1_203);
        let mut line = more[0].clone();
        line["postingId"] = json!("xfr_new:0");
        more.push(line);
        more
    });
    world.answer("walletStatement", move |call| {
        let all = if call.variables["after"].is_null() {
            &early
        } else {
            &late
        };
        json!({ "data": { "walletStatement": answer(all, &call.variables) } })
    });
    let again = buyer.get(&path("2026-11.csv")).await;
    assert_eq!(again.body, file.body);
}

#[tokio::test]
async fn half_a_statement_is_worse_than_none() {
    let world = World::new();
    let mut buyer = world.buyer().await;
    for file in ["2026-11.csv", "2026-11.pdf"] {
        // The ledger is gone after the first page.
        with_statement(&world, 1_203);
        let all = lines(1_203);
        world.answer("walletStatement", move |call| {
            if call.variables["after"].is_null() {
                return json!({ "data": { "walletStatement": answer(&all, &call.variables) } });
            }
            json!({ "data": { "walletStatement": null },
                    "errors": [{ "message": "x", "extensions": { "code": "SERVICE_UNAVAILABLE" } }] })
        });
        is_no_file(&buyer.get(&path(file)).await, StatusCode::SERVICE_UNAVAILABLE);
        // Pages that end early, a balance that does not follow, a sum that is none, an amount that cannot be read.
        for damage in [
            |statement: &mut Value| statement["lines"] = json!([]),
            |statement: &mut Value| statement["lines"][2]["balanceAfter"] = json!(1),
            |statement: &mut Value| statement["cameIn"] = json!(1),
            |statement: &mut Value| statement["closingBalance"] = json!(1),
            |statement: &mut Value| statement["lines"][2]["amount"] = json!("9999999999999999999"),
        ] {
            let all = lines(5);
            world.answer("walletStatement", move |call| {
                let mut statement = answer(&all, &call.variables);
                damage(&mut statement);
                json!({ "data": { "walletStatement": statement } })
            });
            is_no_file(&buyer.get(&path(file)).await, StatusCode::SERVICE_UNAVAILABLE);
        }
        with_statement(&world, 4);
        world.down("myHistory");
        is_no_file(&buyer.get(&path(file)).await, StatusCode::SERVICE_UNAVAILABLE);
        world.data("myHistory", json!([]));
        world.down("myWallets");
        is_no_file(&buyer.get(&path(file)).await, StatusCode::SERVICE_UNAVAILABLE);
    }
    // Too long for a file, and said so without fetching it.
    with_statement(&world, 10_001);
    let asked = world.calls("walletStatement").len();
    let page = buyer.get(&path("2026-11.pdf")).await;
    is_no_file(&page, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        page.body.contains("10001") && page.body.contains("10000"),
        "{}",
        page.body
    );
    assert_eq!(world.calls("walletStatement").len(), asked + 1);
}

#[tokio::test]
async fn what_is_no_statement_is_not_found() {
    let world = World::new();
    let mut buyer = world.buyer().await;
    with_statement(&world, 4);
    for file in [
        "2026-11",
        "2026-11.txt",
        "2026-13.csv",
        "11-2026.csv",
        "2026-11.CSV",
        ".csv",
        "2026-11.csv.pdf",
    ] {
        is_no_file(&buyer.get(&path(file)).await, StatusCode::NOT_FOUND);
    }
    assert_eq!(world.calls("walletStatement").len(), 0);
    for code in ["BAD_USER_INPUT", "NOT_FOUND"] {
        world.refuse("walletStatement", code, json!({}));
        is_no_file(&buyer.get(&path("2026-11.csv")).await, StatusCode::NOT_FOUND);
    }
    let stranger = world.browser().get(&path("2026-11.pdf")).await;
    assert!(stranger.location().starts_with("/app/login?next="), "{}", stranger.body);
}
