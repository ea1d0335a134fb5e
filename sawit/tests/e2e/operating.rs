//! Starting, stopping, settings: what an operator sees.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::json;
use testkit::person::Person;
use testkit::provider::{ADMIN_PASSWORD, Provider, RunMode, UP};

use crate::world::{Left, World, assert_books, builder};

#[tokio::test]
async fn the_demo_plays_the_whole_story() {
    let builder = builder()
        .without_env("SAWIT_MARKETPLACE_URL")
        .without_env("SAWIT_ADMIN_PASSWORD");
    let mut provider = builder.start(RunMode::Demo).await;
    for _ in 0..2 {
        let demo = provider.run(&["demo"]).await;
        let said = String::from_utf8_lossy(&demo.stdout).into_owned();
        assert!(
            demo.status.success(),
            "{said}\n{}",
            String::from_utf8_lossy(&demo.stderr)
        );
        assert!(said.contains("That was the whole story."), "{said}");
    }
    let demo = provider.run(&["demo", "--fraud"]).await;
    let said = String::from_utf8_lossy(&demo.stdout).into_owned();
    let problems = String::from_utf8_lossy(&demo.stderr).into_owned();
    assert!(demo.status.success(), "{said}\n{problems}");
    for part in [
        "is held: score",
        "REVIEW_REJECTED",
        "FRAUD_BLOCKED",
        "would have been different",
        "nobody else was disturbed",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let audit = provider.run(&["audit", "books"]).await;
    assert!(audit.status.success(), "{}", String::from_utf8_lossy(&audit.stdout));
    testkit::wait::eventually("everything is delivered", async || {
        sawit::audit::books::check(&provider.data_dir())
            .ok()
            .filter(|report| report.waiting == 0)
            .map(drop)
    })
    .await;
    provider.stop_all().await;
    assert_books(&provider.data_dir(), Left::default());
}

#[tokio::test]
async fn a_demo_without_a_provider_says_so() {
    let provider = builder().stopped(RunMode::Up);
    let demo = provider.run(&["demo"]).await;
    assert!(!demo.status.success());
    let said = String::from_utf8_lossy(&demo.stderr).into_owned();
    assert!(said.contains("does not answer"), "{said}");
}

async fn ctrl_c_loses_nothing(mode: RunMode) {
    let mut world = World::start(mode).await;
    let payer = world.person("naruto", 100_000).await;
    let paid = payer
        .transact(payer.payment(&payer.invoice(20_000).await, 20_000, Some("once")))
        .await;
    world.settle().await;
    world.provider.stop_all().await;
    for entry in std::fs::read_dir(world.provider.data_dir()).expect("the data folder is there") {
        let entry = entry.expect("it can be read");
        let name = entry.file_name().to_string_lossy().into_owned();
        let left = name.ends_with("-wal") && entry.metadata().expect("it has a size").len() > 0;
        assert!(!left, "{name} was not written back into its database");
    }
    world.provider.start_all().await;
    assert_eq!(
        payer.balance().await,
        80_000,
        "the token and the money are as good as before"
    );
    let history = payer.history().await;
    assert_eq!(history.len(), 2, "{history:#?}");
    let again = payer
        .transact(payer.payment(paid["vaNumber"].as_str().expect("a number"), 20_000, Some("once")))
        .await;
    assert_eq!(again, paid);
    world.close().await;
}

#[tokio::test]
async fn ctrl_c_loses_nothing_with_everything_in_one_process() {
    ctrl_c_loses_nothing(RunMode::Up).await;
}

#[tokio::test]
async fn ctrl_c_loses_nothing_with_six_processes() {
    ctrl_c_loses_nothing(RunMode::Served).await;
}

#[tokio::test]
async fn ctrl_c_lets_a_payment_under_way_finish() {
    let marketplace = testkit::marketplace::Marketplace::start().await;
    let gate = testkit::gate::Gate::before(marketplace.base_url()).await;
    let builder = builder()
        .marketplace(&marketplace)
        .env("SAWIT_MARKETPLACE_URL", format!("{}/graphql", gate.url()));
    let mut world = World::of(builder.start(RunMode::Up).await, marketplace);
    let payer = world.person("naruto", 100_000).await;
    world.marketplace.bill_everything(20_000);
    let bill = gate.hold_requests("getOrderByVA");
    let paying = tokio::spawn({
        let payer = payer.clone();
        async move { payer.try_transact(payer.payment("DS-8800000001", 20_000, None)).await }
    });
    bill.reached().await;
    let release = tokio::spawn(async move {
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        bill.release();
    });
    let status = world.provider.interrupt(UP).await;
    assert!(status.success(), "{status}");
    release.await.expect("it was released");
    let answer = paying
        .await
        .expect("the task ends")
        .expect("the request was answered before the end");
    assert_eq!(answer.data()["createTransaction"]["status"], "SUCCESS");
    world.provider.start_all().await;
    world.close().await;
}

#[tokio::test]
async fn a_second_provider_on_the_same_data_is_refused() {
    let world = World::start(RunMode::Up).await;
    let ports = [
        "SAWIT_PORT",
        "SAWIT_AUTH_PORT",
        "SAWIT_WALLET_PORT",
        "SAWIT_TRANSACTIONS_PORT",
        "SAWIT_FRAUD_PORT",
        "SAWIT_HISTORY_PORT",
    ];
    let second = ports.into_iter().fold(builder(), |builder, name| {
        builder.env(name, testkit::ports::free_port().to_string())
    });
    let second = second
        .env("SAWIT_DATA_DIR", world.provider.data_dir().display().to_string())
        .env("SAWIT_KEYS_DIR", world.provider.keys_dir().display().to_string())
        .stopped(RunMode::Up);
    let output = tokio::time::timeout(std::time::Duration::from_secs(60), second.run(&["up"])).await;
    let output = output.expect("it ends by itself");
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains(".db") && said.contains("another process"), "{said}");
    // The first one goes on.
    world.person("naruto", 1_000).await;
    world.close().await;
}

