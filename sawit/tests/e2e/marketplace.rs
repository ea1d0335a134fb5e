//! I3, I6: whatever a marketplace does when it is asked for a bill, the payment ends with the right code and no money moves.

use std::time::Duration;

use serde_json::json;
use testkit::marketplace::{Behaviour, Bill};
use testkit::person::Person;
use testkit::provider::RunMode;

use crate::world::{World, assert_failed, assert_success};

const MONEY: i64 = 1_000_000;
const TOTAL: i64 = 20_000;

/// Pays bills that cannot be paid, each once, and looks whether money moved.
struct Refusals {
    world: World,
    payer: Person,
    count: usize,
}

impl Refusals {
    async fn start(mode: RunMode) -> Self {
        let world = World::start(mode).await;
        let payer = world.person("naruto", MONEY).await;
        Self { world, payer, count: 0 }
    }

    async fn check(&mut self, bill: Option<Bill>, behaviour: Behaviour, code: &str) {
        self.count += 1;
        let va_number = format!("DS-88001{:06}", self.count);
        if let Some(bill) = &bill {
            self.world.marketplace.put(&va_number, bill.clone());
        }
        self.world.marketplace.bills(behaviour.clone());
        let failed = self.payer.transact(self.payer.payment(&va_number, TOTAL, None)).await;
        let what = format!("{bill:?} {behaviour:?}");
        assert_eq!(
            (&failed["status"], &failed["failureCode"]),
            (&json!("FAILED"), &json!(code)),
            "{what}: {failed:#}"
        );
        assert_eq!(self.payer.balance().await, MONEY, "{what}");
        let entries = self
            .payer
            .history_of(failed["transactionId"].as_str().expect("an id"))
            .await;
        assert_eq!(
            (entries.len(), &entries[0]["failureCode"]),
            (1, &json!(code)),
            "{what}: the attempt is in the history"
        );
        assert_eq!(self.world.marketplace.times_notified(&va_number), 0, "{what}");
        assert!(self.world.marketplace.webhooks_about(&va_number).is_empty(), "{what}");
    }

    /// The refused bills can be paid once the marketplace behaves.
    async fn pay_after_all(self) {
        self.world.marketplace.bills(Behaviour::Normal);
        for number in 1..=self.count {
            let va_number = format!("DS-88001{number:06}");
            self.world.marketplace.put(&va_number, Bill::unpaid(1_000));
            assert_success(&self.payer.transact(self.payer.payment(&va_number, 1_000, None)).await);
        }
        assert_eq!(
            self.payer.balance().await,
            MONEY - 1_000 * i64::try_from(self.count).expect("few")
        );
        self.world.close().await;
    }
}

fn bill(total: serde_json::Value, status: &'static str, payment_status: &'static str) -> Option<Bill> {
    Some(Bill {
        total,
        status,
        payment_status,
    })
}

#[tokio::test]
async fn i3_bills_that_cannot_be_paid_fail_with_their_code() {
    let mut refusals = Refusals::start(RunMode::Up).await;
    let unpaid = |total| bill(total, "PENDING", "UNPAID");
    for (bill, code) in [
        (None, "BILL_NOT_FOUND"),
        (unpaid(json!(TOTAL + 1)), "BILL_AMOUNT_MISMATCH"),
        (unpaid(json!(TOTAL - 1)), "BILL_AMOUNT_MISMATCH"),
        (unpaid(json!(20_000.01)), "BILL_AMOUNT_MISMATCH"),
        (bill(json!(TOTAL), "PENDING", "PAID"), "BILL_ALREADY_PAID"),
        (bill(json!(TOTAL), "CANCELLED", "UNPAID"), "BILL_EXPIRED"),
        (bill(json!(TOTAL), "PENDING", "EXPIRED"), "BILL_EXPIRED"),
        (unpaid(json!(0)), "MERCHANT_UNAVAILABLE"),
        (unpaid(json!(-20_000)), "MERCHANT_UNAVAILABLE"),
        (unpaid(json!("free")), "MERCHANT_UNAVAILABLE"),
        (unpaid(json!(null)), "MERCHANT_UNAVAILABLE"),
        (unpaid(json!([TOTAL])), "MERCHANT_UNAVAILABLE"),
        (unpaid(json!(1e300)), "MERCHANT_UNAVAILABLE"),
    ] {
        refusals.check(bill, Behaviour::Normal, code).await;
    }
    refusals.pay_after_all().await;
}

