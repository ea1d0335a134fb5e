//! `sawit demo`: the whole story against a running system, each step printed and checked.

mod client;
pub mod fraud;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use rand::RngExt as _;
use serde_json::{Value, json};
use service::Settings;

use super::say;
use client::Client;

/// How long the marketplace may take to learn of a payment.
const WEBHOOK_PATIENCE: Duration = Duration::from_secs(15);

pub async fn demo(settings: &Settings) -> Result<ExitCode> {
    let mut story = Story::new(settings)?;
    story.register().await?;
    let wallet_id = story.open_wallet().await?;
    let bill = story.order().await?;
    story.pay(&wallet_id, &bill).await?;
    story.pay_again(&wallet_id, &bill).await?;
    story.give(&wallet_id).await?;
    story.meet_fraud(&wallet_id).await?;
    story.look_back().await?;
    story.wait_for_marketplace(&bill).await?;
    story.prove_books(settings).await?;
    say("\nThat was the whole story.");
    Ok(ExitCode::SUCCESS)
}

struct Story {
    step: usize,
    provider: Client,
    shop_users: Client,
    shop_orders: Client,
    name: String,
}

/// An order of the marketplace that waits to be paid.
struct Bill {
    va_number: String,
    total: Value,
}

impl Story {
    fn new(settings: &Settings) -> Result<Self> {
        let users_port = super::up::port_from_environment("BLACKDOCTRINE_USERS_PORT", 7001)?;
        let host = settings.host;
        let users = format!("http://{}/graphql", std::net::SocketAddr::new(host, users_port));
        let provider = format!(
            "http://{}/graphql",
            std::net::SocketAddr::new(host, settings.gateway_port)
        );
        let orders_port = super::up::port_from_environment("BLACKDOCTRINE_ORDERS_PORT", 7003)?;
        let orders = format!("http://{}/graphql", std::net::SocketAddr::new(host, orders_port));
        // Every run is somebody new, so that the demo can be played again and again.
        let name = format!("narto{:08x}", rand::rng().random::<u32>());
        Ok(Self {
            step: 0,
            provider: Client::new(provider)?,
            shop_users: Client::new(users)?,
            shop_orders: Client::new(orders)?,
            name,
        })
    }

    fn tell(&mut self, what: &str) {
        self.step += 1;
        say(format_args!("\n{:>2}. {what}", self.step));
    }