#[track_caller]
fn assert_mode(path: &Path, expect: u32) {
    let mode = std::fs::metadata(path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, expect, "{}: {:o}", path.display(), mode & 0o777);
}

#[tokio::test]
async fn a_first_start_makes_keys_and_databases_that_only_their_owner_reads() {
    let mut provider = builder().without_env("SAWIT_ADMIN_PASSWORD").start(RunMode::Up).await;
    let (data, keys) = (provider.data_dir(), provider.keys_dir());
    assert_mode(&data, 0o700);
    assert_mode(&keys, 0o700);
    assert_mode(&keys.join("private"), 0o700);
    assert_mode(&keys.join("clients"), 0o700);
    for folder in [keys.join("private"), keys.join("clients")] {
        for entry in std::fs::read_dir(folder).expect("the folder is there") {
            let path = entry.expect("it can be read").path();
            // A client's secret has enough bits that its hash may be seen; auth's own container reads nothing else.
            let is_hash = path.extension().is_some_and(|extension| extension == "sha256");
            assert_mode(&path, if is_hash { 0o644 } else { 0o600 });
        }
    }
    for name in [
        "users.db",
        "wallets.db",
        "transactions.db",
        "fraud.db",
        "history.db",
        "admin-password",
    ] {
        assert_mode(&data.join(name), 0o600);
    }
    let greeting = provider.log(UP);
    let password = std::fs::read_to_string(data.join("admin-password")).expect("it was just made");
    assert!(
        greeting.contains("admin-password") && greeting.contains("admin@sawit.example"),
        "{greeting}"
    );
    assert!(
        !greeting.contains(password.trim()),
        "a password does not belong into a log"
    );
    for port in ["gateway", "auth", "wallet", "transactions", "fraud", "history"] {
        let address = provider.base_url(port);
        assert!(
            greeting.contains(&address),
            "{address} is not in the greeting: {greeting}"
        );
    }
    provider.stop_all().await;
    assert_books(&data, Left::default());
}

#[tokio::test]
async fn no_secret_reaches_the_log() {
    let mut world = World::start(RunMode::Up).await;
    world.provider.set_env("SAWIT_LOG", "debug");
    world.provider.stop_all().await;
    world.provider.start_all().await;
    let payer = world.person("naruto", 100_000).await;
    payer
        .transact(payer.payment(&payer.invoice(20_000).await, 20_000, None))
        .await;
    world.provider.admin().await;
    world.settle().await;
    let log = world.provider.log(UP);
    let mut secrets = vec![
        ADMIN_PASSWORD.to_owned(),
        testkit::person::PASSWORD.to_owned(),
        world
            .marketplace
            .webhook_secret()
            .trim_start_matches("whsec_")
            .to_owned(),
        payer.api.token().expect("a person has a token").to_owned(),
        payer.email.clone(),
    ];
    for entry in std::fs::read_dir(world.provider.keys_dir().join("clients")).expect("the folder is there") {
        secrets.push(
            std::fs::read_to_string(entry.expect("it can be read").path())
                .expect("text")
                .trim()
                .to_owned(),
        );
    }
    for secret in secrets {
        assert!(!log.contains(&secret), "{secret} stands in the log");
    }
    world.close().await;
}

async fn refused(provider: &Provider, arguments: &[&str], expect: &[&str]) {
    let output = tokio::time::timeout(std::time::Duration::from_secs(60), provider.run(arguments)).await;
    let output = output.expect("it ends by itself");
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(!output.status.success(), "it was not refused: {said}");
    for words in expect {
        assert!(said.contains(words), "{words:?} was expected: {said}");
    }
}

