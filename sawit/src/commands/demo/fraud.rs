//! `sawit demo --fraud`: ordinary traffic, then an attack that is caught, reviewed, rejected, and seen everywhere.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use rand::RngExt as _;
use serde_json::{Value, json};
use service::{Clock, Settings};

use super::super::say;
use super::client::Client;
use super::{plain, text};

/// How long a decision may take to reach the payment, and a back-test to end.
const PATIENCE: Duration = Duration::from_secs(15);
const HOUR: Duration = Duration::from_secs(3_600);
/// Just below the amount that is suspicious by itself.
const JUST_BELOW: i64 = 9_800_000;
/// By now the pattern must have been seen.
const ATTEMPTS_MAX: usize = 8;

/// Plays the story. It needs the admin's password, and puts the policy back as it was.
pub async fn demo(settings: &Settings) -> Result<ExitCode> {
    let mut story = Story::new(settings)?;
    story.sign_in_admin(settings).await?;
    let before = story.hold_what_is_suspicious().await?;
    let told = story.play().await;
    // Also when something went wrong on the way.
    story.put_back(&before).await?;
    told?;
    say("\nThat was the whole story.");
    Ok(ExitCode::SUCCESS)
}

struct Story {
    step: usize,
    gateway: String,
    /// Every run has people of its own, so that it can be played again and again.
    run: u32,
    admin: Client,
    admin_password: String,
}

/// Somebody with a wallet.
struct Person {
    api: Client,
    user_id: String,
    wallet_id: String,
}

impl Story {
    fn new(settings: &Settings) -> Result<Self> {
        let gateway = std::net::SocketAddr::new(settings.host, settings.gateway_port);
        let gateway = format!("http://{gateway}/graphql");
        let password = super::admin_password(settings)
            .context("this story needs the admin's password: set SAWIT_ADMIN_PASSWORD, or keep data/admin-password")?;
        Ok(Self {
            step: 0,
            admin: Client::new(gateway.clone())?,
            gateway,
            run: rand::rng().random(),
            admin_password: password,
        })
    }

    fn tell(&mut self, what: &str) {
        self.step += 1;
        say(format_args!("\n{:>2}. {what}", self.step));
    }

    async fn play(&mut self) -> Result<()> {
        let (buyers, elsewhere) = self.ordinary_traffic().await?;
        let (mule, held) = self.attack(&elsewhere).await?;
        let analyst = self.analyst().await?;
        self.decide(&analyst, &mule, &held).await?;
        self.deny(&analyst, &mule, &elsewhere).await?;
        self.try_on_the_past(&analyst).await?;
        self.look_everywhere(&mule, &held).await?;
        for buyer in &buyers {
            let balance = buyer.balance().await?;
            ensure!(balance == 420_000, "somebody honest was disturbed: {balance} is left");
        }
        say("    and nobody else was disturbed");
        Ok(())
    }

    async fn sign_in_admin(&mut self, settings: &Settings) -> Result<()> {
        let login = log_in(&self.admin, &settings.admin_email, &self.admin_password).await?;
        self.admin.token = Some(login);
        Ok(())
    }

    /// Answers with the policy as it was.
    async fn hold_what_is_suspicious(&mut self) -> Result<Value> {
        self.tell("The admin has suspicious payments held for review, instead of only noting them");
        let policy = self
            .admin
            .send("query { fraudPolicy { version suspiciousAction } }", json!({}))
            .await?["fraudPolicy"]
            .clone();
        self.set_action("REVIEW").await?;
        let rules = self
            .admin
            .send("query { fraudRules { name state } }", json!({}))
            .await?["fraudRules"]
            .clone();
        let rules = rules.as_array().context("fraudRules is no list")?;
        let active = rules.iter().filter(|rule| rule["state"] == "ACTIVE").count();
        say(format_args!(
            "    suspicious was {}, is REVIEW; {active} rules are active, {} watch silently",
            plain(&policy["suspiciousAction"]),
            rules.iter().filter(|rule| rule["state"] == "SHADOW").count()
        ));
        Ok(policy["suspiciousAction"].clone())
    }

    async fn put_back(&self, action: &Value) -> Result<()> {
        self.set_action(&text(action)?).await
    }

