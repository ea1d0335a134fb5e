//! What people send for themselves.

use serde_json::json;
use testkit::person::text;
use testkit::provider::RunMode;

use super::{Placeholders, Sent};
use crate::world::{World, this_month};

#[tokio::test]
async fn money_is_sent_to_somebody_who_is_known_by_name_as_written() {
    let world = World::start(RunMode::Up).await;
    let (api, sasuke) = (world.gateway(), world.person("sasuke", 0).await);
    let (mut sent, mut placeholders) = (Sent::default(), Placeholders::default());
    sent.send(&api, "01-register.graphql", &placeholders).await;
    let login = sent.send(&api, "02-login.graphql", &placeholders).await;
    let user = api.with_token(text(&login["access_token"]));
    let wallet = sent.send(&user, "03-create-wallet.graphql", &placeholders).await;
    placeholders.set("walletId", &wallet["walletId"]);
    placeholders.set("month", &json!(this_month()));
    sent.send(&user, "05-deposit.graphql", &placeholders).await;

    assert_eq!(
        sent.send(&user, "people/01-set-pin.graphql", &placeholders).await,
        json!(true)
    );
    let confirmed = sent
        .send(&user, "people/02-confirm-identity.graphql", &placeholders)
        .await;
    assert_eq!(confirmed, json!(true));
    let recipient = sent.send(&user, "people/03-recipient.graphql", &placeholders).await;
    let expect = json!({ "userId": sasuke.user_id, "username": "sasuke", "fullname": "sasuke" });
    assert_eq!(recipient, expect);
    placeholders.set("recipientId", &recipient["userId"]);
    let receiving = sent
        .send(&user, "people/04-receiving-wallet.graphql", &placeholders)
        .await;
    assert_eq!(receiving, json!({ "walletId": sasuke.wallet_id, "currency": "IDR" }));
    placeholders.set("targetWalletId", &receiving["walletId"]);
    let transfer = sent.send(&user, "people/05-transfer.graphql", &placeholders).await;
    assert_eq!(transfer["status"], "SUCCESS", "{transfer:#}");
    assert_eq!(sasuke.balance().await, 25_000);
    for (file, pointer, expect) in [
        ("06-begin-totp", "/secret", None),
        ("07-set-time-zone", "/timeZone", Some(json!("Asia/Jakarta"))),
        ("08-wallet-postings", "/0/amount", Some(json!(-25_000))),
        ("09-wallet-statement", "/wentOut", Some(json!(25_000))),
    ] {
        let answer = sent.send(&user, &format!("people/{file}.graphql"), &placeholders).await;
        assert!(
            expect.is_none() || answer.pointer(pointer) == expect.as_ref(),
            "{answer:#}"
        );
    }
    sent.assert_all_of("people");
    world.close().await;
}