#[tokio::test]
async fn the_configuration_is_listed_without_secrets() {
    let secret = "whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0";
    let provider = builder()
        .env("SAWIT_MARKETPLACE_WEBHOOK_URL", "http://127.0.0.1:9/hook")
        .env("SAWIT_MARKETPLACE_WEBHOOK_SECRET", secret)
        .stopped(RunMode::Up);
    let listed = provider.run(&["config"]).await;
    let said = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(listed.status.success(), "{said}");
    assert!(!said.contains(secret) && !said.contains(ADMIN_PASSWORD), "{said}");
    assert!(
        said.contains("SAWIT_ADMIN_PASSWORD = (secret)") && said.contains("[environment]"),
        "{said}"
    );
    for setting in service::settings::SETTINGS {
        assert!(
            said.contains(&format!("{} = ", setting.env)),
            "{} is not listed",
            setting.env
        );
    }
}

#[tokio::test]
async fn invalid_settings_are_refused_by_name_all_at_once() {
    let provider = builder()
        .env("SAWIT_MODE", "production")
        .env("SAWIT_HOST", "localhost")
        .stopped(RunMode::Up);
    refused(&provider, &["up"], &["SAWIT_MODE", "SAWIT_HOST", "an IP address"]).await;
    refused(&provider, &["config"], &["SAWIT_MODE", "SAWIT_HOST"]).await;
    assert!(
        !provider.data_dir().exists(),
        "nothing is made before the settings are good"
    );
    let provider = builder()
        .env("SAWIT_MARKETPLACE_WEBHOOK_URL", "http://127.0.0.1:9/hook")
        .stopped(RunMode::Up);
    refused(&provider, &["up"], &["SAWIT_MARKETPLACE_WEBHOOK_SECRET"]).await;
    let provider = builder().stopped(RunMode::Up);
    std::fs::write(provider.root().join("sawit.toml"), "no_such_setting = 1\n").expect("it can be written");
    refused(&provider, &["up"], &["no_such_setting"]).await;
}

#[tokio::test]
async fn live_mode_refuses_what_is_fit_for_a_sandbox_only() {
    let live = || {
        builder()
            .env("SAWIT_MODE", "live")
            .env("SAWIT_RATE_LIMITS", "on")
            .env("SAWIT_PUBLIC_URL", "https://pay.example")
    };
    refused(
        &live().stopped(RunMode::Up),
        &["up"],
        &["SAWIT_MARKETPLACE_URL", "https://"],
    )
    .await;
    let shop = || live().env("SAWIT_MARKETPLACE_URL", "https://shop.example/graphql");
    refused(
        &shop().env("SAWIT_RATE_LIMITS", "off").stopped(RunMode::Up),
        &["up"],
        &["SAWIT_RATE_LIMITS"],
    )
    .await;
    refused(
        &shop().without_env("SAWIT_ADMIN_PASSWORD").stopped(RunMode::Up),
        &["up"],
        &["SAWIT_ADMIN_PASSWORD"],
    )
    .await;
    let private = shop()
        .env("SAWIT_MARKETPLACE_URL", "https://10.0.0.1/graphql")
        .stopped(RunMode::Up);
    refused(&private, &["up"], &["SAWIT_MARKETPLACE_URL", "public"]).await;
    refused(
        &live().without_env("SAWIT_MARKETPLACE_URL").stopped(RunMode::Up),
        &["up", "--demo"],
        &["SAWIT_MARKETPLACE_URL"],
    )
    .await;

    // With everything as it should be it starts, and money does not come for free.
    let mut provider = shop().start(RunMode::Up).await;
    let person = Person::register(&provider.gateway(), "naruto").await;
    let input = json!({ "walletId": person.wallet_id, "amount": 1, "type": "DEPOSIT" });
    assert_eq!(person.ask_transact(input).await.code(), "FORBIDDEN");
    let topup = "mutation($id: String!) { topupWallet(walletId: $id, amount: 1) { balance } }";
    assert_eq!(
        person.api.send(topup, json!({ "id": person.wallet_id })).await.code(),
        "FORBIDDEN"
    );
    let invoice = "mutation { generateInvoiceVA(amount: 1) }";
    assert_eq!(
        provider.gateway().send(invoice, json!({})).await.code(),
        "UNAUTHENTICATED"
    );
    assert_eq!(person.api.send(invoice, json!({})).await.code(), "FORBIDDEN");
    assert_eq!(person.balance().await, 0);
    provider.stop_all().await;
    assert_books(&provider.data_dir(), Left::default());
}
