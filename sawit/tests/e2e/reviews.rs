//! I2, I3 of payments that a person must look at: everything is killed while they wait and while a word about them is on its
//! way, and each ends once, as it was decided.

use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};
use testkit::client::Client;
use testkit::gate::{Gate, Hold};
use testkit::marketplace::Marketplace;
use testkit::person::{PASSWORD, Person, text};
use testkit::provider::RunMode;
use testkit::wait::eventually;

use crate::world::{World, assert_failed, assert_success, builder};

const MONEY: i64 = 100_000;
const BILL: i64 = 20_000;
const TRANSFER: i64 = 7_000;
const UNANSWERED: i64 = 6_000;
/// What is paid through the checkout needs two people, what is transferred one.
const FOUR_EYES_ABOVE: i64 = 10_000;
const WORDS: &str = "\"operationName\":\"ResolveReviews\"";
const TRANSFERS: &str = "\"operationName\":\"PostTransfers\"";
const FENCES: &str = "\"operationName\":\"FenceTransfers\"";

/// Where everything is killed once somebody has decided.
#[derive(Clone, Copy, Debug)]
enum Cut {
    /// The desk's word has not reached transactions.
    BeforeTheWordArrives,
    /// Transactions has it, and the desk does not know that.
    BeforeTheWordIsAcknowledged,
    /// The ledger has done what the word asks for, and transactions does not know that.
    BeforeTheLedgerCanSaySo,
    /// As soon as the decision is answered.
    Anywhere,
}

/// A payer, staff of two kinds, and gates between desk, transactions and ledger (which only separate processes pass).
struct Desk {
    world: World,
    payer: Person,
    friend: Person,
    admin: Client,
    analyst: Client,
    transactions: Gate,
    wallet: Gate,
}

/// A payment through the checkout, as its buyer knows it.
struct Checkout {
    session_id: String,
    va_number: String,
    transaction_id: String,
}

impl Desk {
    async fn open(mode: RunMode) -> Self {
        let marketplace = Marketplace::start().await;
        let builder = builder();
        let transactions = Gate::before(builder.base_url("transactions")).await;
        let wallet = Gate::before(builder.base_url("wallet")).await;
        let builder = builder
            .marketplace(&marketplace)
            .env("SAWIT_FRAUD_SUSPICIOUS_ABOVE", "5000")
            .env_of("fraud", "SAWIT_TRANSACTIONS_URL", transactions.url())
            .env_of("transactions", "SAWIT_WALLET_URL", wallet.url());
        let world = World::of(builder.start(mode).await, marketplace);
        let (payer, friend) = (world.person("naruto", MONEY).await, world.person("sasuke", 0).await);
        let admin = world.provider.admin().await;
        let analyst = analyst(&world, &admin).await;
        Self {
            world,
            payer,
            friend,
            admin,
            analyst,
            transactions,
            wallet,
        }
    }

    /// What is suspicious waits for a person, for a day; then this is decided.
    async fn hold_what_is_suspicious(&self, expiry_decision: &str) {
        let policy = self.admin.send("query { fraudPolicy { version } }", json!({})).await;
        let input = json!({
            "expectedVersion": policy.data()["fraudPolicy"]["version"], "suspiciousFrom": 1, "fraudFrom": 100,
            "suspiciousAction": "REVIEW", "fraudAction": "BLOCK", "fourEyesAbove": FOUR_EYES_ABOVE,
            "reviewExpiresAfterSeconds": 86_400, "reviewExpiryDecision": expiry_decision,
            "reason": "the desk is open",
        });
        let document = "mutation($input: FraudPolicyInput!) { setFraudPolicy(input: $input) { version } }";
        self.admin.send(document, json!({ "input": input })).await.data();
    }

