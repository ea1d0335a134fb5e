//! I1, I4: many want the same bill or the same money at once.

use serde_json::Value;
use testkit::provider::RunMode;

use crate::world::{World, assert_failed, assert_success};

#[track_caller]
fn split(transactions: &[Value]) -> (Vec<&Value>, Vec<&Value>) {
    let (paid, failed): (Vec<&Value>, Vec<&Value>) = transactions.iter().partition(|made| made["status"] == "SUCCESS");
    assert!(failed.iter().all(|made| made["status"] == "FAILED"), "{failed:#?}");
    (paid, failed)
}

async fn two_pay_one_bill(mode: RunMode) {
    let world = World::start(mode).await;
    let (naruto, sasuke) = (
        world.person("naruto", 1_000_000).await,
        world.person("sasuke", 1_000_000).await,
    );
    world.marketplace.bill_everything(1_000);
    for round in 0..10 {
        let va_number = if round % 2 == 0 {
            format!("DS-8800{round:08}")
        } else {
            naruto.invoice(1_000).await
        };
        let (one, other) = futures::join!(
            naruto.transact(naruto.payment(&va_number, 1_000, None)),
            sasuke.transact(sasuke.payment(&va_number, 1_000, None))
        );
        let both = [one, other];
        let (paid, failed) = split(&both);
        assert_eq!((paid.len(), failed.len()), (1, 1), "{both:#?}");
        let code = failed[0]["failureCode"].as_str().expect("a code");
        assert!(
            ["BILL_ALREADY_PAID", "BILL_PAYMENT_IN_PROGRESS"].contains(&code),
            "{both:#?}"
        );
    }
    assert_eq!(naruto.balance().await + sasuke.balance().await, 2_000_000 - 10_000);
    world.close().await;
}

#[tokio::test]
async fn i4_two_who_pay_one_bill_pay_it_once_with_everything_in_one_process() {
    two_pay_one_bill(RunMode::Up).await;
}

#[tokio::test]
async fn i4_two_who_pay_one_bill_pay_it_once_with_six_processes() {
    two_pay_one_bill(RunMode::Served).await;
}

async fn money_for_ten(mode: RunMode) {
    let world = World::start(mode).await;
    let payer = world.person("naruto", 10_000).await;
    world.marketplace.bill_everything(1_000);
    let payments = (0..64).map(|number| {
        let payer = &payer;
        async move {
            payer
                .transact(payer.payment(&format!("DS-8800{number:08}"), 1_000, None))
                .await
        }
    });
    let made = futures::future::join_all(payments).await;
    let (paid, failed) = split(&made);
    assert_eq!((paid.len(), failed.len()), (10, 54));
    for transaction in failed {
        assert_failed(transaction, "INSUFFICIENT_FUNDS");
    }
    assert_eq!(payer.balance().await, 0);
    world.settle().await;
    assert_eq!(payer.history().await.len(), 65, "the attempts are there, too");
    assert_eq!(world.marketplace.all_webhooks().len(), 10);
    world.close().await;
}

#[tokio::test]
async fn i1_money_for_ten_pays_ten_of_sixty_four_with_everything_in_one_process() {
    money_for_ten(RunMode::Up).await;
}

#[tokio::test]
async fn i1_money_for_ten_pays_ten_of_sixty_four_with_six_processes() {
    money_for_ten(RunMode::Served).await;
}

#[tokio::test]
async fn i1_money_that_goes_round_in_circles_stays_the_same() {
    let world = World::start(RunMode::Up).await;
    let people = [
        world.person("naruto", 10_000).await,
        world.person("sasuke", 10_000).await,
        world.person("sakura", 10_000).await,
    ];
    // Everybody gives to both others at once, back and forth: no order of locks may end in a standstill.
    let gifts = (0..60).map(|number| {
        let (from, to) = (&people[number % 3], &people[(number + 1 + number / 3 % 2) % 3]);
        async move { from.transact(from.transfer(&to.wallet_id, 1_000, None)).await }
    });
    for gift in futures::future::join_all(gifts).await {
        assert!(
            gift["status"] == "SUCCESS" || gift["failureCode"] == "INSUFFICIENT_FUNDS",
            "{gift:#}"
        );
    }
    let mut sum = 0;
    for person in &people {
        let balance = person.balance().await;
        assert!(balance >= 0);
        sum += balance;
    }
    assert_eq!(sum, 30_000);
    world.close().await;
}

#[tokio::test]
async fn i4_a_bill_that_failed_is_free_for_the_next() {
    let world = World::start(RunMode::Up).await;
    let (poor, rich) = (world.person("naruto", 0).await, world.person("sasuke", 50_000).await);
    let bill = poor.invoice(20_000).await;
    assert_failed(
        &poor.transact(poor.payment(&bill, 20_000, None)).await,
        "INSUFFICIENT_FUNDS",
    );
    assert_success(&rich.transact(rich.payment(&bill, 20_000, None)).await);
    poor.deposit(20_000).await;
    assert_failed(
        &poor.transact(poor.payment(&bill, 20_000, None)).await,
        "BILL_ALREADY_PAID",
    );
    world.close().await;
}
