//! I1 to I4 of captures, voids and refunds: the orchestrator is killed in the middle, and what was asked for happens once.

use serde_json::{Value, json};
use testkit::client::Client;
use testkit::gate::{Gate, Hold};
use testkit::marketplace::Marketplace;
use testkit::person::Person;
use testkit::provider::RunMode;
use testkit::wait::eventually;

use crate::world::{World, builder};

const MONEY: i64 = 100_000;
const TOTAL: i64 = 20_000;
const TRANSFERS: &str = "\"operationName\":\"PostTransfers\"";
const HOLDS: &str = "\"operationName\":\"AuthorizeHolds\"";
const VOIDS: &str = "\"operationName\":\"VoidHolds\"";

/// A shop that shares its sessions with a seller and pays 1 %, and a gate before the ledger.
struct Scene {
    world: World,
    wallet: Gate,
    payer: Person,
    seller: Person,
    shop: Client,
    merchant_id: String,
}

impl Scene {
    async fn set(mode: RunMode) -> Self {
        let marketplace = Marketplace::start().await;
        let builder = builder();
        let wallet = Gate::before(builder.base_url("wallet")).await;
        let builder = builder
            .marketplace(&marketplace)
            .env_of("transactions", "SAWIT_WALLET_URL", wallet.url());
        let world = World::of(builder.start(mode).await, marketplace);
        let (payer, seller) = (world.person("naruto", MONEY).await, world.person("sakura", 0).await);
        let owner = world.person("kakashi", 0).await;
        let document =
            "mutation { registerMerchant(input: { name: \"Ichiraku\" }) { merchant { merchantId } apiKey } }";
        let registered = owner.api.send(document, json!({})).await.data()["registerMerchant"].clone();
        let merchant_id = registered["merchant"]["merchantId"].as_str().expect("an id").to_owned();
        let document = "mutation($id: String!) { setFeePlan(merchantId: $id, percent: 1, fixed: 0) { merchantId } }";
        let admin = world.provider.admin().await;
        admin.send(document, json!({ "id": merchant_id })).await.data();
        let shop = world
            .gateway()
            .with_token(registered["apiKey"].as_str().expect("a key"));
        Self {
            world,
            wallet,
            payer,
            seller,
            shop,
            merchant_id,
        }
    }

    /// A session that is paid with `TOTAL`, three quarters for the shop and the rest for the seller.
    async fn open(&self, order_id: &str, capture_mode: &str) -> Value {
        let document = "mutation($input: PaymentSessionInput!) { createPaymentSession(input: $input) { sessionId vaNumber state } }";
        let input = json!({
            "orderId": order_id, "amount": TOTAL, "captureMode": capture_mode,
            "splits": [
                { "merchantId": self.merchant_id, "amount": TOTAL / 4 * 3 },
                { "walletId": self.seller.wallet_id, "amount": TOTAL / 4 },
            ],
        });
        let answer = self.shop.send(document, json!({ "input": input })).await;
        answer.data()["createPaymentSession"].clone()
    }

    async fn pay(&self, order_id: &str, capture_mode: &str) -> String {
        let session = self.open(order_id, capture_mode).await;
        let va_number = session["vaNumber"].as_str().expect("a number");
        let paid = self
            .payer
            .insist(self.payer.payment(va_number, TOTAL, Some(order_id)))
            .await;
        let expect = if capture_mode == "MANUAL" {
            "AUTHORIZED"
        } else {
            "SUCCESS"
        };
        assert_eq!(paid["status"], expect, "{paid}");
        paid["transactionId"].as_str().expect("an id").to_owned()
    }

    async fn try_operate(shop: &Client, operation: &str, input: &Value) -> Option<Value> {
        let input_type = match operation {
            "capturePayment" => "CaptureInput",
            "voidPayment" => "VoidInput",
            _ => "RefundInput",
        };
        let document = format!(
            "mutation($input: {input_type}!) {{ {operation}(input: $input) {{ operationId state amount fee failureCode }} }}"
        );
        let answer = shop.try_send(&document, json!({ "input": input })).await.ok()?;
        answer
            .body
            .pointer(&format!("/data/{operation}"))
            .filter(|done| done.is_object())
            .cloned()
    }

    /// Asks (with its key) until it is answered and not PENDING.
    async fn insist(&self, operation: &str, input: &Value) -> Value {
        eventually("a repeated operation ends", async || {
            let done = Self::try_operate(&self.shop, operation, input).await?;
            (done["state"] != "PENDING").then_some(done)
        })
        .await
    }

    /// Sends an operation until it is held, kills the orchestrator there, and starts it again. What was held arrives late,
    /// or never.
    async fn cut_off(&mut self, operation: &'static str, input: &Value, held: Hold, arrives_late: bool) -> Value {
        let request = tokio::spawn({
            let (shop, input) = (self.shop.clone(), input.clone());
            async move { Self::try_operate(&shop, operation, &input).await }
        });
        held.reached().await;
        let orchestrator = self.world.provider.part_of("transactions");
        self.world.provider.kill(orchestrator).await;
        let told = request.await.expect("the request's task ends");
        assert!(told.is_none(), "nobody can know how it ends yet: {told:?}");
        let late = if arrives_late {
            held.hold_no_more();
            Some(held)
        } else {
            held.lose();
            None
        };
        self.world.provider.start(orchestrator).await;
        let done = self.insist(operation, input).await;
        if let Some(late) = late {
            late.release();
        }
        assert_eq!(self.insist(operation, input).await, done, "one key, one operation");
        assert_eq!(done["state"], "SUCCEEDED", "{done}");
        done
    }

