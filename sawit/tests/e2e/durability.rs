//! What was acknowledged is durable: every kind of acknowledgement survives `kill -9` a moment later.

use serde_json::json;
use testkit::gate::Gate;
use testkit::marketplace::{Behaviour, Marketplace};
use testkit::person::{PASSWORD, Person, open_wallet, text};
use testkit::provider::{RunMode, UP};
use testkit::wait::eventually;

use crate::world::{Left, World, assert_books, assert_success, builder};

#[tokio::test]
async fn i2_whatever_was_acknowledged_survives_kill_9() {
    let mut world = World::start(RunMode::Up).await;
    let crash = async |world: &mut World| {
        world.provider.kill(UP).await;
        world.provider.start(UP).await;
    };
    let person = Person::register(&world.gateway(), "naruto").await;
    crash(&mut world).await;
    let login = "mutation($email: String!, $password: String!) { loginUser(email: $email, password: $password) { refresh_token } }";
    let session = world
        .gateway()
        .send(login, json!({ "email": person.email, "password": PASSWORD }))
        .await;
    let refresh_token = session.data()["loginUser"]["refresh_token"].clone();
    crash(&mut world).await;
    let refresh = "mutation($token: String!) { refreshSession(refreshToken: $token) { access_token } }";
    let api = world.gateway();
    let refreshed = api.send(refresh, json!({ "token": refresh_token })).await;
    let mut person = person;
    person.api = api.with_token(text(&refreshed.data()["refreshSession"]["access_token"]));
    crash(&mut world).await;
    // Used once, it is used up, also after a crash.
    assert_eq!(
        api.send(refresh, json!({ "token": refresh_token })).await.code(),
        "UNAUTHENTICATED"
    );

    let topup =
        "mutation($id: String!) { topupWallet(walletId: $id, amount: 5000, idempotencyKey: \"k\") { balance } }";
    person.api.send(topup, json!({ "id": person.wallet_id })).await.data();
    crash(&mut world).await;
    person.api.send(topup, json!({ "id": person.wallet_id })).await.data();
    assert_eq!(person.balance().await, 5_000);
    let second = open_wallet(&person.api, "Ramen").await;
    crash(&mut world).await;
    let bill = person.invoice(1_000).await;
    crash(&mut world).await;
    assert_success(&person.transact(person.payment(&bill, 1_000, None)).await);
    crash(&mut world).await;
    assert_success(&person.transact(person.transfer(&second, 1_000, None)).await);
    world.settle().await;
    let entries = person.history().await;
    assert_eq!(entries.len(), 3, "{entries:#?}");
    let hide = "mutation($id: String!) { deleteHistory(historyId: $id) }";
    person
        .api
        .send(hide, json!({ "id": entries[0]["historyId"] }))
        .await
        .data();
    person
        .api
        .send("mutation { deleteAllTransactions }", json!({}))
        .await
        .data();
    crash(&mut world).await;
    assert_eq!(
        (person.history().await.len(), person.transactions().await.len()),
        (2, 0)
    );
    assert_eq!(person.balance().await, 3_000);
    world.close().await;
}

#[tokio::test]
async fn i2_a_record_that_its_owner_hid_does_not_come_back_when_it_is_delivered_again() {
    let marketplace = Marketplace::start().await;
    let builder = builder().marketplace(&marketplace);
    let gate = Gate::before(builder.base_url("history")).await;
    let builder = builder.env_of("transactions", "SAWIT_HISTORY_URL", gate.url());
    let mut world = World::of(builder.start(RunMode::Served).await, marketplace);
    let person = world.person("naruto", 0).await;
    let acknowledgement = gate.hold_answers("AppendEntries");
    person.deposit(1_000).await;
    acknowledgement.reached().await;
    let entry = person.history().await.remove(0);
    let hide = "mutation($id: String!) { deleteHistory(historyId: $id) }";
    person.api.send(hide, json!({ "id": entry["historyId"] })).await.data();
    world.provider.kill("transactions").await;
    acknowledgement.lose();
    world.provider.start("transactions").await;
    world.settle().await;
    assert!(person.history().await.is_empty());
    world.close().await;
}

#[tokio::test]
async fn i2_a_merchant_that_wants_no_more_webhooks_is_left_alone_and_an_operator_sees_it() {
    let world = World::start(RunMode::Up).await;
    let payer = world.person("naruto", 10_000).await;
    world.marketplace.webhooks(Behaviour::Status(410));
    let bill = payer.invoice(1_000).await;
    assert_success(&payer.transact(payer.payment(&bill, 1_000, None)).await);
    let admin = world.provider.admin().await;
    let document = "query { operationsStatus { pendingTransactions deliveriesWaiting deliveriesParked } }";
    let expect = json!({ "pendingTransactions": 0, "deliveriesWaiting": 0, "deliveriesParked": 1 });
    eventually("the webhook is parked and nothing else waits", async || {
        (admin.send(document, json!({})).await.data()["operationsStatus"] == expect).then_some(())
    })
    .await;
    assert_eq!(
        (
            world.marketplace.times_notified(&bill),
            world.marketplace.webhooks_about(&bill).len()
        ),
        (1, 1)
    );
    world.close_leaving(Left { waiting: 0, parked: 1 }).await;
}

#[tokio::test]
async fn sigterm_is_as_clean_as_ctrl_c() {
    let mut provider = builder().start(RunMode::Up).await;
    let person = Person::with_money(&provider.gateway(), "naruto", 1_000).await;
    let status = provider.terminate(UP).await;
    assert!(status.success(), "{status}");
    provider.start(UP).await;
    assert_eq!(person.balance().await, 1_000);
    let data_dir = provider.data_dir();
    eventually("history has the deposit", async || {
        (person.history().await.len() == 1).then_some(())
    })
    .await;
    provider.stop_all().await;
    assert_books(&data_dir, Left::default());
}