    /// The marketplace bills an order, and the payer pays it at the checkout.
    async fn pay_at_the_checkout(&self, order_id: &str) -> Checkout {
        let input = json!({ "merchantId": "mrc_00000000000000000000000001", "orderId": order_id, "amount": BILL });
        let document =
            "mutation($input: PaymentSessionInput!) { createPaymentSession(input: $input) { sessionId vaNumber } }";
        let session = self.admin.send(document, json!({ "input": input })).await.data()["createPaymentSession"].clone();
        let session_id = text(&session["sessionId"]);
        let input = json!({ "sessionId": session_id, "walletId": self.payer.wallet_id, "amount": BILL,
            "idempotencyKey": order_id });
        let document =
            "mutation($input: PayPaymentSessionInput!) { payPaymentSession(input: $input) { transactionId status } }";
        let paid = self.payer.api.send(document, json!({ "input": input })).await.data()["payPaymentSession"].clone();
        assert_eq!(paid["status"], "REVIEW", "{paid:#}");
        Checkout {
            session_id,
            va_number: text(&session["vaNumber"]),
            transaction_id: text(&paid["transactionId"]),
        }
    }

    async fn transfer(&self, amount: i64) -> String {
        let input = self.payer.transfer(&self.friend.wallet_id, amount, None);
        let sent = self.payer.transact(input).await;
        assert_eq!(sent["status"], "REVIEW", "{sent:#}");
        text(&sent["transactionId"])
    }

    /// All of it has the status, and the payer still has the money but cannot spend what is held.
    async fn assert_waiting(&self, transaction_ids: &[&str], balance: i64, held: i64) {
        for transaction_id in transaction_ids {
            let found = self.payer.transaction(transaction_id).await.expect("it is there");
            assert_eq!(found["status"], "REVIEW", "{found:#}");
        }
        let document = "query($id: String!) { wallet(walletId: $id) { balance availableBalance } }";
        let wallet = self
            .payer
            .api
            .send(document, json!({ "id": self.payer.wallet_id }))
            .await;
        let expected = json!({ "balance": balance, "availableBalance": balance - held });
        assert_eq!(wallet.data()["wallet"], expected);
    }

    async fn session_state(&self, checkout: &Checkout) -> String {
        let document = "query($id: String!) { checkoutSession(sessionId: $id) { state } }";
        let answer = self
            .world
            .gateway()
            .send(document, json!({ "id": checkout.session_id }))
            .await;
        text(&answer.data()["checkoutSession"]["state"])
    }

    async fn case_of(&self, transaction_id: &str) -> String {
        let document = "query { reviewCases(state: OPEN) { caseId transactionId } }";
        let cases = self.analyst.send(document, json!({})).await.data()["reviewCases"].clone();
        let case = cases
            .as_array()
            .expect("a list")
            .iter()
            .find(|case| case["transactionId"] == transaction_id)
            .unwrap_or_else(|| panic!("{transaction_id} is not on the desk: {cases:#}"));
        text(&case["caseId"])
    }

    async fn decide(who: &Client, operation: &str, case_id: &str) -> Value {
        let document = format!(
            "mutation($id: String!) {{ done: {operation}(caseId: $id, note: \"spoke to them\") {{ state needsSecond }} }}"
        );
        who.send(&document, json!({ "id": case_id })).await.data()["done"].clone()
    }

    /// Kills everything at a point of what follows on a decision, and starts it again.
    async fn decide_and_kill(&mut self, operation: &str, case_id: &str, cut: Cut) {
        let held: Option<Hold> = match cut {
            Cut::BeforeTheWordArrives => Some(self.transactions.hold_requests(WORDS)),
            Cut::BeforeTheWordIsAcknowledged => Some(self.transactions.hold_answers(WORDS)),
            Cut::BeforeTheLedgerCanSaySo if operation == "approveReview" => Some(self.wallet.hold_answers(TRANSFERS)),
            Cut::BeforeTheLedgerCanSaySo => Some(self.wallet.hold_answers(FENCES)),
            Cut::Anywhere => None,
        };
        let decided = Self::decide(&self.admin, operation, case_id).await;
        let expected = if operation == "approveReview" {
            "APPROVED"
        } else {
            "REJECTED"
        };
        assert_eq!(decided["state"], expected, "{cut:?}: {decided}");
        if let Some(held) = &held {
            held.reached().await;
        }
        self.world.provider.kill_all().await;
        if let Some(held) = held {
            held.lose();
        }
        self.world.provider.start_all().await;
        // A second time is as good as once, also for a desk that was killed.
        assert_eq!(Self::decide(&self.admin, operation, case_id).await["state"], expected);
    }

