//! The documents of the contract, from the files that users copy, run exactly as they stand there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use testkit::client::Client;
use testkit::person::text;
use testkit::provider::RunMode;
use testkit::wait::eventually;

use crate::world::{Left, World, assert_books, builder};

/// What stands in the files for what only a running system knows.
#[derive(Default)]
struct Placeholders(BTreeMap<&'static str, String>);

impl Placeholders {
    fn set(&mut self, name: &'static str, value: &Value) {
        self.0.insert(name, text(value));
    }

    fn fill(&self, template: &str) -> String {
        let mut filled = template.to_owned();
        for (name, value) in &self.0 {
            filled = filled.replace(&format!("{{{{{name}}}}}"), value);
        }
        assert!(!filled.contains("{{"), "a placeholder has no value yet: {filled}");
        filled
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../queries")
}

/// Remembers which files were sent, so that none is forgotten.
#[derive(Default)]
struct Sent(std::collections::BTreeSet<PathBuf>);

impl Sent {
    /// Sends a file and answers with the data of its one root field.
    async fn send(&mut self, api: &Client, file: &str, placeholders: &Placeholders) -> Value {
        let path = folder().join(file);
        let document = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
        let variables = match std::fs::read_to_string(path.with_extension("json")) {
            Ok(template) => serde_json::from_str(&placeholders.fill(&template)).expect("variables are JSON"),
            Err(_) => json!({}),
        };
        self.0.insert(path);
        let answer = api.send(&placeholders.fill(&document), variables).await;
        let data = answer
            .data()
            .as_object()
            .unwrap_or_else(|| panic!("{file}: {:#}", answer.body));
        assert_eq!(data.len(), 1, "{file} has one root field");
        let value = data.values().next().expect("there is one").clone();
        assert!(!value.is_null(), "{file}: {:#}", answer.body);
        value
    }

    fn assert_all_of(&self, below: &str) {
        let files = std::fs::read_dir(folder().join(below)).expect("the folder is there");
        let documents = files.map(|entry| entry.expect("it can be read").path());
        for document in documents.filter(|path| path.extension().is_some_and(|extension| extension == "graphql")) {
            assert!(self.0.contains(&document), "{} is sent by no test", document.display());
        }
    }
}

async fn first_walk(mode: RunMode) {
    let world = World::start(mode).await;
    let (api, admin) = (world.gateway(), world.provider.admin().await);
    let (mut sent, mut placeholders) = (Sent::default(), Placeholders::default());

    let user_id = sent.send(&api, "01-register.graphql", &placeholders).await;
    assert!(text(&user_id).starts_with("usr_"), "{user_id}");
    let login = sent.send(&api, "02-login.graphql", &placeholders).await;
    assert_eq!(login["user"], json!({ "username": "narto", "role": "Nasabah" }));
    let user = api.with_token(text(&login["access_token"]));
    let wallet = sent.send(&user, "03-create-wallet.graphql", &placeholders).await;
    assert_eq!(
        (&wallet["walletName"], &wallet["balance"], &wallet["status"]),
        (&json!("Tabungan Utama"), &json!(0), &json!("ACTIVE"))
    );
    placeholders.set("walletId", &wallet["walletId"]);
    let deposit = sent.send(&user, "05-deposit.graphql", &placeholders).await;
    assert_eq!(
        (&deposit["status"], &deposit["amount"]),
        (&json!("SUCCESS"), &json!(500_000))
    );
    let wallets = sent.send(&user, "04-my-wallets.graphql", &placeholders).await;
    assert_eq!(
        wallets,
        json!([{ "walletName": "Tabungan Utama", "balance": 500_000, "status": "ACTIVE" }])
    );
    let va_number = sent
        .send(&api, "clients/generate-invoice-va.graphql", &placeholders)
        .await;
    placeholders.set("vaNumber", &va_number);
    let payment = sent.send(&user, "06-payment.graphql", &placeholders).await;
    assert_eq!(
        (&payment["status"], &payment["vaNumber"]),
        (&json!("SUCCESS"), &va_number)
    );
    let history = sent.send(&user, "07-history.graphql", &placeholders).await;
    let kinds: Vec<&Value> = history
        .as_array()
        .expect("a list")
        .iter()
        .map(|entry| &entry["type"])
        .collect();
    assert_eq!(kinds, ["PAYMENT", "DEPOSIT"], "newest first, and at once: {history:#}");
    let logs = sent.send(&admin, "08-fraud-logs.graphql", &placeholders).await;
    assert!(
        logs.as_array()
            .is_some_and(|logs| logs.iter().any(|log| log["userId"] == user_id)),
        "{logs:#}"
    );
    sent.assert_all_of(".");
    world.close().await;
}

#[tokio::test]
async fn the_first_walk_works_as_written_with_everything_in_one_process() {
    first_walk(RunMode::Up).await;
}

#[tokio::test]
async fn the_first_walk_works_as_written_with_six_processes() {
    first_walk(RunMode::Served).await;
}

async fn deployed_clients(mode: RunMode) {
    let world = World::start(mode).await;
    let (api, admin) = (world.gateway(), world.provider.admin().await);
    let (mut sent, mut placeholders) = (Sent::default(), Placeholders::default());

    let user_id = sent.send(&api, "clients/register-user.graphql", &placeholders).await;
    placeholders.set("userId", &user_id);
    let login = sent.send(&api, "clients/login-user.graphql", &placeholders).await;
    assert_eq!(
        (&login["user"]["user_id"], &login["user"]["role"]),
        (&user_id, &json!("Nasabah"))
    );
    assert!(
        login["token_type"]
            .as_str()
            .is_some_and(|kind| kind.eq_ignore_ascii_case("bearer")),
        "{login}"
    );
    placeholders.set("accessToken", &login["access_token"]);
    // The token as an argument serves as well as the header.
    let profile = sent.send(&api, "clients/my-profile.graphql", &placeholders).await;
    assert_eq!(profile, login["user"]);
    let user = api.with_token(text(&login["access_token"]));

    let wallet = sent.send(&user, "clients/create-wallet.graphql", &placeholders).await;
    placeholders.set("walletId", &wallet["walletId"]);
    let empty = sent.send(&user, "clients/create-wallet.graphql", &placeholders).await;
    placeholders.set("emptyWalletId", &empty["walletId"]);
    let topped_up = sent.send(&user, "clients/topup-wallet.graphql", &placeholders).await;
    assert_eq!(topped_up["balance"], json!(100_000));
    let deducted = sent.send(&user, "clients/deduct-wallet.graphql", &placeholders).await;
    assert_eq!(deducted["balance"], json!(75_000));
    let va_number = sent
        .send(&api, "clients/generate-invoice-va.graphql", &placeholders)
        .await;
    placeholders.set("vaNumber", &va_number);
    let payment = sent
        .send(&user, "clients/create-transaction.graphql", &placeholders)
        .await;
    assert_eq!((&payment["status"], &payment["userId"]), (&json!("SUCCESS"), &user_id));
    placeholders.set("transactionId", &payment["transactionId"]);
    let wallets = sent.send(&user, "clients/my-wallets.graphql", &placeholders).await;
    assert_eq!(wallets[0]["balance"], json!(55_000), "{wallets:#}");
    let transactions = sent.send(&user, "clients/my-transactions.graphql", &placeholders).await;
    assert_eq!(transactions, json!([payment]));
    let closed = sent.send(&user, "clients/delete-wallet.graphql", &placeholders).await;
    assert_eq!(closed["success"], json!(true), "{closed}");
    assert_eq!(
        sent.send(&user, "clients/delete-all-transactions.graphql", &placeholders)
            .await,
        json!(true)
    );
    assert_eq!(
        sent.send(&user, "clients/my-transactions.graphql", &placeholders).await,
        json!([])
    );

    // A record that the payment itself has made already: adding it by hand is somebody else's record of it.
    placeholders.0.insert("transactionId", "INV-4711".to_owned());
    assert_eq!(
        sent.send(&admin, "clients/add-history.graphql", &placeholders).await,
        json!(true)
    );
    let history = eventually(
        "topup, deduction, payment and the added record are in the history",
        async || {
            let history = user.send("query { myHistory { historyId } }", json!({})).await.data()["myHistory"].clone();
            (history.as_array()?.len() == 4).then_some(history)
        },
    )
    .await;
    let shown = sent.send(&user, "clients/my-history.graphql", &placeholders).await;
    assert_eq!(shown.as_array().map(Vec::len), Some(4));
    placeholders.set("historyId", &history[0]["historyId"]);
    assert_eq!(
        sent.send(&user, "clients/delete-history.graphql", &placeholders).await,
        json!(true)
    );
    assert_eq!(
        sent.send(&user, "clients/my-history.graphql", &placeholders)
            .await
            .as_array()
            .map(Vec::len),
        Some(3)
    );

    let check = sent.send(&admin, "clients/check-fraud.graphql", &placeholders).await;
    assert_eq!(
        (&check["is_fraud"], &check["status"]),
        (&json!(false), &json!("SUSPICIOUS"))
    );
    let logs = sent.send(&admin, "clients/get-fraud-logs.graphql", &placeholders).await;
    placeholders.set("logId", &logs[0]["logId"]);
    let deleted = sent
        .send(&admin, "clients/delete-fraud-log.graphql", &placeholders)
        .await;
    assert!(deleted.is_string(), "{deleted}");
    let left = sent.send(&admin, "clients/get-fraud-logs.graphql", &placeholders).await;
    assert_eq!(
        left.as_array().map(Vec::len),
        logs.as_array().map(|logs| logs.len() - 1)
    );
    sent.assert_all_of("clients");
    world.close().await;
}

#[tokio::test]
async fn what_deployed_clients_send_works_with_everything_in_one_process() {
    deployed_clients(RunMode::Up).await;
}

#[tokio::test]
async fn what_deployed_clients_send_works_with_six_processes() {
    deployed_clients(RunMode::Served).await;
}

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
    sent.assert_all_of("people");
    world.close().await;
}

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
    let forged = file("forged.json", &receipt.replace("SUCCESS", "FAILED"));
    for (arguments, holds) in [
        (&["receipt", "verify", &good, "--key", &key][..], true),
        (&["receipt", "verify", &forged, "--key", &key], false),
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

#[tokio::test]
async fn the_marketplace_blackdoctrine_sells_and_is_paid_as_written() {
    let mut provider = builder()
        .without_env("SAWIT_MARKETPLACE_URL")
        .start(RunMode::Demo)
        .await;
    let [users, orders] = provider.demo_urls().map(Client::new);
    let (mut sent, mut placeholders) = (Sent::default(), Placeholders::default());

    let account = sent
        .send(&users, "blackdoctrine/01-register.graphql", &placeholders)
        .await;
    assert_eq!(account["email"], "naruto@gmail.com", "{account}");
    let login = sent.send(&users, "blackdoctrine/02-login.graphql", &placeholders).await;
    let buyer = orders.with_token(text(&login["token"]));
    let order = sent
        .send(&buyer, "blackdoctrine/03-create-order.graphql", &placeholders)
        .await;
    placeholders.set("vaNumber", &order["nomorVA"]);
    let bill = sent
        .send(&orders, "blackdoctrine/04-check-bill.graphql", &placeholders)
        .await;
    assert_eq!(
        (&bill["totalHarga"], &bill["paymentStatus"]),
        (&order["totalHarga"], &order["paymentStatus"])
    );

    let payer = testkit::person::Person::with_money(&provider.gateway(), "naruto", 10_000_000).await;
    let total = order["totalHarga"].as_i64().expect("whole rupiah");
    let paid = payer
        .transact(payer.payment(&text(&order["nomorVA"]), total, None))
        .await;
    assert_eq!(paid["status"], "SUCCESS", "{paid}");
    eventually("the marketplace marks the order paid", async || {
        let bill = sent
            .send(&orders, "blackdoctrine/04-check-bill.graphql", &placeholders)
            .await;
        (bill["paymentStatus"] == "PAID").then_some(())
    })
    .await;
    sent.assert_all_of("blackdoctrine");
    let data_dir = provider.data_dir();
    eventually("everything is delivered", async || {
        sawit::audit::books::check(&data_dir)
            .ok()
            .filter(|report| report.waiting == 0)
            .map(drop)
    })
    .await;
    provider.stop_all().await;
    assert_books(&data_dir, Left::default());
}