    async fn register(&mut self) -> Result<()> {
        self.tell("Naruto opens an account at the wallet provider and signs in");
        let email = format!("{}@gmail.com", self.name);
        let variables = json!({ "username": self.name, "email": email });
        let document = "mutation($username: String!, $email: String!) {
            registerUser(username: $username, fullname: \"Naruto Uzumaki\", email: $email, password: \"password123\") }";
        let user_id = self.provider.send(document, variables).await?["registerUser"].clone();
        let document = "mutation($email: String!) {
            loginUser(email: $email, password: \"password123\") { access_token user { username role } } }";
        let login = self.provider.send(document, json!({ "email": email })).await?["loginUser"].clone();
        self.provider.token = Some(text(&login["access_token"])?);
        say(format_args!(
            "    {} is {}, role {}",
            self.name,
            plain(&user_id),
            plain(&login["user"]["role"])
        ));
        Ok(())
    }

    async fn open_wallet(&mut self) -> Result<String> {
        self.tell("He opens a wallet and deposits 500,000 from the (simulated) bank");
        let document =
            "mutation { createWallet(walletName: \"Tabungan Utama\") { walletId walletName balance status } }";
        let wallet = self.provider.send(document, json!({})).await?["createWallet"].clone();
        let wallet_id = text(&wallet["walletId"])?;
        let deposit = self
            .transact(json!({ "walletId": wallet_id, "amount": 500_000, "type": "DEPOSIT" }))
            .await?;
        expect_status(&deposit, "SUCCESS")?;
        say(format_args!(
            "    {} holds {}",
            plain(&wallet["walletName"]),
            self.balance(&wallet_id).await?
        ));
        Ok(wallet_id)
    }

    async fn order(&mut self) -> Result<Bill> {
        self.tell("At the marketplace BlackDoctrine he orders two of product 1");
        let email = format!("{}@konoha.example", self.name);
        let document =
            "mutation($email: String!) { register(nama: \"Naruto\", email: $email, password: \"password123\") { id } }";
        self.shop_users
            .send(document, json!({ "email": email }))
            .await
            .context("the marketplace does not answer; start the provider with `sawit up --demo`")?;
        let document = "mutation($email: String!) { login(email: $email, password: \"password123\") { token } }";
        let login = self.shop_users.send(document, json!({ "email": email })).await?;
        self.shop_orders.token = Some(text(&login["login"]["token"])?);
        let document =
            "mutation { createOrder(input: { productId: \"1\", quantity: 2, alamatPengiriman: \"Jalan Konoha No. 02\",
            metodePengiriman: \"REGULER\" }) { id totalHarga nomorVA status paymentStatus ongkir } }";
        let order = self.shop_orders.send(document, json!({})).await?["createOrder"].clone();
        say(format_args!(
            "    order {}: {} to pay (shipping {}), virtual account {}, {}",
            plain(&order["id"]),
            plain(&order["totalHarga"]),
            plain(&order["ongkir"]),
            plain(&order["nomorVA"]),
            plain(&order["paymentStatus"])
        ));
        Ok(Bill {
            va_number: text(&order["nomorVA"])?,
            total: order["totalHarga"].clone(),
        })
    }

    async fn pay(&mut self, wallet_id: &str, bill: &Bill) -> Result<()> {
        self.tell(
            "He pays the bill from his wallet; the provider asks the marketplace, checks for fraud, moves the money",
        );
        let input = json!({ "walletId": wallet_id, "amount": bill.total, "type": "PAYMENT", "vaNumber": bill.va_number,
            "idempotencyKey": format!("demo-{}", self.name) });
        let payment = self.transact(input.clone()).await?;
        expect_status(&payment, "SUCCESS")?;
        say(format_args!(
            "    {} is {}",
            plain(&payment["transactionId"]),
            plain(&payment["status"])
        ));
        let repeated = self.transact(input).await?;
        ensure!(
            repeated["transactionId"] == payment["transactionId"],
            "the same idempotency key made a second payment"
        );
        say("    sent once more with the same idempotency key: the same payment, no money moved");
        Ok(())
    }

    async fn pay_again(&mut self, wallet_id: &str, bill: &Bill) -> Result<()> {
        self.tell("He tries to pay the same bill once more");
        let input =
            json!({ "walletId": wallet_id, "amount": bill.total, "type": "PAYMENT", "vaNumber": bill.va_number });
        let payment = self.transact(input).await?;
        ensure!(
            payment["failureCode"] == "BILL_ALREADY_PAID",
            "a paid bill was not refused: {payment}"
        );
        say(format_args!(
            "    {}: {}",
            plain(&payment["status"]),
            plain(&payment["failureReason"])
        ));
        Ok(())
    }

    async fn give(&mut self, wallet_id: &str) -> Result<()> {
        self.tell("He moves 25,000 to a second wallet");
        let document = "mutation { createWallet(walletName: \"Ramen\") { walletId } }";
        let second = text(&self.provider.send(document, json!({})).await?["createWallet"]["walletId"])?;
        let input = json!({ "walletId": wallet_id, "amount": 25_000, "type": "TRANSFER", "targetWalletId": second });
        expect_status(&self.transact(input).await?, "SUCCESS")?;
        say(format_args!(
            "    Tabungan Utama {}, Ramen {}",
            self.balance(wallet_id).await?,
            self.balance(&second).await?
        ));
        Ok(())
    }

    async fn meet_fraud(&mut self, wallet_id: &str) -> Result<()> {
        self.tell("Somebody tries to move 60,000,000 out of his wallet");
        let document = "mutation { createWallet(walletName: \"Elsewhere\") { walletId } }";
        let elsewhere = text(&self.provider.send(document, json!({})).await?["createWallet"]["walletId"])?;
        let input =
            json!({ "walletId": wallet_id, "amount": 60_000_000, "type": "TRANSFER", "targetWalletId": elsewhere });
        let attempt = self.transact(input).await?;
        ensure!(
            attempt["failureCode"] == "FRAUD_BLOCKED",
            "it was not refused as fraud: {attempt}"
        );
        say(format_args!(
            "    {}: {} ({})",
            plain(&attempt["status"]),
            plain(&attempt["failureCode"]),
            plain(&attempt["failureReason"])
        ));
        Ok(())
    }

    async fn look_back(&mut self) -> Result<()> {
        self.tell("His history, newest first");
        let document = "query cekHistori { myHistory { historyId transactionId amount type status createdAt } }";
        let entries = self.provider.send(document, json!({})).await?["myHistory"].clone();
        let entries = entries.as_array().context("myHistory is no list")?;
        for entry in entries {
            say(format_args!(
                "    {}  {:<8} {:<8} {}",
                text(&entry["createdAt"])?,
                text(&entry["type"])?,
                text(&entry["status"])?,
                plain(&entry["amount"])
            ));
        }
        ensure!(
            entries.len() == 5,
            "five entries were expected: a deposit, two payments, two transfers"
        );
        Ok(())
    }

    async fn wait_for_marketplace(&mut self, bill: &Bill) -> Result<()> {
        self.tell("The marketplace gets the signed webhook and marks the order paid");
        let document = "query($va: String!) { getOrderByVA(vaNumber: $va) { id totalHarga status paymentStatus productId quantity } }";
        let deadline = tokio::time::Instant::now() + WEBHOOK_PATIENCE;
        loop {
            let order = self.shop_orders.send(document, json!({ "va": bill.va_number })).await?["getOrderByVA"].clone();
            if order["paymentStatus"] == "PAID" {
                say(format_args!(
                    "    order {} is {}",
                    plain(&order["id"]),
                    plain(&order["paymentStatus"])
                ));
                return Ok(());
            }
            if tokio::time::Instant::now() > deadline {
                bail!("the marketplace was not told within {WEBHOOK_PATIENCE:?}: {order}");
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// With the admin's generated password at hand: fraud log and trial balance.
    async fn prove_books(&mut self, settings: &Settings) -> Result<()> {
        let Some(password) = admin_password(settings) else {
            say("\n    (the admin's part is left out: the password is not in the data folder)");
            return Ok(());
        };
        self.tell("The admin looks at the fraud log and proves the books");
        let document = "mutation($email: String!, $password: String!) { loginUser(email: $email, password: $password) { access_token } }";
        let variables = json!({ "email": settings.admin_email, "password": password });
        let login = self.provider.send(document, variables).await?;
        self.provider.token = Some(text(&login["loginUser"]["access_token"])?);
        let document = "query { getFraudLogs { logId userId amount status reason } }";
        let logs = self.provider.send(document, json!({})).await?["getFraudLogs"].clone();
        let fraud = logs
            .as_array()
            .and_then(|logs| logs.iter().find(|log| log["status"] == "FRAUD"));
        let fraud = fraud.context("the refused transfer is not in the fraud log")?;
        say(format_args!(
            "    {} over {}: {}",
            plain(&fraud["status"]),
            plain(&fraud["amount"]),
            plain(&fraud["reason"])
        ));
        let document =
            "query { trialBalance(maxAgeSeconds: 0) { balanced currencies { currency sum accounts mismatches } } }";
        let books = self.provider.send(document, json!({})).await?["trialBalance"].clone();
        ensure!(books["balanced"] == true, "the books do not balance: {books}");
        say(format_args!(
            "    the books balance over {} accounts: the sum of all postings is {}",
            plain(&books["currencies"][0]["accounts"]),
            plain(&books["currencies"][0]["sum"])
        ));
        Ok(())
    }

    async fn transact(&self, input: Value) -> Result<Value> {
        let document = "mutation($input: TransactionInput!) {
            createTransaction(input: $input) { transactionId status amount vaNumber failureCode failureReason createdAt } }";
        Ok(self.provider.send(document, json!({ "input": input })).await?["createTransaction"].clone())
    }

    async fn balance(&self, wallet_id: &str) -> Result<Value> {
        let document = "query($id: String!) { wallet(walletId: $id) { balance } }";
        Ok(self.provider.send(document, json!({ "id": wallet_id })).await?["wallet"]["balance"].clone())
    }
}

/// As it was set, or as it was generated when the provider first started here.
fn admin_password(settings: &Settings) -> Option<String> {
    let set = settings
        .admin_password
        .as_ref()
        .map(|secret| secret.expose().to_owned());
    let file = settings.data_dir.join("admin-password");
    set.or_else(|| std::fs::read_to_string(file).ok().map(|text| text.trim().to_owned()))
}

fn expect_status(transaction: &Value, status: &str) -> Result<()> {
    ensure!(transaction["status"] == status, "{status} was expected: {transaction}");
    Ok(())
}

/// A value as a person reads it: text without its quotes.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn text(value: &Value) -> Result<String> {
    value
        .as_str()
        .map(str::to_owned)
        .with_context(|| format!("text was expected, not {value}"))
}