    /// Kills everything and starts it again when the desk's day is over: what waits has expired by then.
    async fn kill_for_a_day(&mut self) {
        self.world.provider.kill_all().await;
        let fraud = Connection::open(self.world.provider.data_dir().join("fraud.db")).expect("it opens");
        let changed = fraud.execute(
            "UPDATE review_cases SET expires_at = created_at WHERE state = 'OPEN'",
            [],
        );
        assert_eq!(changed, Ok(1), "one waits");
        drop(fraud);
        self.world.provider.start_all().await;
    }

    /// Waits until a payment is no longer in review.
    async fn ended(&self, transaction_id: &str) -> Value {
        eventually("a review ends", async || {
            let found = self.payer.transaction(transaction_id).await?;
            (found["status"] != "REVIEW").then_some(found)
        })
        .await
    }

    /// How often the ledger moved money for a transaction.
    async fn times_moved(&self, transaction_id: &str) -> usize {
        let document = "query($id: String!) { walletPostings(walletId: $id, first: 500) { transferId amount } }";
        let answer = self
            .payer
            .api
            .send(document, json!({ "id": self.payer.wallet_id }))
            .await;
        let transfer_id = transaction_id.replacen("trx", "xfr", 1);
        let postings = answer.data()["walletPostings"].as_array().expect("a list").clone();
        postings
            .iter()
            .filter(|posting| posting["transferId"] == transfer_id)
            .count()
    }

    /// A payment that was approved is paid once, wherever one looks.
    async fn assert_approved(&self, checkout: &Checkout) {
        assert_success(&self.ended(&checkout.transaction_id).await);
        self.world.settle().await;
        assert_eq!(self.session_state(checkout).await, "PAID");
        assert_eq!(self.times_moved(&checkout.transaction_id).await, 1);
        assert_eq!(self.statuses(&checkout.transaction_id).await, ["SUCCESS", "REVIEW"]);
        let webhooks = self.world.marketplace.webhooks_about(&checkout.va_number);
        assert!(webhooks.iter().any(|webhook| webhook.acknowledged), "{webhooks:#?}");
        assert!(
            webhooks
                .iter()
                .all(|webhook| webhook.body["type"] == "payment.succeeded" && webhook.id == webhooks[0].id),
            "one event, one id: {webhooks:#?}"
        );
    }

    /// A transfer that nobody let go on has moved nothing.
    async fn assert_refused(&self, transaction_id: &str) {
        assert_failed(&self.ended(transaction_id).await, "REVIEW_REJECTED");
        self.world.settle().await;
        assert_eq!(self.times_moved(transaction_id).await, 0);
        assert_eq!(self.statuses(transaction_id).await, ["FAILED", "REVIEW"]);
    }

    /// What the payer's history says of a transaction, the newest first.
    async fn statuses(&self, transaction_id: &str) -> Vec<String> {
        let entries = self.payer.history_of(transaction_id).await;
        entries.iter().map(|entry| text(&entry["status"])).collect()
    }

    /// Ends the test: the books balance, nothing is held, and the desk has no word left to deliver.
    async fn close(self, balance: i64, received: i64) {
        self.assert_waiting(&[], balance, 0).await;
        assert_eq!(self.friend.balance().await, received);
        let document = "query { trialBalance(maxAgeSeconds: 0) { balanced unbalancedTransfers } reviewCases(state: OPEN) { caseId } }";
        let found = self.admin.send(document, json!({})).await.data().clone();
        let expected = json!({ "trialBalance": { "balanced": true, "unbalancedTransfers": 0 }, "reviewCases": [] });
        assert_eq!(found, expected);
        let stopped = self.world.close_and_keep().await;
        let path = stopped.data_dir().join("fraud.db");
        let fraud = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).expect("it opens");
        let left: i64 = fraud
            .query_row(
                "SELECT COUNT(*) FROM outbox WHERE state IN ('WAITING', 'PARKED')",
                [],
                |row| row.get(0),
            )
            .expect("it can be counted");
        assert_eq!(left, 0, "words of the desk that never arrived");
    }
}

