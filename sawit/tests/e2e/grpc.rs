//! A merchant's program at the real provider: over both ports, and through `kill -9`.

use std::time::Duration;

use serde_json::json;
use testkit::person::{Person, text};
use testkit::provider::{GRPC, RunMode, UP};
use testkit::wait::eventually;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};
use transactions::grpc::proto::payment_service_client::PaymentServiceClient;
use transactions::grpc::proto::{Payment, PaymentStatus, ProcessPaymentRequest, RefundPaymentRequest, RefundStatus};

use crate::world::World;

struct Program {
    client: PaymentServiceClient<Channel>,
    api_key: String,
}

impl Program {
    fn new(url: String, api_key: &str) -> Self {
        let endpoint = Endpoint::from_shared(url).expect("an address");
        let channel = endpoint.timeout(Duration::from_secs(45)).connect_lazy();
        Self {
            client: PaymentServiceClient::new(channel),
            api_key: api_key.to_owned(),
        }
    }

    fn signed<T>(&self, input: T) -> Request<T> {
        let mut request = Request::new(input);
        let value = format!("Bearer {}", self.api_key).parse().expect("a key is ASCII");
        request.metadata_mut().insert("authorization", value);
        request
    }

    async fn process(&self, input: ProcessPaymentRequest) -> Result<Payment, Status> {
        let answer = self.client.clone().process_payment(self.signed(input)).await?;
        Ok(answer.into_inner())
    }
}

/// A merchant that somebody registers, and its API key.
async fn register(owner: &Person) -> String {
    let document = "mutation { registerMerchant(input: { name: \"Toko\" }) { apiKey } }";
    let answer = owner.api.send(document, json!({})).await;
    text(&answer.data()["registerMerchant"]["apiKey"])
}

fn order(number: u32, buyer: &Person) -> ProcessPaymentRequest {
    ProcessPaymentRequest {
        order_id: format!("order-{number}"),
        amount: "1000".to_owned(),
        wallet_id: buyer.wallet_id.clone(),
        payer_token: buyer.api.token().expect("a buyer is signed in").to_owned(),
        description: String::new(),
        idempotency_key: format!("key-{number}"),
    }
}

#[tokio::test]
async fn i4_a_program_pays_and_refunds_at_both_ports_and_each_thing_happens_once() {
    let world = World::start(RunMode::Served).await;
    let (owner, buyer) = (world.person("naruto", 0).await, world.person("sasuke", 10_000).await);
    let api_key = register(&owner).await;
    let mut paid = Vec::new();
    for port in [GRPC, "transactions"] {
        let program = Program::new(world.provider.base_url(port), &api_key);
        let payment = program.process(order(1, &buyer)).await.expect("it is carried out");
        assert_eq!(payment.status(), PaymentStatus::Success, "{payment:?}");
        let refund = RefundPaymentRequest {
            payment_id: payment.payment_id.clone(),
            amount: "400".to_owned(),
            reason: "cold soup".to_owned(),
            idempotency_key: "refund-1".to_owned(),
        };
        let refunded = program.client.clone().refund_payment(program.signed(refund)).await;
        assert_eq!(
            refunded.expect("it is carried out").into_inner().status(),
            RefundStatus::Succeeded
        );
        paid.push(payment.payment_id);
    }
    assert_eq!(paid[0], paid[1]);
    assert_eq!(buyer.balance().await, 9_400);
    let stranger = Program::new(world.provider.base_url(GRPC), "sk_sandbox_wrong");
    let refused = stranger.process(order(2, &buyer)).await;
    assert_eq!(
        refused.expect_err("the key is wrong").code(),
        tonic::Code::Unauthenticated
    );
    world.close().await;
}

#[tokio::test]
async fn i4_a_program_that_repeats_its_calls_through_kill_9_pays_each_order_once() {
    const ORDERS: u32 = 12;
    let mut world = World::start(RunMode::Up).await;
    let (owner, buyer) = (world.person("naruto", 0).await, world.person("sasuke", 50_000).await);
    let api_key = register(&owner).await;
    let url = world.provider.base_url(GRPC);
    let paying = (0..ORDERS).map(|number| {
        let (program, input) = (Program::new(url.clone(), &api_key), order(number, &buyer));
        async move {
            tokio::time::sleep(Duration::from_millis(15) * number).await;
            eventually("the order is paid", async || {
                let payment = program.process(input.clone()).await.ok()?;
                (payment.status() == PaymentStatus::Success).then_some(payment)
            })
            .await
        }
    });
    let paying = futures::future::join_all(paying);
    let crashing = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        world.provider.kill(UP).await;
        world.provider.start(UP).await;
    };
    tokio::join!(paying, crashing);
    assert_eq!(buyer.balance().await, 50_000 - 1_000 * i64::from(ORDERS));
    world.close().await;
}
