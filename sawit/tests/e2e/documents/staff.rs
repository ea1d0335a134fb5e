//! Staff's documents.

use serde_json::json;
use testkit::provider::RunMode;

use super::{Placeholders, Sent};
use crate::world::World;

#[tokio::test]
async fn staff_look_and_act_as_written() {
    let world = World::start(RunMode::Up).await;
    let (admin, naruto) = (world.provider.admin().await, world.person("naruto", 100).await);
    let (mut sent, mut placeholders) = (Sent::default(), Placeholders::default());
    placeholders.set("userId", &json!(naruto.user_id));
    placeholders.set("walletId", &json!(naruto.wallet_id));
    for (file, pointer, expect) in [
        ("01-set-user-role", "/role", json!("Support")),
        ("02-users", "/0/user_id", json!(naruto.user_id)),
        ("03-user", "/role", json!("Support")),
        ("04-wallets", "/0/walletId", json!(naruto.wallet_id)),
        ("05-freeze-wallet", "/status", json!("FROZEN")),
        (
            "06-wallet-actions",
            "/0/reason",
            json!("its owner has lost their phone"),
        ),
        ("07-auth-actions", "/0/detail", json!("Nasabah → Support")),
        ("08-ledger-accounts", "/0/account", json!("bank_clearing:IDR")),
        ("09-unlock-user", "/status", json!("ACTIVE")),
        ("10-reset-totp", "/totpEnabled", json!(false)),
    ] {
        let answer = sent.send(&admin, &format!("staff/{file}.graphql"), &placeholders).await;
        assert_eq!(answer.pointer(pointer), Some(&expect), "{file}: {answer:#}");
    }
    sent.assert_all_of("staff");
    world.close().await;
}
