//! A merchant's program: a gRPC client over TCP, with an API key.

use service::serve::serve;
use tokio::net::TcpListener;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};
use transactions::grpc::proto::payment_service_client::PaymentServiceClient;
use transactions::grpc::proto::{GetPaymentRequest, Payment, ProcessPaymentRequest, Refund, RefundPaymentRequest};

use super::{Bed, Shop, User};

/// A merchant's program.
#[derive(Clone)]
pub struct Program {
    client: PaymentServiceClient<Channel>,
    api_key: String,
}

impl Bed {
    /// Where the service listens, from now until it stops or crashes.
    pub async fn listen(&self) -> String {
        let running = self.running.as_ref().expect("the service runs");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (router, stop) = (running.router.clone(), running.stop.clone());
        let listener = listener.into_std().unwrap();
        running.runtime.spawn(async move {
            serve(TcpListener::from_std(listener).unwrap(), router, stop)
                .await
                .unwrap();
        });
        address
    }

    /// A connection to the service.
    pub async fn channel(&self) -> Channel {
        let endpoint = Endpoint::from_shared(self.listen().await).unwrap();
        endpoint.connect().await.unwrap()
    }

    /// The program of a merchant.
    pub async fn program(&self, api_key: &str) -> Program {
        Program {
            client: PaymentServiceClient::new(self.channel().await),
            api_key: api_key.to_owned(),
        }
    }

    /// A shop, its program, and a buyer with 100,000 rupiah.
    pub async fn with_program(&self) -> (Shop, Program, User) {
        let shop = self.shop("toko", "TOKO-1").await;
        let program = self.program(&shop.key).await;
        (shop, program, self.user("buyer", 10_000_000))
    }
}

impl Program {
    /// The same with another key.
    pub fn with_key(&self, api_key: &str) -> Self {
        Self {
            client: self.client.clone(),
            api_key: api_key.to_owned(),
        }
    }

    pub async fn process(&self, input: ProcessPaymentRequest) -> Result<Payment, Status> {
        let answer = self.client.clone().process_payment(self.signed(input)).await?;
        Ok(answer.into_inner())
    }

    pub async fn refund(&self, input: RefundPaymentRequest) -> Result<Refund, Status> {
        let answer = self.client.clone().refund_payment(self.signed(input)).await?;
        Ok(answer.into_inner())
    }

    pub async fn get(&self, input: GetPaymentRequest) -> Result<Payment, Status> {
        let answer = self.client.clone().get_payment(self.signed(input)).await?;
        Ok(answer.into_inner())
    }

    fn signed<T>(&self, input: T) -> Request<T> {
        let mut request = Request::new(input);
        if !self.api_key.is_empty() {
            let value = format!("Bearer {}", self.api_key).parse().unwrap();
            request.metadata_mut().insert("authorization", value);
        }
        request
    }
}

/// `ProcessPayment` of an order over 20,000 rupiah by its buyer.
pub fn order(order_id: &str, buyer: &User) -> ProcessPaymentRequest {
    ProcessPaymentRequest {
        order_id: order_id.to_owned(),
        amount: "20000".to_owned(),
        wallet_id: buyer.wallet.to_string(),
        payer_token: buyer.token.clone(),
        description: String::new(),
        idempotency_key: String::new(),
    }
}

/// Our code of a status.
pub fn code_of(status: &Status) -> &str {
    let code = status.metadata().get("sawit-code");
    code.map_or("none", |code| code.to_str().unwrap())
}
