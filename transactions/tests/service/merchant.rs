//! Merchants are programs of strangers: lists, no lists, hostile answers, silence.

use std::time::Duration;

use serde_json::Value;
use tokio::task::JoinHandle;

use crate::bed::{Bed, Fault, Side, User, fields, inputs, transaction_of};

/// Starts a payment of each bill while the marketplace works on another one, so that they share what is sent next.
async fn pay_together(bed: &Bed, bills: &[String]) -> Vec<Value> {
    let before = bed.user("before", 2_000_000);
    let mut held = bed.faults.hold("getOrderByVA", Side::Before);
    let mut asking: Vec<JoinHandle<_>> = vec![bed.creating(
        &before,
        inputs::payment(before.wallet, 20_000, &bed.market.bill(20_000)),
    )];
    held.arrived(1).await;
    let users: Vec<User> = bills.iter().map(|bill| bed.user(bill, 2_000_000)).collect();
    for (user, bill) in users.iter().zip(bills) {
        asking.push(bed.creating(user, inputs::payment(user.wallet, 20_000, bill)));
    }
    let pending = bed.status().await["pendingTransactions"].as_i64().unwrap();
    let all = i64::try_from(bills.len()).unwrap() + 1;
    assert!(pending <= all);
    bed.until("all have begun", Duration::ZERO, async || {
        bed.status().await["pendingTransactions"] == all
    })
    .await;
    drop(held);
    let mut ended = Vec::new();
    for one in asking {
        ended.push(transaction_of(&one.await.unwrap()));
    }
    assert_eq!(ended.remove(0)["status"], "SUCCESS");
    ended
}

fn outcomes(ended: &[Value]) -> Vec<&str> {
    let outcome = |one: &Value| one["failureCode"].as_str().is_none();
    ended
        .iter()
        .map(|one| {
            if outcome(one) {
                "SUCCESS"
            } else {
                one["failureCode"].as_str().unwrap()
            }
        })
        .collect()
}

fn is_list(document: &str) -> bool {
    fields(document).len() > 1
}

/// Data as a marketplace would give it for these bills, all over 20,000.
fn data_of(document: &str, unknown: &str) -> String {
    let values = fields(document).into_iter().map(|field| {
        let value = if field.va_number == unknown {
            "null"
        } else {
            r#"{"id":"1","totalHarga":20000}"#
        };
        format!("{:?}:{value}", field.key)
    });
    format!("{{{}}}", values.collect::<Vec<_>>().join(","))
}