    async fn set_action(&self, action: &str) -> Result<()> {
        let document = "query { fraudPolicy { version suspiciousFrom fraudFrom fraudAction reviewExpiresAfterSeconds
            reviewExpiryDecision fourEyesAbove } }";
        let mut input = self.admin.send(document, json!({})).await?["fraudPolicy"].clone();
        let fields = input.as_object_mut().context("fraudPolicy is no object")?;
        let version = fields.remove("version").context("a policy has a version")?;
        fields.insert("expectedVersion".to_owned(), version);
        fields.insert("suspiciousAction".to_owned(), json!(action));
        fields.insert("reason".to_owned(), json!("the demo of the review desk"));
        let document = "mutation($input: FraudPolicyInput!) { setFraudPolicy(input: $input) { version } }";
        self.admin.send(document, json!({ "input": input })).await?;
        Ok(())
    }

    async fn ordinary_traffic(&mut self) -> Result<(Vec<Person>, Person)> {
        self.tell("Three people deposit and pay their landlord, as on any day");
        let landlord = self.person("landlord").await?;
        let mut buyers = Vec::new();
        for number in 0..3 {
            let buyer = self.person(&format!("buyer{number}")).await?;
            buyer.deposit(500_000).await?;
            for _ in 0..2 {
                let paid = buyer.send(&landlord.wallet_id, 40_000).await?;
                ensure!(
                    paid["status"] == "SUCCESS",
                    "an ordinary payment did not go through: {paid}"
                );
            }
            buyers.push(buyer);
        }
        say("    6 payments, all SUCCESS");
        let elsewhere = self.person("elsewhere").await?;
        Ok((buyers, elsewhere))
    }

    /// Money comes in and goes straight out, in pieces just below what is suspicious by itself.
    async fn attack(&mut self, elsewhere: &Person) -> Result<(Person, Value)> {
        self.tell("A new account takes money in and sends it straight out, in pieces just below the limit");
        let mule = self.person("mule").await?;
        for attempt in 1..=ATTEMPTS_MAX {
            mule.deposit(JUST_BELOW).await?;
            let sent = mule.send(&elsewhere.wallet_id, JUST_BELOW).await?;
            say(format_args!("    {JUST_BELOW} sent on: {}", plain(&sent["status"])));
            match sent["status"].as_str() {
                Some("SUCCESS") => {}
                Some("REVIEW") => {
                    let log = self.log_of(&sent["transactionId"]).await?;
                    say(format_args!(
                        "    piece {attempt} is held: score {}, because {}",
                        plain(&log["score"]),
                        plain(&log["reason"])
                    ));
                    ensure!(mule.balance().await? == 0, "what is held can still be spent");
                    return Ok((mule, sent));
                }
                _ => bail!("neither let through nor held: {sent}"),
            }
        }
        bail!("{ATTEMPTS_MAX} pieces went through and nobody noticed")
    }

    async fn log_of(&self, transaction_id: &Value) -> Result<Value> {
        let document = "query($id: String!) { fraudLogOf(transactionId: $id) { logId caseId score reason rules } }";
        Ok(self.admin.send(document, json!({ "id": transaction_id })).await?["fraudLogOf"].clone())
    }

    async fn analyst(&mut self) -> Result<Person> {
        self.tell("Shikamaru becomes an analyst of the fraud desk");
        let person = self.person("shikamaru").await?;
        let document = "mutation($id: String!) { setUserRole(userId: $id, role: \"FraudAnalyst\") { role } }";
        self.admin.send(document, json!({ "id": person.user_id })).await?;
        // The role shows in tokens from the next sign-in on.
        let analyst = self.signed_in("shikamaru", person).await?;
        let document = "query { reviewCases(state: OPEN) { caseId userId amount expiresAt } }";
        let cases = analyst.api.send(document, json!({})).await?["reviewCases"].clone();
        let cases = cases.as_array().context("reviewCases is no list")?;
        ensure!(!cases.is_empty(), "what is held is not on the desk");
        say(format_args!("    {} on the desk", cases.len()));
        Ok(analyst)
    }

    async fn decide(&mut self, analyst: &Person, mule: &Person, held: &Value) -> Result<()> {
        self.tell("The analyst looks at the case and rejects it");
        let log = self.log_of(&held["transactionId"]).await?;
        let document = "query($id: String!) { reviewCase(caseId: $id) {
            state recent { status amount } log { rules } } }";
        let case = analyst.api.send(document, json!({ "id": log["caseId"] })).await?["reviewCase"].clone();
        ensure!(case["state"] == "OPEN", "the case is not open: {case}");
        say(format_args!(
            "    {} earlier checks of this user on the page",
            case["recent"].as_array().map_or(0, Vec::len)
        ));
        let document =
            "mutation($id: String!) { rejectReview(caseId: $id, note: \"in and straight out, four times\") { state } }";
        analyst.api.send(document, json!({ "id": log["caseId"] })).await?;
        let ended = self
            .eventually("the decision reaches the payment", async || {
                let found = mule.transaction(&held["transactionId"]).await?;
                Ok((found["status"] == "FAILED").then_some(found))
            })
            .await?;
        ensure!(ended["failureCode"] == "REVIEW_REJECTED", "it ended otherwise: {ended}");
        ensure!(
            mule.balance().await? == JUST_BELOW,
            "the money of the rejected transfer is not back"
        );
        say(format_args!(
            "    the transfer is {} ({}), the money is back in the wallet",
            plain(&ended["status"]),
            plain(&ended["failureCode"])
        ));
        Ok(())
    }

    async fn deny(&mut self, analyst: &Person, mule: &Person, elsewhere: &Person) -> Result<()> {
        self.tell("The account goes on the deny list for a day, and tries once more");
        let until = Clock::system().now().after(24 * HOUR);
        let document = "mutation($input: FraudListEntryInput!) { addFraudListEntry(input: $input) { entryId } }";
        let input = json!({ "list": "DENY", "kind": "USER", "value": mule.user_id, "reason": "a mule",
            "expiresAt": until.to_string() });
        analyst.api.send(document, json!({ "input": input })).await?;
        let refused = mule.send(&elsewhere.wallet_id, 1_000).await?;
        ensure!(
            refused["failureCode"] == "FRAUD_BLOCKED",
            "the deny list did not refuse: {refused}"
        );
        say(format_args!(
            "    even 1,000: {} ({})",
            plain(&refused["status"]),
            plain(&refused["failureCode"])
        ));
        Ok(())
    }

    async fn try_on_the_past(&mut self, analyst: &Person) -> Result<()> {
        self.tell("A sharper rule is tried on the last hour before anybody meets it");
        let now = Clock::system().now();
        let input = json!({
            "rules": [{ "name": "sharper", "expression": "amount > 5000000.0", "score": 40, "action": "SCORE" }],
            "from": now.before(HOUR).to_string(),
            "to": now.after(Duration::from_secs(60)).to_string(),
        });
        let document = "mutation($input: BacktestInput!) { backtestRules(input: $input) { backtestId } }";
        let started = analyst.api.send(document, json!({ "input": input })).await?["backtestRules"].clone();
        let document = "query($id: String!) { backtest(backtestId: $id) {
            state checked changed changedAmount problem } }";
        let result = self
            .eventually("the back-test ends", async || {
                let variables = json!({ "id": started["backtestId"] });
                let found = analyst.api.send(document, variables).await?["backtest"].clone();
                Ok((found["state"] != "RUNNING").then_some(found))
            })
            .await?;
        ensure!(result["state"] == "DONE", "the back-test failed: {result}");
        say(format_args!(
            "    of {} decisions {} would have been different, over {}",
            plain(&result["checked"]),
            plain(&result["changed"]),
            plain(&result["changedAmount"])
        ));
        Ok(())
    }

    async fn look_everywhere(&mut self, mule: &Person, held: &Value) -> Result<()> {
        self.tell(
            "It shows everywhere: to the account's owner, in the timeline, in the log of what staff did, in the books",
        );
        let history = mule
            .api
            .send("query { myHistory { transactionId status } }", json!({}))
            .await?["myHistory"]
            .clone();
        let statuses: Vec<String> = history
            .as_array()
            .context("myHistory is no list")?
            .iter()
            .filter(|entry| entry["transactionId"] == held["transactionId"])
            .map(|entry| plain(&entry["status"]))
            .collect();
        say(format_args!(
            "    the owner's history, newest first: {}",
            statuses.join(", ")
        ));
        let document = "query($id: String!) { paymentTimeline(transactionId: $id) { title status } }";
        let variables = json!({ "id": held["transactionId"] });
        let timeline = self.admin.send(document, variables).await?["paymentTimeline"].clone();
        for entry in timeline.as_array().context("paymentTimeline is no list")? {
            say(format_args!(
                "    {}: {}",
                plain(&entry["title"]),
                plain(&entry["status"])
            ));
        }
        let actions = self
            .admin
            .send("query { fraudActions(first: 4) { action reason } }", json!({}))
            .await?["fraudActions"]
            .clone();
        for action in actions.as_array().context("fraudActions is no list")? {
            say(format_args!(
                "    {}: {}",
                plain(&action["action"]),
                plain(&action["reason"])
            ));
        }
        let books = self
            .admin
            .send("query { trialBalance(maxAgeSeconds: 0) { balanced } }", json!({}))
            .await?;
        ensure!(
            books["trialBalance"]["balanced"] == true,
            "the books do not balance: {books}"
        );
        say("    the books balance");
        Ok(())
    }

    async fn person(&self, who: &str) -> Result<Person> {
        let api = Client::new(self.gateway.clone())?;
        let document = "mutation($name: String!, $email: String!) {
            registerUser(username: $name, fullname: $name, email: $email, password: \"password123\") }";
        let variables = json!({ "name": self.name(who), "email": self.email(who) });
        let user_id = text(&api.send(document, variables).await?["registerUser"])?;
        let person = Person {
            api,
            user_id,
            wallet_id: String::new(),
        };
        let mut person = self.signed_in(who, person).await?;
        let document = "mutation { createWallet(walletName: \"Utama\") { walletId } }";
        person.wallet_id = text(&person.api.send(document, json!({})).await?["createWallet"]["walletId"])?;
        Ok(person)
    }

    async fn signed_in(&self, who: &str, mut person: Person) -> Result<Person> {
        person.api.token = Some(log_in(&person.api, &self.email(who), "password123").await?);
        Ok(person)
    }

    fn name(&self, who: &str) -> String {
        format!("{who}{:08x}", self.run)
    }

    fn email(&self, who: &str) -> String {
        format!("{}@konoha.example", self.name(who))
    }

    async fn eventually<T>(&self, what: &str, mut look: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            if let Some(found) = look().await? {
                return Ok(found);
            }
            if tokio::time::Instant::now() > deadline {
                bail!("not within {PATIENCE:?}: {what}");
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

impl Person {
    async fn deposit(&self, amount: i64) -> Result<()> {
        let input = json!({ "walletId": self.wallet_id, "amount": amount, "type": "DEPOSIT" });
        let deposit = self.transact(input).await?;
        ensure!(deposit["status"] == "SUCCESS", "the deposit failed: {deposit}");
        Ok(())
    }

    async fn send(&self, wallet_id: &str, amount: i64) -> Result<Value> {
        let input =
            json!({ "walletId": self.wallet_id, "amount": amount, "type": "TRANSFER", "targetWalletId": wallet_id });
        self.transact(input).await
    }

    async fn transact(&self, input: Value) -> Result<Value> {
        let document = "mutation($input: TransactionInput!) {
            createTransaction(input: $input) { transactionId status failureCode } }";
        Ok(self.api.send(document, json!({ "input": input })).await?["createTransaction"].clone())
    }

    async fn transaction(&self, transaction_id: &Value) -> Result<Value> {
        let document = "query($id: String!) { transaction(transactionId: $id) { status failureCode } }";
        Ok(self.api.send(document, json!({ "id": transaction_id })).await?["transaction"].clone())
    }

    async fn balance(&self) -> Result<i64> {
        let document = "query($id: String!) { wallet(walletId: $id) { availableBalance } }";
        let wallet = self.api.send(document, json!({ "id": self.wallet_id })).await?;
        let balance = &wallet["wallet"]["availableBalance"];
        balance
            .as_i64()
            .with_context(|| format!("a whole number was expected, not {balance}"))
    }
}

async fn log_in(api: &Client, email: &str, password: &str) -> Result<String> {
    let document = "mutation($email: String!, $password: String!) { loginUser(email: $email, password: $password) { access_token } }";
    let login = api
        .send(document, json!({ "email": email, "password": password }))
        .await?;
    text(&login["loginUser"]["access_token"])
}
