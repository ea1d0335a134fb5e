//! Sessions that several things happen to at once: what is decided is decided in one commit.

use std::time::Duration;

use serde_json::{Value, json};

use crate::bed::{Ask, Bed, Shop, Side, outcome};

const CANCEL: &str = "mutation($id: String!) { cancelPaymentSession(sessionId: $id) { state } }";
const TICK: Duration = Duration::from_secs(1);

async fn events(bed: &mut Bed) -> Vec<(String, String)> {
    bed.stop_service().await;
    let database = bed.open_database().await;
    let found = database.read(|snapshot| {
        snapshot.query("SELECT subject, type FROM events ORDER BY event_number", &[], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
    });
    let found = found.await.unwrap();
    database.close().await;
    drop(database);
    bed.start_service().await;
    found
}

async fn is(bed: &Bed, shop: &Shop, id: &Value, state: &str) -> bool {
    bed.session(shop, id).await["state"] == state
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_open_one_order_at_once_one_does() {
    let bed = Bed::start().await;
    let shop = bed.shop("ani", "ANI-1").await;
    for round in 0..5 {
        let input = json!({ "orderId": format!("{round}"), "amount": 1000 });
        let asking: Vec<_> = (0..10)
            .map(|_| bed.sending(Ask::open(&shop.key, input.clone())))
            .collect();
        let (mut opened, mut named) = (Vec::new(), Vec::new());
        for one in asking {
            let answer = one.await.unwrap();
            match answer.body["errors"][0]["extensions"]["sessionId"].clone() {
                Value::Null => opened.push(answer.data()["createPaymentSession"]["sessionId"].clone()),
                earlier => named.push(earlier),
            }
        }
        assert_eq!((opened.len(), named.len()), (1, 9));
        assert!(named.iter().all(|id| *id == opened[0]), "and the others are told which");
        let mut keyed = input.clone();
        keyed["orderId"] = json!(format!("{round}-k"));
        keyed["idempotencyKey"] = json!(format!("k{round}"));
        let asking: Vec<_> = (0..10)
            .map(|_| bed.sending(Ask::open(&shop.key, keyed.clone())))
            .collect();
        let mut ids = Vec::new();
        for one in asking {
            ids.push(one.await.unwrap().data()["createPaymentSession"]["sessionId"].clone());
        }
        ids.dedup();
        assert_eq!(ids.len(), 1, "the same key is the same session");
    }
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_cancelled_or_paid_and_never_both() {
    let bed = Bed::start().await;
    let (shop, payer) = (bed.shop("ani", "ANI-1").await, bed.user("payer", 1_000_000_000));
    for round in 0..20 {
        let session = bed
            .open(&shop, json!({ "orderId": format!("{round}"), "amount": 1000 }))
            .await;
        let id = &session["sessionId"];
        let paying = bed.paying(&payer, id);
        let cancelling = bed.sending(Ask::new(Some(&shop.key), CANCEL, json!({ "id": id })));
        let paid = outcome(&paying.await.unwrap().data()["payPaymentSession"]);
        let cancelled = cancelling.await.unwrap();
        match paid.as_str() {
            "SUCCESS" => {
                assert_eq!(cancelled.code(), "CONFLICT");
                assert!(is(&bed, &shop, id, "PAID").await);
            }
            "BILL_EXPIRED" => {
                assert_eq!(cancelled.data()["cancelPaymentSession"]["state"], "CANCELLED");
                assert!(is(&bed, &shop, id, "CANCELLED").await);
            }
            other => panic!("{other}"),
        }
    }
    let session = bed.open(&shop, json!({ "orderId": "held", "amount": 1000 })).await;
    let mut held = bed.faults.hold("checkTransactions", Side::Before);
    let paying = bed.paying(&payer, &session["sessionId"]);
    held.arrived(1).await;
    let refused = bed
        .ask(Some(&shop.key), CANCEL, json!({ "id": session["sessionId"] }))
        .await;
    assert_eq!(refused.code(), "CONFLICT", "somebody is paying");
    drop(held);
    assert_eq!(outcome(&paying.await.unwrap().data()["payPaymentSession"]), "SUCCESS");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_when_its_time_is_over() {
    let mut bed = Bed::start().await;
    let (shop, payer) = (bed.shop("ani", "ANI-1").await, bed.user("payer", 10_000_000));
    let mut ids = Vec::new();
    for order in 0..120 {
        let input = json!({ "orderId": format!("{order}"), "amount": 1000, "expiresIn": 60 });
        ids.push(bed.open(&shop, input).await["sessionId"].clone());
    }
    let longer = bed.open(&shop, json!({ "orderId": "longer", "amount": 1000 })).await;
    bed.clock.advance(Duration::from_secs(60));
    bed.until("all have ended", TICK, async || {
        is(&bed, &shop, &ids[119], "EXPIRED").await
    })
    .await;
    for id in &ids {
        assert_eq!(bed.session(&shop, id).await["version"], 2);
    }
    assert!(is(&bed, &shop, &longer["sessionId"], "OPEN").await);
    assert_eq!(bed.pay(&payer, &ids[0]).await, "BILL_EXPIRED");
    let cancel = bed.ask(Some(&shop.key), CANCEL, json!({ "id": ids[0] })).await;
    assert_eq!(cancel.code(), "CONFLICT");
    let told = events(&mut bed).await;
    let ended = told
        .iter()
        .filter(|(_, event_type)| event_type == "payment.expired")
        .count();
    assert_eq!(ended, 120, "each is told of once");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_that_began_in_time_pays_the_session() {
    let mut bed = Bed::start().await;
    let (shop, payer, poor) = (
        bed.shop("ani", "ANI-1").await,
        bed.user("payer", 10_000_000),
        bed.user("poor", 0),
    );
    let open = async |order: &str| {
        let input = json!({ "orderId": order, "amount": 1000, "expiresIn": 20 });
        bed.open(&shop, input).await["sessionId"].clone()
    };
    let (paid, unpaid) = (open("1").await, open("2").await);
    let mut held = bed.faults.hold("checkTransactions", Side::Before);
    let paying = (bed.paying(&payer, &paid), bed.paying(&poor, &unpaid));
    held.arrived(1).await;
    // Both have their claims by now, whichever of them fraud is asked about first.
    bed.until("both are under way", Duration::ZERO, async || {
        bed.status().await["pendingTransactions"] == 2
    })
    .await;
    bed.clock.advance(Duration::from_secs(30));
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    assert!(
        is(&bed, &shop, &paid, "OPEN").await && is(&bed, &shop, &unpaid, "OPEN").await,
        "they are let end"
    );
    drop(held);
    assert_eq!(outcome(&paying.0.await.unwrap().data()["payPaymentSession"]), "SUCCESS");
    assert_eq!(
        outcome(&paying.1.await.unwrap().data()["payPaymentSession"]),
        "INSUFFICIENT_FUNDS"
    );
    assert!(is(&bed, &shop, &paid, "PAID").await);
    bed.until("the other has ended", TICK, async || {
        is(&bed, &shop, &unpaid, "EXPIRED").await
    })
    .await;
    let told = events(&mut bed).await;
    let of = |id: &Value| {
        let own = told.iter().filter(|(subject, _)| id == subject);
        own.map(|(_, event_type)| event_type.clone()).collect::<Vec<_>>()
    };
    assert_eq!(of(&paid), ["payment.succeeded"]);
    assert_eq!(of(&unpaid), ["payment.failed", "payment.expired"]);
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn expiry_and_payment_at_once_end_one_way() {
    let bed = Bed::start().await;
    let (shop, payer) = (bed.shop("ani", "ANI-1").await, bed.user("payer", 1_000_000_000));
    for round in 0..10 {
        let input = json!({ "orderId": format!("{round}"), "amount": 1000, "expiresIn": 20 });
        let id = bed.open(&shop, input).await["sessionId"].clone();
        let paying = bed.paying(&payer, &id);
        if round % 2 == 0 {
            tokio::task::yield_now().await;
        }
        bed.clock.advance(Duration::from_secs(20));
        let state = match outcome(&paying.await.unwrap().data()["payPaymentSession"]).as_str() {
            "SUCCESS" => "PAID",
            "BILL_EXPIRED" => "EXPIRED",
            other => panic!("{other}"),
        };
        bed.until("it ends that way", TICK, async || is(&bed, &shop, &id, state).await)
            .await;
    }
    bed.finish().await;
}