async fn analyst(world: &World, admin: &Client) -> Client {
    let person = world.person("shikamaru", 0).await;
    let document = "mutation($id: String!) { setUserRole(userId: $id, role: \"FraudAnalyst\") { role } }";
    admin.send(document, json!({ "id": person.user_id })).await.data();
    // The role shows in tokens from the next sign-in on.
    let document = "mutation($email: String!, $password: String!) {
        loginUser(email: $email, password: $password) { access_token } }";
    let variables = json!({ "email": person.email, "password": PASSWORD });
    let login = world.gateway().send(document, variables).await;
    world
        .gateway()
        .with_token(text(&login.data()["loginUser"]["access_token"]))
}

/// The whole story: three wait, all is killed; one is approved by two people, one rejected, one never looked at.
async fn what_waits_survives(mode: RunMode, approval: Cut, rejection: Cut, expiry_decision: &str) {
    let mut desk = Desk::open(mode).await;
    desk.hold_what_is_suspicious(expiry_decision).await;
    let checkout = desk.pay_at_the_checkout("order-1").await;
    let (transfer, unanswered) = (desk.transfer(TRANSFER).await, desk.transfer(UNANSWERED).await);
    let waiting = [checkout.transaction_id.as_str(), &transfer, &unanswered];
    desk.assert_waiting(&waiting, MONEY, BILL + TRANSFER + UNANSWERED).await;

    desk.world.provider.kill_all().await;
    desk.world.provider.start_all().await;
    desk.assert_waiting(&waiting, MONEY, BILL + TRANSFER + UNANSWERED).await;
    assert_eq!(desk.session_state(&checkout).await, "REVIEW");

    let case_id = desk.case_of(&checkout.transaction_id).await;
    let first = Desk::decide(&desk.analyst, "approveReview", &case_id).await;
    assert_eq!(first, json!({ "state": "OPEN", "needsSecond": true }));
    desk.decide_and_kill("approveReview", &case_id, approval).await;
    desk.assert_approved(&checkout).await;

    let case_id = desk.case_of(&transfer).await;
    desk.decide_and_kill("rejectReview", &case_id, rejection).await;
    desk.assert_refused(&transfer).await;

    desk.assert_waiting(&[&unanswered], MONEY - BILL, UNANSWERED).await;
    desk.kill_for_a_day().await;
    if expiry_decision == "APPROVE" {
        assert_success(&desk.ended(&unanswered).await);
        assert_eq!(desk.times_moved(&unanswered).await, 1);
        desk.close(MONEY - BILL - UNANSWERED, UNANSWERED).await;
    } else {
        desk.assert_refused(&unanswered).await;
        desk.close(MONEY - BILL, 0).await;
    }
}

#[tokio::test]
async fn i2_i3_reviews_survive_a_crash_before_the_word_arrives() {
    what_waits_survives(
        RunMode::Served,
        Cut::BeforeTheWordArrives,
        Cut::BeforeTheWordIsAcknowledged,
        "REJECT",
    )
    .await;
}

#[tokio::test]
async fn i2_i3_reviews_survive_a_crash_before_the_ledger_can_say_what_it_did() {
    what_waits_survives(
        RunMode::Served,
        Cut::BeforeTheLedgerCanSaySo,
        Cut::BeforeTheLedgerCanSaySo,
        "APPROVE",
    )
    .await;
}

#[tokio::test]
async fn i2_i3_everything_in_one_process_reviews_survive_a_crash_right_after_the_decision() {
    what_waits_survives(RunMode::Up, Cut::Anywhere, Cut::Anywhere, "APPROVE").await;
}