    async fn payment(&self, transaction_id: &str) -> Value {
        let document = "query($id: String!) { payment(transactionId: $id) {
            status capturedAmount refundedAmount fee operations { kind state amount } } }";
        let answer = self.shop.send(document, json!({ "id": transaction_id })).await;
        answer.data()["payment"].clone()
    }
}

fn hold_at(gate: &Gate, text: &str, before: bool) -> Hold {
    if before {
        gate.hold_requests(text)
    } else {
        gate.hold_answers(text)
    }
}

#[tokio::test]
async fn i2_killed_in_the_middle_of_a_capture() {
    let mut scene = Scene::set(RunMode::Served).await;
    for (order_id, before, late) in [("lost", true, false), ("late", true, true), ("unheard", false, false)] {
        let paid_before = scene.payer.balance().await;
        let id = scene.pay(order_id, "MANUAL").await;
        let input = json!({ "transactionId": id, "amount": 15_000, "idempotencyKey": format!("capture-{order_id}") });
        let held = hold_at(&scene.wallet, TRANSFERS, before);
        scene.cut_off("capturePayment", &input, held, late).await;
        let payment = scene.payment(&id).await;
        assert_eq!(
            (&payment["status"], &payment["capturedAmount"], &payment["fee"]),
            (&json!("AUTHORIZED"), &json!(15_000), &json!(150))
        );
        let rest = json!({ "transactionId": id, "idempotencyKey": format!("rest-{order_id}") });
        assert_eq!(scene.insist("capturePayment", &rest).await["amount"], json!(5_000));
        assert_eq!(scene.payer.balance().await, paid_before - TOTAL);
        assert_eq!(scene.payment(&id).await["status"], "SUCCESS");
    }
    scene.world.close().await;
}

#[tokio::test]
async fn i2_killed_between_the_final_capture_and_letting_go_the_rest() {
    let mut scene = Scene::set(RunMode::Served).await;
    for (order_id, before) in [("before", true), ("after", false)] {
        let id = scene.pay(order_id, "MANUAL").await;
        let input = json!({ "transactionId": id, "amount": 5_000, "final": true, "idempotencyKey": order_id });
        let held = hold_at(&scene.wallet, VOIDS, before);
        scene.cut_off("capturePayment", &input, held, false).await;
        let payment = scene.payment(&id).await;
        assert_eq!(
            (&payment["status"], &payment["capturedAmount"]),
            (&json!("SUCCESS"), &json!(5_000))
        );
    }
    scene.world.close().await;
}

#[tokio::test]
async fn i2_killed_in_the_middle_of_a_refund() {
    let mut scene = Scene::set(RunMode::Served).await;
    for (order_id, before, late) in [("lost", true, false), ("late", true, true), ("unheard", false, false)] {
        let id = scene.pay(order_id, "AUTOMATIC").await;
        let paid_before = scene.payer.balance().await;
        let input = json!({ "transactionId": id, "amount": 10_001, "reason": "a crack", "idempotencyKey": format!("refund-{order_id}") });
        let held = hold_at(&scene.wallet, TRANSFERS, before);
        scene.cut_off("refundPayment", &input, held, late).await;
        assert_eq!(scene.payer.balance().await, paid_before + 10_001);
        assert_eq!(scene.payment(&id).await["refundedAmount"], json!(10_001));
    }
    scene.world.close().await;
}

#[tokio::test]
async fn i3_killed_in_the_middle_of_a_void() {
    let mut scene = Scene::set(RunMode::Served).await;
    for (order_id, before) in [("before", true), ("after", false)] {
        let id = scene.pay(order_id, "MANUAL").await;
        let input = json!({ "transactionId": id, "idempotencyKey": order_id });
        let held = hold_at(&scene.wallet, VOIDS, before);
        scene.cut_off("voidPayment", &input, held, false).await;
        assert_eq!(scene.payment(&id).await["status"], "VOIDED");
        assert_eq!(scene.payer.balance().await, MONEY);
    }
    scene.world.close().await;
}

#[tokio::test]
async fn i2_killed_while_money_is_being_authorized() {
    let mut scene = Scene::set(RunMode::Served).await;
    for (order_id, before) in [("before", true), ("after", false)] {
        let session = scene.open(order_id, "MANUAL").await;
        let va_number = session["vaNumber"].as_str().expect("a number");
        let input = scene.payer.payment(va_number, TOTAL, Some(order_id));
        let held = hold_at(&scene.wallet, HOLDS, before);
        let request = tokio::spawn({
            let (payer, input) = (scene.payer.clone(), input.clone());
            async move { payer.try_transact(input).await }
        });
        held.reached().await;
        scene.world.provider.kill("transactions").await;
        let _ = request.await;
        held.lose();
        scene.world.provider.start("transactions").await;
        let paid = scene.payer.insist(input).await;
        assert_eq!(paid["status"], "AUTHORIZED");
        let id = paid["transactionId"].as_str().expect("an id");
        let input = json!({ "transactionId": id, "idempotencyKey": format!("capture-{order_id}") });
        assert_eq!(scene.insist("capturePayment", &input).await["state"], "SUCCEEDED");
    }
    assert_eq!(scene.payer.balance().await, MONEY - 2 * TOTAL);
    scene.world.close().await;
}
