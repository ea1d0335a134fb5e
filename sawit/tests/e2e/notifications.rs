//! I2: a merchant learns of every payment, twice over, and neither way holds up the other.

use testkit::marketplace::Behaviour;
use testkit::provider::RunMode;
use testkit::wait::eventually;

use crate::world::{World, assert_success};

const TOTAL: i64 = 20_000;

#[tokio::test]
async fn i2_a_marketplace_that_was_down_is_told_when_it_is_back() {
    let mut world = World::start(RunMode::Up).await;
    let payer = world.person("naruto", 100_000).await;
    // The provider's own invoice needs no question at the marketplace, so that it can be down from the beginning.
    let va_number = payer.invoice(TOTAL).await;
    world.marketplace.switch_off().await;
    assert_success(&payer.transact(payer.payment(&va_number, TOTAL, None)).await);
    assert_eq!(payer.history().await.len(), 2, "nobody waits for the marketplace");
    eventually("both notifications were tried and wait", async || {
        let report = sawit::audit::books::check(&world.provider.data_dir()).ok()?;
        (report.waiting == 2).then_some(())
    })
    .await;
    world.marketplace.switch_on().await;
    world.settle().await;
    assert_eq!(world.marketplace.times_notified(&va_number), 1);
    let webhooks = world.marketplace.webhooks_about(&va_number);
    assert_eq!(webhooks.len(), 1, "{webhooks:#?}");
    assert!(webhooks[0].verified && webhooks[0].acknowledged, "{webhooks:#?}");
    world.close().await;
}

#[tokio::test]
async fn i2_what_waits_for_a_marketplace_survives_kill_9() {
    let mut world = World::start(RunMode::Up).await;
    let payer = world.person("naruto", 100_000).await;
    let va_number = payer.invoice(TOTAL).await;
    world.marketplace.switch_off().await;
    assert_success(&payer.transact(payer.payment(&va_number, TOTAL, None)).await);
    world.provider.kill_all().await;
    world.marketplace.switch_on().await;
    world.provider.start_all().await;
    world.settle().await;
    assert!(world.marketplace.times_notified(&va_number) >= 1);
    assert!(
        world
            .marketplace
            .webhooks_about(&va_number)
            .iter()
            .any(|webhook| webhook.acknowledged)
    );
    world.close().await;
}

/// One way is out of order when the payment is made and in order when it is tried again; the other is not delayed by it.
async fn one_way_is_broken(break_it: impl Fn(&World, Behaviour), other_arrived: impl Fn(&World, &str) -> bool) {
    let world = World::start(RunMode::Up).await;
    let payer = world.person("naruto", 100_000).await;
    let va_number = payer.invoice(TOTAL).await;
    break_it(&world, Behaviour::Status(500));
    assert_success(&payer.transact(payer.payment(&va_number, TOTAL, None)).await);
    eventually("the other way works", async || {
        other_arrived(&world, &va_number).then_some(())
    })
    .await;
    eventually("only the broken one waits", async || {
        let report = sawit::audit::books::check(&world.provider.data_dir()).ok()?;
        (report.waiting == 1).then_some(())
    })
    .await;
    break_it(&world, Behaviour::Normal);
    world.settle().await;
    assert_eq!(world.marketplace.times_notified(&va_number), 1);
    let webhooks = world.marketplace.webhooks_about(&va_number);
    assert_eq!(
        webhooks.iter().filter(|webhook| webhook.acknowledged).count(),
        1,
        "{webhooks:#?}"
    );
    assert!(
        webhooks
            .iter()
            .all(|webhook| webhook.verified && webhook.id == webhooks[0].id),
        "{webhooks:#?}"
    );
    world.close().await;
}

#[tokio::test]
async fn i2_a_broken_webhook_does_not_hold_up_the_mutation() {
    one_way_is_broken(
        |world, behaviour| world.marketplace.webhooks(behaviour),
        |world, va_number| world.marketplace.times_notified(va_number) == 1,
    )
    .await;
}

#[tokio::test]
async fn i2_a_broken_mutation_does_not_hold_up_the_webhook() {
    one_way_is_broken(
        |world, behaviour| world.marketplace.notifications(behaviour),
        |world, va_number| {
            world
                .marketplace
                .webhooks_about(va_number)
                .iter()
                .any(|webhook| webhook.acknowledged)
        },
    )
    .await;
}

#[tokio::test]
async fn a_webhook_says_what_was_paid() {
    let world = World::start(RunMode::Served).await;
    let payer = world.person("naruto", 100_000).await;
    let va_number = payer.invoice(TOTAL).await;
    let paid = payer.transact(payer.payment(&va_number, TOTAL, None)).await;
    world.settle().await;
    let webhook = &world.marketplace.webhooks_about(&va_number)[0];
    assert!(webhook.verified);
    assert_eq!(webhook.body["type"], "payment.succeeded");
    let data = &webhook.body["data"];
    assert_eq!(
        (
            &data["transactionId"],
            &data["status"],
            &data["amount"],
            &data["currency"]
        ),
        (&paid["transactionId"], &"SUCCESS".into(), &TOTAL.into(), &"IDR".into())
    );
    world.close().await;
}
