//! The documents of the contract, from the files that users copy, run exactly as they stand there.

mod evidence;
mod operations;
mod people;
mod staff;

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
async fn a_merchant_registers_and_is_paid_as_written() {
    let world = World::start(RunMode::Up).await;
    let (api, buyer) = (world.gateway(), world.person("sasuke", 100_000).await);
    let admin = world.provider.admin().await;
    let (mut sent, mut placeholders) = (Sent::default(), Placeholders::default());
    sent.send(&api, "01-register.graphql", &placeholders).await;
    let login = sent.send(&api, "02-login.graphql", &placeholders).await;
    let owner = api.with_token(text(&login["access_token"]));

    let registered = sent
        .send(&owner, "merchants/01-register-merchant.graphql", &placeholders)
        .await;
    let shop = api.with_token(text(&registered["apiKey"]));
    placeholders.set("merchantId", &registered["merchant"]["merchantId"]);
    let session = sent
        .send(&shop, "merchants/02-create-payment-session.graphql", &placeholders)
        .await;
    placeholders.set("sessionId", &session["sessionId"]);
    placeholders.set("walletId", &json!(buyer.wallet_id));
    let seen = sent
        .send(&api, "merchants/03-checkout-session.graphql", &placeholders)
        .await;
    assert_eq!(
        (&seen["merchantName"], &seen["state"]),
        (&json!("Toko Ani"), &json!("OPEN"))
    );
    let paid = sent
        .send(&buyer.api, "merchants/04-pay-payment-session.graphql", &placeholders)
        .await;
    assert_eq!(paid["status"], "SUCCESS", "{paid:#}");
    let status = sent
        .send(&shop, "merchants/05-check-payment.graphql", &placeholders)
        .await;
    assert_eq!((&status["status"], &status["final"]), (&json!("PAID"), &json!(true)));
    let sessions = sent
        .send(&shop, "merchants/06-payment-sessions.graphql", &placeholders)
        .await;
    assert_eq!(sessions[0]["transactionId"], paid["transactionId"]);
    let merchant = sent.send(&shop, "merchants/07-merchant.graphql", &placeholders).await;
    assert_eq!(merchant["balance"], json!(59_000));
    placeholders.set("transactionId", &paid["transactionId"]);
    operations::capture_and_refund_as_written(&mut sent, &shop, &buyer, &mut placeholders).await;
    let payout = sent
        .send(&shop, "merchants/16-create-payout.graphql", &placeholders)
        .await;
    placeholders.set("payoutId", &payout["payoutId"]);
    let seen = sent.send(&shop, "merchants/17-payout.graphql", &placeholders).await;
    assert_eq!(seen["state"], "IN_TRANSIT");
    let seen = sent.send(&shop, "merchants/18-payouts.graphql", &placeholders).await;
    assert_eq!(seen[0]["payoutId"], payout["payoutId"]);
    let paid = sent
        .send(&admin, "merchants/19-report-payout.graphql", &placeholders)
        .await;
    assert_eq!(paid, json!({ "state": "PAID", "bankReference": "BCA-77" }));

    let va_number = sent
        .send(&shop, "clients/generate-invoice-va.graphql", &placeholders)
        .await;
    placeholders.set("vaNumber", &va_number);
    let opened = sent
        .send(&api, "merchants/08-open-checkout.graphql", &placeholders)
        .await;
    placeholders.set("invoiceSessionId", &opened["sessionId"]);
    let cancelled = sent
        .send(&shop, "merchants/09-cancel-payment-session.graphql", &placeholders)
        .await;
    assert_eq!(cancelled, json!({ "state": "CANCELLED", "version": 2 }));
    let updated = sent
        .send(&shop, "merchants/10-update-merchant.graphql", &placeholders)
        .await;
    assert_eq!(updated["name"], "Toko Ani & Budi");
    let made = sent
        .send(&owner, "merchants/11-create-api-key.graphql", &placeholders)
        .await;
    placeholders.set("keyId", &made["key"]["keyId"]);
    sent.send(&owner, "merchants/12-revoke-api-key.graphql", &placeholders)
        .await;
    sent.send(&owner, "merchants/13-rotate-signing-secret.graphql", &placeholders)
        .await;
    let plans = sent
        .send(&admin, "merchants/14-set-fee-plan.graphql", &placeholders)
        .await;
    assert_eq!(plans["feePlans"][0]["percent"], json!(1.5));
    let stopped = sent
        .send(&admin, "merchants/15-set-merchant-status.graphql", &placeholders)
        .await;
    assert_eq!(stopped["status"], "SUSPENDED");
    sent.assert_all_of("merchants");
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

#[tokio::test]
async fn a_merchant_manages_webhooks_and_pulls_events_as_written() {
    let world = World::start(RunMode::Up).await;
    let (api, admin) = (world.gateway(), world.provider.admin().await);
    let (mut sent, mut placeholders) = (Sent::default(), Placeholders::default());
    placeholders
        .0
        .insert("merchantId", "mrc_00000000000000000000000001".to_owned());
    let folder = "merchants/webhooks";
    let created = sent
        .send(&admin, &format!("{folder}/01-create-endpoint.graphql"), &placeholders)
        .await;
    placeholders.set("endpointId", &created["endpoint"]["endpointId"]);
    let endpoints = sent
        .send(&admin, &format!("{folder}/02-endpoints.graphql"), &placeholders)
        .await;
    let known = endpoints.as_array().expect("a list");
    assert!(
        known
            .iter()
            .any(|one| one["endpointId"] == created["endpoint"]["endpointId"])
    );
    let updated = sent
        .send(&admin, &format!("{folder}/03-update-endpoint.graphql"), &placeholders)
        .await;
    assert_eq!(updated["events"], json!([]));
    let rotated = sent
        .send(&admin, &format!("{folder}/04-rotate-secret.graphql"), &placeholders)
        .await;
    assert_ne!(rotated["secret"], created["secret"]);

    let payer = world.person("naruto", 100_000).await;
    let va_number = sent
        .send(&api, "clients/generate-invoice-va.graphql", &placeholders)
        .await;
    let paid = payer.transact(payer.payment(&text(&va_number), 20_000, None)).await;
    assert_eq!(paid["status"], "SUCCESS", "{paid}");
    let page = sent
        .send(&admin, &format!("{folder}/05-events-after.graphql"), &placeholders)
        .await;
    assert_eq!(page["events"][0]["type"], "payment.succeeded", "{page:#}");
    assert_eq!(page["cursor"], page["events"][0]["eventId"]);
    placeholders.set("eventId", &page["cursor"]);
    eventually("an attempt is in the log", async || {
        let attempts = sent
            .send(&admin, &format!("{folder}/06-attempts.graphql"), &placeholders)
            .await;
        (attempts[0]["eventId"] == page["cursor"]).then_some(())
    })
    .await;
    let resent = sent
        .send(&admin, &format!("{folder}/07-resend.graphql"), &placeholders)
        .await;
    assert_eq!(resent, json!(true));
    let deleted = sent
        .send(&admin, &format!("{folder}/08-delete-endpoint.graphql"), &placeholders)
        .await;
    assert_eq!(deleted, json!(true));
    sent.assert_all_of(folder);
    world.close().await;
}