#[tokio::test(flavor = "multi_thread")]
async fn bills_that_are_wanted_together_are_asked_for_together() {
    let bed = Bed::start().await;
    let bills: Vec<String> = (0..6).map(|_| bed.market.bill(20_000)).collect();
    assert_eq!(outcomes(&pay_together(&bed, &bills).await), ["SUCCESS"; 6]);
    let asked = bed.market.documents();
    let largest = asked
        .iter()
        .filter(|document| document.contains("getOrderByVA"))
        .map(|document| fields(document).len());
    assert!(largest.max().unwrap() > 1, "{asked:#?}");
    let lone = "query { getOrderByVA(vaNumber: \"";
    assert!(
        asked[0].starts_with(lone),
        "a lone bill is asked for as the contract says: {}",
        asked[0]
    );
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merchant_that_takes_no_lists_is_asked_one_by_one_and_then_never_again_for_a_list() {
    let refusals = [
        (400, r#"{"errors":[{"message":"Too many aliases"}]}"#),
        (200, r#"{"data":null,"errors":[{"message":"Query is too complex"}]}"#),
    ];
    for (status, body) in refusals {
        let bed = Bed::start().await;
        bed.market.script(move |document| {
            let refused = document.contains("getOrderByVA") && is_list(document);
            refused.then(|| (status, body.to_owned()))
        });
        let bills: Vec<String> = (0..5).map(|_| bed.market.bill(20_000)).collect();
        assert_eq!(outcomes(&pay_together(&bed, &bills).await), ["SUCCESS"; 5], "{body}");
        let lists = || {
            let asked = bed.market.documents();
            asked
                .iter()
                .filter(|document| document.contains("getOrderByVA") && is_list(document))
                .count()
        };
        let tried = lists();
        assert!(tried > 0);
        let bills: Vec<String> = (0..5).map(|_| bed.market.bill(20_000)).collect();
        assert_eq!(outcomes(&pay_together(&bed, &bills).await), ["SUCCESS"; 5], "{body}");
        assert_eq!(lists(), tried, "it is known now");
        bed.finish().await;
    }
}

/// A marketplace's answer to a document with a number that it does not know.
type Way = fn(&str, &str) -> (u16, String);

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_bill_spoils_no_other() {
    // However a marketplace says it: with a path, without one, or with all data gone.
    let ways: [Way; 4] = [
        |document, unknown| (200, format!(r#"{{"data":{}}}"#, data_of(document, unknown))),
        |document, unknown| {
            let all = fields(document);
            let bad = all.iter().find(|field| field.va_number == unknown);
            let errors = bad.map_or(String::new(), |field| {
                format!(
                    r#","errors":[{{"message":"Order tidak ditemukan","path":["{}"]}}]"#,
                    field.key
                )
            });
            (200, format!(r#"{{"data":{}{errors}}}"#, data_of(document, unknown)))
        },
        |document, unknown| {
            let errors = if document.contains(unknown) {
                r#","errors":[{"message":"Order not found"}]"#
            } else {
                ""
            };
            (200, format!(r#"{{"data":{}{errors}}}"#, data_of(document, unknown)))
        },
        |document, unknown| {
            if document.contains(unknown) {
                return (
                    500,
                    r#"{"data":null,"errors":[{"message":"No such order"}]}"#.to_owned(),
                );
            }
            (200, format!(r#"{{"data":{}}}"#, data_of(document, unknown)))
        },
    ];
    for (index, way) in ways.into_iter().enumerate() {
        let bed = Bed::start().await;
        let bills: Vec<String> = (0..5).map(|_| bed.market.bill(20_000)).collect();
        let unknown = bills[2].clone();
        bed.market
            .script(move |document| document.contains("getOrderByVA").then(|| way(document, &unknown)));
        let ended = pay_together(&bed, &bills).await;
        let expect = ["SUCCESS", "SUCCESS", "BILL_NOT_FOUND", "SUCCESS", "SUCCESS"];
        assert_eq!(outcomes(&ended), expect, "way {index}");
        bed.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_none_fails_the_payment_and_moves_nothing() {
    let bed = Bed::start().await;
    let huge = format!(
        r#"{{"data":{{"getOrderByVA":{{"totalHarga":20000,"x":"{}"}}}}}}"#,
        "x".repeat(300_000)
    );
    let faults = [
        Fault::Unavailable,
        Fault::Rubbish,
        Fault::BrokenOff,
        Fault::Redirect(bed.market.url("/graphql")),
        Fault::Raw(200, huge),
        Fault::Raw(200, String::new()),
        Fault::Raw(200, "null".into()),
        Fault::Raw(200, "[]".into()),
        Fault::Raw(200, r#"{"data":{}}"#.into()),
        Fault::Raw(200, r#"{"data":{"somethingElse":{"totalHarga":20000}}}"#.into()),
        Fault::Raw(200, r#"{"data":[]}"#.into()),
        Fault::Raw(200, r#"{"data":null}"#.into()),
        Fault::Raw(200, r#"{"data":null,"errors":[{"message":"database is down"}]}"#.into()),
        Fault::Raw(500, r#"{"error":"Internal Server Error"}"#.into()),
    ];
    for fault in faults {
        let payer = bed.user("payer", 2_000_000);
        let bill = bed.market.bill(20_000);
        let what: String = format!("{fault:?}").chars().take(100).collect();
        bed.faults.break_down("getOrderByVA", fault);
        let ended = bed.create(&payer, inputs::payment(payer.wallet, 20_000, &bill)).await;
        assert_eq!(ended["failureCode"], "MERCHANT_UNAVAILABLE", "{what}");
        bed.faults.heal();
        // Once it is well again the bill can be paid: the claim was let go.
        let ended = bed.create(&payer, inputs::payment(payer.wallet, 20_000, &bill)).await;
        assert_eq!(ended["status"], "SUCCESS", "{what}");
    }
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_broken_answer_is_asked_for_again() {
    let bed = Bed::start().await;
    for fault in [Fault::Unavailable, Fault::BrokenOff, Fault::Rubbish] {
        let payer = bed.user("payer", 2_000_000);
        bed.faults.plan("getOrderByVA", Side::After, fault, 1);
        let ended = bed
            .create(&payer, inputs::payment(payer.wallet, 20_000, &bed.market.bill(20_000)))
            .await;
        assert_eq!(ended["status"], "SUCCESS");
    }
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_says_less_than_a_good_answer_with_it() {
    let bed = Bed::start().await;
    bed.market.script(|document| {
        document
            .contains("getOrderByVA")
            .then(|| (500, format!(r#"{{"data":{}}}"#, data_of(document, ""))))
    });
    let payer = bed.user("payer", 2_000_000);
    let ended = bed
        .create(&payer, inputs::payment(payer.wallet, 20_000, &bed.market.bill(20_000)))
        .await;
    assert_eq!(ended["status"], "SUCCESS");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merchant_that_is_not_there_fails_its_payments_only() {
    let bed = Bed::start_with(&[("SAWIT_MARKETPLACE_URL", "http://127.0.0.1:1/graphql")]).await;
    let (payer, receiver) = (bed.user("payer", 2_000_000), bed.user("receiver", 0));
    let ended = bed
        .create(&payer, inputs::payment(payer.wallet, 20_000, "DS-88001234"))
        .await;
    assert_eq!(ended["failureCode"], "MERCHANT_UNAVAILABLE");
    let ended = bed
        .create(&payer, inputs::transfer(payer.wallet, 20_000, receiver.wallet))
        .await;
    assert_eq!(ended["status"], "SUCCESS");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merchant_that_hangs_fails_all_its_payments_soon_and_holds_up_nobody_else() {
    let bed = Bed::start().await;
    bed.faults.break_down("getOrderByVA", Fault::Silence);
    let users: Vec<User> = (0..150).map(|index| bed.user(&format!("{index}"), 2_000_000)).collect();
    let asking: Vec<_> = users
        .iter()
        .map(|user| bed.creating(user, inputs::payment(user.wallet, 20_000, &bed.market.bill(20_000))))
        .collect();
    let depositor = bed.user("depositor", 0);
    let ended = bed.create(&depositor, inputs::deposit(depositor.wallet, 1)).await;
    assert_eq!(ended["status"], "SUCCESS");
    // One after the other, sixteen at a time, they would take a minute and a half and answer PENDING.
    for one in asking {
        assert_eq!(
            transaction_of(&one.await.unwrap())["failureCode"],
            "MERCHANT_UNAVAILABLE"
        );
    }
    bed.finish().await;
}