async fn misbehaving_marketplaces(mode: RunMode) {
    let mut refusals = Refusals::start(mode).await;
    for behaviour in [
        Behaviour::Status(500),
        Behaviour::Status(404),
        Behaviour::Html,
        Behaviour::InvalidJson,
        Behaviour::HugeBody,
        Behaviour::Redirect,
        Behaviour::GraphqlError,
        Behaviour::Slow(Duration::from_secs(30)),
    ] {
        refusals
            .check(Some(Bill::unpaid(TOTAL)), behaviour, "MERCHANT_UNAVAILABLE")
            .await;
    }
    refusals.world.marketplace.switch_off().await;
    refusals.check(None, Behaviour::Normal, "MERCHANT_UNAVAILABLE").await;
    refusals.world.marketplace.switch_on().await;
    refusals.pay_after_all().await;
}

#[tokio::test]
async fn i3_a_marketplace_that_misbehaves_moves_no_money_with_everything_in_one_process() {
    misbehaving_marketplaces(RunMode::Up).await;
}

#[tokio::test]
async fn i3_a_marketplace_that_misbehaves_moves_no_money_with_six_processes() {
    misbehaving_marketplaces(RunMode::Served).await;
}

#[tokio::test]
async fn totals_are_taken_as_numbers_and_as_texts() {
    let world = World::start(RunMode::Up).await;
    let payer = world.person("naruto", MONEY).await;
    for (number, total) in [json!(20_000), json!("20000"), json!(20_000.0), json!("20000.00")]
        .into_iter()
        .enumerate()
    {
        let va_number = format!("DS-880020{number}");
        world.marketplace.put(
            &va_number,
            Bill {
                total,
                ..Bill::unpaid(0)
            },
        );
        assert_success(&payer.transact(payer.payment(&va_number, TOTAL, None)).await);
    }
    world.close().await;
}

#[tokio::test]
async fn a_marketplace_that_takes_one_bill_at_a_time_is_paid_by_many_at_once() {
    let world = World::start(RunMode::Up).await;
    let payer = world.person("naruto", MONEY).await;
    world.marketplace.bill_everything(TOTAL);
    world.marketplace.bills(Behaviour::OneFieldOnly);
    world.marketplace.notifications(Behaviour::OneFieldOnly);
    let payments = (0..24).map(|number| {
        let payer = &payer;
        async move {
            payer
                .transact(payer.payment(&format!("DS-8800{number:05}"), TOTAL, None))
                .await
        }
    });
    for paid in futures::future::join_all(payments).await {
        assert_success(&paid);
    }
    let requests = world.marketplace.bill_requests();
    assert!(
        requests
            .iter()
            .any(|document| document.matches("getOrderByVA").count() > 1),
        "many were asked for together"
    );
    world.settle().await;
    for number in 0..24 {
        assert!(world.marketplace.times_notified(&format!("DS-8800{number:05}")) >= 1);
    }
    world.close().await;
}

#[tokio::test]
async fn one_bad_bill_among_many_fails_alone() {
    let world = World::start(RunMode::Up).await;
    let payer = world.person("naruto", MONEY).await;
    world.marketplace.bill_everything(TOTAL);
    world.marketplace.put(
        "DS-880000003",
        Bill {
            payment_status: "PAID",
            ..Bill::unpaid(TOTAL)
        },
    );
    let payments = (0..12).map(|number| {
        let payer = &payer;
        async move {
            payer
                .transact(payer.payment(&format!("DS-8800{number:05}"), TOTAL, None))
                .await
        }
    });
    for (number, transaction) in futures::future::join_all(payments).await.into_iter().enumerate() {
        if number == 3 {
            assert_failed(&transaction, "BILL_ALREADY_PAID");
        } else {
            assert_success(&transaction);
        }
    }
    world.close().await;
}
