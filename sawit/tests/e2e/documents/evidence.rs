//! What proves a transaction to others, by the documents and by the commands.

use serde_json::json;
use testkit::person::text;
use testkit::provider::RunMode;
use testkit::wait::eventually;

use super::{Placeholders, Sent};
use crate::world::World;

#[tokio::test]
async fn a_transaction_is_proven_as_written_and_by_the_commands() {
    let world = World::start(RunMode::Up).await;
    let api = world.gateway();
    let (mut sent, mut placeholders) = (Sent::default(), Placeholders::default());
    sent.send(&api, "01-register.graphql", &placeholders).await;
    let login = sent.send(&api, "02-login.graphql", &placeholders).await;
    let user = api.with_token(text(&login["access_token"]));
    let wallet = sent.send(&user, "03-create-wallet.graphql", &placeholders).await;
    placeholders.set("walletId", &wallet["walletId"]);
    sent.send(&user, "05-deposit.graphql", &placeholders).await;
    sent.send(&user, "05-deposit.graphql", &placeholders).await;
    let history = eventually("both deposits are in the history", async || {
        let history = sent.send(&user, "07-history.graphql", &placeholders).await;
        (history.as_array()?.len() == 2).then_some(history)
    })
    .await;
    placeholders.set("transactionId", &history[0]["transactionId"]);
    placeholders.set("historyId", &history[0]["historyId"]);

    let receipt = text(&sent.send(&user, "evidence/01-receipt.graphql", &placeholders).await);
    let proof = sent.send(&user, "evidence/02-proof.graphql", &placeholders).await;
    assert_eq!(proof["leafIndex"], json!(1), "{proof:#}");
    let newest = sent.send(&api, "evidence/03-checkpoint.graphql", &placeholders).await;
    let all = sent.send(&user, "evidence/04-checkpoints.graphql", &placeholders).await;
    assert_eq!(all[0]["note"], newest["note"]);
    let grown = sent.send(&user, "evidence/05-consistency.graphql", &placeholders).await;
    assert_eq!(grown["path"].as_array().map(Vec::len), Some(1), "{grown:#}");
    let key = text(&sent.send(&api, "evidence/06-public-key.graphql", &placeholders).await);
    let months = sent.send(&user, "evidence/07-summary.graphql", &placeholders).await;
    assert_eq!(months.as_array().map(Vec::len), Some(12), "{months:#}");
    let code = sent
        .send(&user, "evidence/08-receipt-code.graphql", &placeholders)
        .await;
    placeholders.set("receiptCode", &code);
    placeholders.set("publicKey", &json!(key));
    let told = sent
        .send(&api, "evidence/09-verify-receipt.graphql", &placeholders)
        .await;
    assert_eq!(told["holds"], json!(true), "{told:#}");
    assert_eq!(told["entry"]["transactionId"], history[0]["transactionId"]);
    let keys = sent.send(&api, "evidence/10-public-keys.graphql", &placeholders).await;
    assert_eq!(keys, json!([key]));
    sent.assert_all_of("evidence");

    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).expect("it can be written");
        path.display().to_string()
    };
    let (good, kept) = (
        file("receipt.json", &receipt),
        file("kept", newest["note"].as_str().unwrap()),
    );
    let code = text(&code);
    let link = format!("https://pay.example/verify#{code}");
    let kept_code = file("code.txt", &format!("{link}\n"));
    let cut = &link[..link.len() - 3];
    let forged = file("forged.json", &receipt.replace("SUCCESS", "FAILED"));
    for (arguments, holds) in [
        (&["receipt", "verify", &good, "--key", &key][..], true),
        (&["receipt", "verify", &forged, "--key", &key], false),
        (&["receipt", "verify", &code, "--key", &key], true),
        (&["receipt", "verify", &link, "--key", &key], true),
        (&["receipt", "verify", &kept_code, "--key", &key], true),
        (&["receipt", "verify", cut, "--key", &key], false),
        (&["audit", "verify"], true),
        (&["audit", "verify", "--checkpoint", &kept, "--key", &key], true),
        (&["audit", "verify", "--checkpoint", &good], false),
        (&["audit", "checkpoint"], true),
        (&["keys", "show"], true),
    ] {
        let ran = world.provider.run(arguments).await;
        let said = String::from_utf8_lossy(&ran.stdout);
        assert_eq!(ran.status.success(), holds, "{arguments:?}: {said}");
    }
    world.close().await;
}
